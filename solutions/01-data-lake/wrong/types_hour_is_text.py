"""pandas leaves time_hour as text unless it is told to parse it."""

from typing import Any

import pyarrow as pa
from pyarrow import Table
from solution_steps import convert, make_bucket

CHECK = "types"
MESSAGE = "time_hour is not a timestamp"


def answer(lab: Any) -> None:
    """Write time_hour as text."""
    make_bucket(lab)
    convert(lab, change=hour_as_text)


def hour_as_text(table: Table) -> Table:
    """The table with time_hour as a string."""
    at = table.column_names.index("time_hour")
    return table.set_column(at, "time_hour", table["time_hour"].cast(pa.string()))
