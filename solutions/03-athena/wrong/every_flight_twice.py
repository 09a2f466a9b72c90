"""The flights are inserted after the CTAS has written them."""

from typing import Any

from solution_steps import OTHERS, TIME, ask, flights, raw, start

CHECK = "every-flight"
MESSAGE = "is there 2 times"


def answer(lab: Any) -> None:
    """CTAS, then INSERT."""
    start(lab)
    raw(lab)
    flights(lab)
    ask(lab, f"INSERT INTO flights SELECT {OTHERS}, {TIME}, month FROM flights_raw")
