"""Row patterns: a pattern as a program, and the search for its matches in a partition's rows.

The search follows SQL:2016's preferences: what is written first, and the longer of greedy
repetitions, is tried first. Source: https://trino.io/docs/current/sql/match-recognize.html
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from labcloud.trino.errors import udf_error

Instruction = tuple[Any, ...]
"""("label", name) · ("split", first, second) · ("jump", to) · ("start",) · ("end",) ·
("exclude", whether it begins) · ("mark", slot) · ("moved", slot) · ("match",)."""

Condition = Callable[[int, "Chain", int, int], bool]
"""Whether a row may have a label: row, chain with the row in it, first row of the match, number."""


@dataclass(slots=True)
class Chain:
    """The labels of a match so far, last first; never changed (not frozen: that is slow)."""

    label: str
    before: Chain | None
    length: int

    def labels(self) -> list[str]:
        """Return the labels in the order of the rows."""
        found: list[str] = []
        link: Chain | None = self
        while link is not None:
            found.append(link.label)
            link = link.before
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Match:
    """A match: its first row, the labels of its rows, which of them are not put out."""

    start: int
    labels: list[str]
    excluded: frozenset[int] = frozenset()


# ---- programs


def program(pattern: tuple[Any, ...], label: Callable[[Any], str]) -> list[Instruction]:
    """Return the program of a pattern (see tree.PatternRecognition); `label` names a variable."""
    return [*_Compiler(label).compile(pattern, 0), ("match",)]


class _Compiler:
    """Makes a pattern's instructions; addresses are absolute."""

    def __init__(self, label: Callable[[Any], str]) -> None:
        self._label = label
        self._slots = itertools.count()

    def compile(self, pattern: tuple[Any, ...], at: int) -> list[Instruction]:
        """Return the instructions that begin at an address."""
        kind, *parts = pattern
        if kind == "var":
            return [("label", self._label(parts[0]))]
        if kind in ("start", "end"):
            return [(kind,)]
        if kind == "empty":
            return []
        if kind == "concat":
            return self._concat(parts, at)
        if kind == "alt":
            return self._alternatives(parts, at)
        if kind == "permute":
            orders = [("concat", *order) for order in itertools.permutations(parts)]
            return self._alternatives(orders, at)
        if kind == "exclude":
            inner = self.compile(parts[0], at + 1)
            return [("exclude", True), *inner, ("exclude", False)]
        assert kind == "quant", kind
        return self._repeated(parts[0], parts[1], parts[2], parts[3], at)

    def _concat(self, parts: list[Any], at: int) -> list[Instruction]:
        made: list[Instruction] = []
        for part in parts:
            made += self.compile(part, at + len(made))
        return made

    def _alternatives(self, parts: list[Any], at: int) -> list[Instruction]:
        if len(parts) == 1:
            return self.compile(parts[0], at)
        first = self.compile(parts[0], at + 1)
        rest_at = at + 1 + len(first) + 1
        rest = self._alternatives(parts[1:], rest_at)
        return [("split", at + 1, rest_at), *first, ("jump", rest_at + len(rest)), *rest]

    def _repeated(
        self, part: tuple[Any, ...], low: int, high: int | None, greedy: bool, at: int
    ) -> list[Instruction]:
        made = self._concat([part] * low, at)
        if high is None:
            return made + self._loop(part, greedy, at + len(made))
        return made + self._optional(part, high - low, greedy, at + len(made))

    def _optional(
        self, part: tuple[Any, ...], times: int, greedy: bool, at: int
    ) -> list[Instruction]:
        """Up to so many times: each a choice between going on and leaving."""
        size = len(self.compile(part, 0)) + 1
        end = at + times * size
        made: list[Instruction] = []
        for _ in range(times):
            here = at + len(made)
            made.append(_split(here + 1, end, greedy))
            made += self.compile(part, here + 1)
        return made

    def _loop(self, part: tuple[Any, ...], greedy: bool, at: int) -> list[Instruction]:
        """Any number of times; a turn must take a row, or it would go on for ever."""
        slot = next(self._slots)
        body = self.compile(part, at + 2)
        end = at + 2 + len(body) + 2
        head = [_split(at + 1, end, greedy), ("mark", slot)]
        return [*head, *body, ("moved", slot), ("jump", at)]


def _split(inside: int, outside: int, greedy: bool) -> Instruction:
    return ("split", inside, outside) if greedy else ("split", outside, inside)


# ---- search


@dataclass(slots=True)
class _Thread:
    """One way through the program, up to an instruction and a row; never changed."""

    pc: int
    row: int
    chain: Chain | None
    excluded: tuple[int, ...] = ()
    """Rows at which exclusions begin and end, in turn."""
    marks: tuple[tuple[int, int], ...] = ()


