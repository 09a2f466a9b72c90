"""Each day is a file of its own."""

from typing import Any

import pyarrow.compute as pc
from solution_steps import convert, make_bucket

CHECK = "file-sizes"
MESSAGE = "Small files: 28 in one month"


def answer(lab: Any) -> None:
    """Write 28 files a month."""
    make_bucket(lab)
    for day in range(1, 29):
        layout = f"curated/flights/year=2013/month={{month}}/day-{day:02}.parquet"
        convert(lab, layout, lambda t, day=day: t.filter(pc.equal(t["day"], day)))
