#!/usr/bin/env python3
"""Check an Athena endpoint against answers recorded from a real Trino.

    python check_trino_vectors.py --endpoint http://127.0.0.1:4566 [--area NAME ...] [--limit N] [--json]

Each line of the vectors file is a statement and what Trino answered: columns and rows as its
client protocol gave them, or an error. The statement goes through the Athena API
(StartQueryExecution, GetQueryExecution, GetQueryResults); names, types, values and error
messages must be what Athena would report for that answer. Needs only boto3.

Not compared, because they are not the engine's to decide or differ between its versions:
the order of rows without ORDER BY; the order of a map's entries; the list after "Expecting:"
in syntax errors; the catalog and schema in a "Table ... does not exist"; the last digits of
double and real aggregates (1e-13, 1e-6 relative), whose text must still be Java's.
"""

import argparse, collections, concurrent.futures, decimal, json, os, re, sys, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "vectors.jsonl")
DATABASE = "trino_vectors"


# ---- Trino's type text -------------------------------------------------------------------
def split_top(text):
    """Split at the commas outside brackets and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif not quoted and c == "(":
            depth += 1
        elif not quoted and c == ")":
            depth -= 1
        elif not quoted and c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return parts


# First words of types: a row's field "integer" is a type, "id integer" a name and a type.
TYPE_WORDS = {
    "boolean",
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double",
    "decimal",
    "varchar",
    "char",
    "varbinary",
    "json",
    "date",
    "time",
    "timestamp",
    "interval",
    "array",
    "map",
    "row",
    "uuid",
    "ipaddress",
    "unknown",
    "hyperloglog",
    "geometry",
    "sphericalgeography",
}


def parse_type(text):
    """(base, arguments): arguments are numbers, types, or (name, type) for a row's fields."""
    text = text.strip()
    m = re.match(r"(\w+)\((.*)\)(.*)$", text, re.S)
    if not m:
        return text.lower(), []
    base, inside, tail = m.group(1).lower(), m.group(2), m.group(3).lower()
    if base in ("array", "map"):
        return base, [parse_type(p) for p in split_top(inside)]
    if base == "row":
        fields = []
        for p in split_top(inside):
            q = re.match(r'"((?:[^"]|"")*)"\s+(.+)$', p, re.S)
            w = re.match(r"(\w+)\s+(\w.*)$", p, re.S)
            if q:
                fields.append((q.group(1).replace('""', '"'), parse_type(q.group(2))))
            elif w and not (
                w.group(1).lower() in TYPE_WORDS
                and w.group(2).split()[0].lower() in ("day", "year", "with")
            ):
                fields.append((w.group(1), parse_type(w.group(2))))
            else:
                fields.append((None, parse_type(p)))
        return base, fields
    return base + tail, [int(n) for n in inside.split(",")]


def athena_type(trino):
    """ColumnInfo's Type, Precision, Scale (the last two only for decimals).

    Source: ColumnInfo as Athena's clients see it (PyAthena's and awswrangler's type tables):
    real is reported as "float"; varchar(n), char(n), timestamp(p), time(p) lose their length;
    array, map and row lose what they hold.
    """
    base, args = parse_type(trino)
    if base == "decimal":
        return "decimal", args[0], args[1]
    return {"real": "float"}.get(base, base), None, None


# ---- Trino's value -> Athena's text ------------------------------------------------------
def java_double(x):
    """Double.toString: 1.0, 0.001, 1.0E7, 1.0E-4, NaN, Infinity."""
    x = float(x)
    if x != x:
        return "NaN"
    if x in (float("inf"), float("-inf")):
        return "Infinity" if x > 0 else "-Infinity"
    if x == 0:
        return "-0.0" if str(x).startswith("-") else "0.0"
    if abs(x) == 5e-324:  # Java writes at least two digits
        return "4.9E-324" if x > 0 else "-4.9E-324"
    sign, digits, exp = decimal.Decimal(repr(x)).normalize().as_tuple()
    digits = "".join(map(str, digits))
    point = len(digits) + exp  # 0.DIGITS * 10^point
    if 1e-3 <= abs(x) < 1e7:
        if point <= 0:
            body = "0." + "0" * -point + digits
        elif point >= len(digits):
            body = digits + "0" * (point - len(digits)) + ".0"
        else:
            body = digits[:point] + "." + digits[point:]
    else:
        body = digits[0] + "." + (digits[1:] or "0") + "E" + str(point - 1)
    return ("-" if sign else "") + body


