"""The exclusion repeats the path."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "excluded"
MESSAGE = "An exclusion is relative to the crawler's path"


def answer(lab: Any) -> None:
    """Exclude by the whole key."""
    crawl_flights(lab, exclusions=("landing/flights/archive/**",))
