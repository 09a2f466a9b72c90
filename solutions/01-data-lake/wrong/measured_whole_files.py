"""The whole files are taken for the column."""

from typing import Any

from solution_steps import convert, land, make_bucket, measure, sizes

CHECK = "measured"
MESSAGE = "delay_bytes is the size of the whole files"


def answer(lab: Any) -> None:
    """Declare the files' size."""
    make_bucket(lab)
    land(lab)
    convert(lab)
    measure(lab, delay_bytes=sum(sizes(lab, "curated/flights/").values()))
