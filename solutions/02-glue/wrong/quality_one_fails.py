"""A rule asks for more than real data has."""

from typing import Any

from solution_steps import RULES, crawl_flights, evaluate, rule

CHECK = "quality"
MESSAGE = "1 rules do not pass"


def answer(lab: Any) -> None:
    """Ask for every arrival."""
    crawl_flights(lab)
    rule(lab, "RowCount > 1000", *RULES[:3], 'IsComplete "arr_delay"')
    evaluate(lab)
