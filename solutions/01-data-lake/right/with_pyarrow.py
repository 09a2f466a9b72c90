"""One Parquet file a month with pyarrow and plain boto3, dictionary encoding and zstd."""

from typing import Any

from solution_steps import (
    airlines,
    break_reference,
    close_bucket,
    convert,
    declare,
    keep_versions,
    land,
    latest,
    make_bucket,
    measure,
    mine,
    parquet,
    put,
    set_lifecycle,
    sort_partner,
)


def answer(lab: Any) -> None:
    """Do the whole lab."""
    make_bucket(lab)
    close_bucket(lab)
    keep_versions(lab)
    land(lab)
    break_reference(lab)
    put(lab, "reference/airlines.csv", airlines(lab))
    layout = "curated/flights/year=2013/month={month:02}/part-0.parquet"
    convert(lab, layout, body=lambda table: parquet(table, compression="zstd"))
    sort_partner(lab)
    set_lifecycle(lab)
    measure(lab)
    declare(lab, *latest(mine(lab)))
