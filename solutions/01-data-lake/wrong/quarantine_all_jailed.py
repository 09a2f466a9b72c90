"""Each file that does not open at once goes to quarantine, wrong names too."""

from typing import Any

from solution_steps import make_bucket, sort_partner

CHECK = "quarantine"
MESSAGE = "2 readable files are in quarantine/"


def answer(lab: Any) -> None:
    """Put wrongly named files apart."""
    make_bucket(lab)
    names = ("2013-06.csv", "2013-07.parquet")
    sort_partner(lab, {name: f"quarantine/{name}" for name in names})
