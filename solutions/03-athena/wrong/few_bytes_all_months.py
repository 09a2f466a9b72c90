"""The month is found by the time, not by the partition."""

from typing import Any

from solution_steps import cheap, cheap_sql, months, until_flights

CHECK = "few-bytes"
MESSAGE = "The query scans too much"


def answer(lab: Any) -> None:
    """Filter on a function of time_hour."""
    until_flights(lab)
    by_month = f"month = {months(lab)[2]}"
    by_time = f"month(time_hour - INTERVAL '5' HOUR) = {months(lab)[2]}"
    cheap(lab, cheap_sql(lab).replace(by_month, by_time))
