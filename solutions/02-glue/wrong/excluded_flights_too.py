"""Everything is excluded."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "excluded"
MESSAGE = "An exclusion covers the flights too"


def answer(lab: Any) -> None:
    """Exclude all folders."""
    crawl_flights(lab, exclusions=("**",))
