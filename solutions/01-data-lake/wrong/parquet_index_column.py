"""A filtered DataFrame brings its index along."""

import io
from typing import Any

from pyarrow import Table
from solution_steps import convert, make_bucket

CHECK = "parquet"
MESSAGE = "The DataFrame's index became a column"


def answer(lab: Any) -> None:
    """Write with pandas after a sort, index and all."""
    make_bucket(lab)
    convert(lab, body=with_index)


def with_index(table: Table) -> bytes:
    """Parquet by pandas with an index that is not a plain range."""
    sink = io.BytesIO()
    table.to_pandas().sort_values("dest").to_parquet(sink)
    return sink.getvalue()
