"""One crawl: each target harvested and written; what happened goes into a log and a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labcloud.engines.glue.crawler import other_targets
from labcloud.engines.glue.crawler.catalog_writer import Writer, configuration
from labcloud.engines.glue.crawler.grouping import group
from labcloud.engines.glue.crawler.s3_target import Harvest, harvest
from labcloud.engines.glue.crawler.tables import keys_of
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud


@dataclass(slots=True)
class Crawled:
    """How a crawl ended: SUCCEEDED, FAILED or CANCELLED; its log; what it changed and read."""

    status: str
    message: str = ""
    log: list[str] = field(default_factory=list)
    summary: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    """TablesCreated, TablesUpdated, TablesDeleted."""
    objects: int = 0
    reads: int = 0


class Here:
    """The cloud as a crawl sees it: one account in one Region."""

    def __init__(self, cloud: Cloud, account: str, region: str) -> None:
        self._cloud = cloud
        self._where = {"account": account, "region": region}

    def call(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Call an AWS operation and return its output. Raises AWSError."""
        return self._cloud.call(service, operation, request, **self._where)


class Crawl:
    """A run of a crawler, as GetCrawler describes it. `stopped` ends it early."""

    def __init__(self, cloud: Here, crawler: dict[str, Any], stopped: Callable[[], bool]) -> None:
        self._cloud = cloud
        self._crawler = crawler
        self._stopped = stopped
        self._writer = Writer(cloud, crawler)
        self._result = Crawled("SUCCEEDED")
        self._seen: dict[str, set[tuple[str, ...]]] = {}

    def run(self) -> Crawled:
        """Crawl all targets. Whatever goes wrong ends as FAILED with a message, never raised."""
        log = self._writer.changes.log
        log.append(f"BENCHMARK : Running Start Crawl for Crawler {self._crawler['Name']}")
        try:
            self._targets()
        except AWSError as error:
            self._result.status = "FAILED"
            self._result.message = f"{error.code}: {error.message}"
            log.append(f"ERROR : {self._result.message}")
        if self._stopped():
            self._result.status = "CANCELLED"
        log.append(f"INFO : {self._result.objects} objects were read in {self._result.reads} reads")
        log.append("BENCHMARK : Crawler has finished running and is in state READY")
        changes = self._writer.changes
        self._result.log = log
        self._result.summary = changes.summary()
        self._result.counts = {
            "TablesCreated": changes.tables["ADD"],
            "TablesUpdated": changes.tables["UPDATE"],
            "TablesDeleted": changes.tables["DELETE"],
        }
        return self._result

    def _targets(self) -> None:
        self._writer.ensure_database()
        targets = self._crawler.get("Targets") or {}
        custom = [
            self._cloud.call("glue", "GetClassifier", {"Name": name})["Classifier"]
            for name in self._crawler.get("Classifiers") or ()
        ]
        places = [self._s3(target, custom) for target in targets.get("S3Targets") or ()]
        other_targets.crawl(self._cloud, self._crawler, targets, self._writer, custom)
        if not self._stopped():
            self._writer.remove_missing([p for p in places if p], self._seen)

    def _s3(self, target: dict[str, Any], custom: list[dict[str, Any]]) -> str:
        """Crawl one S3 target; return the place that was crawled."""
        found = harvest(self._cloud, target, custom, self._stopped, self._only())
        self._result.objects += len(found.found) + len(found.skipped)
        self._result.reads += found.reads
        for key, why in found.skipped:
            self._writer.changes.log.append(f"WARN : s3://{found.bucket}/{key} is left out: {why}")
        if self._stopped():
            return ""
        self._write(found)
        return "" if self._new_only else f"s3://{found.bucket}/{found.prefix}"

    def _write(self, found: Harvest) -> None:
        grouping = configuration(self._crawler).get("Grouping") or {}
        groups = group(
            found.found,
            found.prefix,
            grouping.get("TableLevelConfiguration"),
            grouping.get("TableGroupingPolicy") == "CombineCompatibleSchemas",
            self._anchors(found.bucket),
        )
        for one in groups:
            self._writer.write(one, found.bucket)
            name = self._writer.changes.names[-1]
            keys = keys_of(one)
            self._seen[name] = {
                tuple(part.partition("=")[2] if "=" in part else part for part in parts)
                for folder in one.folders()
                if len(parts := folder.split("/")[:-1]) == len(keys)
            }

    def _anchors(self, bucket: str) -> set[str]:
        """Return where this crawler's tables begin, for a crawl that sees only new folders."""
        if not self._new_only:
            return set()
        start = f"s3://{bucket}/"
        places = (t["StorageDescriptor"]["Location"] for t in self._writer.own_tables([start]))
        return {place[len(start) :] for place in places if place.endswith("/")}

    @property
    def _new_only(self) -> bool:
        policy = self._crawler.get("RecrawlPolicy") or {}
        return bool(policy.get("RecrawlBehavior") == "CRAWL_NEW_FOLDERS_ONLY")

    def _only(self) -> Callable[[str], bool]:
        """Return which folders (s3://bucket/folder/) are crawled.

        With CRAWL_NEW_FOLDERS_ONLY those that no table has yet.
        """
        if not self._new_only:
            return lambda folder: True
        known = set(self._known_places())
        return lambda place: place not in known

    def _known_places(self) -> list[str]:
        """Return the places, s3://bucket/folder/, of this crawler's tables and partitions."""
        found = []
        for table in self._writer.own_tables(["s3://"]):
            place = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
            if table.get("PartitionKeys"):
                found += [
                    p["StorageDescriptor"]["Location"].rstrip("/") + "/"
                    for p in self._writer.partitions(table["Name"])
                ]
            else:
                found.append(place)
        return found
