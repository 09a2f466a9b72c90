"""One row is enough for the rule."""

from typing import Any

from solution_steps import RULES, crawl_flights, rule

CHECK = "rules-bite"
MESSAGE = "A lost month would pass the rules"


def answer(lab: Any) -> None:
    """Count to zero."""
    crawl_flights(lab)
    rule(lab, "RowCount > 0", *RULES)
