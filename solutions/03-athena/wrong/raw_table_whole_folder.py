"""The location is one folder too high, where the corrections lie as well."""

from typing import Any

from solution_steps import raw, start

CHECK = "raw-table"
MESSAGE = "The folder holds the corrections, too"


def answer(lab: Any) -> None:
    """Name raw/."""
    start(lab)
    raw(lab, folder="raw/")
