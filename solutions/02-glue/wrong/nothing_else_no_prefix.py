"""Two crawlers have no prefix."""

from typing import Any

from solution_steps import crawl_flights, define, run

CHECK = "nothing-else"
MESSAGE = "2 tables are left over"


def answer(lab: Any) -> None:
    """Forget the prefix."""
    crawl_flights(lab)
    for name in ("airlines", "gates"):
        define(lab, name, exclusions=(), TablePrefix="")
        run(lab, name)
