"""All of it happens before the bucket keeps versions."""

from typing import Any

from solution_steps import airlines, break_reference, make_bucket, put

CHECK = "brought-back"
MESSAGE = "The history has one version, named null"


def answer(lab: Any) -> None:
    """Break and repair without versioning."""
    make_bucket(lab)
    break_reference(lab)
    put(lab, "reference/airlines.csv", airlines(lab))
