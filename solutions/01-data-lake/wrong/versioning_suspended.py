"""Versioning is on for a while, then suspended."""

from typing import Any

from solution_steps import keep_versions, make_bucket

CHECK = "versioning"
MESSAGE = "Versioning is suspended rather than enabled"


def answer(lab: Any) -> None:
    """Enable, then suspend."""
    make_bucket(lab)
    keep_versions(lab)
    keep_versions(lab, "Suspended")
