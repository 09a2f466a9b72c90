"""The object has another name."""

from __future__ import annotations

from typing import Any

from solution_steps import put

CHECK = "greeted"
MESSAGE = "There is no hello.txt in the bucket"


def answer(lab: Any) -> None:
    """The object has another name."""
    put(lab, key="hullo.txt")
