"""Distance is forgotten."""

from typing import Any

from solution_steps import RULES, crawl_flights, evaluate, rule

CHECK = "quality"
MESSAGE = "No rule is about distance"


def answer(lab: Any) -> None:
    """Write five others."""
    crawl_flights(lab)
    rule(lab, "RowCount > 1000", *RULES[:2], RULES[3], 'IsComplete "dest"')
    evaluate(lab)
