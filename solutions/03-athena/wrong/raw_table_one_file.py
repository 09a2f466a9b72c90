"""The location is the first file."""

from typing import Any

from solution_steps import months, raw, start

CHECK = "raw-table"
MESSAGE = "The location is a file"


def answer(lab: Any) -> None:
    """Name a file, as Athena lets you."""
    start(lab)
    raw(lab, folder=f"raw/flights/2013-{months(lab)[0]:02}.csv")