class Search:
    """The search for one match. Without `dynamic` conditions no state is looked at twice."""

    def __init__(
        self, code: list[Instruction], conditions: dict[str, Condition], dynamic: bool, rows: int
    ) -> None:
        self._code, self._conditions, self._rows = code, conditions, rows
        self._dynamic = dynamic

    def at(self, start: int, number: int) -> Match | None:
        """Return the preferred match that begins at a row, or None."""
        todo = [_Thread(0, start, None)]
        seen: set[tuple[Any, ...]] = set()
        while todo:
            thread: _Thread | None = todo.pop()
            while thread is not None:
                if not self._dynamic:
                    state = (thread.pc, thread.row, thread.marks)
                    if state in seen:
                        break
                    seen.add(state)
                instruction = self._code[thread.pc]
                if instruction[0] == "match":
                    return _matched(start, thread)
                if instruction[0] == "split":
                    todo.append(_moved(thread, pc=instruction[2]))
                    thread = _moved(thread, pc=instruction[1])
                else:
                    thread = self._step(instruction, thread, start, number)
        return None

    def _step(
        self, instruction: Instruction, thread: _Thread, start: int, number: int
    ) -> _Thread | None:
        kind, row, following = instruction[0], thread.row, thread.pc + 1
        if kind == "label":
            return self._label(instruction[1], thread, start, number)
        if kind == "jump":
            return _moved(thread, pc=instruction[1])
        if kind == "start":
            return _moved(thread, pc=following) if row == 0 else None
        if kind == "end":
            return _moved(thread, pc=following) if row == self._rows else None
        if kind == "exclude":
            return _Thread(following, row, thread.chain, (*thread.excluded, row), thread.marks)
        marks = dict(thread.marks)
        if kind == "moved" and marks[instruction[1]] == row:
            return None
        marks[instruction[1]] = row
        kept = tuple(sorted(marks.items()))
        return _Thread(following, row, thread.chain, thread.excluded, kept)

    def _label(self, label: str, thread: _Thread, start: int, number: int) -> _Thread | None:
        row, before = thread.row, thread.chain
        if row >= self._rows:
            return None
        chain = Chain(label, before, before.length + 1 if before is not None else 1)
        condition = self._conditions.get(label)
        if condition is not None and not condition(row, chain, start, number):
            return None
        return _Thread(thread.pc + 1, row + 1, chain, thread.excluded, thread.marks)


def _moved(thread: _Thread, pc: int) -> _Thread:
    return _Thread(pc, thread.row, thread.chain, thread.excluded, thread.marks)


def _matched(start: int, thread: _Thread) -> Match:
    bounds = thread.excluded
    excluded = frozenset(
        row for low, high in zip(bounds[::2], bounds[1::2], strict=True) for row in range(low, high)
    )
    return Match(start, thread.chain.labels() if thread.chain is not None else [], excluded)


# ---- matches of a partition


@dataclass(frozen=True, slots=True)
class Skip:
    """AFTER MATCH SKIP: `kind` as in tree.PatternRecognition, and the labels it names."""

    kind: str
    labels: frozenset[str] = frozenset()

    def next_row(self, match: Match) -> int:
        """Return the row at which the search goes on. Raises GENERIC_USER_ERROR."""
        if self.kind == "NEXT ROW" or not match.labels:
            return match.start + 1
        if self.kind == "PAST LAST ROW":
            return match.start + len(match.labels)
        places = [i for i, label in enumerate(match.labels) if label in self.labels]
        if not places:
            text = "AFTER MATCH SKIP failed: pattern variable is not present in match"
            raise udf_error("GENERIC_USER_ERROR", text)
        place = places[0] if self.kind == "FIRST" else places[-1]
        if place == 0:
            text = "AFTER MATCH SKIP failed: cannot skip to first row of match"
            raise udf_error("GENERIC_USER_ERROR", text)
        return match.start + place


def matches(search: Search, rows: int, skip: Skip) -> Iterator[Match | int]:
    """Yield the matches of a partition in order, and the number of each row that begins none.

    A row that an earlier match holds is not yielded.
    """
    row, number, held = 0, 1, 0
    while row < rows:
        match = search.at(row, number)
        if match is None:
            if row >= held:
                yield row
            row += 1
            continue
        yield match
        number += 1
        held = max(held, match.start + len(match.labels), row + 1)
        row = skip.next_row(match)


# ---- what expressions read


@dataclass(frozen=True, slots=True)
class Navigation:
    """Which row an expression looks at: the first or last of some labels, then an offset.

    `labels` None means any. `running` looks no further than the current row.
    """

    labels: frozenset[str] | None = None
    last: bool = True
    running: bool = True
    logical: int = 0
    physical: int = 0

    def row(self, labels: list[str], start: int, current: int, rows: int) -> int | None:
        """Return the row's number in its partition, or None where there is none."""
        place = self._place(labels, current)
        if place is None:
            return None
        row = start + place + self.physical
        return row if 0 <= row < rows else None

    def _place(self, labels: list[str], current: int) -> int | None:
        end = current if self.running else len(labels)
        order = range(end - 1, -1, -1) if self.last else range(end)
        left = self.logical
        for place in order:
            if self.labels is None or labels[place] in self.labels:
                if left == 0:
                    return place
                left -= 1
        return None


@dataclass(frozen=True, slots=True)
class Group:
    """Which rows an aggregate takes; `labels` None means all of the match."""

    labels: frozenset[str] | None = None
    running: bool = True

    def places(self, labels: list[str], current: int) -> list[int]:
        """Return the places in the match, from 0."""
        end = current if self.running else len(labels)
        return [i for i in range(end) if self.labels is None or labels[i] in self.labels]
