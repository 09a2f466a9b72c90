"""fillna(0) makes cancelled flights punctual."""

from typing import Any

import pyarrow.compute as pc
from pyarrow import Table
from solution_steps import convert, make_bucket

CHECK = "every-flight-once"
MESSAGE = "Missing delays became numbers"


def answer(lab: Any) -> None:
    """Write 0 where no delay is known."""
    make_bucket(lab)
    convert(lab, change=filled)


def filled(table: Table) -> Table:
    """The table with 0 for a missing arrival delay."""
    at = table.column_names.index("arr_delay")
    return table.set_column(at, "arr_delay", pc.fill_null(table["arr_delay"], 0))
