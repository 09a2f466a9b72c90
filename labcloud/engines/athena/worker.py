"""A worker process: one DuckDB, one query after another, AWS through the pipe to the server."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from labcloud.engines.athena import sandbox, statements
from labcloud.engines.athena.failures import EXHAUSTED
from labcloud.engines.athena.job import Failure, Job, Outcome
from labcloud.engines.athena.sandbox import Settings
from labcloud.engines.athena.tables.catalog import GlueCatalog
from labcloud.engines.athena.worker_context import CutoffExceeded, Work
from labcloud.errors import AWSError
from labcloud.trino import parser
from labcloud.trino.errors import TrinoError
from labcloud.trino.session import Session


class PipeLink:
    """AWS operations, asked of the server over the pipe. `tables` are those that were read.

    One question at a time: libraries that write several files at once ask from several threads.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self.tables: list[tuple[str, str]] = []

    def call(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Return an operation's output. Raises AWSError."""
        answer: dict[str, Any] = self._ask("call", service, operation, request)
        if operation == "GetTable":
            self.tables.append((request["DatabaseName"], request["Name"]))
        return answer

    def bodies(self, bucket: str, keys: list[str]) -> list[str]:
        """Return the paths of objects' bodies on disk. Raises AWSError."""
        found: list[str] = self._ask("bodies", bucket, keys) if keys else []
        return found

    def put_file(self, bucket: str, key: str, path: str) -> dict[str, Any]:
        """Put a file as an object. Raises AWSError."""
        answer: dict[str, Any] = self._ask("put_file", bucket, key, path)
        return answer

    def _ask(self, *question: Any) -> Any:
        with self._lock:
            self._pipe.send(question)
            answered, value = self._pipe.recv()
        if answered:
            return value
        code, message, status, members = value
        raise AWSError(code, message, status, **members)


def main(pipe: Connection, settings: Settings) -> None:
    """Answer jobs until the server closes the pipe; never returns."""
    threading.Thread(target=_end_with_server, name="lifeline", daemon=True).start()
    own = Settings(settings.bodies, f"{settings.spill}/{os.getpid()}")
    Path(own.spill).mkdir(parents=True, exist_ok=True)
    sandbox.confine(sandbox.memory_limit(), sandbox.room(own.spill))
    connection = sandbox.connect(own)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            job = pipe.recv()
            pipe.send(("done", run(job, pipe, connection, Path(own.spill))))
    shutil.rmtree(own.spill, ignore_errors=True)
    os._exit(0)


def _end_with_server() -> None:
    """End this process as soon as the server is gone, whatever it is doing: stdin ends then."""
    with contextlib.suppress(OSError):
        os.read(0, 1)
    os._exit(0)


def run(job: Job, pipe: Connection, connection: duckdb.DuckDBPyConnection, spill: Path) -> Outcome:
    """Return a job's outcome; its failure is an outcome, too."""
    link = PipeLink(pipe)
    session = Session(
        job.started, user=job.user, query_id=job.engine_id, catalog=job.catalog, schema=job.database
    )
    catalog = GlueCatalog(link, job.database, job.catalog)
    work = Work(job, link, connection, session, catalog, spill)
    try:
        outcome = statements.execute(parser.parse(job.sql), work)
    except Exception as error:
        _clear(spill)
        return Outcome(statistics=work.statistics, failure=failure_of(error))
    finally:
        connection.abort()
    outcome.tables = list(dict.fromkeys(link.tables))
    return outcome


def _clear(spill: Path) -> None:
    for file in spill.iterdir():
        if file.is_file():
            file.unlink(missing_ok=True)


_WORDS: dict[type[Exception], Callable[[Any], Failure]] = {
    CutoffExceeded: lambda e: Failure(e.name, e.message, cutoff=True),
    TrinoError: lambda e: Failure(e.name, e.message),
    AWSError: lambda e: Failure("HIVE_METASTORE_ERROR", f"{e.code}: {e.message}"),
    MemoryError: lambda _: EXHAUSTED,
    duckdb.OutOfMemoryException: lambda _: EXHAUSTED,
    RecursionError: lambda _: Failure(
        "STACK_OVERFLOW", "statement is too large (stack overflow while parsing)"
    ),
}


def failure_of(error: Exception) -> Failure:
    """Return what a query's failure is called; what is no query's fault goes to the log, too."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.ENOMEM):
        return EXHAUSTED
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words(error)
    traceback.print_exception(error)
    line = str(error).partition("\n")[0]
    return Failure("GENERIC_INTERNAL_ERROR", line or type(error).__name__)
