"""Query executions on disk: what was asked, what became of it. What is acknowledged is kept.

One SQLite database (write-ahead log), one row an execution. Executions that are not over yet are
also in memory, where their state changes; the row follows at the end. Athena forgets an execution
after 45 days. Source: https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labcloud.engines.athena.failures import INTERRUPTED, athena_error, reason_of
from labcloud.engines.athena.job import Failure, Kind

KEPT_SECONDS = 45 * 86400.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    place TEXT NOT NULL,
    work_group TEXT NOT NULL,
    token TEXT,
    state TEXT NOT NULL,
    submitted REAL NOT NULL,
    reusable TEXT,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS executions_token ON executions (place, token);
CREATE INDEX IF NOT EXISTS executions_group ON executions (place, work_group, number);
CREATE INDEX IF NOT EXISTS executions_reusable ON executions (reusable) WHERE reusable NOT NULL;
"""

OVER = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(slots=True)
class Execution:
    """One execution. Times are seconds since 1970 by the cloud's clock.

    `asked` are the request's members that are told again. `output` is the address of the result
    file, empty where Athena manages the results; then `managed` has the settings. `identity` is
    what must be the same when a token comes again, `reusable` what must be the same for a later
    query to reuse the result.
    """

    id: str
    account: str
    region: str
    work_group: str
    query: str
    kind: Kind
    asked: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    output: str = ""
    managed: dict[str, Any] | None = None
    engine: dict[str, str] = field(default_factory=dict)
    engine_id: str = ""
    token: str | None = None
    identity: str = ""
    reusable: str = ""
    cutoff: int | None = None
    lab: str = ""
    state: str = "QUEUED"
    reason: str | None = None
    failure: Failure | None = None
    submitted: float = field(default_factory=time.time)
    started: float | None = None
    completed: float | None = None
    columns: list[dict[str, Any]] = field(default_factory=list)
    update_count: int | None = None
    manifest: str | None = None
    measures: dict[str, int] = field(default_factory=dict)
    processing: int = 0
    tables: list[list[str]] = field(default_factory=list)
    reused: bool = False

    @property
    def place(self) -> str:
        """Account and region."""
        return f"{self.account}/{self.region}"

    @property
    def over(self) -> bool:
        """Whether it has come to an end."""
        return self.state in OVER

    def end(self, state: str, failure: Failure | None = None, reason: str | None = None) -> None:
        """Come to an end now."""
        self.state, self.failure, self.completed = state, failure, time.time()
        self.reason = reason_of(failure) if failure is not None else reason

    def shown(self) -> dict[str, Any]:
        """Return the QueryExecution that GetQueryExecution shows."""
        shown: dict[str, Any] = {
            "QueryExecutionId": self.id,
            "Query": self.query,
            "StatementType": self.kind.type,
            "ResultConfiguration": dict(self.results),
            "ResultReuseConfiguration": self.asked.get("ResultReuseConfiguration")
            or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": self._context(),
            "Status": self._status(),
            "Statistics": self._statistics(),
            "WorkGroup": self.work_group,
            "EngineVersion": self.engine,
        }
        if self.output:
            shown["ResultConfiguration"]["OutputLocation"] = self.output
        if self.managed is not None:
            shown["ManagedQueryResultsConfiguration"] = self.managed
        if self.kind.subtype is not None:
            shown["SubstatementType"] = self.kind.subtype
        if self.asked.get("ExecutionParameters"):
            shown["ExecutionParameters"] = self.asked["ExecutionParameters"]
        return shown

    def _context(self) -> dict[str, str]:
        context = dict(self.asked.get("QueryExecutionContext") or {})
        if context.get("Catalog"):
            context["Catalog"] = context["Catalog"].lower()
        return {name: value for name, value in context.items() if value is not None}

    def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = {
            "State": self.state,
            "SubmissionDateTime": datetime.fromtimestamp(self.submitted, UTC),
        }
        if self.completed is not None:
            status["CompletionDateTime"] = datetime.fromtimestamp(self.completed, UTC)
        if self.reason is not None:
            status["StateChangeReason"] = self.reason
        if self.failure is not None:
            status["AthenaError"] = athena_error(self.failure)
        return status

    def timeline(self) -> dict[str, int]:
        """Return how long the steps took, in milliseconds; nothing for what has not begun."""
        if self.completed is None and self.started is None:
            return {}
        ends = self.completed if self.completed is not None else time.time()
        total = _millis(self.submitted, ends)
        queued = _millis(self.submitted, self.started if self.started is not None else ends)
        planning = self.measures.get("planning", 0)
        times = {
            "QueryQueueTimeInMillis": queued,
            "ServicePreProcessingTimeInMillis": 0,
            "QueryPlanningTimeInMillis": planning,
            "EngineExecutionTimeInMillis": max(0, total - queued - self.processing),
            "ServiceProcessingTimeInMillis": self.processing,
            "TotalExecutionTimeInMillis": total,
        }
        return {name: value for name, value in times.items() if value or "Planning" not in name}

    def _statistics(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            **self.timeline(),
            "DataScannedInBytes": self.measures.get("data_scanned", 0),
            "ResultReuseInformation": {"ReusedPreviousResult": self.reused},
        }
        if self.manifest is not None:
            shown["DataManifestLocation"] = self.manifest
        return shown


