"""The keys look like paths of a file system."""

from typing import Any

from solution_steps import land, make_bucket

CHECK = "landed"
MESSAGE = "The keys begin with a slash"


def answer(lab: Any) -> None:
    """Land under /landing/."""
    make_bucket(lab)
    land(lab, "/landing/flights/{name}")
