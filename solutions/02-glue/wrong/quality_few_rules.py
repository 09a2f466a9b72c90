"""Three rules."""

from typing import Any

from solution_steps import RULES, crawl_flights, evaluate, rule

CHECK = "quality"
MESSAGE = "The ruleset has too few rules"


def answer(lab: Any) -> None:
    """Write three."""
    crawl_flights(lab)
    rule(lab, *RULES[:3])
    evaluate(lab)
