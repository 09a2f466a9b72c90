"""Broken files are apart, but two names still lie."""

from typing import Any

from solution_steps import make_bucket, sort_partner

CHECK = "quarantine"
MESSAGE = "2 names say something else than the content"


def answer(lab: Any) -> None:
    """Leave wrong extensions."""
    make_bucket(lab)
    names = ("2013-06.csv", "2013-07.parquet")
    sort_partner(lab, {name: f"landing/partner/{name}" for name in names})
