"""Table optimizers: how Iceberg tables are to be looked after; `optimizer_runs` does it.

Source: https://docs.aws.amazon.com/glue/latest/dg/table-optimizers.html
"""

from __future__ import annotations

from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request
from labcloud.engines.glue.paging import key_of, token_of
from labcloud.errors import AWSError

KIND = "table optimizer"
PAGE = 100
SECTIONS = {
    "compaction": "compactionConfiguration",
    "retention": "retentionConfiguration",
    "orphan_file_deletion": "orphanFileDeletionConfiguration",
}
"""Where each type of optimizer has its settings."""
_DEFAULTS: dict[str, dict[str, Any]] = {
    "compaction": {"strategy": "binpack", "minInputFiles": 100, "deleteFileThreshold": 1},
    "retention": {
        "snapshotRetentionPeriodInDays": 5,
        "numberOfSnapshotsToRetain": 1,
        "cleanExpiredFiles": False,
        "runRateInHours": 24,
    },
    "orphan_file_deletion": {"orphanFileRetentionPeriodInDays": 3, "runRateInHours": 24},
}
"""What an optimizer does where its configuration is silent (botocore's model names them)."""


class OptimizerOperations(GlueBase):
    """Create, Get, Update, Delete and BatchGet of table optimizers, ListTableOptimizerRuns."""

    def create_table_optimizer(self, request: Request, context: Context) -> Answer:
        """Have an Iceberg table looked after. Raises `AlreadyExistsException`."""
        name = self._name(request, context, iceberg=True)
        kind = request["Type"]
        body = {
            "Name": name,
            "Table": _of(request),
            "Optimizer": {
                "type": kind,
                "configuration": _whole(kind, request["TableOptimizerConfiguration"]),
                "configurationSource": "table",
            },
            "Created": codec.now(),
            "Runs": [],
        }
        taken = AWSError(errors.EXISTS, f"{kind} optimizer already exists for the table.")
        self.add_thing(context, KIND, name, body, taken)
        return {}

    def get_table_optimizer(self, request: Request, context: Context) -> Answer:
        """Return an optimizer with its last run. Raises `EntityNotFoundException`."""
        found = self._optimizer(request, context)
        return {**_of(request), "TableOptimizer": _shown(found)}

    def batch_get_table_optimizer(self, request: Request, context: Context) -> Answer:
        """Return optimizers of several tables; those that are not there are reported."""
        found, failed = [], []
        for entry in request["Entries"]:
            asked = {
                "CatalogId": entry.get("catalogId"),
                "DatabaseName": entry.get("databaseName", ""),
                "TableName": entry.get("tableName", ""),
                "Type": entry.get("type", ""),
            }
            table = {name: value for name, value in entry.items() if name != "type"}
            try:
                optimizer = _shown(self._optimizer(asked, context))
                found.append({**table, "tableOptimizer": optimizer})
            except AWSError as error:
                failed.append({**entry, "error": errors.detail(error)})
        return {"TableOptimizers": found, "Failures": failed}

    def update_table_optimizer(self, request: Request, context: Context) -> Answer:
        """Change an optimizer's configuration. Raises `EntityNotFoundException`."""
        name = self._name(request, context)

        def change(old: dict[str, Any]) -> dict[str, Any]:
            configuration = {
                **old["Optimizer"]["configuration"],
                **request["TableOptimizerConfiguration"],
            }
            whole = _whole(request["Type"], configuration)
            return {**old, "Optimizer": {**old["Optimizer"], "configuration": whole}}

        self.change_thing(context, KIND, name, change, _no(request))
        return {}

    def delete_table_optimizer(self, request: Request, context: Context) -> Answer:
        """Remove an optimizer. Raises `EntityNotFoundException`."""
        if not self.remove_thing(context, KIND, self._name(request, context)):
            raise _no(request)
        return {}

    def list_table_optimizer_runs(self, request: Request, context: Context) -> Answer:
        """Return a page of an optimizer's runs, the newest first."""
        runs = self._optimizer(request, context)["Runs"]
        start = key_of(request.get("NextToken"), int) or 0
        size = request.get("MaxResults") or PAGE
        some = [codec.restore(run, "TableOptimizerRun") for run in runs[start : start + size]]
        token = {"NextToken": token_of(start + size)} if len(runs) > start + size else {}
        return {**_of(request), "TableOptimizerRuns": some, **token}

    def _name(self, request: Request, context: Context, *, iceberg: bool = False) -> str:
        """Return what an optimizer is kept under; its table must be there."""
        scope = self.scope(request, context)
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
        kind = (row.table().get("Parameters") or {}).get("table_type", "")
        if iceberg and kind.upper() != "ICEBERG":
            raise errors.invalid("Table optimizers are supported for Iceberg tables only.")
        return f"{row.id}/{request['Type']}"

    def _optimizer(self, request: Request, context: Context) -> dict[str, Any]:
        found = self.thing(context, KIND, self._name(request, context))
        if found is None:
            raise _no(request)
        return found


def _no(request: Request) -> AWSError:
    return errors.not_found(
        f"{request['Type']} optimizer not found for table {request['TableName']}."
    )


def _of(request: Request) -> dict[str, Any]:
    return {name: request[name] for name in ("CatalogId", "DatabaseName", "TableName")}


def _whole(kind: str, configuration: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with the defaults of its own kind. Raises for another kind's."""
    foreign = [section for k, section in SECTIONS.items() if k != kind and section in configuration]
    if foreign:
        raise errors.invalid(f"{foreign[0]} is not allowed for an optimizer of type {kind}.")
    section = SECTIONS[kind]
    given = (configuration.get(section) or {}).get("icebergConfiguration") or {}
    if any(isinstance(value, int) and value < 0 for value in given.values()):
        raise errors.invalid(f"Values of {section} must not be negative.")
    whole = {"icebergConfiguration": {**_DEFAULTS[kind], **given}}
    return {"enabled": True, **configuration, section: whole}


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    last = {"lastRun": body["Runs"][0]} if body["Runs"] else {}
    return codec.restore({**body["Optimizer"], **last}, "TableOptimizer")
