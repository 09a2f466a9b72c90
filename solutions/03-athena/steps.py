"""The steps of lab 03, each done right once, for the answers in right/ and wrong/ to build on."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

CARRIERS = ("UA", "B6", "US", "DL", "AA", "EV")
ORIGINS = ("EWR", "JFK", "LGA")
KINDS = """year int, month int, day int, dep_time int, sched_dep_time int, dep_delay int,
    arr_time int, sched_arr_time int, arr_delay int, carrier string, flight int,
    tailnum string, origin string, dest string, air_time int, distance int,
    hour int, minute int, time_hour string"""
DELIMITED = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
OPEN_CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
HEADER = "TBLPROPERTIES ('skip.header.line.count' = '1')"
TIME = "date_parse(time_hour, '%Y-%m-%dT%H:%i:%sZ') AS time_hour"
OTHERS = (
    "year, day, dep_time, sched_dep_time, dep_delay, arr_time, sched_arr_time, arr_delay, carrier,"
    " flight, tailnum, origin, dest, air_time, distance, hour, minute"
)


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
    """The lab's database."""
    return str(lab.bucket).replace("-", "_")


def ask(lab: Any, sql: str, **options: Any) -> str:
    """Run a statement in the lab's workgroup; return its id. Raises RuntimeError."""
    athena = lab.aws.client("athena")
    call = {"WorkGroup": lab.bucket, "QueryExecutionContext": {"Database": database(lab)}}
    started: str = athena.start_query_execution(QueryString=sql, **{**call, **options})[
        "QueryExecutionId"
    ]
    while True:
        one = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
        if one["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.02)
    if one["Status"]["State"] != "SUCCEEDED":
        raise RuntimeError(f"{one['Status']['StateChangeReason']}: {sql}")
    return started


def value(lab: Any, query: str) -> Any:
    """The first value of a query's result."""
    athena = lab.aws.client("athena")
    rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    return rows[1]["Data"][0].get("VarCharValue")


def workgroup(lab: Any, results: str = "results/", enforce: bool = True, **other: Any) -> None:
    """The workgroup, with a cutoff of 50 MB unless said otherwise."""
    settings: dict[str, Any] = {
        "ResultConfiguration": {"OutputLocation": f"s3://{lab.bucket}/{results}"},
        "BytesScannedCutoffPerQuery": 50_000_000,
        "EnforceWorkGroupConfiguration": enforce,
        **other,
    }
    settings = {name: what for name, what in settings.items() if what is not None}
    lab.aws.client("athena").create_work_group(Name=lab.bucket, Configuration=settings)


def start(lab: Any) -> None:
    """Workgroup and database."""
    workgroup(lab)
    ask(lab, f"CREATE DATABASE {database(lab)}", QueryExecutionContext={})


def raw(
    lab: Any,
    columns: str = KINDS,
    row_format: str = DELIMITED,
    folder: str = "raw/flights/",
    properties: str = HEADER,
) -> None:
    """The table over the CSV files."""
    ask(
        lab,
        f"CREATE EXTERNAL TABLE flights_raw ({columns}) {row_format}"
        f" LOCATION 's3://{lab.bucket}/{folder}' {properties}",
    )


def flights(
    lab: Any,
    columns: str = f"{OTHERS}, {TIME}, month",
    partition: str = "partitioned_by = ARRAY['month'],",
    where: str = "true",
    form: str = "PARQUET",
    folder: str = "curated/flights/",
) -> None:
    """The partitioned table, by CTAS."""
    ask(
        lab,
        f"CREATE TABLE flights WITH (format = '{form}', {partition}"
        f" external_location = 's3://{lab.bucket}/{folder}')"
        f" AS SELECT {columns} FROM flights_raw WHERE {where}",
    )


def until_flights(lab: Any) -> None:
    """All that the tasks after the third one need."""
    start(lab)
    raw(lab)
    flights(lab)


def view_query(lab: Any, minutes: str = "avg(arr_delay)", table: str = "flights") -> str:
    """The view's query."""
    return (
        f"SELECT dest, count(*) AS flights, count(arr_delay) AS arrived, {minutes} AS minutes"
        f" FROM {table} WHERE carrier = '{carrier(lab)}' GROUP BY dest"
    )


def view(lab: Any, query: str | None = None) -> None:
    """The view, and a question of it."""
    ask(lab, f"CREATE VIEW by_destination AS {query or view_query(lab)}")
    ask(lab, "SELECT * FROM by_destination")


DELAY = "SELECT avg(dep_delay) FROM flights WHERE month = ? AND origin = ?"


def prepare(lab: Any, sql: str = DELAY) -> None:
    """The prepared statement."""
    ask(lab, f"PREPARE delay_of FROM {sql}")


def execute(lab: Any, using: str | None = None) -> None:
    """Execute it, for your month and airport unless said otherwise."""
    mine = f"{months(lab)[1]}, '{origin(lab)}'"
    ask(lab, f"EXECUTE delay_of USING {using or mine}")


def cheap_sql(lab: Any) -> str:
    """The question of task 6, with few bytes."""
    return (
        f"SELECT avg(arr_delay) FROM flights WHERE month = {months(lab)[2]}"
        f" AND carrier = '{carrier(lab)}' AND origin = '{origin(lab)}'"
    )


def cheap(lab: Any, sql: str | None = None, **options: Any) -> str:
    """Ask it and declare the query."""
    query = ask(lab, sql or cheap_sql(lab), **options)
    lab.answer("cheap_query", query)
    return query


def board(lab: Any, where: str | None = None) -> None:
    """The Iceberg table with the airline's flights of the first month."""
    where = where or f"carrier = '{carrier(lab)}'"
    ask(
        lab,
        "CREATE TABLE board (day int, flight int, origin string, dest string, arr_delay int)"
        f" LOCATION 's3://{lab.bucket}/board/' TBLPROPERTIES ('table_type' = 'ICEBERG')",
    )
    ask(
        lab,
        "INSERT INTO board SELECT day, flight, origin, dest, arr_delay FROM flights"
        f" WHERE month = {months(lab)[0]} AND {where}",
    )


def corrections(lab: Any, row_format: str = OPEN_CSV) -> None:
    """The table over the corrections."""
    columns = "day string, flight string, origin string, dest string, remark string,"
    ask(
        lab,
        f"CREATE EXTERNAL TABLE corrections ({columns} arr_delay string) {row_format}"
        f" LOCATION 's3://{lab.bucket}/raw/corrections/' {HEADER}",
    )


NEW = (
    "SELECT cast(day AS integer) AS day, cast(flight AS integer) AS flight, origin, dest,"
    " try_cast(arr_delay AS integer) AS arr_delay FROM corrections"
)


def merge(
    lab: Any,
    matched: str = "WHEN MATCHED THEN UPDATE SET arr_delay = n.arr_delay",
    unmatched: str = (
        "WHEN NOT MATCHED THEN INSERT (day, flight, origin, dest, arr_delay)"
        " VALUES (n.day, n.flight, n.origin, n.dest, n.arr_delay)"
    ),
    on: str = "o.day = n.day AND o.flight = n.flight AND o.origin = n.origin",
) -> None:
    """Merge the corrections into the board."""
    ask(lab, f"MERGE INTO board o USING ({NEW}) n ON {on} {matched} {unmatched}")


def corrected_board(lab: Any) -> None:
    """Task 7, all of it."""
    board(lab)
    corrections(lab)
    merge(lab)


def travel(lab: Any) -> None:
    """Declare the means before and after."""
    first = value(
        lab, ask(lab, 'SELECT snapshot_id FROM "board$history" ORDER BY made_current_at LIMIT 1')
    )
    mean = "SELECT avg(arr_delay) FROM board"
    before, after = (ask(lab, sql) for sql in (f"{mean} FOR VERSION AS OF {first}", mean))
    lab.answer("minutes_before", float(value(lab, before)))
    lab.answer("minutes_after", float(value(lab, after)))


def share_of(
    lab: Any,
    share: str = "100e0 * count_if(arr_delay > 15) / count(arr_delay)",
    where: str | None = None,
) -> float:
    """The share of late flights, in percent."""
    where = where or f"carrier = '{carrier(lab)}'"
    return float(value(lab, ask(lab, f"SELECT {share} FROM flights WHERE {where}")))


def put_csv(lab: Any, key: str, rows: list[list[Any]]) -> None:
    """Write rows as a CSV file."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    lab.aws.client("s3").put_object(Bucket=lab.bucket, Key=key, Body=lines.getvalue().encode())
