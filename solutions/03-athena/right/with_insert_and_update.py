"""DDL and INSERT instead of CTAS, UPDATE and INSERT instead of MERGE, another id for each call."""

from typing import Any

from solution_steps import (
    KINDS,
    NEW,
    OTHERS,
    TIME,
    ask,
    board,
    cheap,
    cheap_sql,
    corrections,
    months,
    origin,
    prepare,
    raw,
    share_of,
    start,
    travel,
    view,
    view_query,
)


def answer(lab: Any) -> None:
    """Do the whole lab."""
    start(lab)
    raw(lab)
    kinds = KINDS.replace("month int, ", "").replace("time_hour string", "time_hour timestamp")
    ask(
        lab,
        f"CREATE EXTERNAL TABLE flights ({kinds}) PARTITIONED BY (month int) STORED AS PARQUET"
        f" LOCATION 's3://{lab.bucket}/curated/flights'",
    )
    for month in months(lab):
        ask(
            lab,
            f"INSERT INTO flights SELECT {OTHERS}, {TIME}, month FROM flights_raw"
            f" WHERE month = {month}",
        )
    view(lab, view_query(lab, "sum(arr_delay) * 1e0 / count(arr_delay)"))
    prepare(lab, "SELECT round(avg(dep_delay), 1) m FROM flights WHERE month = ? AND origin = ?")
    ask(lab, "EXECUTE delay_of", ExecutionParameters=[str(months(lab)[1]), f"'{origin(lab)}'"])
    cheap(lab, f"WITH f AS ({cheap_sql(lab)}) SELECT * FROM f LIMIT 1")
    board(lab)
    corrections(lab)
    same = "n.day = board.day AND n.flight = board.flight AND n.origin = board.origin"
    ask(
        lab,
        f"UPDATE board SET arr_delay = (SELECT max(arr_delay) FROM ({NEW}) n WHERE {same})"
        f" WHERE EXISTS (SELECT 1 FROM ({NEW}) n WHERE {same})",
    )
    ask(lab, f"INSERT INTO board SELECT * FROM ({NEW}) n WHERE flight >= 9000")
    travel(lab)
    lab.answer("late_share", round(share_of(lab), 2))
