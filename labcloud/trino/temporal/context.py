"""What temporal expressions need to know of the statement, and the names of their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from labcloud.trino import zones
from labcloud.trino.types import DAY_TO_SECOND, YEAR_TO_MONTH, Type

if TYPE_CHECKING:
    from labcloud.trino.functions.registry import Udfs

TIMES = ("time", "time with time zone")
STAMPS = ("timestamp", "timestamp with time zone")
INTERVALS = (DAY_TO_SECOND.base, YEAR_TO_MONTH.base)
BASES = ("date", *TIMES, *STAMPS, *INTERVALS)


@dataclass(frozen=True, slots=True)
class Context:
    """What a cast needs to know of the statement: its zone, its beginning, its functions."""

    zone: str
    started: datetime
    udfs: Udfs

    @classmethod
    def of(cls, owner: Any) -> Context:
        """Return the context of an Analysis, or of a Call: both have `session` and `udfs`."""
        return cls.of_session(owner.session, owner.udfs)

    @classmethod
    def of_session(cls, session: Any = None, udfs: Udfs | None = None) -> Context:
        """Return the context of a session; without one, the time zone is UTC."""
        from labcloud.trino.functions import registry  # declares functions, which use this

        started = session.started if session else datetime.now(UTC)
        if started.tzinfo is not None:
            started = started.astimezone(UTC).replace(tzinfo=None)
        return cls(session.zone if session else "UTC", started, udfs or registry.Udfs())

    @property
    def offset(self) -> int:
        """The zone's offset at the statement's beginning, in minutes."""
        return zones.offset((self.started - zones.EPOCH) // timedelta(seconds=1), self.zone) // 60

    @property
    def local(self) -> datetime:
        """The zone's clock at the statement's beginning."""
        return zones.local(self.started, self.zone)

    def call(self, function: Callable[..., Any], args: list[Type], result: Type, *sql: str) -> str:
        """Return SQL that calls a Python function."""
        return f"{self.udfs.name(function, args, result)}({', '.join(sql)})"
