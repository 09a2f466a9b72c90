"""No delimiter is named; Hive takes Ctrl-A."""

from typing import Any

from solution_steps import raw, start

CHECK = "raw-reads"
MESSAGE = "The fields do not end at commas"


def answer(lab: Any) -> None:
    """Leave the row format out."""
    start(lab)
    raw(lab, row_format="")
