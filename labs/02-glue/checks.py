"""Checks of lab 02-glue.

`grader build` writes this file from solutions/02-glue/checks.py.
"""

from __future__ import annotations

import io
import json
import re
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from grader import Findings, check

NEEDS = """Needs one bucket, one role, three crawlers and a Data Quality run. On a real account a
crawl costs 0.15 US$ (ten minutes at least); the lab takes about six: one dollar."""
AIRPORTS = ("EWR", "JFK", "LGA")


def months(lab: Any) -> list[int]:
    """The three months that are there at first, and the one that comes later."""
    first = lab.seed % 9 + 1
    return [first, first + 1, first + 2, first + 3]


def airport(lab: Any) -> str:
    """The airport whose gate log this student gets."""
    return AIRPORTS[lab.seed // 9 % len(AIRPORTS)]


def database(lab: Any) -> str:
    """The name of the lab's database."""
    return str(lab.bucket).replace("-", "_")


def flights(lab: Any, month: int) -> pa.Table:
    """The real flights of one month, without what the path says."""
    table = pq.read_table(lab.data / f"flights/parquet/2013-{month:02}.parquet")
    return table.drop_columns(["year", "month"])


def setup(aws: Any, lab: Any) -> None:
    """Land the lab's files and make the role; a second run changes nothing."""
    s3, iam = aws.client("s3"), aws.client("iam")
    with suppress(ClientError):
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "glue.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        rights = {"Effect": "Allow", "Action": ["s3:*", "glue:*", "logs:*"], "Resource": "*"}
        iam.create_role(RoleName=role(lab), AssumeRolePolicyDocument=_policy(trust))
        iam.put_role_policy(RoleName=role(lab), PolicyName="lab", PolicyDocument=_policy(rights))
    place = {"CreateBucketConfiguration": {"LocationConstraint": lab.region}}
    with suppress(ClientError):
        s3.create_bucket(Bucket=lab.bucket, **({} if lab.region == "us-east-1" else place))
    if s3.list_objects_v2(Bucket=lab.bucket, MaxKeys=1)["KeyCount"]:
        return
    for key, body in files(lab).items():
        s3.put_object(Bucket=lab.bucket, Key=key, Body=body)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(lab: Any) -> str:
    """The name of the role that crawlers take."""
    return f"lab-02-glue-{lab.seed}"


def files(lab: Any) -> dict[str, bytes]:
    """The lab's files by key."""
    found = {
        "landing/flights/archive/rejected.json": b'{"row": 17, "why": "no tail number"}\n' * 20,
        "landing/airlines/airlines.csv": (lab.data / "airlines/airlines.csv").read_bytes(),
        f"landing/gates/{airport(lab)}.log": gates(lab).encode(),
    }
    *first, last = months(lab)
    for month in first:
        key = f"landing/flights/year=2013/month={month:02}/flights.parquet"
        found[key] = _parquet(flights(lab, month))
    late = flights(lab, last)
    late = late.append_column("source_system", pa.array(["ops-2"] * len(late)))
    found[f"incoming/year=2013/month={last:02}/flights.parquet"] = _parquet(late)
    return found


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def gates(lab: Any) -> str:
    """A gate log, made from the real first flights of a month at the student's airport."""
    table = pq.read_table(lab.data / f"flights/parquet/2013-{months(lab)[0]:02}.parquet")
    table = table.filter(pc.equal(table["origin"], airport(lab)))
    table = table.filter(pc.is_valid(table["dep_delay"])).slice(0, 200)
    return "".join(
        f"2013-{row['month']:02}-{row['day']:02} {row['dep_time'] // 100 % 24:02}:"
        f"{row['dep_time'] % 100:02} {row['carrier']}{row['flight']} {row['origin']}>{row['dest']}"
        f" delay={row['dep_delay']}, gate closed\n"
        for row in table.to_pylist()
    )


def cleanup(aws: Any, lab: Any) -> None:
    """Remove what is not in the bucket: crawlers, classifiers, ruleset, database, role."""
    glue, iam = aws.client("glue"), aws.client("iam")
    for name in _all(glue, "list_crawlers", "CrawlerNames"):
        if name.startswith(lab.bucket):
            with suppress(ClientError):
                glue.delete_crawler(Name=name)
    for classifier in _all(glue, "get_classifiers", "Classifiers"):
        ((_, one),) = classifier.items()
        if one["Name"].startswith(lab.bucket):
            glue.delete_classifier(Name=one["Name"])
    for one in _all(glue, "list_data_quality_rulesets", "Rulesets"):
        if one["Name"].startswith(lab.bucket):
            glue.delete_data_quality_ruleset(Name=one["Name"])
    with suppress(ClientError):
        glue.delete_database(Name=database(lab))
    with suppress(ClientError):
        iam.delete_role_policy(RoleName=role(lab), PolicyName="lab")
        iam.delete_role(RoleName=role(lab))


def _all(client: Any, operation: str, member: str, **asked: Any) -> list[Any]:
    """All entries of a listing, over its pages."""
    found: list[Any] = []
    while True:
        answer = getattr(client, operation)(**asked)
        found += answer.get(member, [])
        if not answer.get("NextToken"):
            return found
        asked["NextToken"] = answer["NextToken"]


def few(names: Any, most: int = 4) -> str:
    """The first names, and how many more there are."""
    names = [str(name) for name in names]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) + more) or "nothing"


