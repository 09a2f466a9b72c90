"""The table is loaded and stays as it is."""

from typing import Any

from solution_steps import board, until_flights

CHECK = "history"
MESSAGE = "No snapshot corrects a row"


def answer(lab: Any) -> None:
    """Load it."""
    until_flights(lab)
    board(lab)
