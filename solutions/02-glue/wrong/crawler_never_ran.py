"""The crawler is defined and never started."""

from typing import Any

from solution_steps import define, make_database

CHECK = "crawler"
MESSAGE = "The crawler has not finished a crawl"


def answer(lab: Any) -> None:
    """Define it."""
    make_database(lab)
    define(lab)
