"""Only the columns of today's question are kept."""

from typing import Any

from solution_steps import convert, make_bucket

CHECK = "parquet"
MESSAGE = "A file lacks 14 columns"


def answer(lab: Any) -> None:
    """Keep three of seventeen columns."""
    make_bucket(lab)
    convert(lab, change=lambda t: t.select(["carrier", "dest", "arr_delay"]))
