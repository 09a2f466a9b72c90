"""The conversion is run twice and appends."""

from typing import Any

from solution_steps import convert, make_bucket

CHECK = "every-flight-once"
MESSAGE = "Each flight is there 2 times"


def answer(lab: Any) -> None:
    """Append a second time under another name."""
    make_bucket(lab)
    convert(lab)
    convert(lab, "curated/flights/year=2013/month={month}/again.parquet")
