"""No classifier of its own."""

from typing import Any

from solution_steps import define, make_database, run

CHECK = "airlines"
MESSAGE = "The header of the airlines is taken for data"


def answer(lab: Any) -> None:
    """Crawl as is."""
    make_database(lab)
    define(lab, "airlines", exclusions=())
    run(lab, "airlines")
