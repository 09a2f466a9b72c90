"""CSV is compressed and called Parquet."""

from typing import Any

from pyarrow import BufferOutputStream, Table, csv
from solution_steps import convert, gzipped, make_bucket

CHECK = "parquet"
MESSAGE = "The name says Parquet, the content is gzip"


def answer(lab: Any) -> None:
    """Write gzipped CSV under .parquet."""
    make_bucket(lab)
    convert(lab, body=as_gzip)


def as_gzip(table: Table) -> bytes:
    """The table as gzipped CSV."""
    sink = BufferOutputStream()
    csv.write_csv(table, sink)
    return gzipped(sink.getvalue().to_pybytes())
