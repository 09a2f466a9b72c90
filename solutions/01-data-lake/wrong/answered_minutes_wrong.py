"""The destination is right, the minutes are not."""

from typing import Any

from solution_steps import declare, latest, mine

CHECK = "answered"
MESSAGE = "The destination is right, the minutes are not"


def answer(lab: Any) -> None:
    """Round to whole tens."""
    dest, minutes = latest(mine(lab))
    declare(lab, dest, minutes + 10)
