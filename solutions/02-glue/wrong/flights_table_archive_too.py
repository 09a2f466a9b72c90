"""The archive is crawled too, so the folders differ and each is a table."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "flights-table"
MESSAGE = "There is no table lake_flights"


def answer(lab: Any) -> None:
    """Exclude nothing."""
    crawl_flights(lab, exclusions=())
