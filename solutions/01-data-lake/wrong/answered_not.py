"""No answer is declared."""

from typing import Any

CHECK = "answered"
MESSAGE = "The answer late_minutes is not declared yet"


def answer(lab: Any) -> None:
    """Declare half of it."""
    lab.answer("late_destination", "ATL")