def fraction(text, places):
    """Give the seconds of a time or timestamp at least three decimals; at most `places`."""
    m = re.match(r"(.*?\d\d:\d\d:\d\d)(?:\.(\d+))?(.*)$", text, re.S)
    if not m:
        return text
    digits = (m.group(2) or "").ljust(3, "0")
    return m.group(1) + "." + digits[:places] + m.group(3)


def render(value, typ, places=12, nested=False):
    """What GetQueryResults has in VarCharValue for a value of Trino's client protocol.

    Sources: Athena's user guide, "Querying arrays", "with complex types" and "with maps"
    ([1, 2], {k=v}, {name=Bob, age=38}, {field0=Bob, field1=38} for a row without names);
    PyAthena's converters for the rest (timestamp and time always with decimals, varbinary as
    pairs of hex digits with spaces, booleans in small letters). Nested values print as Java's
    collections do: no quotes, null as null.
    """
    base, args = typ
    if value is None:
        return "null" if nested else None
    if base == "boolean":
        return "true" if value else "false"
    if base in ("double", "real"):
        return java_double(value)
    if base in ("timestamp", "timestamp with time zone", "time", "time with time zone"):
        return fraction(value, places)
    if base == "varbinary" and not nested:
        import base64

        return " ".join("%02x" % b for b in base64.b64decode(value))
    if base in ("array", "map", "row") and isinstance(value, str):
        return value  # a map's key: the protocol already wrote it as text
    if base == "array":
        return "[" + ", ".join(render(v, args[0], places, True) for v in value) + "]"
    if base == "map":
        # The protocol's keys are JSON strings whatever their type.
        return (
            "{"
            + ", ".join(
                render(map_key(k, args[0]), args[0], places, True)
                + "="
                + render(v, args[1], places, True)
                for k, v in value.items()
            )
            + "}"
        )
    if base == "row":
        return (
            "{"
            + ", ".join(
                (name if name else "field%d" % i) + "=" + render(v, t, places, True)
                for i, (v, (name, t)) in enumerate(zip(value, args))
            )
            + "}"
        )
    return str(value)


def map_key(key, typ):
    if typ[0] == "boolean":
        return key == "true"
    return key


def has(typ, names):
    base, args = typ
    return base in names or any(
        has(a[1] if base == "row" else a, names) for a in args if isinstance(a, tuple)
    )


def same_cell(expected, typ, actual):
    want = render(expected, typ)
    if want == actual:
        return True
    if want is None or actual is None:
        return False
    if has(typ, ("timestamp", "timestamp with time zone", "time", "time with time zone")):
        # Past milliseconds Athena's own print is not documented: three decimals will do too.
        if render(expected, typ, 3) == actual:
            return True
    if typ[0] in ("double", "real"):
        try:
            a, e = float(actual), float(want)
        except ValueError:
            return False
        near = abs(a - e) <= (1e-13 if typ[0] == "double" else 1e-6) * max(abs(a), abs(e))
        return near and actual == java_double(actual)
    if has(typ, ("map",)) and len(want) == len(actual):
        return sorted(re.split(r"[\[\]{}, ]+", want)) == sorted(re.split(r"[\[\]{}, ]+", actual))
    return False


def same_row(expected, types, actual):
    return len(expected) == len(actual) and all(map(same_cell, expected, types, actual))


def same_rows(expected, types, actual, ordered):
    if len(expected) != len(actual):
        return False
    if ordered:
        return all(same_row(e, types, a) for e, a in zip(expected, actual))
    left = list(actual)
    for e in expected:
        for i, a in enumerate(left):
            if same_row(e, types, a):
                del left[i]
                break
        else:
            return False
    return True


