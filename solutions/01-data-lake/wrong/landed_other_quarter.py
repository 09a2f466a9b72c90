"""Somebody else's quarter is landed."""

from typing import Any

from solution_steps import land, make_bucket, months

CHECK = "landed"
MESSAGE = "3 of your 3 months are missing"


def answer(lab: Any) -> None:
    """Land the three months that come after the quarter."""
    make_bucket(lab)
    land(lab, which=[(month + 2) % 12 + 1 for month in months(lab)])
