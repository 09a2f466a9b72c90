"""The pattern knows no negative delay, so it does not fit most lines."""

from typing import Any

from solution_steps import PATTERN, gates, make_database

CHECK = "gates"
MESSAGE = "The built-in CSV classifier took the gate log"


def answer(lab: Any) -> None:
    """Use POSINT."""
    make_database(lab)
    gates(lab, PATTERN.replace("NUMBER", "POSINT"))
