"""The partner's files land as they are and nobody looks inside."""

from typing import Any

from solution_steps import make_bucket, put

CHECK = "quarantine"
MESSAGE = "3 files that cannot be read stay in landing/partner/"


def answer(lab: Any) -> None:
    """Land all seven."""
    make_bucket(lab)
    for path in (lab.data / "landing" / "partner").iterdir():
        put(lab, f"landing/partner/{path.name}", path.read_bytes())
