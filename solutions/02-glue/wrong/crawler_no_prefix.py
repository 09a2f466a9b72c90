"""The tables have no prefix."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "crawler"
MESSAGE = "The crawler's tables get another prefix"


def answer(lab: Any) -> None:
    """Crawl without a prefix."""
    crawl_flights(lab, TablePrefix="")
