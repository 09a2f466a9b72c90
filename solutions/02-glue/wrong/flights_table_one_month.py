"""The crawler looks at one year only and the table is renamed by hand."""

from typing import Any

from solution_steps import crawl_flights, database, glue

CHECK = "flights-table"
MESSAGE = "lake_flights has other partition keys"


def answer(lab: Any) -> None:
    """Copy the table of a folder."""
    crawl_flights(lab, path="landing/flights/year=2013/")
    client, name = glue(lab), database(lab)
    table = client.get_tables(DatabaseName=name)["TableList"][0]
    kept = ("TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
    wanted = {key: table[key] for key in kept} | {"Name": "lake_flights"}
    client.create_table(DatabaseName=name, TableInput=wanted)
