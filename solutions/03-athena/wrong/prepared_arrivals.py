"""The wrong delay."""

from typing import Any

from solution_steps import DELAY, execute, prepare, until_flights

CHECK = "prepared"
MESSAGE = "delay_of takes arrival delays"


def answer(lab: Any) -> None:
    """Use arr_delay."""
    until_flights(lab)
    prepare(lab, DELAY.replace("dep_delay", "arr_delay"))
    execute(lab)
