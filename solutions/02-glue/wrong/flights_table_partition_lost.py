"""A partition is dropped by hand."""

from typing import Any

from solution_steps import crawl_flights, database, glue

CHECK = "flights-table"
MESSAGE = "Partitions of lake_flights are missing"


def answer(lab: Any) -> None:
    """Drop a month."""
    crawl_flights(lab)
    client, name = glue(lab), {"DatabaseName": database(lab), "TableName": "lake_flights"}
    one = client.get_partitions(**name)["Partitions"][0]
    client.delete_partition(**name, PartitionValues=one["Values"])
