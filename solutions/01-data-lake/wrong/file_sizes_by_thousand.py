"""A writer starts a new file every five thousand rows."""

from typing import Any

from solution_steps import convert, make_bucket

CHECK = "file-sizes"
MESSAGE = "Small files: 6 in one month"


def answer(lab: Any) -> None:
    """Write six files a month."""
    make_bucket(lab)
    for number in range(6):
        layout = f"curated/flights/year=2013/month={{month}}/part-{number}.parquet"
        convert(lab, layout, lambda t, number=number: t.slice(number * 5_000, 5_000))
