"""Everything lies in one folder."""

from typing import Any

from solution_steps import convert, make_bucket

CHECK = "partitioned"
MESSAGE = "Everything is in one folder"


def answer(lab: Any) -> None:
    """Name the month in the file name only."""
    make_bucket(lab)
    convert(lab, "curated/flights/2013-{month:02}.parquet")
