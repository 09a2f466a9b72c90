"""ACLs are blocked, policies are not."""

from typing import Any

from solution_steps import close_bucket, make_bucket

CHECK = "bucket-closed"
MESSAGE = "2 of 4 public access settings are on"


def answer(lab: Any) -> None:
    """Turn two of four settings on."""
    make_bucket(lab)
    close_bucket(lab, BlockPublicPolicy=False, RestrictPublicBuckets=False)
