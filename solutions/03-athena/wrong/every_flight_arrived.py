"""Rows without an arrival delay are filtered out."""

from typing import Any

from solution_steps import flights, raw, start

CHECK = "every-flight"
MESSAGE = "that never arrived are missing"


def answer(lab: Any) -> None:
    """Filter on arr_delay."""
    start(lab)
    raw(lab)
    flights(lab, where="arr_delay IS NOT NULL")
