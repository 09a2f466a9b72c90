"""The key begins with a slash."""

from __future__ import annotations

from typing import Any

from solution_steps import put

CHECK = "greeted"
MESSAGE = "begins with a slash"


def answer(lab: Any) -> None:
    """The key begins with a slash."""
    put(lab, key="/hello.txt")
