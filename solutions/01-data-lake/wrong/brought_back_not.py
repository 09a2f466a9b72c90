"""The accident happens and nobody repairs it."""

from typing import Any

from solution_steps import break_reference, keep_versions, make_bucket

CHECK = "brought-back"
MESSAGE = "The newest version is still the empty one"


def answer(lab: Any) -> None:
    """Stop after the accident."""
    make_bucket(lab)
    keep_versions(lab)
    break_reference(lab)
