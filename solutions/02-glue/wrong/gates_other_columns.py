"""The rest of the line is one field."""

from typing import Any

from solution_steps import gates, make_database

CHECK = "gates"
MESSAGE = "lake_gates has other columns"


def answer(lab: Any) -> None:
    """Take the tail as note."""
    make_database(lab)
    gates(lab, "%{TIMESTAMP_ISO8601:closed} %{WORD:flight} %{GREEDYDATA:note}")
