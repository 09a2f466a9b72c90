"""Half an answer."""

from typing import Any

CHECK = "answered"
MESSAGE = "The answer busiest_records is not declared yet"


def answer(lab: Any) -> None:
    """Declare the month."""
    lab.answer("busiest_month", 7)
