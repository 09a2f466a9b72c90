"""Work groups: their settings, who enforces them, and the engine's versions.

Source: https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html
"""

from __future__ import annotations

import copy
import time
from typing import Any

from moto.athena.models import WorkGroup

from labcloud.engine import Context
from labcloud.engines.athena.base import PRIMARY, AthenaBase, Request
from labcloud.engines.athena.errors import invalid
from labcloud.engines.athena.locations import check_location
from labcloud.engines.athena.paging import page

VERSION_3 = "Athena engine version 3"
SPARK = "PySpark engine version 3"
SELECTABLE = ("AUTO", VERSION_3)
VERSIONS = [
    {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": VERSION_3},
    {"SelectedEngineVersion": VERSION_3, "EffectiveEngineVersion": VERSION_3},
]
CUTOFF_LEAST = 10_000_000

_DEFAULTS: dict[str, Any] = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": False,
    "RequesterPaysEnabled": False,
    "EnableMinimumEncryptionConfiguration": False,
}


def engine_version(asked: dict[str, str] | None) -> dict[str, str]:
    """Return the engine version that a choice means. Raises where Athena has none of that name."""
    selected = (asked or {}).get("SelectedEngineVersion") or "AUTO"
    if selected == SPARK:
        raise invalid(
            "Work groups for Apache Spark cannot be run by labcloud; choose "
            f"{' or '.join(SELECTABLE)}.",
        )
    if selected not in SELECTABLE:
        raise invalid(f"Invalid engine version: {selected}", "INVALID_ENGINE_VERSION")
    return {"SelectedEngineVersion": selected, "EffectiveEngineVersion": VERSION_3}


def is_managed(configuration: dict[str, Any]) -> bool:
    """Return whether Athena itself keeps the results of a work group's queries."""
    return bool((configuration.get("ManagedQueryResultsConfiguration") or {}).get("Enabled"))


class WorkGroupOperations(AthenaBase):
    """Operations on work groups."""

    def create_work_group(self, request: Request, context: Context) -> Request:
        """Make a work group. Raises where its name is taken or its settings contradict."""
        name = request["Name"]
        given = copy.deepcopy(request.get("Configuration") or {})
        settings = {**_DEFAULTS, **{k: v for k, v in given.items() if v is not None}}
        settings["EngineVersion"] = engine_version(given.get("EngineVersion"))
        settings.setdefault("ResultConfiguration", {})
        _check(settings)
        with self.changing(context) as backend:
            if name in backend.work_groups:
                raise invalid(f"WorkGroup {name} is already created")
            tags = request.get("Tags") or []
            made: Any = WorkGroup(backend, name, settings, request.get("Description") or "", tags)
            made.created = time.time()
            backend.work_groups[name] = made
            backend.tagger.tag_resource(made.arn, tags)
        return {}

    def get_work_group(self, request: Request, context: Context) -> Request:
        """Return a work group with its settings."""
        with self.lock:
            found = self.work_group(request["WorkGroup"], context)
            answer = {
                "Name": found.name,
                "State": found.state,
                "Configuration": _shown(found.configuration),
                "CreationTime": created(found),
            }
            if found.description:
                answer["Description"] = found.description
        return {"WorkGroup": answer}

    def list_work_groups(self, request: Request, context: Context) -> Request:
        """Return the work groups by name."""
        with self.lock:
            found = sorted(self.kept(context).work_groups.values(), key=lambda group: group.name)
        groups = [
            {
                "Name": group.name,
                "State": group.state,
                "Description": group.description or "",
                "CreationTime": created(group),
                "EngineVersion": _shown(group.configuration)["EngineVersion"],
            }
            for group in found
        ]
        groups, more = page(groups, request, 50)  # type: ignore[assignment]
        return {"WorkGroups": groups, **more}

    def update_work_group(self, request: Request, context: Context) -> Request:
        """Change a work group's settings, description or state."""
        updates = request.get("ConfigurationUpdates") or {}
        with self.changing(context) as backend:
            group = self.work_group(request["WorkGroup"], context)
            settings = updated(_shown(group.configuration), updates)
            _check(settings)
            if request.get("State") is not None:
                group.state = request["State"]
            if request.get("Description") is not None:
                group.description = request["Description"]
            group.configuration = settings
            backend.work_groups[group.name] = group
        return {}

    def delete_work_group(self, request: Request, context: Context) -> Request:
        """Delete a work group; one with queries in it only recursively."""
        name = request["WorkGroup"]
        if name == PRIMARY:
            raise invalid("The primary workgroup cannot be deleted")
        with self.changing(context) as backend:
            group = self.work_group(name, context)
            holds = self.holds(backend, group, context)
            if holds and not request.get("RecursiveDeleteOption"):
                raise invalid(f"WorkGroup {name} is not empty")
            self.empty(backend, group, context)
            del backend.work_groups[name]
            backend.tagger.delete_all_tags_for_resource(group.arn)
        return {}

    def holds(self, backend: Any, group: Any, context: Context) -> bool:
        """Return whether a work group holds saved queries or has run any."""
        return any(
            query.workgroup.name == group.name for query in backend.named_queries.values()
        ) or any(known[0] == group.name for known in backend.prepared_statements)

    def empty(self, backend: Any, group: Any, context: Context) -> None:
        """Forget what a work group holds."""
        queries, statements = backend.named_queries, backend.prepared_statements
        for id_ in [i for i, query in queries.items() if query.workgroup.name == group.name]:
            del queries[id_]
        for key in [key for key in statements if key[0] == group.name]:
            del statements[key]

    def list_engine_versions(self, request: Request, context: Context) -> Request:
        """Return the engine versions that a work group may choose."""
        versions, more = page(VERSIONS, request, 10)
        return {"EngineVersions": versions, **more}


def created(group: Any) -> float:
    """Return when a work group was made; `primary` is as old as the account's data here."""
    if not hasattr(group, "created"):
        group.created = time.time()
    return float(group.created)


def _shown(settings: dict[str, Any]) -> dict[str, Any]:
    shown = {**_DEFAULTS, **copy.deepcopy(settings)}
    shown["EngineVersion"] = engine_version(shown.get("EngineVersion"))
    shown.setdefault("ResultConfiguration", {})
    return shown


def updated(settings: dict[str, Any], updates: dict[str, Any]) -> dict[str, Any]:
    """Return settings after a WorkGroupConfigurationUpdates."""
    changed = copy.deepcopy(settings)
    for name, value in updates.items():
        if value is None:
            continue
        if name == "ResultConfigurationUpdates":
            _update(changed.setdefault("ResultConfiguration", {}), value)
        elif name == "ManagedQueryResultsConfigurationUpdates":
            _update(changed.setdefault("ManagedQueryResultsConfiguration", {}), value)
        elif name == "EngineVersion":
            changed["EngineVersion"] = engine_version(value)
        else:
            _update(changed, {name: value})
    return changed


def _update(target: dict[str, Any], changes: dict[str, Any]) -> None:
    """Set members; `RemoveX: true` takes the member X away."""
    for name, value in changes.items():
        if name.startswith("Remove"):
            if value:
                target.pop(name.removeprefix("Remove"), None)
        elif value is not None:
            target[name] = value


def _check(settings: dict[str, Any]) -> None:
    result = settings.get("ResultConfiguration") or {}
    if result.get("OutputLocation"):
        check_location(result["OutputLocation"])
        if is_managed(settings):
            raise invalid(
                "ManagedQueryResultsConfiguration and ResultConfiguration cannot be set together"
            )
