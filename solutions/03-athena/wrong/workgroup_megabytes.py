"""Fifty megabytes are counted in powers of two."""

from typing import Any

from solution_steps import workgroup

CHECK = "workgroup"
MESSAGE = "The cutoff is in bytes"


def answer(lab: Any) -> None:
    """Set 50 MiB."""
    workgroup(lab, BytesScannedCutoffPerQuery=50 * 1024**2)
