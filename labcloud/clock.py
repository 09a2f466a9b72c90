"""One clock for the whole cloud: this process's own, which can be put forward.

`time-machine` shifts what `time.time()` and `datetime.now()` give everywhere in the process, so
moto, the engines, their schedules and expiries follow without knowing. Monotonic clocks, hence
waits and timeouts, stay real. The shift is kept in `clock.json` and survives a restart.
"""

from __future__ import annotations

import bisect
import json
import re
import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from labcloud.files import write_whole

_REMEMBERED = 10_000
_shifted = 0.0
"""Seconds that this process's clock is ahead; one process has one clock."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: str) -> timedelta:
    """Return the duration that `90s`, `15m`, `2h`, `1d12h` or `1w` names.

    Raises ValueError for anything else.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([smhdw])", text.lower())
    if not parts or re.sub(r"\d+(?:\.\d+)?\s*[smhdw]|\s", "", text.lower()):
        raise ValueError(f"'{text}' is not a duration; write 90s, 15m, 2h, 1d12h or 1w")
    return sum((timedelta(**{_UNITS[unit]: float(n)}) for n, unit in parts), timedelta())


def real_time() -> float:
    """Return the computer's own time in seconds since 1970, whatever the cloud's clock says."""
    return time.time() - _shifted


class Clock:
    """The cloud's clock. It ticks as the computer's does, `ahead` seconds before it."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "clock.json"
        self._lock = threading.Lock()
        self._travel: Any = None
        self._ahead_at_first_use: OrderedDict[str, float] = OrderedDict()
        self._history: list[tuple[float, float]] = [(0.0, 0.0)]
        """(real time of the change, seconds ahead from then on), oldest first."""
        if self._file.exists():
            self._history = [(at, ahead) for at, ahead in json.loads(self._file.read_text())]
        self._shift(self.ahead)

    @property
    def ahead(self) -> float:
        """Seconds that the cloud's clock is before the computer's."""
        return self._history[-1][1]

    def now(self) -> datetime:
        """Return the cloud's time."""
        return datetime.fromtimestamp(real_time() + self.ahead, UTC)

    def advance(self, by: timedelta) -> datetime:
        """Put the clock forward and return the new time.

        Raises ValueError for a negative duration: time in a cloud does not run backwards.
        """
        if by < timedelta(0):
            raise ValueError("the clock only goes forward")
        with self._lock:
            self._history.append((real_time(), self.ahead + by.total_seconds()))
            self._save()
            self._shift(self.ahead)
        return self.now()

    def of_client(self, at: datetime) -> datetime:
        """Return the cloud's time when a client's clock, the computer's, said `at`."""
        moments = [moment for moment, _ in self._history]
        index = max(bisect.bisect_right(moments, at.timestamp()) - 1, 0)
        return at + timedelta(seconds=self._history[index][1])

    def end_of(self, signature: str, expires: datetime) -> datetime:
        """Return the cloud's time at which something signed ends, where only its end is stated.

        The clock at the signature's first use stands for the clock at its signing.
        """
        seen = self._ahead_at_first_use
        ahead = seen.setdefault(signature, self.ahead)
        if len(seen) > _REMEMBERED:
            seen.popitem(last=False)
        return expires + timedelta(seconds=ahead)

    def close(self) -> None:
        """Give the process its real time back."""
        self._shift(0.0)

    def _save(self) -> None:
        write_whole(self._file, json.dumps(self._history).encode())

    def _shift(self, ahead: float) -> None:
        """Shift the process's clock; time-machine loads at the first shift, for a fast start."""
        global _shifted
        at = real_time()
        if self._travel is not None:
            self._travel.stop()
            self._travel = None
        if ahead:
            import time_machine

            self._travel = time_machine.travel(at + ahead, tick=True)
            self._travel.start()
        _shifted = ahead
