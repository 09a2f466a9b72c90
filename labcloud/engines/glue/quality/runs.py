"""Evaluation and recommendation runs of AWS Glue Data Quality; each in a thread of its own.

Source: https://docs.aws.amazon.com/glue/latest/dg/data-quality-using-api.html
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, Request, given, next_page
from labcloud.engines.glue.paging import page
from labcloud.engines.glue.quality.ask import Asker
from labcloud.engines.glue.quality.dqdl import Rule, parse
from labcloud.engines.glue.quality.recommend import recommend
from labcloud.engines.glue.quality.rules import Evaluator, RuleError, Verdict
from labcloud.engines.glue.rulesets import RulesetOperations
from labcloud.errors import AWSError

RUN = "data quality run"
RESULT = "data quality result"
ADVICE = "data quality recommendation"
DPUS = 5.0
"""DPUs of a run by default (NumberOfWorkers of botocore's model)."""


class QualityOperations(RulesetOperations):
    """Start, Get, List and Cancel of runs; results."""

    # ---- evaluation

    def start_data_quality_ruleset_evaluation_run(
        self, request: Request, context: Context
    ) -> Answer:
        """Start to evaluate rulesets over a table. Raises EntityNotFoundException."""
        for name in request["RulesetNames"]:
            self.ruleset(context, name)
        self._table(request["DataSource"], context)
        body = _begun(
            request, "DataSource", "Role", "NumberOfWorkers", "Timeout", "AdditionalRunOptions",
            "RulesetNames", "AdditionalDataSources",
        )  # fmt: skip
        self.put_thing(context, RUN, body["Name"], body)
        self._thread(self._evaluate, body["Name"], context)
        return {"RunId": body["Name"]}

    def get_data_quality_ruleset_evaluation_run(self, request: Request, context: Context) -> Answer:
        """Return a run. Raises EntityNotFoundException."""
        return self._run(RUN, request, context, "GetDataQualityRulesetEvaluationRunResponse")

    def list_data_quality_ruleset_evaluation_runs(
        self, request: Request, context: Context
    ) -> Answer:
        """Return a page of runs, newest first."""
        return self._runs(RUN, request, context, "DataQualityRulesetEvaluationRunDescription")

    def cancel_data_quality_ruleset_evaluation_run(
        self, request: Request, context: Context
    ) -> Answer:
        """Stop a run. Raises EntityNotFoundException."""
        return self._cancel(RUN, request, context)

    # ---- recommendation

    def start_data_quality_rule_recommendation_run(
        self, request: Request, context: Context
    ) -> Answer:
        """Start to look for rules that a table's data meets today."""
        self._table(request["DataSource"], context)
        body = _begun(
            request, "DataSource", "Role", "NumberOfWorkers", "Timeout", "CreatedRulesetName",
            "DataQualitySecurityConfiguration", "RecommendationMode",
        )  # fmt: skip
        self.put_thing(context, ADVICE, body["Name"], body)
        self._thread(self._recommend, body["Name"], context)
        return {"RunId": body["Name"]}

    def get_data_quality_rule_recommendation_run(
        self, request: Request, context: Context
    ) -> Answer:
        """Return a run with the ruleset it recommends. Raises EntityNotFoundException."""
        return self._run(ADVICE, request, context, "GetDataQualityRuleRecommendationRunResponse")

    def list_data_quality_rule_recommendation_runs(
        self, request: Request, context: Context
    ) -> Answer:
        """Return a page of runs, newest first."""
        return self._runs(ADVICE, request, context, "DataQualityRuleRecommendationRunDescription")

    def cancel_data_quality_rule_recommendation_run(
        self, request: Request, context: Context
    ) -> Answer:
        """Stop a run. Raises EntityNotFoundException."""
        return self._cancel(ADVICE, request, context)

    # ---- results

    def get_data_quality_result(self, request: Request, context: Context) -> Answer:
        """Return a result. Raises EntityNotFoundException."""
        found = self.thing(context, RESULT, request["ResultId"])
        if found is None:
            raise errors.not_found(f"Data quality result {request['ResultId']} not found.")
        found["ResultId"] = found.pop("Name")
        return codec.restore(found, "GetDataQualityResultResponse")

    def batch_get_data_quality_result(self, request: Request, context: Context) -> Answer:
        """Return results; ids that are not known are told apart."""
        results, unknown = [], []
        for one in request["ResultIds"]:
            try:
                results.append(self.get_data_quality_result({"ResultId": one}, context))
            except AWSError:
                unknown.append(one)
        return {"Results": results, "ResultsNotFound": unknown}

    def list_data_quality_results(self, request: Request, context: Context) -> Answer:
        """Return a page of results, newest first."""
        wanted = request.get("Filter") or {}
        found = [
            one
            for one in self.things(context, RESULT)
            if not wanted.get("DataSource") or one["DataSource"] == wanted["DataSource"]
        ]
        found.sort(key=lambda one: (-one["StartedOn"], one["Name"]))
        some, token = page(found, request, 100, lambda one: [-one["StartedOn"], one["Name"]])
        shown = [
            codec.restore(
                {"ResultId": one["Name"], **given(one, "DataSource", "StartedOn")},
                "DataQualityResultDescription",
            )
            for one in some
        ]
        return {"Results": shown, **next_page(token)}

    # ---- what runs share

    def _table(self, source: dict[str, Any], context: Context) -> dict[str, Any]:
        place = source.get("GlueTable") or source.get("DataQualityGlueTable")
        if not place:
            raise errors.invalid("DataSource needs a GlueTable")
        asked = {"DatabaseName": place["DatabaseName"], "Name": place["TableName"]}
        found: dict[str, Any] = self.cloud.call("glue", "GetTable", asked)["Table"]
        return found

    def _thread(
        self, work: Callable[[str, Context], dict[str, Any]], run: str, context: Context
    ) -> None:
        kind = RUN if work == self._evaluate else ADVICE

        def body() -> None:
            began = time.monotonic()
            self._change(kind, run, context, {"Status": "RUNNING"})
            try:
                ended = work(run, context)
            except (AWSError, RuleError) as error:
                ended = {"Status": "FAILED", "ErrorString": str(error)}
            except Exception as error:
                self.cloud.log.exception("the data quality run %s failed", run)
                text = f"Internal Service Exception: {type(error).__name__}"
                ended = {"Status": "FAILED", "ErrorString": text}
            seconds = time.monotonic() - began
            hours = DPUS * max(60.0, seconds) / 3600
            self.cloud.bill.record(
                "glue",
                "StartDataQualityRulesetEvaluationRun",
                context.lab,
                units={"DPU-hour": hours},
            )
            ended |= {"CompletedOn": codec.now(), "ExecutionTime": round(seconds)}
            self._change(kind, run, context, ended)

        threading.Thread(target=body, name=f"quality-{run}", daemon=True).start()

    def _change(self, kind: str, run: str, context: Context, changes: dict[str, Any]) -> None:
        def changed(body: dict[str, Any]) -> dict[str, Any]:
            if body["Status"] == "STOPPED":
                return body
            return {**body, **changes, "LastModifiedOn": codec.now()}

        self.change_thing(context, kind, run, changed, _no_run(run))

    def _run(self, kind: str, request: Request, context: Context, shape: str) -> Answer:
        found = self.thing(context, kind, request["RunId"])
        if found is None:
            raise _no_run(request["RunId"])
        found["RunId"] = found.pop("Name")
        return codec.restore(found, shape)

    def _runs(self, kind: str, request: Request, context: Context, shape: str) -> Answer:
        wanted = request.get("Filter") or {}
        found = [
            one
            for one in self.things(context, kind)
            if not wanted.get("DataSource") or one["DataSource"] == wanted["DataSource"]
        ]
        found.sort(key=lambda one: (-one["StartedOn"], one["Name"]))
        some, token = page(found, request, 100, lambda one: [-one["StartedOn"], one["Name"]])
        shown = [
            codec.restore(
                {"RunId": one["Name"], **given(one, "Status", "StartedOn", "DataSource")}, shape
            )
            for one in some
        ]
        return {"Runs": shown, **next_page(token)}

    def _cancel(self, kind: str, request: Request, context: Context) -> Answer:
        if self.thing(context, kind, request["RunId"]) is None:
            raise _no_run(request["RunId"])
        self._change(kind, request["RunId"], context, {"Status": "STOPPED"})
        return {}

    # ---- the work itself

    def _evaluate(self, run: str, context: Context) -> dict[str, Any]:
        body = self.thing(context, RUN, run) or {}
        others = {
            alias: _quoted(self._table(source, context))
            for alias, source in (body.get("AdditionalDataSources") or {}).items()
        }
        ids = []
        for name in body["RulesetNames"]:
            rules = parse(self.ruleset(context, name)["Ruleset"])
            table = self._table(body["DataSource"], context)
            asker = Asker(self.cloud, table["DatabaseName"])
            evaluator = Evaluator(asker, _quoted(table), _columns(table), others)
            started = codec.now()
            verdicts = [(rule, evaluator.evaluate(rule)) for rule in rules.rules]
            measured = [(rule, evaluator.measure(rule)) for rule in rules.analyzers]
            result = _result(verdicts, measured)
            result |= {
                "Name": f"dqresult-{uuid.uuid4().hex}",
                "DataSource": body["DataSource"],
                "RulesetName": name,
                "StartedOn": started,
                "CompletedOn": codec.now(),
                "RulesetEvaluationRunId": run,
                "EvaluationRunMode": "ON_DEMAND",
            }
            self.put_thing(context, RESULT, result["Name"], result)
            ids.append(result["Name"])
        return {"Status": "SUCCEEDED", "ResultIds": ids}

    def _recommend(self, run: str, context: Context) -> dict[str, Any]:
        body = self.thing(context, ADVICE, run) or {}
        table = self._table(body["DataSource"], context)
        asker = Asker(self.cloud, table["DatabaseName"])
        text = recommend(asker, _quoted(table), _columns(table))
        if name := body.get("CreatedRulesetName"):
            target = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
            self.create_data_quality_ruleset(
                {"Name": name, "Ruleset": text, "TargetTable": target, "RecommendationRunId": run},
                context,
            )
        return {"Status": "SUCCEEDED", "RecommendedRuleset": text}


def _begun(request: Request, *names: str) -> dict[str, Any]:
    at = codec.now()
    return {
        **given(request, *names),
        "Name": f"dqrun-{uuid.uuid4().hex}",
        "Status": "STARTING",
        "StartedOn": at,
        "LastModifiedOn": at,
    }


def _no_run(run: str) -> AWSError:
    return errors.not_found(f"Data quality run {run} not found.")


def _quoted(table: dict[str, Any]) -> str:
    return f'"{table["DatabaseName"]}"."{table["Name"]}"'


def _columns(table: dict[str, Any]) -> dict[str, str]:
    every = [*table["StorageDescriptor"].get("Columns", ()), *table.get("PartitionKeys", ())]
    return {column["Name"].lower(): column.get("Type", "string") for column in every}


def _result(
    verdicts: list[tuple[Any, Verdict]], measured: list[tuple[Rule, Verdict]]
) -> dict[str, Any]:
    passed = sum(verdict.result == "PASS" for _, verdict in verdicts)
    rules = []
    for number, (rule, verdict) in enumerate(verdicts, 1):
        entry: dict[str, Any] = {
            "Name": f"Rule_{number}",
            "Description": rule.text,
            "Result": verdict.result,
            "EvaluatedMetrics": verdict.metrics,
            "EvaluatedRule": rule.text,
        }
        if verdict.message:
            entry["EvaluationMessage"] = verdict.message
        rules.append(entry)
    found: dict[str, Any] = {"RuleResults": rules}
    if verdicts:
        found["Score"] = passed / len(verdicts)
        found["AggregatedMetrics"] = {
            "TotalRulesProcessed": float(len(verdicts)),
            "TotalRulesPassed": float(passed),
            "TotalRulesFailed": float(len(verdicts) - passed),
        }
    if measured:
        found["AnalyzerResults"] = [
            {
                "Name": f"Analyzer_{number}",
                "Description": rule.text,
                "EvaluatedMetrics": verdict.metrics,
                **({"EvaluationMessage": verdict.message} if verdict.result == "ERROR" else {}),
            }
            for number, (rule, verdict) in enumerate(measured, 1)
        ]
    return found
