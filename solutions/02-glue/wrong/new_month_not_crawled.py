"""The files land and nobody crawls."""

from typing import Any

from solution_steps import arrive, crawl_flights

CHECK = "new-month"
MESSAGE = "is not in lake_flights"


def answer(lab: Any) -> None:
    """Copy only."""
    crawl_flights(lab)
    arrive(lab)
