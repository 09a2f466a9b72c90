"""The workgroup only has a result location."""

from typing import Any

from solution_steps import workgroup

CHECK = "workgroup"
MESSAGE = "No query is stopped: there is no cutoff"


def answer(lab: Any) -> None:
    """Set no cutoff."""
    workgroup(lab, BytesScannedCutoffPerQuery=None)
