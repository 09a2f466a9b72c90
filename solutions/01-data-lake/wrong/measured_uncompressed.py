"""The footer has two sizes of a column; the larger one is taken."""

from typing import Any

from solution_steps import column_bytes, convert, land, make_bucket, measure, parquet

CHECK = "measured"
MESSAGE = "delay_bytes is the size before compression"


def answer(lab: Any) -> None:
    """Declare the uncompressed size."""
    make_bucket(lab)
    land(lab)
    convert(lab, body=lambda table: parquet(table, compression="zstd"))
    measure(lab, delay_bytes=column_bytes(lab, "arr_delay", "total_uncompressed_size"))
