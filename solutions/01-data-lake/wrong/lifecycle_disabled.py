"""The rules are right and disabled."""

from typing import Any

from solution_steps import MOVE, TIDY, make_bucket, set_lifecycle

CHECK = "lifecycle"
MESSAGE = "All lifecycle rules are disabled"


def answer(lab: Any) -> None:
    """Set the status to Disabled."""
    make_bucket(lab)
    set_lifecycle(lab, {**MOVE, "Status": "Disabled"}, {**TIDY, "Status": "Disabled"})
