"""Each call may override the settings."""

from typing import Any

from solution_steps import workgroup

CHECK = "workgroup"
MESSAGE = "A call can override"


def answer(lab: Any) -> None:
    """Enforce nothing."""
    workgroup(lab, enforce=False)
