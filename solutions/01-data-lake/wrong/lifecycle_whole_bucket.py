"""The rule has no prefix, so that curated data moves too."""

from typing import Any

from solution_steps import MOVE, TIDY, make_bucket, set_lifecycle

CHECK = "lifecycle"
MESSAGE = "The rule moves the whole bucket, curated data too"


def answer(lab: Any) -> None:
    """Move everything."""
    make_bucket(lab)
    set_lifecycle(lab, {**MOVE, "Filter": {"Prefix": ""}}, TIDY)
