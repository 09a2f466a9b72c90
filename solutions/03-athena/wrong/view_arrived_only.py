"""Cancelled flights are filtered out before counting."""

from typing import Any

from solution_steps import until_flights, view, view_query

CHECK = "view"
MESSAGE = "flights leaves out those that never arrived"


def answer(lab: Any) -> None:
    """Filter in WHERE."""
    until_flights(lab)
    query = view_query(lab).replace("GROUP BY", "AND arr_delay IS NOT NULL GROUP BY")
    view(lab, query)
