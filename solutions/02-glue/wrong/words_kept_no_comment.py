"""The comment is missing."""

from typing import Any

from solution_steps import arrive, crawl_flights, describe, run

CHECK = "words-kept"
MESSAGE = "The comment on arr_delay is not as asked"


def answer(lab: Any) -> None:
    """Describe the table only."""
    crawl_flights(lab)
    describe(lab, comment="")
    arrive(lab)
    run(lab)
