"""Nothing is ever changed."""

from typing import Any

from solution_steps import POLICY, crawl_flights

CHECK = "policy"
MESSAGE = "The crawler does not follow new columns"


def answer(lab: Any) -> None:
    """Log everything."""
    crawl_flights(lab, SchemaChangePolicy={**POLICY, "UpdateBehavior": "LOG"})
