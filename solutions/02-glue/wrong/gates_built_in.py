"""No classifier of its own."""

from typing import Any

from solution_steps import define, make_database, run

CHECK = "gates"
MESSAGE = "The built-in CSV classifier took the gate log"


def answer(lab: Any) -> None:
    """Crawl as is."""
    make_database(lab)
    define(lab, "gates", exclusions=())
    run(lab, "gates")
