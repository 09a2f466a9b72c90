"""An integer is divided by a larger one."""

from typing import Any

from solution_steps import share_of, until_flights

CHECK = "late-share"
MESSAGE = "late_share is 0"


def answer(lab: Any) -> None:
    """Divide first."""
    until_flights(lab)
    lab.answer("late_share", share_of(lab, "count_if(arr_delay > 15) / count(arr_delay) * 100"))
