"""The format is ORC."""

from typing import Any

from solution_steps import flights, raw, start

CHECK = "partitioned"
MESSAGE = "flights is not Parquet"


def answer(lab: Any) -> None:
    """Write ORC."""
    start(lab)
    raw(lab)
    flights(lab, form="ORC")
