"""grader: what runs in a lab, what grades it, and what builds the course's notebooks."""

from typing import TYPE_CHECKING, Any

from grader.checks import check
from grader.findings import Findings
from grader.report import CheckFailed

if TYPE_CHECKING:
    from grader.buckets import remove_bucket
    from grader.lab import Lab, LabContext

__all__ = ["CheckFailed", "Findings", "Lab", "LabContext", "check", "remove_bucket"]

_LAZY = {"Lab": "grader.lab", "LabContext": "grader.lab", "remove_bucket": "grader.buckets"}


def __getattr__(name: str) -> Any:
    """Load what needs boto3 only when it is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'grader' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
