"""Checks of lab 03: tables over a quarter's flights, cheap questions, rows corrected in Iceberg.

They look at the Glue Data Catalog, at the bucket and at Athena's history of executions, through a
session of their own. They start no query: what a query gave is read from its result file.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from grader import Findings, check

NEEDS = """Needs one bucket, one workgroup, one database; no quota. On a real account: some dozen
queries at the minimum of 10 MB each, less than a cent; the end of the lab says how much."""

CARRIERS = ("UA", "B6", "US", "DL", "AA", "EV")
ORIGINS = ("EWR", "JFK", "LGA")
NUMBERS = [
    "year",
    "month",
    "day",
    "dep_time",
    "sched_dep_time",
    "dep_delay",
    "arr_time",
    "sched_arr_time",
    "arr_delay",
    "flight",
    "air_time",
    "distance",
    "hour",
    "minute",
]
COLUMNS = [
    "year",
    "month",
    "day",
    "dep_time",
    "sched_dep_time",
    "dep_delay",
    "arr_time",
    "sched_arr_time",
    "arr_delay",
    "carrier",
    "flight",
    "tailnum",
    "origin",
    "dest",
    "air_time",
    "distance",
    "hour",
    "minute",
    "time_hour",
]
INTEGERS = ("tinyint", "smallint", "int", "integer", "bigint")
READS_FLIGHTS = r"""\b(from|join)\s+("?[\w-]+"?\.)*"?flights"?(\s|\)|,|$)"""
CUTOFF = 50_000_000
FEW = 100_000  # one partition's three columns have about 60 kB, three partitions' 180 kB
CORRECTIONS = "raw/corrections/corrections.csv"


def months(lab: Any) -> list[int]:
    """The three months of this student's quarter."""
    first = lab.seed % 4 * 3 + 1
    return [first, first + 1, first + 2]


def carrier(lab: Any) -> str:
    """This student's airline."""
    return CARRIERS[lab.seed // 4 % len(CARRIERS)]


def origin(lab: Any) -> str:
    """This student's airport."""
    return ORIGINS[lab.seed // 24 % len(ORIGINS)]


def database(lab: Any) -> str:
    """The lab's database: one for each account and student."""
    return str(lab.bucket).replace("-", "_")


def sentence(first: str, *details: str) -> str:
    """A finding: a first line that stands alone, then what was found and expected."""
    return "\n".join((first, *details))


def few(names: list[str], most: int = 4) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# --- what the lab brings ------------------------------------------------------------------------


def setup(aws: Any, lab: Any) -> None:
    """The bucket with the quarter's CSV files and the corrections; what is there stays."""
    s3 = aws.client("s3")
    try:
        s3.head_bucket(Bucket=lab.bucket)
    except ClientError:
        place = {"CreateBucketConfiguration": {"LocationConstraint": lab.region}}
        s3.create_bucket(Bucket=lab.bucket, **({} if lab.region == "us-east-1" else place))
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=lab.bucket, Prefix="raw/")
    there = {item["Key"] for page in pages for item in page.get("Contents", [])}
    for month in months(lab):
        path = lab.data / "flights" / "csv" / f"2013-{month:02}.csv"
        if f"raw/flights/{path.name}" not in there:
            s3.upload_file(str(path), lab.bucket, f"raw/flights/{path.name}")
    if CORRECTIONS not in there:
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["day", "flight", "origin", "dest", "remark", "arr_delay"])
        writer.writerows(corrections(lab))
        s3.put_object(Bucket=lab.bucket, Key=CORRECTIONS, Body=lines.getvalue().encode())


def cleanup(aws: Any, lab: Any) -> None:
    """Remove the database with its tables, and the workgroup with its statements."""
    for delete, arguments in (
        (aws.client("glue").delete_database, {"Name": database(lab)}),
        (
            aws.client("athena").delete_work_group,
            {"WorkGroup": lab.bucket, "RecursiveDeleteOption": True},
        ),
    ):
        try:
            delete(**arguments)
        except ClientError as error:
            if "not found" not in str(error):
                raise


@cache
def month_of(data: Path, month: int) -> pa.Table:
    """The real flights of one month."""
    return pq.read_table(data / f"flights/parquet/2013-{month:02}.parquet")


