"""OpenCSVSerde gets columns of numbers."""

from typing import Any

from solution_steps import OPEN_CSV, raw, start

CHECK = "raw-reads"
MESSAGE = "OpenCSVSerde cannot read NA"


def answer(lab: Any) -> None:
    """Use OpenCSVSerde."""
    start(lab)
    raw(lab, row_format=OPEN_CSV)
