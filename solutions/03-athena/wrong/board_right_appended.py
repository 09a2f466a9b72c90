"""The corrections are inserted beside the old rows."""

from typing import Any

from solution_steps import NEW, ask, board, corrections, until_flights

CHECK = "board-right"
MESSAGE = "flights are on the board twice"


def answer(lab: Any) -> None:
    """INSERT."""
    until_flights(lab)
    board(lab)
    corrections(lab)
    ask(lab, f"INSERT INTO board {NEW}")
