"""The statement is prepared only."""

from typing import Any

from solution_steps import prepare, until_flights

CHECK = "prepared"
MESSAGE = "delay_of has not been executed yet"


def answer(lab: Any) -> None:
    """Prepare it."""
    until_flights(lab)
    prepare(lab)
