"""The bucket never keeps versions."""

from typing import Any

from solution_steps import make_bucket

CHECK = "versioning"
MESSAGE = "Versioning is not on"


def answer(lab: Any) -> None:
    """Make the bucket only."""
    make_bucket(lab)
