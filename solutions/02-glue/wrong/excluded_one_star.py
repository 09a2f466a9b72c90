"""One star stays within a folder."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "excluded"
MESSAGE = "No exclusion covers the archive"


def answer(lab: Any) -> None:
    """Exclude archive*."""
    crawl_flights(lab, exclusions=("archive*",))
