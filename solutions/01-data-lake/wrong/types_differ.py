"""Each month's types are guessed from its own rows."""

from typing import Any

import pyarrow as pa
from solution_steps import flights, make_bucket, months, parquet, put

CHECK = "types"
MESSAGE = "Files of one table have different schemas"


def answer(lab: Any) -> None:
    """Write delays as integers in one month and as floating point in another."""
    make_bucket(lab)
    for month, kind in zip(months(lab), (pa.int32(), pa.float64(), pa.int32()), strict=True):
        table = flights(lab, month)
        at = table.column_names.index("dep_delay")
        table = table.set_column(at, "dep_delay", table["dep_delay"].cast(kind))
        put(lab, f"curated/flights/year=2013/month={month}/flights.parquet", parquet(table))
