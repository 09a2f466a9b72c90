"""The file is compressed under a name that says CSV."""

from typing import Any

from solution_steps import gzipped, land, make_bucket

CHECK = "landed"
MESSAGE = "is gzip inside, though its name says CSV"


def answer(lab: Any) -> None:
    """Land gzip."""
    make_bucket(lab)
    land(lab, body=gzipped)
