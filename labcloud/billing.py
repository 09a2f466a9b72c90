"""The bill: what the actions in this cloud would have cost on AWS.

The gateway records every action that succeeded; engines add what only they can measure (DPU-hours,
bytes scanned) as units. Quantities are kept, not dollars, so a newer price table reprices them.
Nothing is silently free: what the table has no price for is listed as not priced.

Prices and their sources: data/prices.yml.
"""

from __future__ import annotations

import fnmatch
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from labcloud.files import write_whole

PRICES = Path(__file__).resolve().parents[1] / "data" / "prices.yml"
FLUSH_SECONDS = 1.0
SETTLE_SECONDS = 60.0

GB = 2**30
CHUNK = 64 * 1024
"""SQS and SNS bill each 64 KB of a payload as one request."""
MONTH_SECONDS = 730 * 3600.0
"""AWS's month for prices by the GB-month: 730 hours."""
STORAGE = "storage "
"""How the line of stored data begins; the storage class follows."""

Key = tuple[str, str, str, str]
"""Service, operation, lab, unit."""
Usage = Callable[[], Iterable[tuple[str, str, float]]]
"""What is stored now, as (storage class, lab, bytes)."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs; `usd` is None where nothing says so, and `because` says why."""

    unit: str
    usd: float | None
    because: str = ""


class Prices:
    """The price table: what a request, a measured unit or stored data costs."""

    def __init__(self, path: Path = PRICES) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # 7 times as fast
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
        self.dated = str(table["dated"])
        self.currency = str(table["currency"])
        self.region = str(table["region"])
        self._services: dict[str, Any] = table["services"]
        self.of_request = lru_cache(maxsize=None)(self._of_request)

    def _of_request(self, service: str, operation: str) -> Price:
        for line in self._services.get(service, {}).get("requests", ()):
            if any(fnmatch.fnmatchcase(operation, pattern) for pattern in line["operations"]):
                return Price(line.get("per", "request"), line["usd"], line.get("because", ""))
        return Price("request", None, "no price was found for it")

    def of(self, service: str, operation: str, unit: str) -> Price:
        """Return the price of a unit of an operation."""
        request = self.of_request(service, operation)
        if unit == request.unit:
            return request
        known = self._services.get(service, {})
        if operation.startswith(STORAGE):
            line = known.get("storage", {}).get(operation.removeprefix(STORAGE))
        else:
            line = known.get("units", {}).get(unit)
        if line is None:
            return Price(unit, None, f"no price of a {unit} was found")
        return Price(unit, line["usd"])


@dataclass(slots=True)
class _Tally:
    count: int = 0
    quantity: float = 0.0


@dataclass(slots=True)
class _Meter:
    """Stored data, charged for the time it has been there."""

    since: float
    held: list[tuple[str, str, float]] = field(default_factory=list)
    usage: Usage | None = None


