"""The greeting says nothing."""

from __future__ import annotations

from typing import Any

from solution_steps import put

CHECK = "polite"
MESSAGE = "is not polite"


def answer(lab: Any) -> None:
    """The greeting says nothing."""
    put(lab, body=b"")