def _millis(start: float, end: float) -> int:
    return max(0, round((end - start) * 1000))


class Store:
    """The executions of all accounts and regions. Thread-safe."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self.lock = threading.RLock()
        self.live: dict[str, Execution] = {}
        self._interrupted()

    def _interrupted(self) -> None:
        """Fail what ran when the server was killed: its worker is gone."""
        rows = self._db.execute(
            "SELECT body FROM executions WHERE state IN ('QUEUED', 'RUNNING')"
        ).fetchall()
        for (body,) in rows:
            execution = _decode(body)
            execution.end("FAILED", INTERRUPTED)
            self._write(execution)

    def add(self, execution: Execution) -> Execution:
        """Keep a new execution; return it, or the one that has its token already."""
        with self.lock:
            known = self.of_token(execution.place, execution.token)
            if known is not None:
                return known
            self._db.execute(
                "INSERT INTO executions (id, place, work_group, token, state, submitted, reusable, "
                "body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    execution.id,
                    execution.place,
                    execution.work_group,
                    execution.token,
                    execution.state,
                    execution.submitted,
                    None,
                    _encode(execution),
                ),
            )
            if not execution.over:
                self.live[execution.id] = execution
        return execution

    def of_token(self, place: str, token: str | None) -> Execution | None:
        """Return the execution that was started with a token."""
        with self.lock:
            row = self._db.execute(
                "SELECT body FROM executions WHERE place = ? AND token = ?", (place, token)
            ).fetchone()
        return _decode(row[0]) if row else None

    def finish(self, execution: Execution) -> None:
        """Put an execution that is over on disk."""
        with self.lock:
            self._write(execution)
            self.live.pop(execution.id, None)

    def _write(self, execution: Execution) -> None:
        succeeded = execution.state == "SUCCEEDED" and not execution.reused
        self._db.execute(
            "UPDATE executions SET state = ?, reusable = ?, body = ? WHERE id = ?",
            (
                execution.state,
                execution.reusable if succeeded and execution.reusable else None,
                _encode(execution),
                execution.id,
            ),
        )

    def get(self, id_: str, place: str) -> Execution | None:
        """Return an execution of an account and region."""
        with self.lock:
            found = self.live.get(id_)
            if found is None:
                row = self._db.execute(
                    "SELECT body FROM executions WHERE id = ?", (id_,)
                ).fetchone()
                found = _decode(row[0]) if row else None
        return found if found is not None and found.place == place else None

    def ids(self, place: str, group: str, below: int | None, limit: int) -> list[tuple[int, str]]:
        """Return (number, id) of a work group's executions, newest first, below a number."""
        with self.lock:
            return self._db.execute(
                "SELECT number, id FROM executions WHERE place = ? AND work_group = ? "
                "AND number < ? ORDER BY number DESC LIMIT ?",
                (place, group, below if below is not None else 2**62, limit),
            ).fetchall()

    def reusable(self, key: str) -> list[Execution]:
        """Return the executions whose results may be reused for a key, newest first."""
        with self.lock:
            rows = self._db.execute(
                "SELECT body FROM executions WHERE reusable = ? ORDER BY number DESC LIMIT 10",
                (key,),
            ).fetchall()
        return [_decode(body) for (body,) in rows]

    def active(self, place: str) -> list[Execution]:
        """Return the executions that are not over."""
        with self.lock:
            return [one for one in self.live.values() if one.place == place]

    def has_run(self, place: str, group: str) -> bool:
        """Return whether a work group has executions."""
        return bool(self.ids(place, group, None, 1))

    def forget_group(self, place: str, group: str) -> None:
        """Forget the executions of a work group that is deleted."""
        with self.lock:
            self._db.execute(
                "DELETE FROM executions WHERE place = ? AND work_group = ?", (place, group)
            )

    def forget_old(self) -> list[str]:
        """Forget the executions that are older than Athena keeps them; return their ids."""
        before = time.time() - KEPT_SECONDS
        with self.lock:
            rows = self._db.execute(
                "DELETE FROM executions WHERE submitted < ? AND state NOT IN ('QUEUED', 'RUNNING') "
                "RETURNING id",
                (before,),
            ).fetchall()
        return [id_ for (id_,) in rows]

    def close(self) -> None:
        """Close the database."""
        with self.lock:
            self._db.close()


_encoder = json.JSONEncoder(separators=(",", ":"))
_NAMES = [one.name for one in fields(Execution)]


def _encode(execution: Execution) -> str:
    members = {name: getattr(execution, name) for name in _NAMES}
    members["kind"] = asdict(execution.kind)
    members["failure"] = asdict(execution.failure) if execution.failure else None
    return _encoder.encode(members)


def _decode(body: str) -> Execution:
    members = json.loads(body)
    members["kind"] = Kind(**members["kind"])
    members["failure"] = Failure(**members["failure"]) if members["failure"] else None
    return Execution(**members)
