"""The question goes to the CSV table."""

from typing import Any

from solution_steps import cheap, cheap_sql, until_flights

CHECK = "few-bytes"
MESSAGE = "The query reads the CSV files whole"


def answer(lab: Any) -> None:
    """Ask flights_raw."""
    until_flights(lab)
    cheap(lab, cheap_sql(lab).replace("FROM flights", "FROM flights_raw"))
