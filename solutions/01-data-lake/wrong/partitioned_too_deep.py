"""Each airline gets a partition of its own."""

from typing import Any

import pyarrow.compute as pc
from solution_steps import CARRIERS, convert, make_bucket

CHECK = "partitioned"
MESSAGE = "The layout goes deeper than the month"


def answer(lab: Any) -> None:
    """Partition by year, month and carrier."""
    make_bucket(lab)
    for code in CARRIERS:
        layout = f"curated/flights/year=2013/month={{month}}/carrier={code}/flights.parquet"
        convert(lab, layout, lambda t, code=code: t.filter(pc.equal(t["carrier"], code)))
