"""The index has the keys the other way round."""

from typing import Any

from solution_steps import crawl_flights, index

CHECK = "partition-index"
MESSAGE = "No active index covers year and month"


def answer(lab: Any) -> None:
    """Index by month."""
    crawl_flights(lab)
    index(lab, "month", "year")
