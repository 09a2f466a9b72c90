"""The table is Parquet in one folder."""

from typing import Any

from solution_steps import flights, raw, start

CHECK = "partitioned"
MESSAGE = "not partitioned by month alone"


def answer(lab: Any) -> None:
    """Leave partitioned_by out."""
    start(lab)
    raw(lab)
    flights(lab, partition="")
