"""The time stays text."""

from typing import Any

from solution_steps import OTHERS, flights, raw, start

CHECK = "every-flight"
MESSAGE = "time_hour is not a timestamp"


def answer(lab: Any) -> None:
    """Keep the text."""
    start(lab)
    raw(lab)
    flights(lab, f"{OTHERS}, time_hour, month")
