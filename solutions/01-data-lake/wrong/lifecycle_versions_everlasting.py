"""Old versions are ended under landing/ only."""

from typing import Any

from solution_steps import MOVE, TIDY, make_bucket, set_lifecycle

CHECK = "lifecycle"
MESSAGE = "Old versions do not end after 90 days everywhere"


def answer(lab: Any) -> None:
    """Give the tidy rule a prefix."""
    make_bucket(lab)
    set_lifecycle(lab, MOVE, {**TIDY, "Filter": {"Prefix": "landing/"}})
