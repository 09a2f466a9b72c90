"""There is no index."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "partition-index"
MESSAGE = "No active index covers year and month"


def answer(lab: Any) -> None:
    """Crawl only."""
    crawl_flights(lab)
