"""Nothing is declared."""

from typing import Any

from solution_steps import convert, land, make_bucket

CHECK = "measured"
MESSAGE = "The answer csv_bytes is not declared yet"


def answer(lab: Any) -> None:
    """Land and convert only."""
    make_bucket(lab)
    land(lab)
    convert(lab)
