"""Commas inside quotes move the delay to another column."""

from typing import Any

from solution_steps import DELIMITED, board, corrections, merge, until_flights

CHECK = "board-right"
MESSAGE = "corrected delays are missing now"


def answer(lab: Any) -> None:
    """Read the corrections with DELIMITED."""
    until_flights(lab)
    board(lab)
    corrections(lab, DELIMITED)
    merge(lab)
