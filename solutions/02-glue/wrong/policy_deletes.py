"""Tables are deleted with their files."""

from typing import Any

from solution_steps import POLICY, crawl_flights

CHECK = "policy"
MESSAGE = "The crawler touches tables whose files are gone"


def answer(lab: Any) -> None:
    """Delete."""
    crawl_flights(lab, SchemaChangePolicy={**POLICY, "DeleteBehavior": "DELETE_FROM_DATABASE"})
