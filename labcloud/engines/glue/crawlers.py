"""Definitions of crawlers and their schedules; `crawl_runs` runs them.

Words of errors as AWS gave them: https://github.com/iann0036/AWSConsoleRecorder/issues/35,
https://github.com/awslabs/aws-customer-churn-pipeline/issues/15
"""

from __future__ import annotations

import json
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, given, next_page
from labcloud.engines.glue.classifiers import KIND as CLASSIFIER
from labcloud.engines.glue.cron import Cron
from labcloud.engines.glue.paging import page
from labcloud.errors import AWSError

KIND = "crawler"

_TARGETS = ("S3Targets", "JdbcTargets", "MongoDBTargets", "DynamoDBTargets", "CatalogTargets",
            "DeltaTargets", "IcebergTargets", "HudiTargets")  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "Classifiers": [],
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "SchemaChangePolicy": {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    },
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
    "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
}
_SETTABLE = (
    "Role", "DatabaseName", "Description", "Targets", "Classifiers", "TablePrefix",
    "SchemaChangePolicy", "RecrawlPolicy", "LineageConfiguration", "LakeFormationConfiguration",
    "Configuration", "CrawlerSecurityConfiguration", "CatalogId",
)  # fmt: skip
_OURS = ("Crawls", "Counts")
"""What `crawl_runs` keeps with a crawler and nobody is shown."""


class CrawlerOperations(GlueBase):
    """Create, Get, Update, Delete, List and BatchGet of crawlers; their schedules."""

    def create_crawler(self, request: Request, context: Context) -> Answer:
        """Define a crawler. Raises `AlreadyExistsException`, `InvalidInputException`."""
        name, at = request["Name"], codec.now()
        body = {
            **_DEFAULTS,
            **given(request, *_SETTABLE),
            "Name": name,
            "State": "READY",
            "CrawlElapsedTime": 0,
            "CreationTime": at,
            "LastUpdated": at,
            "Version": 1,
        }
        if expression := request.get("Schedule"):
            body["Schedule"] = _schedule(expression)
        self._check(body, context)
        taken = AWSError(errors.EXISTS, f"{name} already exists")
        self.add_thing(context, KIND, name, body, taken)
        if tags := request.get("Tags"):
            self.tag(context, f"crawler/{name}", tags)
        return {}

    def get_crawler(self, request: Request, context: Context) -> Answer:
        """Return a crawler. Raises `EntityNotFoundException`."""
        found = self.thing(context, KIND, request["Name"])
        if found is None:
            raise no_crawler_entry(request["Name"])
        return {"Crawler": _shown(found)}

    def get_crawlers(self, request: Request, context: Context) -> Answer:
        """Return a page of crawlers by name."""
        found, token = page(self.things(context, KIND), request, 100, lambda one: one["Name"])
        return {"Crawlers": [_shown(one) for one in found], **next_page(token)}

    def list_crawlers(self, request: Request, context: Context) -> Answer:
        """Return a page of crawlers' names, those with all the tags that are asked for."""
        names = [one["Name"] for one in self.things(context, KIND)]
        if wanted := request.get("Tags"):
            names = [
                name
                for name in names
                if wanted.items() <= self.tags(context, f"crawler/{name}").items()
            ]
        found, token = page(names, request, 100, lambda name: name)
        return {"CrawlerNames": found, **next_page(token)}

    def batch_get_crawlers(self, request: Request, context: Context) -> Answer:
        """Return crawlers by name, and the names that no crawler has."""
        kept = {one["Name"]: one for one in self.things(context, KIND)}
        names = list(dict.fromkeys(request["CrawlerNames"]))
        return {
            "Crawlers": [_shown(kept[name]) for name in names if name in kept],
            "CrawlersNotFound": [name for name in names if name not in kept],
        }

    def update_crawler(self, request: Request, context: Context) -> Answer:
        """Change what the request names of a crawler. Raises `CrawlerRunningException`."""
        name = request["Name"]

        def change(old: dict[str, Any]) -> dict[str, Any]:
            _check_idle(old)
            new = {**old, **given(request, *_SETTABLE)}
            if "Schedule" in request:
                new["Schedule"] = _schedule(request["Schedule"])
            self._check(new, context)
            return {**new, "LastUpdated": codec.now(), "Version": old["Version"] + 1}

        self.change_thing(context, KIND, name, change, no_crawler_entry(name))
        return {}

    def delete_crawler(self, request: Request, context: Context) -> Answer:
        """Remove a crawler. Raises `CrawlerRunningException`, `EntityNotFoundException`."""
        name = request["Name"]
        found = self.thing(context, KIND, name)
        if found is None:
            raise no_crawler_entry(name)
        _check_idle(found)
        self.remove_thing(context, KIND, name)
        self.untag(context, f"crawler/{name}")
        return {}

    def update_crawler_schedule(self, request: Request, context: Context) -> Answer:
        """Give a crawler another schedule, or none."""
        schedule = _schedule(request["Schedule"]) if request.get("Schedule") else {}
        self._change_schedule(request, context, lambda _: schedule)
        return {}

    def start_crawler_schedule(self, request: Request, context: Context) -> Answer:
        """Let a crawler run by its schedule. Raises `NoScheduleException`."""

        def start(old: dict[str, Any]) -> dict[str, Any]:
            name = request["CrawlerName"]
            if not old.get("ScheduleExpression"):
                raise AWSError("NoScheduleException", f"Crawler {name} has no schedule")
            if old["State"] == "SCHEDULED":
                raise AWSError(
                    "SchedulerRunningException", f"The schedule of crawler {name} is running"
                )
            return {**old, "State": "SCHEDULED"}

        self._change_schedule(request, context, start)
        return {}

    def stop_crawler_schedule(self, request: Request, context: Context) -> Answer:
        """Stop running a crawler by its schedule. Raises `SchedulerNotRunningException`."""

        def stop(old: dict[str, Any]) -> dict[str, Any]:
            if old.get("State") != "SCHEDULED":
                raise AWSError(
                    "SchedulerNotRunningException",
                    f"The schedule of crawler {request['CrawlerName']} is not running",
                )
            return {**old, "State": "NOT_SCHEDULED"}

        self._change_schedule(request, context, stop)
        return {}

    def _change_schedule(self, request: Request, context: Context, change: Any) -> None:
        name = request["CrawlerName"]

        def whole(old: dict[str, Any]) -> dict[str, Any]:
            return {**old, "Schedule": change(old.get("Schedule") or {})}

        self.change_thing(context, KIND, name, whole, no_crawler_entry(name))

    def _check(self, crawler: dict[str, Any], context: Context) -> None:
        """Raise `InvalidInputException` for a crawler that could never run."""
        targets = crawler["Targets"]
        if not any(targets.get(kind) for kind in _TARGETS):
            raise errors.invalid("At least one crawl target must be specified.")
        for target in targets.get("S3Targets") or ():
            if not target.get("Path"):
                raise errors.invalid("The S3 target path cannot be empty.")
        if targets.get("CatalogTargets"):
            _check_catalog_targets(crawler)
        for name in crawler["Classifiers"]:
            if self.thing(context, CLASSIFIER, name) is None:
                raise errors.invalid(f"Classifier with name {name} does not exist")
        _check_configuration(crawler.get("Configuration"))


