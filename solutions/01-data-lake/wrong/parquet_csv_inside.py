"""The name says Parquet, the content is CSV."""

from typing import Any

from pyarrow import BufferOutputStream, Table, csv
from solution_steps import convert, make_bucket

CHECK = "parquet"
MESSAGE = "The name says Parquet, the content is CSV"


def answer(lab: Any) -> None:
    """Write CSV under .parquet."""
    make_bucket(lab)
    convert(lab, body=as_csv)


def as_csv(table: Table) -> bytes:
    """The table as CSV."""
    sink = BufferOutputStream()
    csv.write_csv(table, sink)
    return sink.getvalue().to_pybytes()
