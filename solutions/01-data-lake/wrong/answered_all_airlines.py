"""The filter on the airline is forgotten."""

from typing import Any

from solution_steps import declare, latest, quarter

CHECK = "answered"
MESSAGE = "The answer looks at all airlines, not at yours"


def answer(lab: Any) -> None:
    """Use the whole quarter."""
    declare(lab, *latest(quarter(lab)))