# ---- errors ------------------------------------------------------------------------------
def plain_message(text):
    text = re.sub(r"\. Expecting: .*", "", text, flags=re.S)
    text = re.sub(r"\b\d{8}_\d{6}_\d{5}_\w{5}\b", "QUERY", text)
    text = re.sub(r"Table '\w+\.\w+\.", "Table '", text)
    text = re.sub(
        r"\s*(This query ran against|If a data manifest|You may need to manually).*",
        "",
        text,
        flags=re.S,
    )
    text = re.sub(
        r"\[?\(?(Query ?Id|RequestId|Request ID):? ?[0-9a-f-]{36}.*", "", text, flags=re.S | re.I
    )
    # Athena's addition to COLUMN_NOT_FOUND
    text = text.replace(" or requester is not authorized to access requested resources", "")
    return text.strip().rstrip(".")


def check_error(want, reason, refused):
    """None if the reason says the same error, else what is wrong. `refused`: StartQueryExecution
    said no, as Athena does when a statement does not parse; then no name leads the message."""
    reason = reason or ""
    if reason.startswith(want["name"] + ":"):
        text = reason[len(want["name"]) + 1 :].strip()
    elif refused and want["name"] == "SYNTAX_ERROR":
        text = reason
    else:
        return "error name"
    return None if plain_message(text) == plain_message(want["message"] or "") else "error message"


