"""The words are written over the newest version from an older copy."""

from typing import Any

from solution_steps import COMMENT, arrive, crawl_flights, database, glue, run, table_input

CHECK = "words-kept"
MESSAGE = "The described table lost the new column"


def answer(lab: Any) -> None:
    """Describe from an old copy."""
    crawl_flights(lab)
    old = table_input(lab)
    arrive(lab)
    run(lab)
    for column in old["StorageDescriptor"]["Columns"]:
        if column["Name"] == "arr_delay":
            column["Comment"] = COMMENT
    wanted = {**old, "Description": "Flights"}
    glue(lab).update_table(DatabaseName=database(lab), TableInput=wanted)
