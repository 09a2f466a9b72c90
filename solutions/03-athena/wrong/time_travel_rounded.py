"""Integers are divided."""

from typing import Any

from solution_steps import ask, corrected_board, travel, until_flights, value

CHECK = "time-travel"
MESSAGE = "minutes_after is not right"


def answer(lab: Any) -> None:
    """Divide sum by count."""
    until_flights(lab)
    corrected_board(lab)
    travel(lab)
    mean = value(lab, ask(lab, "SELECT sum(arr_delay) / count(arr_delay) FROM board"))
    lab.answer("minutes_after", int(mean))
