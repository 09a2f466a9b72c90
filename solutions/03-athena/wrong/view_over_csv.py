"""The view reads the CSV files."""

from typing import Any

from solution_steps import until_flights, view, view_query

CHECK = "view"
MESSAGE = "The view does not read the table flights"


def answer(lab: Any) -> None:
    """Read flights_raw."""
    until_flights(lab)
    view(lab, view_query(lab, table="flights_raw"))
