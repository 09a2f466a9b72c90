"""The corrected rows are put together first and loaded at once."""

from typing import Any

from solution_steps import NEW, ask, carrier, corrections, months, until_flights

CHECK = "history"
MESSAGE = "The oldest snapshot has the corrections already"


def answer(lab: Any) -> None:
    """Load the union by CTAS."""
    until_flights(lab)
    corrections(lab)
    old = (
        "SELECT day, flight, origin, dest, arr_delay FROM flights"
        f" WHERE month = {months(lab)[0]} AND carrier = '{carrier(lab)}'"
    )
    both = (
        "SELECT coalesce(n.day, o.day) AS day, coalesce(n.flight, o.flight) AS flight,"
        " coalesce(n.origin, o.origin) AS origin, coalesce(n.dest, o.dest) AS dest,"
        " coalesce(n.arr_delay, o.arr_delay) AS arr_delay"
    )
    ask(
        lab,
        "CREATE TABLE board WITH (table_type = 'ICEBERG', is_external = false,"
        f" location = 's3://{lab.bucket}/board/') AS {both} FROM ({old}) o FULL JOIN ({NEW}) n"
        " ON o.day = n.day AND o.flight = n.flight AND o.origin = n.origin",
    )
