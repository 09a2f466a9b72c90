"""Running crawlers: start, stop, schedule; what they did, by GetCrawler, ListCrawls and metrics.

A crawl runs in a thread of its own. Its log goes to CloudWatch Logs, as AWS's does.
"""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from labcloud.engine import Context
from labcloud.engines.glue.base import GlueBase
from labcloud.engines.glue.cron import next_after
from labcloud.engines.glue.errors import invalid, not_found
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud
    from labcloud.engines.glue.crawler.run import Crawled

KIND = "crawler"
LOG_GROUP = "/aws-glue/crawlers"
KEPT_CRAWLS = 100
TICK = 60.0
"""Seconds between looks at the schedules."""

DPUS = 2.0
LEAST_SECONDS = 600.0
"""A crawl is billed for ten minutes at least, at AWS's two DPUs of a small crawl.

Source: https://aws.amazon.com/glue/pricing/
"""


class CrawlOperations(GlueBase):
    """The operations that run crawlers."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self._crawls: dict[tuple[str, str], threading.Event] = {}
        self._looked = datetime.now(UTC)

    def start(self) -> None:
        """Begin to look at the schedules; end crawls that the server's end interrupted."""
        super().start()
        self._settle_interrupted()
        self._looked = datetime.now(UTC)
        self.cloud.every(TICK, self._run_due)

    # ---- operations

    def start_crawler(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Start a crawl. Raises CrawlerRunningException where one runs."""
        self._begin(request["Name"], context)
        return {}

    def stop_crawler(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Ask a crawl to end. Raises CrawlerNotRunningException."""
        name = request["Name"]

        def stopping(crawler: dict[str, Any]) -> dict[str, Any]:
            if crawler.get("State") == "STOPPING":
                raise AWSError("CrawlerStoppingException", f"Crawler with name {name} is stopping")
            event = self._crawls.get((self.region_scope(context), name))
            if crawler.get("State") != "RUNNING" or event is None:
                raise AWSError(
                    "CrawlerNotRunningException", f"Crawler with name {name} isn't running"
                )
            event.set()
            return {**crawler, "State": "STOPPING"}

        self.change_thing(context, KIND, name, stopping, _missing(name))
        return {}

    def list_crawls(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a crawler's crawls, newest first."""
        crawler = self._known(request["CrawlerName"], context)
        crawls = [
            crawl for crawl in crawler.get("Crawls", ()) if _fits(crawl, request.get("Filters"))
        ]
        size = request.get("MaxResults") or 20
        first = int(request.get("NextToken") or 0)
        answer: dict[str, Any] = {"Crawls": [_times(c) for c in crawls[first : first + size]]}
        if len(crawls) > first + size:
            answer["NextToken"] = str(first + size)
        return answer

    def get_crawler_metrics(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return how long crawls took and what they changed."""
        wanted = request.get("CrawlerNameList")
        found = [
            _metrics(crawler)
            for crawler in self.things(context, KIND)
            if not wanted or crawler["Name"] in wanted
        ]
        return {"CrawlerMetricsList": found}

    # ---- a crawl

    def _known(self, name: str, context: Context) -> dict[str, Any]:
        if (found := self.thing(context, KIND, name)) is None:
            raise _missing(name)
        return found

    def _note(self, name: str, context: Context, changes: dict[str, Any]) -> None:
        self.change_thing(
            context,
            KIND,
            name,
            lambda crawler: {**crawler, **changes},
            _missing(name),
        )

    def _begin(self, name: str, context: Context) -> threading.Thread:
        event = threading.Event()
        crawl = {
            "CrawlId": str(uuid.uuid4()),
            "State": "RUNNING",
            "StartTime": time.time(),
            "LogGroup": LOG_GROUP,
            "LogStream": name,
            "MessagePrefix": str(uuid.uuid4()),
        }

        def running(crawler: dict[str, Any]) -> dict[str, Any]:
            if crawler.get("State", "READY") != "READY":
                raise AWSError(
                    "CrawlerRunningException", f"Crawler with name {name} has already started"
                )
            crawls = [crawl, *crawler.get("Crawls", ())][:KEPT_CRAWLS]
            self._crawls[self.region_scope(context), name] = event
            return {**crawler, "State": "RUNNING", "Crawls": crawls}

        self.change_thing(context, KIND, name, running, _missing(name))
        thread = threading.Thread(
            target=self._crawl,
            args=(name, context, crawl, event),
            name=f"crawl-{name}",
            daemon=True,
        )
        thread.start()
        return thread

    def _crawl(
        self, name: str, context: Context, crawl: dict[str, Any], stopped: threading.Event
    ) -> None:
        from labcloud.engines.glue.crawler.run import Crawl, Crawled, Here  # loads pyarrow

        crawler = self._known(name, context)
        began = time.monotonic()
        try:
            here = Here(self.cloud, context.account, context.region)
            result = Crawl(here, crawler, stopped.is_set).run()
        except Exception as error:
            self.cloud.log.exception("the crawl of %s failed", name)
            text = f"Internal Service Exception: {type(error).__name__}"
            result = Crawled("FAILED", text, [f"ERROR : {text}"])
        seconds = time.monotonic() - began
        self._ended(name, context, crawl, result, seconds)

    def _ended(
        self,
        name: str,
        context: Context,
        crawl: dict[str, Any],
        result: Crawled,
        seconds: float,
    ) -> None:
        hours = DPUS * max(LEAST_SECONDS, seconds) / 3600
        crawl |= {
            "EndTime": time.time(),
            "DPUHour": round(hours, 4),
            "RuntimeSeconds": round(seconds, 3),
        }
        crawl |= {"Summary": result.summary} if result.summary else {}
        crawl |= {"ErrorMessage": result.message} if result.message else {}
        last = {
            "LogGroup": LOG_GROUP,
            "LogStream": name,
            "MessagePrefix": crawl["MessagePrefix"],
            "StartTime": crawl["StartTime"],
        }
        last |= {"ErrorMessage": result.message} if result.message else {}
        self._write_log(name, crawl["MessagePrefix"], result.log)
        self.cloud.bill.record("glue", "StartCrawler", context.lab, units={"DPU-hour": hours})

        def settled(crawler: dict[str, Any]) -> dict[str, Any]:
            self._crawls.pop((self.region_scope(context), name), None)
            stopped = crawler["State"] == "STOPPING" and result.status == "SUCCEEDED"
            status = "CANCELLED" if stopped else result.status
            words = {"SUCCEEDED": "COMPLETED", "CANCELLED": "STOPPED"}
            crawl["State"], last["Status"] = words.get(status, status), status
            crawls = [crawl, *[c for c in crawler["Crawls"] if c["CrawlId"] != crawl["CrawlId"]]]
            counts = crawler.get("Counts", {})
            sums = {k: counts.get(k, 0) + v for k, v in result.counts.items()}
            ended = {"State": "READY", "LastCrawl": last, "Crawls": crawls, "Counts": sums}
            return {**crawler, **ended, "CrawlElapsedTime": 0}

        self.change_thing(context, KIND, name, settled, _missing(name))

    def _write_log(self, name: str, prefix: str, lines: list[str]) -> None:
        """Write a crawl's log to CloudWatch Logs. A log that cannot be written fails no crawl."""
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": f"[{prefix}] {line}"} for line in lines[:10_000]]
        try:
            for operation, more in (
                ("CreateLogGroup", {}),
                ("CreateLogStream", {"logStreamName": name}),
            ):
                try:
                    self.cloud.call("logs", operation, {"logGroupName": LOG_GROUP, **more})
                except AWSError as error:
                    if error.code != "ResourceAlreadyExistsException":
                        raise
            asked = {"logGroupName": LOG_GROUP, "logStreamName": name, "logEvents": events}
            self.cloud.call("logs", "PutLogEvents", asked)
        except AWSError:
            self.cloud.log.exception("the log of crawler %s was not written", name)

    def _settle_interrupted(self) -> None:
        """Make crawlers ready again whose crawl ended with the server."""
        with self.store.read() as db:
            rows = db.execute("SELECT scope, name FROM things WHERE kind = ?", (KIND,)).fetchall()
        for scope, name in rows:
            account, region = scope.split("/")
            context = Context("glue", "StartCrawler", account, region)
            crawler = self.thing(context, KIND, name) or {}
            if crawler.get("State", "READY") == "READY":
                continue
            crawls = crawler.get("Crawls") or []
            text = "Internal Service Exception: the crawl was interrupted"
            if crawls:
                crawls[0] |= {"State": "FAILED", "EndTime": time.time(), "ErrorMessage": text}
            last = {"Status": "FAILED", "ErrorMessage": text, "LogGroup": LOG_GROUP}
            self._note(name, context, {"State": "READY", "Crawls": crawls, "LastCrawl": last})

    # ---- schedules

    def _run_due(self) -> None:
        """Start the crawlers whose schedule fell due since the last look."""
        since, self._looked = self._looked, datetime.now(UTC)
        with self.store.read() as db:
            rows = db.execute("SELECT scope, name FROM things WHERE kind = ?", (KIND,)).fetchall()
        for scope, name in rows:
            account, region = scope.split("/")
            context = Context("glue", "StartCrawler", account, region)
            crawler = self.thing(context, KIND, name) or {}
            schedule = crawler.get("Schedule") or {}
            if schedule.get("State") != "SCHEDULED" or not schedule.get("ScheduleExpression"):
                continue
            changed = datetime.fromtimestamp(crawler.get("LastUpdated") or 0, UTC)
            due = next_after(schedule["ScheduleExpression"], max(since, changed))
            if due is not None and due <= self._looked:
                try:
                    self._begin(name, context).join()
                except AWSError as error:
                    self.cloud.log.info("crawler %s was not started: %s", name, error.message)


def _missing(name: str) -> AWSError:
    return not_found(f"Crawler entry with name {name} does not exist")


def _fits(crawl: dict[str, Any], filters: list[dict[str, Any]] | None) -> bool:
    """Return whether a crawl meets ListCrawls' filters. Raises InvalidInputException."""
    for one in filters or ():
        field, operator, value = one.get("FieldName"), one.get("FilterOperator"), one["FieldValue"]
        known: Any
        if field == "CRAWL_ID":
            known, wanted = crawl["CrawlId"], value
        elif field == "STATE":
            known, wanted = crawl["State"], value
        elif field in ("START_TIME", "END_TIME", "DPU_HOUR"):
            name = {"START_TIME": "StartTime", "END_TIME": "EndTime", "DPU_HOUR": "DPUHour"}[field]
            known, wanted = crawl.get(name, 0), _number(value)
            if field != "DPU_HOUR":
                known *= 1000
        else:
            raise invalid(f"Invalid filter field: {field}")
        tests = {
            "EQ": known == wanted,
            "NE": known != wanted,
            "GT": known > wanted,
            "GE": known >= wanted,
            "LT": known < wanted,
            "LE": known <= wanted,
        }
        if not tests.get(operator or "EQ", False):
            return False
    return True


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise invalid(f"Invalid filter value: {text}") from None


def _times(crawl: dict[str, Any]) -> dict[str, Any]:
    shown = {k: v for k, v in crawl.items() if k != "RuntimeSeconds"}
    for name in ("StartTime", "EndTime"):
        if name in shown:
            shown[name] = datetime.fromtimestamp(shown[name], UTC)
    return shown


def _metrics(crawler: dict[str, Any]) -> dict[str, Any]:
    took = sorted(c["RuntimeSeconds"] for c in crawler.get("Crawls", ()) if "RuntimeSeconds" in c)
    counts = crawler.get("Counts", {})
    return {
        "CrawlerName": crawler["Name"],
        "TimeLeftSeconds": 0.0,
        "StillEstimating": crawler.get("State") == "RUNNING",
        "LastRuntimeSeconds": next(
            (c["RuntimeSeconds"] for c in crawler.get("Crawls", ()) if "RuntimeSeconds" in c), 0.0
        ),
        "MedianRuntimeSeconds": took[len(took) // 2] if took else 0.0,
        "TablesCreated": counts.get("TablesCreated", 0),
        "TablesUpdated": counts.get("TablesUpdated", 0),
        "TablesDeleted": counts.get("TablesDeleted", 0),
    }
