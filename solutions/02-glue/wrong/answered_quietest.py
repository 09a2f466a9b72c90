"""The other end of the list."""

from typing import Any

from solution_steps import arrive, counts, crawl_flights, declare, run

CHECK = "answered"
MESSAGE = "That is the month with the fewest records"


def answer(lab: Any) -> None:
    """Take the smallest."""
    crawl_flights(lab)
    arrive(lab)
    run(lab)
    have = counts(lab)
    declare(lab, month=min(have, key=lambda number: have[number]))
