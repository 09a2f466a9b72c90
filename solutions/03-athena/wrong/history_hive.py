"""The board is a plain table of Parquet files."""

from typing import Any

from solution_steps import ask, carrier, months, until_flights

CHECK = "history"
MESSAGE = "board is not an Iceberg table"


def answer(lab: Any) -> None:
    """CTAS without table_type."""
    until_flights(lab)
    ask(
        lab,
        "CREATE TABLE board AS SELECT day, flight, origin, dest, arr_delay FROM flights"
        f" WHERE month = {months(lab)[0]} AND carrier = '{carrier(lab)}'",
    )
