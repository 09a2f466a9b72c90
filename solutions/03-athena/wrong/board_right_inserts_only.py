"""The MERGE has no WHEN MATCHED."""

from typing import Any

from solution_steps import board, corrections, merge, until_flights

CHECK = "board-right"
MESSAGE = "30 delays are still the old ones"


def answer(lab: Any) -> None:
    """Insert only."""
    until_flights(lab)
    board(lab)
    corrections(lab)
    merge(lab, matched="")
