"""Two tables are missing."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "nothing-else"
MESSAGE = "Tables are missing"


def answer(lab: Any) -> None:
    """Crawl the flights only."""
    crawl_flights(lab)
