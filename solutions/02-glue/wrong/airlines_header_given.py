"""The classifier names the columns and says that there is no header."""

from typing import Any

from solution_steps import airlines, make_database

CHECK = "airlines"
MESSAGE = "The header line of the airlines is not skipped"


def answer(lab: Any) -> None:
    """Give names."""
    make_database(lab)
    airlines(lab, ContainsHeader="ABSENT", Header=["carrier", "name"])