def sentence(first: str, *details: str) -> str:
    """A finding: a first line that stands alone, then what was found and expected."""
    return "\n".join((first, *details))


class Catalog:
    """The lab's database, read through the check's own session."""

    def __init__(self, aws: Any, lab: Any) -> None:
        self.glue = aws.client("glue")
        self.lab = lab
        self.name = database(lab)

    def tables(self, found: Findings) -> dict[str, dict[str, Any]]:
        """Tables by name; notes a database that is not there."""
        try:
            tables = _all(self.glue, "get_tables", "TableList", DatabaseName=self.name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            found.expect(
                False,
                sentence("The lab's database does not exist yet.", f"Expected {self.name}."),
            )
            return {}
        return {table["Name"]: table for table in tables}

    def table(self, name: str, found: Findings) -> dict[str, Any] | None:
        """One table; notes it when there is none."""
        tables = self.tables(found)
        if name in tables:
            return tables[name]
        if not found:
            found.expect(
                False,
                sentence(
                    f"There is no table {name}.",
                    f"Found {few(sorted(tables))} in {self.name}; expected {name}.",
                ),
            )
        return None

    def partitions(self, table: str) -> list[dict[str, Any]]:
        """All partitions of a table."""
        return _all(
            self.glue, "get_partitions", "Partitions", DatabaseName=self.name, TableName=table
        )

    def crawler(self, found: Findings) -> dict[str, Any] | None:
        """The crawler over the flights; notes it when there is none."""
        name = f"{self.lab.bucket}-flights"
        try:
            crawler: dict[str, Any] = self.glue.get_crawler(Name=name)["Crawler"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            found.expect(
                False,
                sentence("There is no crawler over the flights yet.", f"Expected {name}."),
            )
            return None
        return crawler


def columns(table: dict[str, Any]) -> dict[str, str]:
    """Columns of a table: name and type."""
    return {c["Name"]: c.get("Type", "") for c in table["StorageDescriptor"]["Columns"]}


def place(table: dict[str, Any]) -> str:
    """A table's location without a slash at its end."""
    return str(table.get("StorageDescriptor", {}).get("Location", "")).rstrip("/")


def by_crawler(table: dict[str, Any]) -> bool:
    """Whether a crawler wrote the table."""
    return "UPDATED_BY_CRAWLER" in table.get("Parameters", {})


@check("crawler", points=2, lesson="Let a crawler look")
def crawler_over_flights(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The crawler looks at landing/flights/, writes to the database with a prefix, and ran."""
    found = Findings()
    catalog = Catalog(aws, lab)
    crawler = catalog.crawler(found)
    if crawler is None:
        return found
    paths = [target["Path"] for target in crawler["Targets"].get("S3Targets", [])]
    wanted = f"s3://{lab.bucket}/landing/flights"
    found.expect(
        [path.rstrip("/") for path in paths] == [wanted],
        sentence(
            "The crawler looks at another place.",
            f"Found {few(paths)}; expected {wanted}/ alone.",
        ),
    )
    found.expect(
        crawler.get("DatabaseName") == catalog.name,
        sentence(
            "The crawler writes to another database.",
            f"Found {crawler.get('DatabaseName')!r}; expected {catalog.name}.",
        ),
    )
    found.expect(
        crawler.get("TablePrefix") == "lake_",
        sentence(
            "The crawler's tables get another prefix.",
            f"Found {crawler.get('TablePrefix', '')!r}; expected 'lake_'.",
        ),
    )
    last = crawler.get("LastCrawl", {}).get("Status")
    found.expect(
        last == "SUCCEEDED",
        sentence(
            "The crawler has not finished a crawl.",
            f"Found its last crawl: {last or 'none'}; expected SUCCEEDED.",
        ),
    )
    return found


@check("flights-table", points=2, lesson="Folders become tables and partitions")
def flights_table(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`lake_flights` is Parquet over landing/flights/, with a partition for each month."""
    found = Findings()
    catalog = Catalog(aws, lab)
    table = catalog.table("lake_flights", found)
    if table is None:
        return found
    wanted = f"s3://{lab.bucket}/landing/flights"
    found.expect(
        place(table) == wanted,
        sentence("lake_flights lies elsewhere.", f"Found {place(table)}; expected {wanted}/."),
    )
    kind = table.get("Parameters", {}).get("classification")
    found.expect(
        kind == "parquet" and by_crawler(table),
        sentence(
            "lake_flights is not a crawler's Parquet table.",
            f"Found classification {kind!r} and {'a' if by_crawler(table) else 'no'} crawler's"
            " mark; expected 'parquet', written by the crawler.",
        ),
    )
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    if not found.expect(
        keys == ["year", "month"],
        sentence(
            "lake_flights has other partition keys.",
            f"Found {few(keys)}; expected year, month.",
        ),
    ):
        return found
    have = sorted("/".join(p["Values"]) for p in catalog.partitions("lake_flights"))
    need = [f"2013/{month:02}" for month in months(lab)[:3]]
    found.expect(
        set(need) <= set(have),
        sentence(
            "Partitions of lake_flights are missing.",
            f"Found {few(have, 6)}; expected {few(need)}.",
        ),
    )
    return found


@check("excluded", points=1, lesson="Correct it: classifiers and exclusions")
def archive_excluded(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The crawler does not look into landing/flights/archive/."""
    found = Findings()
    catalog = Catalog(aws, lab)
    crawler = catalog.crawler(found)
    if crawler is None:
        return found
    globs = [g for t in crawler["Targets"].get("S3Targets", []) for g in t.get("Exclusions", [])]
    hits = [g for g in globs if _glob(g).fullmatch("archive/rejected.json")]
    first = "No exclusion covers the archive."
    if any(g.startswith(("landing/", "s3://", "/")) for g in globs):
        first = "An exclusion is relative to the crawler's path."
    found.expect(
        bool(hits),
        sentence(first, f"Found {few(globs)}; expected archive/rejected.json to be excluded."),
    )
    lost = [g for g in globs if _glob(g).fullmatch("year=2013/month=01/flights.parquet")]
    found.expect(
        not lost,
        sentence("An exclusion covers the flights too.", f"Found {few(lost)}."),
    )
    strays = [name for name, t in catalog.tables(found).items() if "/archive" in place(t)]
    found.expect(
        not strays,
        sentence(
            "A table of the archive is in the catalog.",
            f"Found {few(strays)}; expected none. An exclusion removes no old table.",
        ),
    )
    return found


def _glob(glob: str) -> re.Pattern[str]:
    """An exclude pattern as a regular expression: ** crosses folders, * and ? do not."""
    parts = re.split(r"(\*\*|\*|\?)", glob)
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts))


@check("airlines", points=2, lesson="Correct it: classifiers and exclusions")
def airlines_table(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """A crawler made `lake_airlines` with the columns that its header names."""
    found = Findings()
    table = Catalog(aws, lab).table("lake_airlines", found)
    if table is None:
        return found
    have = columns(table)
    if list(have) == ["col0", "col1"]:
        found.mistake(
            "header is data",
            "The header of the airlines is taken for data.\nFound columns col0, col1; expected"
            " carrier, name.",
        )
    else:
        found.expect(
            have == {"carrier": "string", "name": "string"},
            sentence(
                "lake_airlines has other columns.",
                f"Found {have}; expected carrier and name, both string.",
            ),
        )
    skip = table["Parameters"].get("skip.header.line.count")
    found.expect(
        skip == "1",
        sentence(
            "The header line of the airlines is not skipped.",
            f"Found skip.header.line.count {skip!r}; expected '1'.",
        ),
    )
    found.expect(
        by_crawler(table),
        sentence(
            "lake_airlines was not made by a crawler.",
            "Found no UPDATED_BY_CRAWLER; expected a crawler with a classifier.",
        ),
    )
    return found


GATE_COLUMNS = ("closed", "flight", "origin", "dest", "delay", "note")


@check("gates", points=2, lesson="Correct it: classifiers and exclusions")
def gates_table(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """A grok classifier made `lake_gates` with six columns, `delay` a number."""
    found = Findings()
    table = Catalog(aws, lab).table("lake_gates", found)
    if table is None:
        return found
    kind = table.get("Parameters", {}).get("classification")
    serde = table["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary", "")
    if kind == "csv":
        found.mistake(
            "built-in csv",
            "The built-in CSV classifier took the gate log.\nFound classification 'csv'; expected"
            " that of your grok classifier.",
        )
        return found
    found.expect(
        "grok" in serde.lower(),
        sentence(
            "lake_gates is not read by a grok pattern.",
            f"Found the SerDe {serde or 'none'}; expected that of a grok classifier.",
        ),
    )
    have = columns(table)
    found.expect(
        tuple(have) == GATE_COLUMNS,
        sentence(
            "lake_gates has other columns.",
            f"Found {few(have, 8)}; expected {few(GATE_COLUMNS, 8)}.",
        ),
    )
    number = have.get("delay", "int")
    found.expect(
        number in ("int", "bigint", "smallint", "double", "float"),
        sentence(
            "The delay in lake_gates is not a number.",
            f"Found type {number}; expected int. A grok field can name its type.",
        ),
    )
    return found


@check("new-month", points=2, lesson="Schemas change")
def new_month(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The late month is a partition, its column is in the table, the old version is kept."""
    found = Findings()
    catalog = Catalog(aws, lab)
    table = catalog.table("lake_flights", found)
    if table is None:
        return found
    last = f"{months(lab)[3]:02}"
    have = sorted(p["Values"][-1] for p in catalog.partitions("lake_flights"))
    found.expect(
        last in have,
        sentence(
            f"The month {last} is not in lake_flights.",
            f"Found the months {few(have, 6)}; expected {last} too.",
        ),
    )
    found.expect(
        "source_system" in columns(table),
        sentence(
            "lake_flights does not know the new column.",
            f"Found {len(columns(table))} columns without source_system; expected it at the end.",
        ),
    )
    versions = _all(
        catalog.glue,
        "get_table_versions",
        "TableVersions",
        DatabaseName=catalog.name,
        TableName="lake_flights",
    )
    without = [v for v in versions if "source_system" not in columns(v["Table"])]
    found.expect(
        bool(without),
        sentence(
            "The table's history before the change is gone.",
            f"Found {len(versions)} versions, all with source_system; expected an older one"
            " without. A table that is deleted and made again loses its history.",
        ),
    )
    return found


@check("policy", points=1, lesson="When data is gone")
def never_deletes(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The crawler updates schemas and never deletes or marks a table."""
    found = Findings()
    crawler = Catalog(aws, lab).crawler(found)
    if crawler is None:
        return found
    policy = crawler.get("SchemaChangePolicy", {})
    update, delete = policy.get("UpdateBehavior"), policy.get("DeleteBehavior")
    found.expect(
        delete == "LOG",
        sentence(
            "The crawler touches tables whose files are gone.",
            f"Found DeleteBehavior {delete}; expected LOG.",
        ),
    )
    found.expect(
        update == "UPDATE_IN_DATABASE",
        sentence(
            "The crawler does not follow new columns.",
            f"Found UpdateBehavior {update}; expected UPDATE_IN_DATABASE.",
        ),
    )
    return found


@check("partition-index", points=1, lesson="Partitions")
def partition_index(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`lake_flights` has an active partition index over year and month."""
    found = Findings()
    catalog = Catalog(aws, lab)
    if catalog.table("lake_flights", found) is None:
        return found
    indexes = catalog.glue.get_partition_indexes(
        DatabaseName=catalog.name, TableName="lake_flights"
    )["PartitionIndexDescriptorList"]
    shown = [f"{[k['Name'] for k in one['Keys']]} {one['IndexStatus']}" for one in indexes]
    found.expect(
        any(
            [k["Name"] for k in one["Keys"]] == ["year", "month"] and one["IndexStatus"] == "ACTIVE"
            for one in indexes
        ),
        sentence(
            "No active index covers year and month.",
            f"Found {few(shown)}; expected one with the keys year, month.",
        ),
    )
    return found


@check("quality", points=2, lesson="Data Quality")
def quality(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """A ruleset of five rules or more over `lake_flights` was evaluated, and all rules pass."""
    found = Findings()
    catalog = Catalog(aws, lab)
    ruleset = _ruleset(catalog, found)
    if ruleset is None:
        return found
    rules = _rules(ruleset)
    found.expect(
        len(rules) >= 5,
        sentence(
            "The ruleset has too few rules.",
            f"Found {len(rules)}; expected five or more.",
        ),
    )
    for name in ("carrier", "origin", "distance"):
        found.expect(
            any(f'"{name}"' in rule for rule in rules),
            sentence(
                f"No rule is about {name}.", "Expected rules on carrier, origin and distance."
            ),
        )
    results = _results(catalog, f"{lab.bucket}-flights")
    if not found.expect(
        bool(results),
        sentence(
            "The ruleset has not been evaluated.",
            "Found no result for lake_flights; expected a finished evaluation run.",
        ),
    ):
        return found
    bad = [r for r in results[0]["RuleResults"] if r["Result"] != "PASS"]
    found.expect(
        not bad,
        sentence(
            f"{len(bad)} rules do not pass.",
            *(f"{r['Result']}: {r.get('Description', r['Name'])}" for r in bad[:4]),
        ),
    )
    return found


def _ruleset(catalog: Catalog, found: Findings) -> str | None:
    """The text of the lab's ruleset; notes it when there is none."""
    name = f"{catalog.lab.bucket}-flights"
    try:
        answer = catalog.glue.get_data_quality_ruleset(Name=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException":
            raise
        found.expect(
            False, sentence("There is no ruleset for the flights yet.", f"Expected {name}.")
        )
        return None
    return str(answer["Ruleset"])


def _rules(ruleset: str) -> list[str]:
    """The rules of a ruleset, one text each."""
    body = re.sub(r"#[^\n]*", "", ruleset).split("[", 1)[-1].rsplit("]", 1)[0]
    depth, rules, at = 0, [], 0
    for number, char in enumerate(body):
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            rules.append(body[at:number])
            at = number + 1
    return [rule.strip() for rule in [*rules, body[at:]] if rule.strip()]


def _results(catalog: Catalog, ruleset: str) -> list[dict[str, Any]]:
    """The results of a ruleset over lake_flights, newest first."""
    found = []
    for one in _all(catalog.glue, "list_data_quality_results", "Results"):
        source = one.get("DataSource", {}).get("GlueTable", {})
        if (source.get("DatabaseName"), source.get("TableName")) == (catalog.name, "lake_flights"):
            result = catalog.glue.get_data_quality_result(ResultId=one["ResultId"])
            if result.get("RulesetName") == ruleset:
                found.append(result)
    return sorted(found, key=lambda one: one["StartedOn"], reverse=True)


@check("answered", points=2, lesson="Partitions")
def answered(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The month with the most records, and how many, is right."""
    found = Findings()
    month, records = answers.get("busiest_month"), answers.get("busiest_records")
    for name, value in (("busiest_month", month), ("busiest_records", records)):
        found.expect(value is not None, sentence(f"The answer {name} is not declared yet."))
    if month is None or records is None:
        return found
    counts = {number: flights(lab, number).num_rows for number in months(lab)}
    best = max(counts, key=lambda number: counts[number])
    early = {number: counts[number] for number in months(lab)[:3]}
    quiet = min(counts, key=lambda number: counts[number])
    given = _number(month)
    first = "The busiest month is not right."
    if given == quiet:
        first = "That is the month with the fewest records."
    elif given == max(early, key=lambda number: early[number]) != best:
        first = "The month that came late is not counted."
    found.expect(
        given == best,
        sentence(first, f"Found {month!r}. Expected the largest recordCount among partitions."),
    )
    count = _number(records)
    first = "The number of records is not right."
    if count == sum(counts.values()):
        first = "That is the number of all records."
    elif count == sum(early.values()):
        first = "That is the number of all records of three months."
    found.expect(
        count == counts[best],
        sentence(first, f"Found {records!r}. Expected the recordCount of one partition."),
    )
    return found


def _number(value: Any) -> int | None:
    """A declared answer as a whole number, or None."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
