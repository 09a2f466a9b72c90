"""The time is declared as a timestamp, which the text is not."""

from typing import Any

from solution_steps import KINDS, raw, start

CHECK = "raw-table"
MESSAGE = "time_hour reads as nothing"


def answer(lab: Any) -> None:
    """Declare a timestamp."""
    start(lab)
    raw(lab, KINDS.replace("time_hour string", "time_hour timestamp"))
