"""Body="file.csv" writes the name, not the file."""

from typing import Any

from solution_steps import make_bucket, months, put

CHECK = "landed"
MESSAGE = "holds the path of the file, not the file"


def answer(lab: Any) -> None:
    """Write the path."""
    make_bucket(lab)
    for month in months(lab):
        name = f"2013-{month:02}.csv"
        put(lab, f"landing/flights/{name}", f"data/flights/csv/{name}".encode())
