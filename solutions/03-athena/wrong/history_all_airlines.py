"""The filter on the airline is missing."""

from typing import Any

from solution_steps import board, until_flights

CHECK = "history"
MESSAGE = "The oldest snapshot has all airlines"


def answer(lab: Any) -> None:
    """Load all airlines."""
    until_flights(lab)
    board(lab, "true")