def no_crawler_entry(name: str) -> AWSError:
    """No crawler has this name."""
    return errors.not_found(f"Crawler entry with name {name} does not exist")


def _schedule(expression: str) -> dict[str, Any]:
    try:
        Cron(expression)
    except ValueError as error:
        raise errors.invalid(f"Invalid schedule cron expression: {error}") from error
    return {"ScheduleExpression": expression, "State": "SCHEDULED"}


def _check_idle(crawler: dict[str, Any]) -> None:
    if crawler["State"] != "READY":
        raise AWSError(
            "CrawlerRunningException", f"Crawler with name {crawler['Name']} has already started"
        )


def _check_catalog_targets(crawler: dict[str, Any]) -> None:
    """Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-catalog-targets.html."""
    if any(crawler["Targets"].get(kind) for kind in _TARGETS if kind != "CatalogTargets"):
        raise errors.invalid("Catalog targets cannot be mixed with other target types.")
    if crawler["SchemaChangePolicy"].get("DeleteBehavior") != "LOG":
        raise errors.invalid("The SchemaChangePolicy for "
                             "\"Catalog targets\" must have DeleteBehavior LOG.")  # fmt: skip


def _check_configuration(text: str | None) -> None:
    """Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html."""
    if not text:
        return
    try:
        configuration = json.loads(text)
    except ValueError as error:
        raise errors.invalid("Crawler configuration is not valid JSON.") from error
    if not isinstance(configuration, dict) or configuration.get("Version") != 1.0:
        raise errors.invalid("Crawler configuration must have Version 1.0.")


def _shown(crawler: dict[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in crawler.items() if name not in _OURS}
    body["Targets"] = {kind: [] for kind in _TARGETS} | crawler["Targets"]
    for kind in ("S3Targets", "JdbcTargets"):
        body["Targets"][kind] = [{"Exclusions": [], **one} for one in body["Targets"][kind]]
    if not body.get("Schedule"):
        body.pop("Schedule", None)
    return codec.restore(body, "Crawler")
