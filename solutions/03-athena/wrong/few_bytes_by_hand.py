"""The number is written into the query."""

from typing import Any

from solution_steps import ask, cheap, cheap_sql, until_flights, value

CHECK = "few-bytes"
MESSAGE = "The query reads no data"


def answer(lab: Any) -> None:
    """Select a literal."""
    until_flights(lab)
    known = value(lab, ask(lab, cheap_sql(lab)))
    cheap(lab, f"SELECT {known} AS minutes")
