"""The sum is declared."""

from typing import Any

from solution_steps import arrive, counts, crawl_flights, declare, run

CHECK = "answered"
MESSAGE = "That is the number of all records"


def answer(lab: Any) -> None:
    """Add up."""
    crawl_flights(lab)
    arrive(lab)
    run(lab)
    declare(lab, records=sum(counts(lab).values()))
