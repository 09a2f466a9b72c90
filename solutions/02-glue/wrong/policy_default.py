"""The policy is the default one: mark what is gone."""

from typing import Any

from solution_steps import crawl_flights

CHECK = "policy"
MESSAGE = "The crawler touches tables whose files are gone"


def answer(lab: Any) -> None:
    """Deprecate."""
    crawl_flights(lab, SchemaChangePolicy={})
