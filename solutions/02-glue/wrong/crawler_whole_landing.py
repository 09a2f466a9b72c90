"""The crawler looks at all of landing/."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "crawler"
MESSAGE = "The crawler looks at another place"


def answer(lab: Any) -> None:
    """Crawl too much."""
    crawl_flights(lab, path="landing/")
