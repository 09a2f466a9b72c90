"""The key is taken from an event, where it is URL-encoded."""

from typing import Any

from solution_steps import make_bucket, sort_partner

CHECK = "quarantine"
MESSAGE = "A key is written in its URL form"


def answer(lab: Any) -> None:
    """Write the encoded name as a key."""
    make_bucket(lab)
    name = "september report+final.csv"
    sort_partner(lab, {name: "landing/partner/september+report%2Bfinal.csv"})
