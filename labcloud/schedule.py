"""Work that is due by the cloud's clock: lifecycle rules, inventories, schedules."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Job:
    seconds: float
    function: Callable[[], None]
    due: float


class Schedule:
    """Runs functions at intervals of the cloud's clock, one after another, on one thread."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._jobs: list[_Job] = []
        self._wake = threading.Condition()
        self._stopped = False
        self._running = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)

    def every(self, seconds: float, function: Callable[[], None]) -> None:
        """Run `function` each `seconds` of the cloud's clock, the first time after one interval."""
        with self._wake:
            self._jobs.append(_Job(seconds, function, time.time() + seconds))
            self._wake.notify()

    def start(self) -> None:
        """Begin to run what is due."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the job that runs, start no other."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def run_due(self) -> None:
        """Run all that has fallen due, in the caller's thread; after the clock was advanced."""
        with self._running:
            for job in list(self._jobs):
                if time.time() >= job.due:
                    job.due = time.time() + job.seconds
                    self._do(job)

    def _do(self, job: _Job) -> None:
        try:
            job.function()
        except Exception:
            self._log.exception("the scheduled job %s failed", job.function)

    def _run(self) -> None:
        while True:
            with self._wake:
                if self._stopped:
                    return
                next_due = min((job.due for job in self._jobs), default=time.time() + 60)
                self._wake.wait(timeout=min(max(next_due - time.time(), 0.05), 60))
                if self._stopped:
                    return
            self.run_due()
