"""One month is converted, as a try, and stays alone."""

from typing import Any

from solution_steps import flights, months, raw, start

CHECK = "partitioned"
MESSAGE = "The partitions are not your three months"


def answer(lab: Any) -> None:
    """Convert one month."""
    start(lab)
    raw(lab)
    flights(lab, where=f"month = {months(lab)[0]}")
