"""There are no rules."""

from typing import Any

from solution_steps import make_bucket

CHECK = "lifecycle"
MESSAGE = "The bucket has no lifecycle rules"


def answer(lab: Any) -> None:
    """Make the bucket only."""
    make_bucket(lab)
