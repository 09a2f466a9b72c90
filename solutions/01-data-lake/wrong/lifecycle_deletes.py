"""Expiration is taken for a transition: raw data is deleted after thirty days."""

from typing import Any

from solution_steps import MOVE, TIDY, make_bucket, set_lifecycle

CHECK = "lifecycle"
MESSAGE = "A rule deletes current data"


def answer(lab: Any) -> None:
    """Expire landing/."""
    make_bucket(lab)
    rule = {key: value for key, value in MOVE.items() if key != "Transitions"}
    set_lifecycle(lab, {**rule, "Expiration": {"Days": 30}}, TIDY)
