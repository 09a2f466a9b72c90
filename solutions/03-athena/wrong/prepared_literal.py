"""The airport stands in the statement."""

from typing import Any

from solution_steps import DELAY, execute, months, origin, prepare, until_flights

CHECK = "prepared"
MESSAGE = "delay_of does not take two parameters"


def answer(lab: Any) -> None:
    """Format the airport into the text."""
    until_flights(lab)
    prepare(lab, DELAY.replace("origin = ?", f"origin = '{origin(lab)}'"))
    execute(lab, str(months(lab)[1]))
