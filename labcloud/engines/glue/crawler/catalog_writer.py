"""What a crawl found → the Glue Data Catalog, by the crawler's SchemaChangePolicy.

Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labcloud.engines.glue.crawler.grouping import Group
from labcloud.engines.glue.crawler.tables import keys_of, partition_inputs, table_input
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.engines.glue.crawler.run import Here

BATCH = 100


@dataclass(slots=True)
class Changes:
    """What a crawl did: tables and partitions made, updated, deleted; their names; the log."""

    tables: Counter[str] = field(default_factory=Counter)
    partitions: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def summary(self) -> str | None:
        """Return CrawlerHistory's Summary: JSON of counts."""
        found: dict[str, Any] = {}
        for word, counts in (("TABLE", self.tables), ("PARTITION", self.partitions)):
            if actions := {k: {"count": n} for k, n in counts.items() if n}:
                found[word] = json.dumps(actions)
        return json.dumps(found) if found else None


class Writer:
    """Writes the tables of one crawl into one database."""

    def __init__(self, cloud: Here, crawler: dict[str, Any]) -> None:
        self._cloud = cloud
        self._crawler = crawler
        self.database = crawler["DatabaseName"]
        self.changes = Changes()
        policy = crawler.get("SchemaChangePolicy") or {}
        self._update = policy.get("UpdateBehavior", "UPDATE_IN_DATABASE")
        self._delete = policy.get("DeleteBehavior", "DEPRECATE_IN_DATABASE")
        recrawl = (crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior")
        if recrawl == "CRAWL_NEW_FOLDERS_ONLY":
            self._update, self._delete = "LOG", "LOG"
        output = configuration(crawler).get("CrawlerOutput") or {}
        tables, partitions = output.get("Tables") or {}, output.get("Partitions") or {}
        self._merge = tables.get("AddOrUpdateBehavior") == "MergeNewColumns"
        self._inherit = partitions.get("AddOrUpdateBehavior") == "InheritFromTable"

    def glue(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation of Glue on the crawler's database."""
        return self._cloud.call("glue", operation, {"DatabaseName": self.database, **request})

    def ensure_database(self) -> None:
        """Make the crawler's database where it does not exist."""
        try:
            self._cloud.call("glue", "GetDatabase", {"Name": self.database})
        except AWSError as error:
            if error.code != "EntityNotFoundException":
                raise
            self._cloud.call("glue", "CreateDatabase", {"DatabaseInput": {"Name": self.database}})

    def existing(self, name: str) -> dict[str, Any] | None:
        """Return a table, or None where there is none."""
        try:
            found: dict[str, Any] = self.glue("GetTable", Name=name)["Table"]
        except AWSError as error:
            if error.code == "EntityNotFoundException":
                return None
            raise
        return found

    def write(self, group: Group, bucket: str) -> None:
        """Make or update the table and partitions of a group of objects."""
        wanted = table_input(group, bucket, self._crawler)
        self.put(wanted)
        kept = self.existing(wanted["Name"])
        columns = ((kept or wanted).get("StorageDescriptor") or {}).get("Columns") or []
        entries = partition_inputs(group, bucket, self._crawler, self._inherit, columns)
        if entries and kept and len(kept.get("PartitionKeys") or ()) == len(keys_of(group)):
            self.put_partitions(wanted["Name"], entries)

    def put(self, wanted: dict[str, Any]) -> None:
        """Make a table, or update the one that is there as the policy says."""
        wanted["Name"] = self._free_name(wanted)
        name = wanted["Name"]
        self.changes.names.append(name)
        known = self.existing(name)
        if known is None:
            self.glue("CreateTable", TableInput=wanted)
            self._note("ADD", f"created table {name} in database {self.database}")
            return
        merged = self._merged(known, wanted)
        if merged is None:
            return
        if self._update == "LOG":
            self.changes.log.append(
                f"WARN : table {name} changed; SchemaChangePolicy LOG leaves it as it is"
            )
            return
        self.glue("UpdateTable", TableInput=merged)
        self._note("UPDATE", f"updated table {name} in database {self.database}")

    def _note(self, action: str, text: str) -> None:
        self.changes.tables[action] += 1
        self.changes.log.append(f"INFO : {text}")

    def _free_name(self, wanted: dict[str, Any]) -> str:
        """Return the table's name, with a hash of its place where another has the name already."""
        name: str = wanted["Name"]
        known = self.existing(name)
        place = wanted["StorageDescriptor"]["Location"].rstrip("/")
        if known is None or (known.get("StorageDescriptor") or {}).get("Location", "").rstrip(
            "/"
        ) in ("", place):
            return name
        return f"{name}_{hashlib.md5(place.encode(), usedforsecurity=False).hexdigest()}"

    def _merged(self, known: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any] | None:
        """Return the table as it should be, or None where nothing changes but the counts."""
        storage = known.get("StorageDescriptor") or {}
        old, new = storage.get("Columns") or [], wanted["StorageDescriptor"]["Columns"]
        if self._merge:
            names = {column["Name"] for column in old}
            new = old + [column for column in new if column["Name"] not in names]
        else:
            comments = {c["Name"]: c["Comment"] for c in old if c.get("Comment")}
            new = [
                c | ({"Comment": comments[c["Name"]]} if c["Name"] in comments else {}) for c in new
            ]
        parameters = {**(known.get("Parameters") or {}), **wanted["Parameters"]}
        parameters.pop("DEPRECATED_BY_CRAWLER", None)
        changed = {**wanted, "Parameters": parameters}
        changed |= {k: known[k] for k in ("Description", "Owner", "Retention") if k in known}
        changed["StorageDescriptor"] = {**wanted["StorageDescriptor"], "Columns": new}
        if known.get("PartitionKeys"):
            changed["PartitionKeys"] = known["PartitionKeys"]
        same = old == new and known.get("Parameters") == parameters
        return None if same else changed

    def put_partitions(self, table: str, entries: list[dict[str, Any]]) -> None:
        """Make the partitions that are not there yet; update those whose schema changed."""
        known = {tuple(p["Values"]): p for p in self.partitions(table)}
        new = [entry for entry in entries if tuple(entry["Values"]) not in known]
        for start in range(0, len(new), BATCH):
            self.glue(
                "BatchCreatePartition",
                TableName=table,
                PartitionInputList=new[start : start + BATCH],
            )
        self.changes.partitions["ADD"] += len(new)
        changed = [
            entry
            for entry in entries
            if (old := known.get(tuple(entry["Values"]))) is not None and _differs(old, entry)
        ]
        if self._update == "LOG":
            return
        for start in range(0, len(changed), BATCH):
            self.glue(
                "BatchUpdatePartition",
                TableName=table,
                Entries=[
                    {"PartitionValueList": entry["Values"], "PartitionInput": entry}
                    for entry in changed[start : start + BATCH]
                ],
            )
        self.changes.partitions["UPDATE"] += len(changed)

    def partitions(self, table: str) -> list[dict[str, Any]]:
        """Return all partitions of a table."""
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            page = self.glue("GetPartitions", TableName=table, **more)
            found += page.get("Partitions", ())
            if not (token := page.get("NextToken")):
                return found
            more = {"NextToken": token}

    def remove_missing(self, prefixes: list[str], seen: dict[str, set[tuple[str, ...]]]) -> None:
        """Treat this crawler's tables and partitions whose objects are gone, as the policy says.

        `prefixes` are the places that were crawled, s3://…; `seen` the partitions found, by table.
        """
        for table in list(self.own_tables(prefixes)):
            if table["Name"] in seen:
                self._remove_partitions(table["Name"], seen[table["Name"]])
            else:
                self._remove_table(table)

    def own_tables(self, prefixes: list[str]) -> list[dict[str, Any]]:
        """Return the tables that this crawler made or updated, below one of the places."""
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            page = self.glue("GetTables", **more)
            found += page.get("TableList", ())
            if not (token := page.get("NextToken")):
                break
            more = {"NextToken": token}
        return [
            table
            for table in found
            if (table.get("Parameters") or {}).get("UPDATED_BY_CRAWLER") == self._crawler["Name"]
            and (table.get("StorageDescriptor") or {})
            .get("Location", "")
            .startswith(tuple(prefixes))
        ]

    def _remove_table(self, table: dict[str, Any]) -> None:
        name = table["Name"]
        if self._delete == "DELETE_FROM_DATABASE":
            self.glue("DeleteTable", Name=name)
            self._note("DELETE", f"deleted table {name}: its objects are gone")
        elif self._delete == "DEPRECATE_IN_DATABASE":
            if "DEPRECATED_BY_CRAWLER" in (table.get("Parameters") or {}):
                return
            kept = {k: table[k] for k in _INPUT if table.get(k) is not None}
            kept["Parameters"] = {
                **(table.get("Parameters") or {}),
                "DEPRECATED_BY_CRAWLER": self._crawler["Name"],
            }
            self.glue("UpdateTable", TableInput=kept)
            self._note("UPDATE", f"deprecated table {name}: its objects are gone")
        else:
            self.changes.log.append(f"WARN : the objects of table {name} are gone")

    def _remove_partitions(self, table: str, seen: set[tuple[str, ...]]) -> None:
        gone = [p for p in self.partitions(table) if tuple(p["Values"]) not in seen]
        if not gone or self._delete == "LOG":
            return
        for start in range(0, len(gone), 25):
            self.glue(
                "BatchDeletePartition",
                TableName=table,
                PartitionsToDelete=[{"Values": p["Values"]} for p in gone[start : start + 25]],
            )
        self.changes.partitions["DELETE"] += len(gone)


_INPUT = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "TableType",
    "Parameters",
)


def _differs(old: dict[str, Any], new: dict[str, Any]) -> bool:
    a, b = old.get("StorageDescriptor") or {}, new["StorageDescriptor"]
    return any(a.get(key) != b.get(key) for key in ("Columns", "Parameters", "SerdeInfo"))


def configuration(crawler: dict[str, Any]) -> dict[str, Any]:
    """Return the crawler's Configuration, which is JSON text."""
    found: dict[str, Any] = json.loads(crawler.get("Configuration") or "{}")
    return found
