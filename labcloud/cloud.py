"""The cloud: gateway, engines, clock, bill and state of one directory, put together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labcloud.billing import Bill
from labcloud.clock import Clock
from labcloud.engine import ACCOUNT, ENGINES, REGION, Engine, engine_class
from labcloud.inprocess import call
from labcloud.kept import Kept, package_of
from labcloud.schedule import Schedule
from labcloud.state import State


class Cloud:
    """One AWS account's worth of services, kept in `directory`.

    Engines reach the rest through it: `call` another service's operation, `every` so often do
    something, `save` what was changed in moto's backend.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.log = logging.getLogger("labcloud")
        self.clock = Clock(directory)
        self.bill = Bill(directory)
        self.schedule = Schedule(self.log)
        self.state = State(directory)
        self.state.restore()
        self.kept = Kept(self.state)
        self.port = 0
        self._engines: dict[str, Engine] = {}
        self._making = threading.RLock()

    def start(self) -> None:
        """Start the engines' background work and the schedule."""
        for service in ENGINES:
            if (engine := self.engine(service)) is not None:
                engine.start()
                self.bill.meter(service, engine.stored)
        self.schedule.start()

    def stop(self) -> None:
        """Stop background work; everything is on disk."""
        self.schedule.stop()
        for engine in self._engines.values():
            engine.stop()
        self.bill.close()
        self.clock.close()

    def engine(self, service: str) -> Engine | None:
        """Return the service's engine, made at its first use; None where it has none."""
        found = self._engines.get(service)
        if found is not None or service not in ENGINES:
            return found
        with self._making:
            if service not in self._engines:
                kind = engine_class(service)
                assert kind is not None
                self._engines[service] = kind(self)
            return self._engines[service]

    def call(
        self,
        service: str,
        operation: str,
        request: dict[str, Any] | None = None,
        *,
        account: str = ACCOUNT,
        region: str = REGION,
    ) -> dict[str, Any]:
        """Call an AWS operation in process and return its output.

        `operation` is AWS's name ("PutObject"). Raises AWSError.
        """
        return call(self, service, operation, request or {}, account, region)

    def every(self, seconds: float, function: Callable[[], None]) -> None:
        """Run `function` each `seconds` by the cloud's clock."""
        self.schedule.every(seconds, function)

    def save(self, service: str, account: str = ACCOUNT, region: str = REGION) -> None:
        """Make durable what an engine changed in moto's backend of a service."""
        package = package_of(service)
        if package is not None:
            self.state.save(package.name, account, region)
