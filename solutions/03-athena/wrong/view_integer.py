"""The mean is a sum divided by a count."""

from typing import Any

from solution_steps import until_flights, view, view_query

CHECK = "view"
MESSAGE = "minutes are whole: an integer was divided"


def answer(lab: Any) -> None:
    """Divide integers."""
    until_flights(lab)
    view(lab, view_query(lab, "sum(arr_delay) / count(arr_delay)"))
