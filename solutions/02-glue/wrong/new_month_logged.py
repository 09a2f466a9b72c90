"""The policy only logs."""

from typing import Any

from solution_steps import POLICY, arrive, crawl_flights, run

CHECK = "new-month"
MESSAGE = "lake_flights does not know the new column"


def answer(lab: Any) -> None:
    """Crawl with LOG."""
    crawl_flights(lab, SchemaChangePolicy={**POLICY, "UpdateBehavior": "LOG"})
    arrive(lab)
    run(lab)
