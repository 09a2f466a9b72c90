"""The files keep the folders of the laptop."""

from typing import Any

from solution_steps import land, make_bucket

CHECK = "landed"
MESSAGE = "The files lie under other keys"


def answer(lab: Any) -> None:
    """Land under data/flights/csv/."""
    make_bucket(lab)
    land(lab, "data/flights/csv/{name}")
