"""Result reuse makes the second run free."""

from typing import Any

from solution_steps import ask, cheap, cheap_sql, until_flights

CHECK = "few-bytes"
MESSAGE = "The query reused a result"


def answer(lab: Any) -> None:
    """Ask twice."""
    until_flights(lab)
    ask(lab, cheap_sql(lab))
    age = {"Enabled": True, "MaxAgeInMinutes": 60}
    cheap(lab, ResultReuseConfiguration={"ResultReuseByAgeConfiguration": age})
