"""The crawler makes a database of its own."""

from typing import Any

from solution_steps import define, glue, make_database, run

CHECK = "crawler"
MESSAGE = "The crawler writes to another database"


def answer(lab: Any) -> None:
    """Crawl into the default database."""
    make_database(lab)
    define(lab, DatabaseName="default")
    run(lab)
    client = glue(lab)
    for table in client.get_tables(DatabaseName="default")["TableList"]:
        client.delete_table(DatabaseName="default", Name=table["Name"])
