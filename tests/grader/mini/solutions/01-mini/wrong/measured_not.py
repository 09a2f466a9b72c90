"""The size is not declared."""

from __future__ import annotations

from typing import Any

from solution_steps import put

CHECK = "measured"
MESSAGE = "There is no answer 'size' yet"


def answer(lab: Any) -> None:
    """The size is not declared."""
    put(lab)
