"""The header line is not skipped."""

from typing import Any

from solution_steps import raw, start

CHECK = "raw-reads"
MESSAGE = "The header counts as a flight"


def answer(lab: Any) -> None:
    """Set no properties."""
    start(lab)
    raw(lab, properties="")
