"""The table is made by hand."""

from typing import Any

from solution_steps import database, glue, make_database

CHECK = "airlines"
MESSAGE = "lake_airlines was not made by a crawler"


def answer(lab: Any) -> None:
    """Create it."""
    make_database(lab)
    storage = {
        "Columns": [{"Name": name, "Type": "string"} for name in ("carrier", "name")],
        "Location": f"s3://{lab.bucket}/landing/airlines/",
    }
    table = {"Name": "lake_airlines", "StorageDescriptor": storage}
    table["Parameters"] = {"skip.header.line.count": "1"}
    glue(lab).create_table(DatabaseName=database(lab), TableInput=table)
