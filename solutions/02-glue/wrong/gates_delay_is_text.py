"""The field names no type."""

from typing import Any

from solution_steps import PATTERN, gates, make_database

CHECK = "gates"
MESSAGE = "The delay in lake_gates is not a number"


def answer(lab: Any) -> None:
    """Leave :int out."""
    make_database(lab)
    gates(lab, PATTERN.replace(":int", ""))
