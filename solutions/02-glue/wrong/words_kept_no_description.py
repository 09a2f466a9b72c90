"""The description is missing."""

from typing import Any

from solution_steps import arrive, crawl_flights, describe, run

CHECK = "words-kept"
MESSAGE = "lake_flights has no description"


def answer(lab: Any) -> None:
    """Write the comment only."""
    crawl_flights(lab)
    describe(lab, description="")
    arrive(lab)
    run(lab)
