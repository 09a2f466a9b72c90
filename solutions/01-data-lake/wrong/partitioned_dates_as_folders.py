"""Dates are nested folders without names."""

from typing import Any

from solution_steps import convert, make_bucket

CHECK = "partitioned"
MESSAGE = "Dates are written 2013/01/, not year=2013/month=1/"


def answer(lab: Any) -> None:
    """Lay out as 2013/01/."""
    make_bucket(lab)
    convert(lab, "curated/flights/2013/{month:02}/flights.parquet")
