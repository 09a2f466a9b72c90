"""The size is declared in megabytes."""

from typing import Any

from solution_steps import convert, land, make_bucket, measure, sizes

CHECK = "measured"
MESSAGE = "csv_bytes is in megabytes, not in bytes"


def answer(lab: Any) -> None:
    """Round to megabytes."""
    make_bucket(lab)
    land(lab)
    convert(lab)
    measure(lab, csv_bytes=round(sum(sizes(lab, "landing/flights/").values()) / 1e6, 1))
