"""Data quality rulesets: DQDL, checked when it is kept; `quality/` evaluates it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, given, next_page
from labcloud.engines.glue.paging import page
from labcloud.engines.glue.quality.dqdl import DqdlError, parse
from labcloud.errors import AWSError

KIND = "data quality ruleset"
_SHOWN = ("Name", "Description", "CreatedOn", "LastModifiedOn", "TargetTable",
          "RecommendationRunId")  # fmt: skip


class RulesetOperations(GlueBase):
    """Create, Get, Update, Delete and List of data quality rulesets."""

    def create_data_quality_ruleset(self, request: Request, context: Context) -> Answer:
        """Keep a ruleset. Raises `AlreadyExistsException`, `InvalidInputException` for its DQDL."""
        name, at = request["Name"], codec.now()
        check_rules(request["Ruleset"])
        if target := request.get("TargetTable"):
            self._check_target(target, context)
        body = {
            **given(
                request,
                "Description",
                "Ruleset",
                "TargetTable",
                "DataQualitySecurityConfiguration",
                "RecommendationRunId",
            ),
            "Name": name,
            "CreatedOn": at,
            "LastModifiedOn": at,
        }
        old = self.thing(context, KIND, name)
        if (token := request.get("ClientToken")) and old and old.get("ClientToken") == token:
            return {"Name": name}
        body |= given(request, "ClientToken")
        taken = AWSError(errors.EXISTS, f"Data quality ruleset {name} already exists.")
        self.add_thing(context, KIND, name, body, taken)
        if tags := request.get("Tags"):
            self.tag(context, f"dataQualityRuleset/{name}", tags)
        return {"Name": name}

    def get_data_quality_ruleset(self, request: Request, context: Context) -> Answer:
        """Return a ruleset. Raises `EntityNotFoundException`."""
        found = self.ruleset(context, request["Name"])
        found.pop("ClientToken", None)
        return codec.restore(found, "GetDataQualityRulesetResponse")

    def update_data_quality_ruleset(self, request: Request, context: Context) -> Answer:
        """Change a ruleset's rules or description. Raises `EntityNotFoundException`."""
        name = request["Name"]
        changes = given(request, "Description", "Ruleset")
        if "Ruleset" in changes:
            check_rules(changes["Ruleset"])
        kept: dict[str, Any] = {}

        def change(old: dict[str, Any]) -> dict[str, Any]:
            kept.update({**old, **changes, "LastModifiedOn": codec.now()})
            return kept

        self.change_thing(context, KIND, name, change, _no(name))
        return given(kept, "Name", "Description", "Ruleset")

    def delete_data_quality_ruleset(self, request: Request, context: Context) -> Answer:
        """Remove a ruleset. Raises `EntityNotFoundException`."""
        name = request["Name"]
        if not self.remove_thing(context, KIND, name):
            raise _no(name)
        self.untag(context, f"dataQualityRuleset/{name}")
        return {}

    def list_data_quality_rulesets(self, request: Request, context: Context) -> Answer:
        """Return a page of rulesets that fit the filter and have the tags."""
        found = [one for one in self.things(context, KIND) if _fits(one, request.get("Filter"))]
        if wanted := request.get("Tags"):
            found = [
                one
                for one in found
                if wanted.items() <= self.tags(context, f"dataQualityRuleset/{one['Name']}").items()
            ]
        some, token = page(found, request, 100, lambda one: one["Name"])
        shown = [
            {**given(one, *_SHOWN), "RuleCount": len(parse(one["Ruleset"]).rules)} for one in some
        ]
        rulesets = [codec.restore(one, "DataQualityRulesetListDetails") for one in shown]
        return {"Rulesets": rulesets, **next_page(token)}

    def ruleset(self, context: Context, name: str) -> dict[str, Any]:
        """Return a ruleset as it is kept. Raises `EntityNotFoundException`."""
        found = self.thing(context, KIND, name)
        if found is None:
            raise _no(name)
        return found

    def _check_target(self, target: dict[str, Any], context: Context) -> None:
        scope = self.catalog_scope(target.get("CatalogId"), context)
        with self.store.read() as db:
            self.row(db, scope, target["DatabaseName"], target["TableName"])


def check_rules(text: str) -> None:
    """Raise `InvalidInputException` for DQDL that cannot be read."""
    try:
        parse(text)
    except DqdlError as error:
        raise errors.invalid(f"Invalid DQDL: {error}") from error


def _no(name: str) -> AWSError:
    return errors.not_found(f"Data quality ruleset {name} not found.")


def _fits(one: dict[str, Any], wanted: dict[str, Any] | None) -> bool:
    wanted = wanted or {}
    for name in ("Name", "Description"):
        if name in wanted and wanted[name] != one.get(name):
            return False
    target = wanted.get("TargetTable")
    if target:
        held = one.get("TargetTable") or {}
        if any(held.get(k) != v for k, v in target.items() if k != "CatalogId"):
            return False
    return all(
        (one[field] < _seconds(wanted[name])) is before
        for name, field, before in (
            ("CreatedBefore", "CreatedOn", True),
            ("CreatedAfter", "CreatedOn", False),
            ("LastModifiedBefore", "LastModifiedOn", True),
            ("LastModifiedAfter", "LastModifiedOn", False),
        )
        if name in wanted
    )


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