class Bill:
    """Counts the actions of one cloud and keeps the counts in its directory.

    Thread-safe. What was recorded reaches `bill.json` within a second, and at `close`.
    """

    def __init__(
        self,
        directory: Path,
        prices: Prices | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = directory / "bill.json"
        self._prices = prices or Prices()
        self._clock = clock
        self._lock = threading.Lock()
        self._settling = threading.Lock()
        self._changed = False
        self._tallies: dict[Key, _Tally] = {}
        self._meters: dict[str, _Meter] = {}
        self._load()
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="bill", daemon=True)
        self._keeper.start()

    # ---- counting

    def record(
        self,
        service: str,
        operation: str,
        lab: str | None,
        *,
        bytes_in: int = 0,
        bytes_out: int = 0,
        units: Mapping[str, float] | None = None,
    ) -> None:
        """Count one successful action.

        `units` is what an engine measured, such as `{"DPU-hour": 0.25}`. It comes beside the
        gateway's own count of the request and prices it.
        """
        if units:
            for unit, quantity in units.items():
                self._add((service, operation, lab or "", unit), quantity)
            return
        unit = self._prices.of_request(service, operation).unit
        self._add((service, operation, lab or "", unit), _quantity(unit, bytes_in, bytes_out))

    def _add(self, key: Key, quantity: float, count: int = 1) -> None:
        with self._lock:
            tally = self._tallies.get(key)
            if tally is None:
                tally = self._tallies[key] = _Tally()
            tally.count += count
            tally.quantity += quantity
            self._changed = True

    # ---- storage

    def meter(self, service: str, usage: Usage) -> None:
        """Charge a service's stored data by the GB-month, by the cloud's clock.

        The time while the cloud is down counts, too: AWS charges for storage at night.
        """
        with self._lock:
            meter = self._meters.setdefault(service, _Meter(self._clock()))
            meter.usage = usage
        self.settle()

    def settle(self) -> None:
        """Charge stored data up to now, and look what is stored from now on.

        It runs each minute and for each summary. Whoever puts the clock forward calls it first,
        so that the time which is skipped is charged for what is there.
        """
        with self._settling:
            for service, meter in list(self._meters.items()):
                if meter.usage is not None:
                    self._settle(service, meter, list(meter.usage()))

    def _settle(self, service: str, meter: _Meter, holds: list[tuple[str, str, float]]) -> None:
        now = self._clock()
        elapsed, held = max(0.0, now - meter.since), meter.held
        with self._lock:
            meter.since, meter.held = now, holds
            self._changed = True
        for kind, lab, size in held:
            months = size / GB * elapsed / MONTH_SECONDS
            self._add((service, STORAGE + kind, lab, "GB-month"), months, count=0)

    # ---- telling

    def summary(self, lab: str | None = None) -> dict[str, Any]:
        """Return the bill of one lab, or of all.

        `total` sums what is priced. `lines` has one entry for each service, operation, lab and
        unit, dearest first; `usd` is None where nothing prices it. `not_priced` counts those.
        """
        self.settle()
        with self._lock:
            tallies = {key: (tally.count, tally.quantity) for key, tally in self._tallies.items()}
        chosen = {key: value for key, value in tallies.items() if lab is None or key[2] == lab}
        measured = {key[:3] for key in chosen if key[3] != self._request_unit(key)}
        lines = [self._line(key, *value) for key, value in chosen.items()]
        lines = [
            line
            for line in lines
            if line["usd"] is not None
            or line["unit"] != "request"
            or (line["service"], line["operation"], line["lab"]) not in measured
        ]
        lines.sort(key=lambda line: (-(line["usd"] or 0.0), line["service"], line["operation"]))
        return {
            "total": sum(line["usd"] or 0.0 for line in lines),
            "currency": self._prices.currency,
            "region": self._prices.region,
            "prices_dated": self._prices.dated,
            "not_priced": sum(line["count"] for line in lines if line["usd"] is None),
            "lines": lines,
        }

    def _request_unit(self, key: Key) -> str:
        return self._prices.of_request(key[0], key[1]).unit

    def _line(self, key: Key, count: int, quantity: float) -> dict[str, Any]:
        service, operation, lab, unit = key
        price = self._prices.of(service, operation, unit)
        return {
            "service": service,
            "operation": operation,
            "lab": lab,
            "count": count,
            "quantity": quantity,
            "unit": unit,
            "usd": None if price.usd is None else price.usd * quantity,
            "because": price.because,
        }

    # ---- keeping

    def _keep(self) -> None:
        """Write what changed each second until the bill is closed."""
        settle_at = time.monotonic() + SETTLE_SECONDS
        while not self._closing.wait(FLUSH_SECONDS):
            try:
                if time.monotonic() >= settle_at:
                    settle_at = time.monotonic() + SETTLE_SECONDS
                    self.settle()
                self._flush()
            except Exception:
                logging.getLogger("labcloud").exception("the bill could not be written")

    def close(self) -> None:
        """Write what is not written yet and stop."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._keeper.join()
        self.settle()
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            if not self._changed:
                return
            self._changed = False
            kept = {
                "tallies": [[*key, t.count, t.quantity] for key, t in self._tallies.items()],
                "stored": {name: [m.since, m.held] for name, m in self._meters.items()},
            }
        write_whole(self._file, json.dumps(kept).encode(), sync=True)

    def _load(self) -> None:
        if not self._file.exists():
            return
        kept = json.loads(self._file.read_text(encoding="utf-8"))
        for service, operation, lab, unit, count, quantity in kept["tallies"]:
            self._tallies[service, operation, lab, unit] = _Tally(count, quantity)
        for service, (since, held) in kept["stored"].items():
            self._meters[service] = _Meter(since, [(kind, lab, size) for kind, lab, size in held])


def _quantity(unit: str, bytes_in: int, bytes_out: int) -> float:
    """Return how many units one request is."""
    if unit == "request-64KB":
        return max(1, -(-bytes_in // CHUNK))
    if unit == "GB-in":
        return bytes_in / GB
    if unit == "GB-out":
        return bytes_out / GB
    return 1


def render(summary: Mapping[str, Any]) -> str:
    """Return the bill as a table by service and lab, and what is not priced."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in summary["lines"]:
        groups.setdefault((line["service"], line["lab"]), []).append(line)
    rows = [("service", "lab", "actions", "USD")]
    rows += [
        (service, lab or "-", f"{sum(line['count'] for line in lines):,}", _group_usd(lines))
        for (service, lab), lines in groups.items()
    ]
    actions = sum(line["count"] for line in summary["lines"])
    rows.append(("total", "", f"{actions:,}", _usd(summary["total"])))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = [
        f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}"
        for a, b, c, d in rows
    ]
    table.insert(1, "-" * len(table[0]))
    table.insert(-1, "-" * len(table[0]))
    return "\n".join([*table, *_notes(summary)])


def _group_usd(lines: list[Mapping[str, Any]]) -> str:
    priced = [line["usd"] for line in lines if line["usd"] is not None]
    return _usd(sum(priced)) if priced else "not priced"


def _usd(amount: float) -> str:
    """Return an amount with as many digits as it takes to see that it is not nothing."""
    return f"{amount:.2f}" if amount >= 1 or amount == 0 else f"{amount:.6f}"


def _notes(summary: Mapping[str, Any]) -> list[str]:
    notes = [
        "",
        f"List prices of {summary['region']}, {summary['prices_dated']}, "
        "free allowances not deducted; nothing was charged.",
    ]
    missing = [line for line in summary["lines"] if line["usd"] is None]
    if missing:
        notes.append(f"Not priced, hence not in the total: {summary['not_priced']:,} actions.")
    notes += [
        f"  {line['service']} {line['operation']} ({line['count']:,}): {line['because']}"
        for line in missing
    ]
    return notes
