"""The ruleset is never evaluated."""

from typing import Any

from solution_steps import crawl_flights, rule

CHECK = "quality"
MESSAGE = "The ruleset has not been evaluated"


def answer(lab: Any) -> None:
    """Write rules."""
    crawl_flights(lab)
    rule(lab)
