"""Three letters are an airport."""

from typing import Any

from solution_steps import RULES, arrive, crawl_flights, rule, run

CHECK = "rules-bite"
MESSAGE = "An unknown airport would pass the rules"


def answer(lab: Any) -> None:
    """Check the length."""
    crawl_flights(lab)
    arrive(lab)
    run(lab)
    rule(lab, "RowCount > 300000", 'ColumnLength "origin" = 3', *RULES[2:])
