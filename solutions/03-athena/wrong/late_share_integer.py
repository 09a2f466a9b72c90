"""A hundred times an integer is divided by an integer."""

from typing import Any

from solution_steps import share_of, until_flights

CHECK = "late-share"
MESSAGE = "late_share is whole: an integer was divided"


def answer(lab: Any) -> None:
    """Divide integers."""
    until_flights(lab)
    lab.answer("late_share", share_of(lab, "100 * count_if(arr_delay > 15) / count(arr_delay)"))
