"""range() ends before its last month."""

from typing import Any

from solution_steps import flights, make_bucket, months, parquet, put

CHECK = "partitioned"
MESSAGE = "Months are missing"


def answer(lab: Any) -> None:
    """Write two of three months."""
    make_bucket(lab)
    for month in range(months(lab)[0], months(lab)[2]):
        key = f"curated/flights/year=2013/month={month}/flights.parquet"
        put(lab, key, parquet(flights(lab, month)))