def first_month(lab: Any) -> list[dict[str, Any]]:
    """The airline's flights of the first month, with the columns of `board`."""
    table = month_of(lab.data, months(lab)[0])
    table = table.filter(pc.equal(table["carrier"], carrier(lab)))
    rows: list[dict[str, Any]] = table.select(
        ["day", "flight", "origin", "dest", "arr_delay"]
    ).to_pylist()
    return rows


def corrections(lab: Any) -> list[tuple[int, int, str, str, str, int]]:
    """What the airline corrects: thirty delays, and five flights that were left out."""
    draw = random.Random(lab.seed)
    arrived = [row for row in first_month(lab) if row["arr_delay"] is not None]
    remarks = ("counted twice, corrected", "late paperwork, corrected by operations", "clock wrong")
    rows = [
        (r["day"], r["flight"], r["origin"], r["dest"], draw.choice(remarks), r["arr_delay"] + 45)
        for r in draw.sample(arrived, 30)
    ]
    left_out = [
        (
            draw.randint(1, 28),
            9000 + number,
            origin(lab),
            "ALB",
            "left out, now added",
            100 + number,
        )
        for number in range(5)
    ]
    return sorted(rows + left_out)


# --- reading the cloud --------------------------------------------------------------------------


def glue_table(aws: Any, lab: Any, name: str, found: Findings) -> dict[str, Any] | None:
    """The catalog's entry of a table; notes it when there is none."""
    glue = aws.client("glue")
    try:
        table: dict[str, Any] = glue.get_table(DatabaseName=database(lab), Name=name)["Table"]
        return table
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException":
            raise
    try:
        others = [t["Name"] for t in glue.get_tables(DatabaseName=database(lab))["TableList"]]
        near = f"Found {few(others) or 'no table'} in {database(lab)}."
    except ClientError:
        near = f"The database {database(lab)} does not exist."
    found.expect(False, sentence(f"There is no table {name} yet.", near, f"Expected {name}."))
    return None


def executions(aws: Any, lab: Any) -> list[dict[str, Any]]:
    """The workgroup's executions, the newest first; none where there is no workgroup."""
    athena = aws.client("athena")
    pages = athena.get_paginator("list_query_executions").paginate(
        WorkGroup=lab.bucket, PaginationConfig={"MaxItems": 1000}
    )
    try:
        ids = [one for page in pages for one in page["QueryExecutionIds"]]
    except ClientError as error:
        if "not found" not in str(error):
            raise
        return []
    batches = [ids[at : at + 50] for at in range(0, len(ids), 50)]
    answers = [athena.batch_get_query_execution(QueryExecutionIds=batch) for batch in batches]
    return [one for answer in answers for one in answer["QueryExecutions"]]


def succeeded(aws: Any, lab: Any, pattern: str) -> list[dict[str, Any]]:
    """The executions that succeeded and whose text matches, the newest first."""
    return [
        one
        for one in executions(aws, lab)
        if one["Status"]["State"] == "SUCCEEDED" and re.search(pattern, one["Query"], re.I | re.S)
    ]


