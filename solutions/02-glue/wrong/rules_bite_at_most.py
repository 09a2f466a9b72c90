"""The rule looks at the other end."""

from typing import Any

from solution_steps import RULES, crawl_flights, rule

CHECK = "rules-bite"
MESSAGE = "A lost month would pass the rules"


def answer(lab: Any) -> None:
    """Allow fewer."""
    crawl_flights(lab)
    rule(lab, "RowCount < 10000000", *RULES)
