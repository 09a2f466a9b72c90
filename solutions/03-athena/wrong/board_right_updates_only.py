"""The MERGE has no WHEN NOT MATCHED."""

from typing import Any

from solution_steps import board, corrections, merge, until_flights

CHECK = "board-right"
MESSAGE = "The flights that were left out are still missing"


def answer(lab: Any) -> None:
    """Update only."""
    until_flights(lab)
    board(lab)
    corrections(lab)
    merge(lab, unmatched="")
