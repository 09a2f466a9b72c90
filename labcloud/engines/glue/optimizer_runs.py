"""Table optimizers at work: compaction, retention and orphan files of Iceberg tables.

Each does what Athena's OPTIMIZE and VACUUM do, by Athena, on the optimizer's schedule.
Source: https://docs.aws.amazon.com/glue/latest/dg/table-optimizers.html
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import GlueBase
from labcloud.engines.glue.optimizers import KIND, SECTIONS
from labcloud.errors import AWSError

TICK = 300.0
"""Seconds between looks at the optimizers."""

COMPACTION_SECONDS = 300.0
KEPT = 50
DAY = 86_400.0


class OptimizerRuns(GlueBase):
    """Runs the optimizers of Iceberg tables by the cloud's clock."""

    def start(self) -> None:
        """Begin to look at the optimizers."""
        super().start()
        self.cloud.every(TICK, self.run_optimizers)

    def run_optimizers(self) -> None:
        """Run each enabled optimizer that is due."""
        with self.store.read() as db:
            rows = db.execute("SELECT scope, name FROM things WHERE kind = ?", (KIND,)).fetchall()
        for scope, name in rows:
            account, region = scope.split("/")
            context = Context("glue", "CreateTableOptimizer", account, region)
            found = self.thing(context, KIND, name)
            if found is None:
                continue
            configuration = found["Optimizer"].get("configuration") or {}
            if configuration.get("enabled") and self._is_due(found, configuration):
                self._run_optimizer(found, context)

    def _is_due(self, found: dict[str, Any], configuration: dict[str, Any]) -> bool:
        kind = found["Optimizer"]["type"]
        section = configuration.get(SECTIONS[kind]) or {}
        inner: dict[str, Any] = next(iter(section.values()), {}) if section else {}
        rate = (
            inner.get("runRateInHours", 24) * 3600.0 if kind != "compaction" else COMPACTION_SECONDS
        )
        last = next((run["startTimestamp"] for run in found.get("Runs", ())), None)
        return last is None or time.time() - last >= rate

    def _run_optimizer(self, found: dict[str, Any], context: Context) -> None:
        kind, table = found["Optimizer"]["type"], found["Table"]
        run: dict[str, Any] = {"eventType": "completed", "startTimestamp": codec.now()}
        try:
            metrics = _WORK[kind](self, table, found["Optimizer"].get("configuration") or {})
            run |= metrics
        except AWSError as error:
            run |= {"eventType": "failed", "error": error.message}
        run["endTimestamp"] = codec.now()

        def changed(body: dict[str, Any]) -> dict[str, Any]:
            return {**body, "Runs": [run, *body.get("Runs", ())][:KEPT]}

        self.change_thing(context, KIND, found["Name"], changed, errors.not_found("gone"))

    # ---- the work

    def _compact(self, table: dict[str, Any], configuration: dict[str, Any]) -> dict[str, Any]:
        before = self._files(table)
        name = f'"{table["DatabaseName"]}"."{table["TableName"]}"'
        self._athena(f"OPTIMIZE {name} REWRITE DATA USING BIN_PACK", table["DatabaseName"])
        after = self._files(table)
        gone = [size for path, size in before.items() if path not in after]
        metrics = {
            "NumberOfBytesCompacted": str(sum(gone)),
            "NumberOfFilesCompacted": str(len(gone)),
        }
        return {
            "metrics": {**metrics, "NumberOfDpus": "0", "JobDurationInHour": "0"},
            "compactionMetrics": {
                "IcebergMetrics": {
                    "NumberOfBytesCompacted": sum(gone),
                    "NumberOfFilesCompacted": len(gone),
                    "NumberOfDpus": 0,
                    "JobDurationInHour": 0.0,
                }
            },
        }

    def _retain(self, table: dict[str, Any], configuration: dict[str, Any]) -> dict[str, Any]:
        section = (configuration.get("retentionConfiguration") or {}).get(
            "icebergConfiguration"
        ) or {}
        days = section.get("snapshotRetentionPeriodInDays", 5)
        keep = section.get("numberOfSnapshotsToRetain", 1)
        name = f'"{table["DatabaseName"]}"."{table["TableName"]}"'
        plain = f"`{table['DatabaseName']}`.`{table['TableName']}`"
        self._athena(
            f"ALTER TABLE {plain} SET TBLPROPERTIES ("
            f"'vacuum_max_snapshot_age_seconds'='{int(days * DAY)}', "
            f"'vacuum_min_snapshots_to_keep'='{keep}')",
            table["DatabaseName"],
        )
        before = self._objects(table)
        self._athena(f"VACUUM {name}", table["DatabaseName"])
        gone = [key for key in before if key not in self._objects(table)]
        data = sum(1 for key in gone if key.endswith((".parquet", ".orc")))
        lists = sum(1 for key in gone if "/snap-" in key)
        metrics = {
            "NumberOfDataFilesDeleted": data,
            "NumberOfManifestFilesDeleted": len(gone) - data - lists,
            "NumberOfManifestListsDeleted": lists,
            "NumberOfDpus": 0,
            "JobDurationInHour": 0.0,
        }
        return {"retentionMetrics": {"IcebergMetrics": metrics}}

    def _orphans(self, table: dict[str, Any], configuration: dict[str, Any]) -> dict[str, Any]:
        section = (configuration.get("orphanFileDeletionConfiguration") or {}).get(
            "icebergConfiguration"
        ) or {}
        days = section.get("orphanFileRetentionPeriodInDays", 3)
        before = datetime.fromtimestamp(time.time() - days * DAY, UTC)
        known = self._referenced(table)
        bucket, _ = self._place(table)
        deleted = 0
        for key, entry in self._objects(table).items():
            if f"s3://{bucket}/{key}" not in known and entry["LastModified"] < before:
                self.cloud.call("s3", "DeleteObject", {"Bucket": bucket, "Key": key})
                deleted += 1
        metrics = {
            "NumberOfOrphanFilesDeleted": deleted,
            "NumberOfDpus": 0,
            "JobDurationInHour": 0.0,
        }
        return {"orphanFileDeletionMetrics": {"IcebergMetrics": metrics}}

    # ---- asking

    def _athena(self, sql: str, database: str) -> list[list[str | None]]:
        from labcloud.engines.glue.quality.ask import Asker
        from labcloud.engines.glue.quality.rules import RuleError

        try:
            return Asker(self.cloud, database)(sql)
        except RuleError as error:
            raise AWSError("InvalidInputException", str(error)) from None

    def _files(self, table: dict[str, Any]) -> dict[str, int]:
        name = f'"{table["DatabaseName"]}"."{table["TableName"]}$files"'
        rows = self._athena(
            f"SELECT file_path, file_size_in_bytes FROM {name}", table["DatabaseName"]
        )
        return {str(path): int(size or 0) for path, size in rows}

    def _place(self, table: dict[str, Any]) -> tuple[str, str]:
        asked = {"DatabaseName": table["DatabaseName"], "Name": table["TableName"]}
        found = self.cloud.call("glue", "GetTable", asked)["Table"]
        bucket, _, prefix = found["StorageDescriptor"]["Location"][5:].partition("/")
        return bucket, prefix.rstrip("/") + "/"

    def _objects(self, table: dict[str, Any]) -> dict[str, dict[str, Any]]:
        bucket, prefix = self._place(table)
        request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
        found: dict[str, dict[str, Any]] = {}
        while True:
            page = self.cloud.call("s3", "ListObjectsV2", request)
            found |= {entry["Key"]: entry for entry in page.get("Contents", ())}
            if not page.get("IsTruncated"):
                return found
            request["ContinuationToken"] = page["NextContinuationToken"]

    def _referenced(self, table: dict[str, Any]) -> set[str]:
        """Return the addresses of what a table's metadata refers to, itself included."""
        from labcloud.engines.glue.iceberg_files import referenced

        asked = {"DatabaseName": table["DatabaseName"], "Name": table["TableName"]}
        found = self.cloud.call("glue", "GetTable", asked)["Table"]
        return referenced(self.cloud, found["Parameters"]["metadata_location"])


_WORK = {
    "compaction": OptimizerRuns._compact,
    "retention": OptimizerRuns._retain,
    "orphan_file_deletion": OptimizerRuns._orphans,
}
