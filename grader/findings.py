"""Findings: everything a check found wrong, collected before it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_open: ContextVar[list[Findings] | None] = ContextVar("open_findings", default=None)


class Findings:
    """Collects failures as sentences; the check returns it.

    A sentence says what was found and what was expected. Its first line stands alone; what
    follows a line break is detail.
    """

    def __init__(self) -> None:
        self._mistakes: list[tuple[str, str]] = []
        self._failures: list[str] = []
        collecting = _open.get()
        if collecting is not None:
            collecting.append(self)

    def expect(self, condition: object, sentence: str) -> bool:
        """Note `sentence` unless `condition` holds; return whether it holds."""
        holds = bool(condition)
        if not holds:
            self._failures.append(sentence)
        return holds

    def mistake(self, name: str, sentence: str) -> None:
        """Note a classic mistake, recognised by `name`; it is reported before all else."""
        self._mistakes.append((name, sentence))

    @property
    def mistakes(self) -> list[str]:
        """The names of the recognised mistakes."""
        return [name for name, _ in self._mistakes]

    @property
    def sentences(self) -> list[str]:
        """All sentences: recognised mistakes first, the rest in the order of the check."""
        told = [sentence for _, sentence in self._mistakes] + self._failures
        return list(dict.fromkeys(told))

    def __bool__(self) -> bool:
        """True where something was found wrong."""
        return bool(self._mistakes or self._failures)


@contextmanager
def collecting() -> Iterator[list[Findings]]:
    """Yield the list of all Findings made inside, so that none is lost where a check breaks off."""
    made: list[Findings] = []
    token = _open.set(made)
    try:
        yield made
    finally:
        _open.reset(token)
