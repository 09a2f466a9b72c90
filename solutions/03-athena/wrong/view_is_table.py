"""The result is kept as a table."""

from typing import Any

from solution_steps import ask, until_flights, view_query

CHECK = "view"
MESSAGE = "by_destination is a table, not a view"


def answer(lab: Any) -> None:
    """CTAS."""
    until_flights(lab)
    ask(lab, f"CREATE TABLE by_destination AS {view_query(lab)}")