# ---- Athena ------------------------------------------------------------------------------
class Athena:
    def __init__(self, endpoint, timeout):
        import boto3
        from botocore.config import Config

        kw = dict(
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        conf = Config(
            retries={"max_attempts": 2},
            max_pool_connections=16,
            connect_timeout=5,
            read_timeout=timeout,
        )
        self.athena = boto3.client("athena", config=conf, **kw)
        self.s3 = boto3.client(
            "s3", config=conf.merge(Config(s3={"addressing_style": "path"})), **kw
        )
        self.bucket = "trino-vectors-" + uuid.uuid4().hex[:12]
        self.s3.create_bucket(Bucket=self.bucket)
        self.timeout, self.context = timeout, {}

    def execute(self, sql):
        """(state, reason, refused, columns, rows)"""
        from botocore.exceptions import ClientError

        try:
            q = self.athena.start_query_execution(
                QueryString=sql,
                QueryExecutionContext=self.context,
                ResultConfiguration={"OutputLocation": "s3://%s/out/" % self.bucket},
            )["QueryExecutionId"]
        except ClientError as e:
            if e.response["Error"]["Code"] != "InvalidRequestException":
                raise
            return "FAILED", e.response["Error"]["Message"], True, [], []
        end, wait = time.time() + self.timeout, 0.01
        while True:
            x = self.athena.get_query_execution(QueryExecutionId=q)["QueryExecution"]["Status"]
            if x["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                break
            if time.time() > end:
                return "TIMEOUT", "no end after %d s" % self.timeout, False, [], []
            time.sleep(wait)
            wait = min(wait * 1.5, 0.25)
        if x["State"] != "SUCCEEDED":
            reason = x.get("StateChangeReason") or x.get("AthenaError", {}).get("ErrorMessage", "")
            return x["State"], reason, False, [], []
        columns, rows, token = None, [], None
        while True:
            kw = {"NextToken": token} if token else {}
            r = self.athena.get_query_results(QueryExecutionId=q, **kw)
            rows += [
                [d.get("VarCharValue") for d in row.get("Data", [])]
                for row in r["ResultSet"]["Rows"]
            ]
            columns = columns or r["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            token = r.get("NextToken")
            if not token:
                break
        if rows and rows[0] == [
            c["Name"] for c in columns
        ]:  # the first row of a SELECT names the columns
            rows = rows[1:]
        return "SUCCEEDED", "", False, columns, rows


def check(vector, api):
    """(kind, detail): kind is None when all is as Trino has it."""
    try:
        state, reason, refused, columns, rows = api.execute(vector["sql"])
    except Exception as e:  # a broken endpoint fails the vector, not the run
        return "endpoint", "%s: %s" % (type(e).__name__, str(e)[:300])
    if "error" in vector:
        if state != "FAILED":
            return "state", "%s, wanted FAILED; rows %s" % (state, rows[:3])
        bad = check_error(vector["error"], reason, refused)
        return (bad, reason) if bad else (None, None)
    if state != "SUCCEEDED":
        return "state", "%s: %s" % (state, reason)
    names = [c["Name"] for c in columns]
    if names != [c["name"] for c in vector["columns"]]:
        return "column names", names
    for c, v in zip(columns, vector["columns"]):
        t, precision, scale = athena_type(v["type"])
        if c["Type"] != t or (
            precision is not None and (c.get("Precision"), c.get("Scale")) != (precision, scale)
        ):
            return "column types", "%s: %s(%s, %s), Trino %s" % (
                c["Name"],
                c["Type"],
                c.get("Precision"),
                c.get("Scale"),
                v["type"],
            )
    if len(rows) != len(vector["rows"]):
        return "row count", rows[:5]
    types = [parse_type(c["type"]) for c in vector["columns"]]
    if not same_rows(vector["rows"], types, rows, vector["ordered"]):
        return "values", rows[:5]
    return None, None


def expected_text(v):
    if "error" in v:
        return "%s: %s" % (v["error"]["name"], v["error"]["message"])
    types = [parse_type(c["type"]) for c in v["columns"]]
    return [[render(x, t) for x, t in zip(r, types)] for r in v["rows"][:5]]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--endpoint", required=True)
    p.add_argument("--vectors", default=VECTORS)
    p.add_argument("--area", action="append", help="only this area (may be given again)")
    p.add_argument("--limit", type=int, help="only the first N")
    p.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    p.add_argument("--failures", default="trino_failures.jsonl", help="where the failures go")
    p.add_argument("--concurrency", type=int, default=4)
    p.add_argument("--timeout", type=int, default=60, help="seconds for a statement")
    p.add_argument("--floor", type=int, default=0, help="exit 1 when fewer pass")
    a = p.parse_args()
    with open(a.vectors, encoding="utf-8") as f:
        vectors = [json.loads(line) for line in f]
    vectors = [v for v in vectors if not a.area or v["area"] in a.area][: a.limit]
    api = Athena(a.endpoint, a.timeout)
    try:
        state, reason = api.execute("CREATE DATABASE IF NOT EXISTS " + DATABASE)[:2]
    except Exception as e:
        state, reason = "FAILED", str(e)
    if state == "SUCCEEDED":
        api.context = {"Database": DATABASE}
    else:
        print("CREATE DATABASE: %s %s" % (state, reason), file=sys.stderr)
    tables = []
    for sql in dict.fromkeys(s for v in vectors for s in v["setup"]):
        name = re.match(r"CREATE TABLE (\w+)", sql).group(1)
        tables.append(name)
        for s in ("DROP TABLE IF EXISTS " + name, sql):
            try:
                state, reason = api.execute(s)[:2]
            except Exception as e:
                state, reason = "FAILED", str(e)
            if state != "SUCCEEDED":
                print("setup: %s: %s %s" % (s[:60], state, reason), file=sys.stderr)
    began = time.time()
    with concurrent.futures.ThreadPoolExecutor(a.concurrency) as pool:
        results = list(pool.map(lambda v: check(v, api), vectors))
    seconds = time.time() - began
    for name in tables:
        try:
            api.execute("DROP TABLE IF EXISTS " + name)
        except Exception:
            pass
    total, passed, kinds = collections.Counter(), collections.Counter(), collections.Counter()
    with open(a.failures, "w", encoding="utf-8") as f:
        for v, (kind, detail) in zip(vectors, results):
            total[v["area"]] += 1
            if kind is None:
                passed[v["area"]] += 1
            else:
                kinds[kind] += 1
                f.write(
                    json.dumps(
                        {
                            "id": v["id"],
                            "wrong": kind,
                            "sql": v["sql"],
                            "wanted": expected_text(v),
                            "got": detail,
                        },
                        ensure_ascii=False,
                        default=str,
                    )
                    + "\n"
                )
    good, n = sum(passed.values()), len(vectors)
    if a.json:
        print(
            json.dumps(
                {
                    "passed": good,
                    "total": n,
                    "seconds": round(seconds, 1),
                    "wrong": dict(kinds),
                    "areas": {k: [passed[k], total[k]] for k in total},
                }
            )
        )
    else:
        for area in total:
            print("%-24s %4d / %d" % (area, passed[area], total[area]))
        print("%-24s %4d / %d in %.1f s; failures in %s" % ("total", good, n, seconds, a.failures))
        print("wrong: " + ", ".join("%s %d" % k for k in kinds.most_common()))
        print("%d passed, %d failed" % (good, n - good))
    sys.exit(1 if n == 0 or good < a.floor else 0)


if __name__ == "__main__":
    main()
