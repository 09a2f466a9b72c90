"""The month comes before the year."""

from typing import Any

from solution_steps import convert, make_bucket

CHECK = "partitioned"
MESSAGE = "The order is month, year rather than year, month"


def answer(lab: Any) -> None:
    """Lay out as month=1/year=2013/."""
    make_bucket(lab)
    convert(lab, "curated/flights/month={month}/year=2013/flights.parquet")
