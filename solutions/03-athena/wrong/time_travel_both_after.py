"""Both means are taken of the current state."""

from typing import Any

from solution_steps import ask, corrected_board, until_flights, value

CHECK = "time-travel"
MESSAGE = "minutes_before is the mean after"


def answer(lab: Any) -> None:
    """Ask the current state twice."""
    until_flights(lab)
    corrected_board(lab)
    mean = float(value(lab, ask(lab, "SELECT avg(arr_delay) FROM board")))
    lab.answer("minutes_before", mean)
    lab.answer("minutes_after", mean)
