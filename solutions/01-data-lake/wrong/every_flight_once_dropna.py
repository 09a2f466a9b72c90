"""dropna() throws cancelled flights away."""

from typing import Any

import pyarrow.compute as pc
from solution_steps import convert, make_bucket

CHECK = "every-flight-once"
MESSAGE = "Flights that never arrived are missing"


def answer(lab: Any) -> None:
    """Keep flights with an arrival delay."""
    make_bucket(lab)
    convert(lab, change=lambda t: t.filter(pc.is_valid(t["arr_delay"])))
