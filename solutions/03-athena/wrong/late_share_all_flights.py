"""The denominator is the number of all flights."""

from typing import Any

from solution_steps import share_of, until_flights

CHECK = "late-share"
MESSAGE = "counts flights that never arrived as on time"


def answer(lab: Any) -> None:
    """Divide by count(*)."""
    until_flights(lab)
    lab.answer("late_share", share_of(lab, "100e0 * count_if(arr_delay > 15) / count(*)"))
