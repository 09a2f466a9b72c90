"""Broken files are thrown away."""

from typing import Any

from solution_steps import make_bucket, sort_partner

CHECK = "quarantine"
MESSAGE = "3 broken files are nowhere"


def answer(lab: Any) -> None:
    """Keep no evidence."""
    make_bucket(lab)
    sort_partner(lab, dict.fromkeys(("2013-03.csv.gz", "2013-04.parquet", "2013-05.csv"), ""))
