"""Times as S3 keeps and writes them. The process's clock is the cloud's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate

DAY = 86_400_000
"""A day in milliseconds."""


def now() -> int:
    """Return the cloud's time in milliseconds since 1970."""
    return int(time.time() * 1000)


def to_datetime(moment: int) -> datetime:
    """Return milliseconds since 1970 as a date and time."""
    return datetime.fromtimestamp(moment / 1000, UTC)


def to_second(moment: int) -> datetime:
    """Return the same, in whole seconds: S3 shows no finer Last-Modified."""
    return datetime.fromtimestamp(moment // 1000, UTC)


def from_datetime(moment: datetime) -> int:
    """Return a date and time as milliseconds since 1970; UTC where it names no zone."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


def http_date(moment: int) -> str:
    """Return a moment as HTTP headers write it."""
    return formatdate(moment / 1000, usegmt=True)


def iso(moment: int) -> str:
    """Return a moment as S3's documents write it: `2026-11-24T12:00:00.000Z`."""
    return f"{to_datetime(moment):%Y-%m-%dT%H:%M:%S}.{moment % 1000:03d}Z"


def midnight_after(moment: int, days: int) -> int:
    """Return when something due `days` after a moment happens: at the next midnight UTC.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    return -(-(moment + days * DAY) // DAY) * DAY
