"""A loop writes its first month three times."""

from typing import Any

from solution_steps import flights, make_bucket, months, parquet, put

CHECK = "every-flight-once"
MESSAGE = "in month"


def answer(lab: Any) -> None:
    """Write the first month's flights into each partition."""
    make_bucket(lab)
    body = parquet(flights(lab, months(lab)[0]))
    for month in months(lab):
        put(lab, f"curated/flights/year=2013/month={month}/flights.parquet", body)
