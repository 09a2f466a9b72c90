"""Worker processes: made when they are needed, one query each at a time, killed with it if it must.

A crash, a kill for want of memory or a timeout ends one query; the next one gets a fresh worker.
Nothing is imported or started before the first query, and idle workers end after a while.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from labcloud.engines.athena.failures import CRASHED, TIMED_OUT
from labcloud.engines.athena.job import Failure, Job, Outcome
from labcloud.engines.athena.zygote import PID

IDLE_SECONDS = 300.0
TICK_SECONDS = 1.0
LEAST_WORKERS = 4
LARGEST_LOG = 1_000_000

log = logging.getLogger("labcloud")

Serve = Callable[[Job, tuple[Any, ...]], Any]


class Zygote:
    """The process that workers are forked from, see zygote.py."""

    def __init__(self, directory: Path, bodies: Path) -> None:
        self._log = directory / "workers.log"
        self._arguments = [str(bodies), str(directory / "spill")]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def fork(self) -> Worker:
        """Return a new worker. Raises OSError where it cannot be started."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            if self._process is None or self._process.poll() is not None:
                self._start()
            assert self._control is not None
            try:
                socket.send_fds(self._control, [b"w"], [theirs.fileno()])
                answer = self._control.recv(PID.size, socket.MSG_WAITALL)
            except OSError:
                answer = b""
            if len(answer) < PID.size:
                self._end()
                ours.close()
                raise OSError("no worker process could be started")
        return Worker(PID.unpack(answer)[0], Connection(ours.detach()))

    def _start(self) -> None:
        self._end()
        self._control, theirs = socket.socketpair()
        fresh = not self._log.exists() or self._log.stat().st_size > LARGEST_LOG
        with theirs, self._log.open("wb" if fresh else "ab") as errors:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",  # no module of the folder where the server was started
                    "-m",
                    "labcloud.engines.athena.zygote",
                    str(theirs.fileno()),
                    *self._arguments,
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )

    def stop(self) -> None:
        """End the process; workers that still run end with it."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.kill()
            self._process.wait()
        self._process = self._control = None


@dataclass(slots=True)
class Worker:
    """One worker process and the pipe to it."""

    pid: int
    pipe: Connection

    def kill(self) -> None:
        """End the process at once; the pipe then ends, too."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let the process end by itself."""
        self.pipe.close()


@dataclass(slots=True)
class _Ticket:
    job: Job
    worker: Worker | None = None
    cancelled: bool = False


class Pool:
    """Runs jobs on workers, first come, first served.

    `serve` answers what a worker asks, `started` and `finished` are told of each job, on the
    thread that drives the worker. A cancelled job is not told as finished.
    """

    def __init__(
        self,
        directory: Path,
        bodies: Path,
        serve: Serve,
        started: Callable[[Job], None],
        finished: Callable[[Job, Outcome], None],
        size: int | None = None,
    ) -> None:
        self.size = size or max(LEAST_WORKERS, os.cpu_count() or 1)
        self._spill = directory / "spill"
        self._zygote = Zygote(directory, bodies)
        self._serve, self._started, self._finished = serve, started, finished
        self._waiting: deque[_Ticket] = deque()
        self._active: dict[str, _Ticket] = {}
        self._change = threading.Condition()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._stopped = False
        shutil.rmtree(self._spill, ignore_errors=True)

    def submit(self, job: Job) -> None:
        """Run a job as soon as a worker is free."""
        ticket = _Ticket(job)
        with self._change:
            self._active[job.query_id] = ticket
            self._waiting.append(ticket)
            if self._idle < len(self._waiting) and len(self._threads) < self.size:
                thread = threading.Thread(target=self._drive, name="athena", daemon=True)
                self._threads.add(thread)
                thread.start()
            self._change.notify()

    def cancel(self, query_id: str) -> None:
        """Take a job from the queue, or kill the worker that runs it."""
        with self._change:
            ticket = self._active.pop(query_id, None)
            if ticket is None:
                return
            ticket.cancelled = True
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            if ticket.worker is not None:
                ticket.worker.kill()

    def stop(self) -> None:
        """End all workers; what runs stays unfinished."""
        with self._change:
            self._stopped = True
            for ticket in self._active.values():
                ticket.cancelled = True
                if ticket.worker is not None:
                    ticket.worker.kill()
            self._change.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout=5)
        self._zygote.stop()
        shutil.rmtree(self._spill, ignore_errors=True)

    # ---- one thread drives one worker

    def _drive(self) -> None:
        worker: Worker | None = None
        try:
            while (ticket := self._next()) is not None:
                worker = self._one(ticket, worker)
        finally:
            if worker is not None:
                worker.close()
            with self._change:
                self._threads.discard(threading.current_thread())
                last = not self._threads and not self._waiting
            if last and not self._stopped:
                self._zygote.stop()

    def _next(self) -> _Ticket | None:
        """Return the next job; None when the pool has stopped or there was none for a while."""
        until = time.monotonic() + IDLE_SECONDS
        with self._change:
            self._idle += 1
            try:
                while not self._waiting and not self._stopped:
                    left = until - time.monotonic()
                    if left <= 0:
                        return None
                    self._change.wait(left)
                return None if self._stopped else self._waiting.popleft()
            finally:
                self._idle -= 1

    def _one(self, ticket: _Ticket, worker: Worker | None) -> Worker | None:
        """Run a job and tell of it; return the worker where it can go on."""
        outcome: Outcome | None
        ends = time.time() + ticket.job.seconds
        try:
            worker = worker or self._zygote.fork()
            with self._change:
                ticket.worker = worker
                if ticket.cancelled:
                    return worker
            self._started(ticket.job)
            outcome = self._converse(ticket.job, worker, ends)
        except (EOFError, OSError):
            worker, outcome = self._end(worker), _failed(CRASHED)
        except Exception:
            log.exception("Athena: query %s", ticket.job.query_id)
            worker, outcome = self._end(worker), _failed(CRASHED)
        else:
            if outcome is None:
                worker, outcome = self._end(worker), _failed(TIMED_OUT)
        with self._change:
            ticket.worker = None
            self._active.pop(ticket.job.query_id, None)
        if ticket.cancelled:
            return self._end(worker)
        try:
            self._finished(ticket.job, outcome)
        except Exception:
            log.exception("Athena: the end of query %s", ticket.job.query_id)
        return worker

    def _converse(self, job: Job, worker: Worker, ends: float) -> Outcome | None:
        """Give a worker a job and answer its questions until it is done; None for a timeout."""
        worker.pipe.send(job)
        while True:
            if not worker.pipe.poll(TICK_SECONDS):
                if time.time() > ends:
                    return None
                continue
            message = worker.pipe.recv()
            if message[0] == "done":
                return message[1]  # type: ignore[no-any-return]
            worker.pipe.send(self._serve(job, message))

    def _end(self, worker: Worker | None) -> Worker | None:
        """Kill a worker; return that there is none any more."""
        if worker is not None:
            worker.kill()
            worker.close()
            shutil.rmtree(self._spill / str(worker.pid), ignore_errors=True)
        return None


def _failed(failure: Failure) -> Outcome:
    return Outcome(failure=failure)
