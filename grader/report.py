"""The report of a check: what a student reads, and the error that carries it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

from grader.checks import Check
from grader.errors import WIDTH

FIRST_LINE = 65


@dataclass(frozen=True)
class Result:
    """What one run of one check gave."""

    check: Check
    lab: str
    sentences: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    error: Exception | None = None

    @property
    def passed(self) -> bool:
        """True where nothing was found wrong."""
        return not self.sentences

    @property
    def points(self) -> float:
        """All of the check's points, or none."""
        return self.check.points if self.passed else 0

    @property
    def score(self) -> str:
        """Points reached and possible, as "2/2 points"."""
        possible = self.check.points
        return f"{self.points:g}/{possible:g} point{'' if possible == 1 else 's'}"

    def full(self) -> str:
        """The whole report, for instructors and for visible checks."""
        if self.passed:
            return f"✓ {self.check.name} — {self.check.about} ({self.score})"
        told = [_told(self.sentences[0], "")]
        told += [_told(sentence, "- ") for sentence in self.sentences[1:]]
        return "\n".join([*told, *self._where()])

    def shown(self) -> str:
        """The report that a student sees: of a hidden check only its hint."""
        if self.passed and self.check.hidden:
            return f"✓ {self.check.name} ({self.score})"
        if self.check.hidden:
            told = _told(f"A hidden check does not pass yet.\n{self.check.hint}", "")
            return "\n".join([told, *self._where()])
        return self.full()

    def _where(self) -> list[str]:
        lines = []
        if self.check.lesson:
            lines += _wrapped(f'Read "{self.check.lesson}" in lesson {self.lab.partition("-")[0]}.')
        return [*lines, f"✗ {self.check.name} ({self.score})"]


def _told(sentence: str, bullet: str) -> str:
    """One finding: its first line whole, details below it, indented."""
    first, _, rest = sentence.strip().partition("\n")
    head, tail = headline(first, FIRST_LINE - len(bullet))
    details = [line for part in (tail, *rest.split("\n")) for line in _wrapped(part, "  ")]
    return "\n".join([bullet + head, *details])


def headline(line: str, width: int = FIRST_LINE) -> tuple[str, str]:
    """Split a line where it reads best so that the first part fits: sentence, clause, word."""
    if len(line) <= width:
        return line, ""
    for mark in (". ", "; ", ": ", " "):
        cut = line.rfind(mark, 0, width + 1)
        if cut > 0:
            return line[: cut + len(mark)].rstrip(), line[cut + len(mark) :].lstrip()
    return line[:width], line[width:]


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=True,
    )


class CheckFailed(AssertionError):
    """A check does not pass; `str()` is the report."""

    def __init__(self, result: Result) -> None:
        self.result = result
        super().__init__(result.shown())

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the report."""
        return str(self).split("\n")
