"""The size is in bits."""

from __future__ import annotations

from typing import Any

from solution_steps import put

CHECK = "measured"
MESSAGE = "does not fit"


def answer(lab: Any) -> None:
    """The size is in bits."""
    put(lab)
    lab.answer("size", 96)
