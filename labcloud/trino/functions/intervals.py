"""Functions of intervals: parse_duration and to_milliseconds.

Source: https://trino.io/docs/current/functions/datetime.html, "Duration function"; the texts are
those of airlift's Duration.
"""

from __future__ import annotations

import math
import re

from labcloud.trino.functions.emit import invalid, python
from labcloud.trino.functions.registry import scalar
from labcloud.trino.types import DAY_TO_SECOND

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", re.ASCII)
_UNITS = {
    "ns": 1e-6,
    "us": 1e-3,
    "ms": 1.0,
    "s": 1_000.0,
    "m": 60_000.0,
    "h": 3_600_000.0,
    "d": 86_400_000.0,
}


def parse_duration(text: str) -> int:
    """Return the milliseconds of `3.5h`; called by DuckDB."""
    if not text:
        raise invalid("duration is empty")
    match = _DURATION.fullmatch(text)
    if not match:
        raise invalid(f"duration is not a valid data duration string: {text}")
    if match[2] not in _UNITS:
        raise invalid(f"Unknown time unit: {match[2]}")
    return math.floor(float(match[1]) * _UNITS[match[2]] + 0.5)


scalar("parse_duration", "varchar(x)", DAY_TO_SECOND.base, python(parse_duration))
scalar("to_milliseconds", DAY_TO_SECOND.base, "bigint", "{0}")
