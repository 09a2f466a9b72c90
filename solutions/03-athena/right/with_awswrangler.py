"""awswrangler writes the partitioned table and the Iceberg table; pandas computes the answers."""

from typing import Any

import awswrangler as wr
import pandas as pd
from solution_steps import carrier, database, months, origin, raw, start


def answer(lab: Any) -> None:
    """Do the whole lab."""
    start(lab)
    raw(lab)
    names = {"database": database(lab), "boto3_session": lab.aws}
    files = [f"s3://{lab.bucket}/raw/flights/2013-{month:02}.csv" for month in months(lab)]
    frame = wr.s3.read_csv(files, boto3_session=lab.aws, parse_dates=["time_hour"])
    wr.s3.to_parquet(
        frame,
        f"s3://{lab.bucket}/curated/flights/",
        dataset=True,
        partition_cols=["month"],
        table="flights",
        **names,
    )
    asked = {"ctas_approach": False, "workgroup": lab.bucket, **names}
    query = (
        "CREATE VIEW by_destination AS SELECT dest, count(*) AS flights, count(arr_delay) AS"
        f" arrived, avg(arr_delay) AS minutes FROM flights WHERE carrier = '{carrier(lab)}'"
        " GROUP BY dest"
    )
    _wait(wr.athena.start_query_execution(query, workgroup=lab.bucket, **names), lab)
    wr.athena.read_sql_query("SELECT * FROM by_destination ORDER BY dest", **asked)
    wr.athena.create_prepared_statement(
        "SELECT avg(dep_delay) FROM flights WHERE month = ? AND origin = ?",
        "delay_of",
        workgroup=lab.bucket,
        boto3_session=lab.aws,
    )
    wr.athena.read_sql_query(f"EXECUTE delay_of USING {months(lab)[1]}, '{origin(lab)}'", **asked)
    cheap = wr.athena.read_sql_query(
        "SELECT avg(arr_delay) AS minutes FROM flights WHERE month = ? AND carrier = ?"
        " AND origin = ?",
        params=[str(months(lab)[2]), f"'{carrier(lab)}'", f"'{origin(lab)}'"],
        paramstyle="qmark",
        **asked,
    )
    lab.answer("cheap_query", cheap.query_metadata["QueryExecutionId"])

    columns = ["day", "flight", "origin", "dest", "arr_delay"]
    mine = frame[frame.carrier == carrier(lab)]
    old = mine[mine.month == months(lab)[0]][columns].astype({"arr_delay": "Int32"})
    new = wr.s3.read_csv(
        f"s3://{lab.bucket}/raw/corrections/corrections.csv", boto3_session=lab.aws
    )[columns]
    kinds = {"day": "int32", "flight": "int32", "arr_delay": "Int32"}
    iceberg = {
        "table": "board",
        "table_location": f"s3://{lab.bucket}/board/",
        "temp_path": f"s3://{lab.bucket}/temp/",
        "keep_files": False,
        "workgroup": lab.bucket,
        **names,
    }
    wr.athena.to_iceberg(old.astype(kinds), **iceberg)
    wr.athena.to_iceberg(new.astype(kinds), merge_cols=["day", "flight", "origin"], **iceberg)
    keys = ["day", "flight", "origin"]
    both = pd.concat([old, new]).drop_duplicates(keys, keep="last")
    lab.answer("minutes_before", float(old.arr_delay.mean()))
    lab.answer("minutes_after", float(both.arr_delay.mean()))
    arrived = mine.arr_delay.dropna()
    lab.answer("late_share", float(100 * (arrived > 15).mean()))


def _wait(query: str, lab: Any) -> None:
    """Wait for a statement."""
    wr.athena.wait_query(query, boto3_session=lab.aws)