def result_of(aws: Any, execution: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of a result file, by lower-case column name."""
    bucket, _, key = execution["ResultConfiguration"]["OutputLocation"][5:].partition("/")
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    rows = list(csv.reader(io.StringIO(body)))
    names = [name.lower() for name in rows[0]] if rows else []
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]


def number(value: Any) -> float | None:
    """A value as a number, or None."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def close(given: Any, right: float, by: float = 0.06) -> bool:
    """Whether a value is that number, rounding allowed."""
    value = number(given)
    return value is not None and abs(value - right) < by


def mean(values: pa.ChunkedArray) -> float:
    """The mean of the values that are not missing."""
    return float(pc.mean(values).as_py())


# --- task 1 -------------------------------------------------------------------------------------


@check("workgroup", points=1, lesson="A workgroup that says stop")
def workgroup(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The workgroup has a result location and an enforced cutoff."""
    found = Findings()
    try:
        group = aws.client("athena").get_work_group(WorkGroup=lab.bucket)["WorkGroup"]
    except ClientError as error:
        if "not found" not in str(error):
            raise
        found.expect(
            False,
            sentence(
                "The lab's workgroup does not exist yet.", f"Expected one named {lab.bucket}."
            ),
        )
        return found
    settings = group["Configuration"]
    location = settings.get("ResultConfiguration", {}).get("OutputLocation", "")
    found.expect(
        location.rstrip("/") == f"s3://{lab.bucket}/results",
        sentence(
            "The results go elsewhere.",
            f"Found {location or 'no location'}; expected s3://{lab.bucket}/results/.",
        ),
    )
    cutoff = settings.get("BytesScannedCutoffPerQuery")
    first = "No query is stopped: there is no cutoff."
    if cutoff is not None:
        first = "The cutoff is not 50 MB."
    if cutoff in (50 * 1024**2, 50 * 1000, 50):
        first = "The cutoff is in bytes, and 50 MB are 50,000,000."
    found.expect(
        cutoff == CUTOFF,
        sentence(first, f"Found {cutoff or 'none'}; expected {CUTOFF:,} bytes for each query."),
    )
    found.expect(
        settings.get("EnforceWorkGroupConfiguration"),
        sentence(
            "A call can override the workgroup's settings.",
            "Found EnforceWorkGroupConfiguration off; expected on.",
        ),
    )
    return found


# --- task 2 -------------------------------------------------------------------------------------


@check("raw-table", points=2, lesson="A table is a claim about files")
def raw_table(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`flights_raw` has the columns of the CSV files, with types, over their folder."""
    found = Findings()
    table = glue_table(aws, lab, "flights_raw", found)
    if table is None:
        return found
    place = table["StorageDescriptor"].get("Location", "")
    first = "flights_raw lies over another place."
    if place.rstrip("/") == f"s3://{lab.bucket}/raw":
        first = "The folder holds the corrections, too."
    found.expect(
        table.get("TableType") == "EXTERNAL_TABLE"
        and place.rstrip("/") == f"s3://{lab.bucket}/raw/flights",
        sentence(
            first,
            f"Found {table.get('TableType')} over {place or 'nothing'}; expected an external table"
            f" over s3://{lab.bucket}/raw/flights/.",
        ),
    )
    columns = {c["Name"]: c["Type"] for c in table["StorageDescriptor"]["Columns"]}
    names = list(columns)
    first = "The columns are not those of the files."
    if sorted(names) == sorted(COLUMNS):
        first = "The columns stand in another order than in the files."
    elif table.get("PartitionKeys"):
        first = "flights_raw is partitioned; its files are not."
    missing = [name for name in COLUMNS if name not in names]
    found.expect(
        names == COLUMNS,
        sentence(
            first,
            f"Found {len(names)} columns, missing {few(missing) or 'none'}. A CSV file's columns"
            " have no names for Athena: only their order counts.",
        ),
    )
    text = [name for name in NUMBERS if name in columns and columns[name] not in INTEGERS]
    found.expect(
        not text,
        sentence(
            f"{len(text)} columns of numbers have another type.",
            f"Found {few([f'{name} {columns[name]}' for name in text])}. Expected int.",
        ),
    )
    kind = columns.get("time_hour", "string")
    found.expect(
        kind == "string" or kind.startswith("varchar"),
        sentence(
            "time_hour reads as nothing with this type.",
            f"Found {kind}. The files write 2013-01-01T10:00:00Z, which Hive's timestamp is not;"
            " expected string.",
        ),
    )
    return found


@check("raw-reads", points=1, lesson="A table is a claim about files")
def raw_reads(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`flights_raw` splits lines at commas, skips the header, and takes NA for missing."""
    found = Findings()
    table = glue_table(aws, lab, "flights_raw", found)
    if table is None:
        return found
    serde = table["StorageDescriptor"].get("SerdeInfo", {})
    name = serde.get("SerializationLibrary", "")
    if "OpenCSV" in name:
        found.mistake(
            "OpenCSVSerde",
            "OpenCSVSerde cannot read NA as a number.\n"
            "Found OpenCSVSerde; expected ROW FORMAT DELIMITED, which reads NULL.",
        )
    else:
        found.expect(
            "LazySimple" in name,
            sentence(
                "The table's format does not read CSV.",
                f"Found {name or 'none'}; expected ROW FORMAT DELIMITED.",
            ),
        )
        parameters = serde.get("Parameters", {})
        delimiter = parameters.get("field.delim", parameters.get("serialization.format"))
        found.expect(
            delimiter == ",",
            sentence(
                "The fields do not end at commas.",
                f"Found {delimiter!r}; expected FIELDS TERMINATED BY ','.",
            ),
        )
    skipped = table.get("Parameters", {}).get("skip.header.line.count", "0")
    found.expect(
        skipped == "1",
        sentence(
            "The header counts as a flight.",
            f"Found skip.header.line.count {skipped}; expected 1: each file has one header line.",
        ),
    )
    return found


# --- task 3 -------------------------------------------------------------------------------------


def partition_files(aws: Any, lab: Any, found: Findings) -> dict[int, list[tuple[str, bytes]]]:
    """By month, keys and bodies of the files in the partitions of `flights`."""
    table = glue_table(aws, lab, "flights", found)
    if table is None:
        return {}
    s3 = aws.client("s3")
    pages = aws.client("glue").get_paginator("get_partitions")
    found_pages = pages.paginate(DatabaseName=database(lab), TableName="flights")
    partitions = [one for page in found_pages for one in page["Partitions"]]
    files: dict[int, list[tuple[str, bytes]]] = {}
    for one in partitions[:24]:
        bucket, _, prefix = one["StorageDescriptor"]["Location"][5:].partition("/")
        prefix = prefix.rstrip("/") + "/"
        items = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        bodies = [
            (i["Key"], s3.get_object(Bucket=bucket, Key=i["Key"])["Body"].read())
            for i in items[:50]
            if i["Size"] and not i["Key"].rsplit("/", 1)[-1].startswith(("_", "."))
        ]
        value = number(one["Values"][0])
        files.setdefault(int(value) if value is not None else -1, []).extend(bodies)
    found.expect(
        bool(partitions),
        sentence(
            "The table flights has no partition in the catalog.",
            f"Found none; expected one for each of the months {months(lab)}.",
        ),
    )
    return files


@check("partitioned", points=2, lesson="Make a better table: CTAS")
def partitioned(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`flights` is Parquet under curated/, with a partition for each month."""
    found = Findings()
    table = glue_table(aws, lab, "flights", found)
    if table is None:
        return found
    storage = table["StorageDescriptor"]
    place = storage.get("Location", "")
    found.expect(
        place.rstrip("/") == f"s3://{lab.bucket}/curated/flights",
        sentence(
            "flights lies in another place.",
            f"Found {place}; expected s3://{lab.bucket}/curated/flights/.",
        ),
    )
    library = storage.get("SerdeInfo", {}).get("SerializationLibrary", "")
    found.expect(
        "parquet" in library.lower(),
        sentence("flights is not Parquet.", f"Found {library or 'no SerDe'}."),
    )
    partition = [key["Name"] for key in table.get("PartitionKeys", [])]
    ok = found.expect(
        partition == ["month"],
        sentence(
            "flights is not partitioned by month alone.",
            f"Found {few(partition) or 'no partition key'}; expected month.",
        ),
    )
    names = [column["Name"] for column in storage["Columns"]] + partition
    missing = [name for name in COLUMNS if name not in names and name != "year"]
    found.expect(
        not missing,
        sentence(f"{len(missing)} columns of a flight are lost.", f"Missing {few(missing)}."),
    )
    if not ok:
        return found
    files = partition_files(aws, lab, found)
    if not files:
        return found
    found.expect(
        sorted(files) == months(lab),
        sentence(
            "The partitions are not your three months.",
            f"Found {few([str(one) for one in sorted(files)])}; expected {months(lab)}.",
        ),
    )
    others = [key for month in files.values() for key, body in month if body[:4] != b"PAR1"]
    found.expect(
        not others,
        sentence(f"{len(others)} files are no Parquet.", f"Found {few(others, 2)}."),
    )
    return found


@check(
    "every-flight",
    points=2,
    lesson="Make a better table: CTAS",
    hidden=True,
    hint="Count each month's rows, also of flights that never took off; look at time_hour.",
)
def every_flight(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`flights` holds every flight once, delays as they were, time_hour as a timestamp."""
    found = Findings()
    files = partition_files(aws, lab, found)
    for month in months(lab) if files else []:
        bodies = [body for _, body in files.get(month, []) if body[:4] == b"PAR1"]
        tables = [pq.read_table(io.BytesIO(body), partitioning=None) for body in bodies]
        _every_flight_of(month, tables, month_of(lab.data, month), found)
    return found


def _every_flight_of(month: int, tables: list[pa.Table], right: pa.Table, found: Findings) -> None:
    """One month's rows are all there, once, unchanged."""
    rows = sum(table.num_rows for table in tables)
    arrived = right.num_rows - right["arr_delay"].null_count
    first = f"The number of flights in month {month} is not right."
    if rows and rows % right.num_rows == 0:
        first = f"Each flight of month {month} is there {rows // right.num_rows} times."
    elif rows == arrived:
        first = f"Flights of month {month} that never arrived are missing."
    found.expect(
        rows == right.num_rows,
        sentence(first, f"Found {rows:,} rows; expected {right.num_rows:,}."),
    )
    if rows != right.num_rows:
        return
    for name in ("dep_delay", "arr_delay"):
        columns = [table[name] for table in tables if name in table.column_names]
        missing = sum(column.null_count for column in columns)
        found.expect(
            missing == right[name].null_count,
            sentence(
                f"Missing values of {name} are no longer missing.",
                f"Found {missing:,} in month {month}; expected {right[name].null_count:,}.",
            ),
        )
        total = sum(number(pc.sum(column.cast(pa.float64())).as_py()) or 0 for column in columns)
        found.expect(
            total == pc.sum(right[name]).as_py(),
            sentence(f"The values of {name} have changed.", f"Found a sum of {total:,.0f}."),
        )
    kinds = {str(t.schema.field("time_hour").type) for t in tables if "time_hour" in t.schema.names}
    times = [t["time_hour"] for t in tables if "time_hour" in t.schema.names]
    found.expect(
        bool(kinds) and all(kind.startswith("timestamp") for kind in kinds),
        sentence(
            "time_hour is not a timestamp.", f"Found {few(sorted(kinds))}; expected a timestamp."
        ),
    )
    found.expect(
        not any(column.null_count for column in times),
        sentence("time_hour is empty in some rows.", f"Found missing times in month {month}."),
    )


# --- task 4 -------------------------------------------------------------------------------------


@check("view", points=2, lesson="Hand a result on: UNLOAD and views")
def view(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`by_destination` is a view over `flights`, and a query of it gave the right rows."""
    found = Findings()
    table = glue_table(aws, lab, "by_destination", found)
    if table is None:
        return found
    found.expect(
        table.get("TableType") == "VIRTUAL_VIEW",
        sentence(
            "by_destination is a table, not a view.",
            f"Found {table.get('TableType')}: a copy, which ages. Expected CREATE VIEW.",
        ),
    )
    text = _view_text(table)
    found.expect(
        not text or re.search(READS_FLIGHTS, text, re.I),
        sentence(
            "The view does not read the table flights.",
            f"Found {text[:200]!r}. Each question of a view over CSV reads all of the CSV.",
        ),
    )
    asked = succeeded(aws, lab, r"\bselect\b.*\bby_destination\b")
    asked = [one for one in asked if one.get("SubstatementType") == "SELECT"]
    found.expect(
        bool(asked),
        sentence(
            "No query has asked the view yet.",
            f"Expected SELECT * FROM by_destination in the workgroup {lab.bucket}.",
        ),
    )
    if asked:
        _view_rows(result_of(aws, asked[0]), lab, found)
    return found


def _view_text(table: dict[str, Any]) -> str:
    """The SQL of a view's entry."""
    match = re.search(r"Presto View: ([\w+/=]+)", table.get("ViewOriginalText") or "")
    return str(json.loads(base64.b64decode(match[1]))["originalSql"]) if match else ""


def _view_rows(rows: list[dict[str, str]], lab: Any, found: Findings) -> None:
    """The rows say, by destination, how many flights there were and how late."""
    table = pa.concat_tables([month_of(lab.data, month) for month in months(lab)])
    table = table.filter(pc.equal(table["carrier"], carrier(lab)))
    grouped = table.group_by("dest").aggregate(
        [([], "count_all"), ("arr_delay", "count"), ("arr_delay", "mean")]
    )
    right = {row["dest"]: row for row in grouped.to_pylist()}
    names = set(rows[0]) if rows else set()
    wanted = {"dest", "flights", "arrived", "minutes"}
    if not found.expect(
        wanted <= names,
        sentence(
            "The view has other columns.",
            f"Found {few(sorted(names))}; expected {few(sorted(wanted))}.",
        ),
    ):
        return
    given = {row["dest"]: row for row in rows}
    first = "The view's destinations are not your airline's."
    if set(right) < set(given):
        first = "The view counts all airlines, not yours alone."
    if not found.expect(
        set(given) == set(right),
        sentence(first, f"Found {len(given)} destinations; expected {len(right)}."),
    ):
        return
    off = [d for d in right if not close(given[d]["flights"], right[d]["count_all"])]
    first = "flights is not the number of all flights."
    if all(close(given[d]["flights"], right[d]["arr_delay_count"]) for d in right):
        first = "flights leaves out those that never arrived."
    found.expect(not off, sentence(first, f"Found other numbers for {few(off)}."))
    off = [d for d in right if not close(given[d]["arrived"], right[d]["arr_delay_count"])]
    found.expect(
        not off,
        sentence(
            "arrived is not the number of flights that arrived.",
            f"Found other numbers for {few(off)}: count a column, and NULL is left out.",
        ),
    )
    means = {d: right[d]["arr_delay_mean"] for d in right if right[d]["arr_delay_count"]}
    off = [d for d in means if not close(given[d]["minutes"], means[d])]
    first = "minutes is not the mean arrival delay."
    if off and all(close(given[d]["minutes"], int(means[d]), 0.01) for d in means):
        first = "minutes are whole: an integer was divided by one."
    found.expect(not off, sentence(first, f"Found other values for {few(off)}."))


# --- task 5 -------------------------------------------------------------------------------------


@check("prepared", points=2, lesson="Parameters, not string formatting")
def prepared(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`delay_of` is prepared with two parameters, and was executed with the right result."""
    found = Findings()
    try:
        statement = aws.client("athena").get_prepared_statement(
            StatementName="delay_of", WorkGroup=lab.bucket
        )["PreparedStatement"]["QueryStatement"]
    except ClientError as error:
        if "not found" not in str(error).lower():
            raise
        found.expect(
            False,
            sentence(
                "There is no prepared statement delay_of yet.",
                f"Expected PREPARE delay_of FROM … in the workgroup {lab.bucket}.",
            ),
        )
        return found
    found.expect(
        statement.count("?") == 2,
        sentence(
            "delay_of does not take two parameters.",
            f"Found {statement.count('?')} question marks in {statement!r}; expected two.",
        ),
    )
    found.expect(
        re.search(READS_FLIGHTS, statement, re.I),
        sentence("delay_of does not read the table flights.", f"Found {statement!r}."),
    )
    runs = succeeded(aws, lab, r"^\s*execute\s+\"?delay_of\b")
    if not found.expect(
        bool(runs),
        sentence(
            "delay_of has not been executed yet.",
            f"Expected EXECUTE delay_of … in the workgroup {lab.bucket}.",
        ),
    ):
        return found
    rows = result_of(aws, runs[0])
    value = next(iter(rows[0].values()), None) if rows else None
    table = month_of(lab.data, months(lab)[1])
    here = table.filter(pc.equal(table["origin"], origin(lab)))
    right = mean(here["dep_delay"])
    first = "The last execution gave another delay."
    if close(value, mean(here["arr_delay"])):
        first = "delay_of takes arrival delays."
    found.expect(
        close(value, right),
        sentence(
            first,
            f"Found {value!r} for {runs[0]['Query'].strip()!r}. Expected the mean dep_delay from"
            f" {origin(lab)} in month {months(lab)[1]}: the parameters are month, then origin.",
        ),
    )
    return found


# --- task 6 -------------------------------------------------------------------------------------


@check("few-bytes", points=2, lesson="What a question costs")
def few_bytes(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The question was answered by a query that scanned few bytes."""
    found = Findings()
    asked = str(answers["cheap_query"])
    try:
        one = aws.client("athena").get_query_execution(QueryExecutionId=asked)["QueryExecution"]
    except ClientError as error:
        found.expect(
            False,
            sentence(
                "cheap_query is not the id of a query.",
                f"Found {asked!r}: {error.response['Error']['Message']}",
            ),
        )
        return found
    state, kind = one["Status"]["State"], one.get("SubstatementType", one.get("StatementType"))
    if not found.expect(
        state == "SUCCEEDED" and kind == "SELECT",
        sentence(
            "cheap_query is not a SELECT that succeeded.",
            f"Found {kind}, {state}: {one['Query'].strip()[:200]!r}.",
        ),
    ):
        return found
    scanned = one["Statistics"].get("DataScannedInBytes", 0)
    reuse = one["Statistics"].get("ResultReuseInformation", {}).get("ReusedPreviousResult")
    if reuse:
        found.mistake(
            "reused",
            "The query reused a result and read nothing itself.\n"
            "Found 0 bytes by reuse; expected a query that reads the table.",
        )
    else:
        found.expect(
            scanned > 0,
            sentence(
                "The query reads no data.",
                f"Found 0 bytes: {one['Query'].strip()[:200]!r}. Expected one over flights.",
            ),
        )
    first = "The query scans too much."
    if scanned > 5_000_000:
        first = "The query reads the CSV files whole."
    found.expect(
        scanned <= FEW,
        sentence(
            first,
            f"Found {scanned:,} bytes: {one['Query'].strip()[:300]!r}. Expected at most {FEW:,}:"
            " one partition, and the columns that the question needs.",
        ),
    )
    rows = result_of(aws, one)
    value = next(iter(rows[0].values()), None) if rows else None
    table = month_of(lab.data, months(lab)[2])
    table = table.filter(pc.equal(table["carrier"], carrier(lab)))
    right = mean(table.filter(pc.equal(table["origin"], origin(lab)))["arr_delay"])
    first = "The query answers another question."
    if close(value, mean(table["arr_delay"])):
        first = "The query takes all airports, not yours alone."
    found.expect(
        close(value, right),
        sentence(
            first,
            f"Found {value!r} in the first column. Expected the mean arr_delay of {carrier(lab)}"
            f" from {origin(lab)} in month {months(lab)[2]}.",
        ),
    )
    return found


# --- task 7 -------------------------------------------------------------------------------------


def board_metadata(aws: Any, lab: Any, found: Findings) -> dict[str, Any] | None:
    """Iceberg's metadata of `board`; notes it when it is no Iceberg table."""
    table = glue_table(aws, lab, "board", found)
    if table is None:
        return None
    parameters = table.get("Parameters", {})
    place = parameters.get("metadata_location", "")
    if not found.expect(
        parameters.get("table_type", "").upper() == "ICEBERG" and place,
        sentence(
            "board is not an Iceberg table.",
            f"Found table_type {parameters.get('table_type', 'none')}; expected ICEBERG.",
        ),
    ):
        return None
    bucket, _, key = place[5:].partition("/")
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    metadata: dict[str, Any] = json.loads(body) | {"place": place}
    found.expect(
        bool(metadata.get("snapshots")),
        sentence("board is empty.", "Found no snapshot; expected the flights of your airline."),
    )
    return metadata if metadata.get("snapshots") else None


@check("history", points=2, lesson="Tables that change: Iceberg")
def history(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The first snapshot of `board` has the flights as they were, a later one changes rows."""
    found = Findings()
    metadata = board_metadata(aws, lab, found)
    if metadata is None:
        return found
    snapshots = sorted(metadata["snapshots"], key=lambda one: one["sequence-number"])
    loaded = [one for one in snapshots if number(one["summary"].get("total-records"))]
    right = len(first_month(lab))
    rows = int(loaded[0]["summary"]["total-records"]) if loaded else 0
    first = "The oldest snapshot does not have the flights."
    if rows == right + 5:
        first = "The oldest snapshot has the corrections already."
    elif rows == month_of(lab.data, months(lab)[0]).num_rows:
        first = "The oldest snapshot has all airlines."
    found.expect(
        rows == right,
        sentence(
            first,
            f"Found {rows:,} rows; expected {right:,}: {carrier(lab)} in month {months(lab)[0]}.",
        ),
    )
    changed = [one for one in snapshots if one["summary"].get("operation") != "append"]
    found.expect(
        bool(changed),
        sentence(
            "No snapshot corrects a row.",
            f"Found {len(snapshots)} snapshots, all appends; expected one by MERGE or UPDATE.",
        ),
    )
    return found


@check(
    "board-right",
    points=2,
    lesson="Tables that change: Iceberg",
    hidden=True,
    hint="Look at corrected rows in board: are their values there, is each flight there once?",
)
def board_right(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """`board` holds each flight once, with the corrections, and the five that were left out."""
    found = Findings()
    metadata = board_metadata(aws, lab, found)
    if metadata is None:
        return found
    rows = _board_rows(aws, metadata["place"])
    wanted = {"day", "flight", "origin", "dest", "arr_delay"}
    names = set(rows[0]) if rows else set()
    if not found.expect(
        wanted <= names,
        sentence("board has other columns.", f"Found {few(sorted(names), 8)}."),
    ):
        return found
    right = {(r["day"], r["flight"], r["origin"]): r["arr_delay"] for r in first_month(lab)}
    before = dict(right)
    right |= {(r[0], r[1], r[2]): r[5] for r in corrections(lab)}
    given = {(r["day"], r["flight"], r["origin"]): r["arr_delay"] for r in rows}
    twice = len(rows) - len(given)
    found.expect(
        not twice,
        sentence(
            f"{twice} flights are on the board twice.",
            "A correction was inserted beside the old row; expected it in its place.",
        ),
    )
    absent = [key for key in right if key not in given]
    first = f"{len(absent)} flights are missing."
    if absent and all(key[1] >= 9000 for key in absent):
        first = "The flights that were left out are still missing."
    found.expect(not absent, sentence(first, f"Found no {few([str(key) for key in absent], 2)}."))
    more = [key for key in given if key not in right]
    found.expect(not more, sentence(f"{len(more)} rows are no flights of yours."))
    off = [key for key in right if key in given and given[key] != right[key]]
    first = f"{len(off)} delays are not as corrected."
    if off and all(given[key] is None for key in off):
        first = f"{len(off)} corrected delays are missing now."
    elif off and all(given[key] == before.get(key) for key in off):
        first = f"{len(off)} delays are still the old ones."
    found.expect(
        not off,
        sentence(
            first,
            f"Found {few([f'{key}: {given[key]}' for key in off], 3)};"
            f" expected {few([str(right[key]) for key in off], 3)}. Remarks hold commas in quotes.",
        ),
    )
    return found


def _board_rows(aws: Any, place: str) -> list[dict[str, Any]]:
    """The rows of an Iceberg table's current snapshot."""
    from pyiceberg.table import StaticTable

    keys = aws.get_credentials().get_frozen_credentials()
    options = {
        "s3.region": aws.region_name,
        "s3.endpoint": aws.client("s3").meta.endpoint_url,
        "s3.access-key-id": keys.access_key,
        "s3.secret-access-key": keys.secret_key,
        "s3.session-token": keys.token,
    }
    options = {name: value for name, value in options.items() if value}
    table = StaticTable.from_metadata(place, properties=options)
    rows: list[dict[str, Any]] = table.scan().to_arrow().to_pylist()
    return rows


@check("time-travel", points=1, lesson="Tables that change: Iceberg")
def time_travel(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The declared means are those of the board before and after the corrections."""
    found = Findings()
    old = {(r["day"], r["flight"], r["origin"]): r["arr_delay"] for r in first_month(lab)}
    new = old | {(r[0], r[1], r[2]): r[5] for r in corrections(lab)}
    right = {
        name: mean(pa.chunked_array([pa.array(list(rows.values()), pa.float64())]))
        for name, rows in {"minutes_before": old, "minutes_after": new}.items()
    }
    given = {name: answers[name] for name in right}
    if close(given["minutes_before"], right["minutes_after"], 0.006):
        found.mistake(
            "both after",
            "minutes_before is the mean after the corrections.\n"
            "Found the current state twice; expected the oldest snapshot for the first.",
        )
        return found
    for name, value in given.items():
        found.expect(
            close(value, right[name], 0.006),
            sentence(
                f"{name} is not right.",
                f"Found {value!r}; expected the mean arr_delay of board, to two decimals or more.",
            ),
        )
    return found


# --- task 8 -------------------------------------------------------------------------------------


@check("late-share", points=2, lesson="Trino's traps")
def late_share(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The declared share of late flights is right."""
    found = Findings()
    given = answers["late_share"]
    table = pa.concat_tables([month_of(lab.data, month) for month in months(lab)])
    mine = table.filter(pc.equal(table["carrier"], carrier(lab)))
    delays = mine["arr_delay"]
    late = pc.sum(pc.greater(delays, 15)).as_py()
    arrived = len(delays) - delays.null_count
    right = 100 * late / arrived
    mistakes = {
        "late_share is 0: an integer was divided by a larger one.": 0,
        "late_share is whole: an integer was divided by one.": 100 * late // arrived,
        "late_share is a fraction, not a percentage.": late / arrived,
        "late_share counts flights that never arrived as on time.": 100 * late / len(delays),
        "late_share is that of all airlines.": 100
        * pc.sum(pc.greater(table["arr_delay"], 15)).as_py()
        / (table.num_rows - table["arr_delay"].null_count),
    }
    first = "late_share is not right."
    if not close(given, right, 0.006):
        first = next((text for text, v in mistakes.items() if close(given, v, 0.006)), first)
    found.expect(
        close(given, right, 0.006),
        sentence(
            first,
            f"Found {given!r}. Expected, of {carrier(lab)}'s flights that arrived in the months"
            f" {months(lab)}, those more than 15 minutes late, in percent, to two decimals.",
        ),
    )
    return found
