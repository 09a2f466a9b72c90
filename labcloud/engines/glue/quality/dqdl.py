"""The Data Quality Definition Language: text → rules.

Source: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<comment>\#[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_][\w.]*)"""
    r"""|(?P<sign><=|>=|!=|[=<>\[\](),+\-*/%]))"""
)


class DqdlError(ValueError):
    """A ruleset that cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of a value: operator = != > >= < <= between in matches, its operands, and negation.

    An operand is text, a number, NULL/EMPTY/WHITESPACES_ONLY (a `Keyword`) or a moment in days
    before now (a `Moment`).
    """

    operator: str
    operands: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Keyword:
    """NULL, EMPTY or WHITESPACES_ONLY among values."""

    word: str


@dataclass(frozen=True, slots=True)
class Moment:
    """now() - 3 days, in seconds before now."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its type, its parameters, its condition, `with threshold`, `where`, its text."""

    type: str
    parameters: tuple[Any, ...]
    condition: Condition | None
    threshold: Condition | None
    where: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Composite:
    """(rule) and (rule), or with or."""

    operator: str
    rules: tuple[Any, ...]
    text: str


@dataclass(slots=True)
class Ruleset:
    """The rules of a ruleset, and its analyzers (rules without a condition)."""

    rules: list[Any] = field(default_factory=list)
    analyzers: list[Rule] = field(default_factory=list)


def parse(text: str) -> Ruleset:
    """Return the rules of a DQDL document. Raises DqdlError."""
    return _Parser(text).document()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    # ---- tokens

    def _peek(self, ahead: int = 0) -> tuple[str, str, int, int]:
        at = self._at + ahead
        end = len(self._text)
        return self._tokens[at] if at < len(self._tokens) else ("end", "", end, end)

    def _take(self) -> tuple[str, str, int, int]:
        token = self._peek()
        self._at += 1
        return token

    def _is(self, value: str, ahead: int = 0) -> bool:
        kind, text, *_ = self._peek(ahead)
        return kind in ("word", "sign") and text.lower() == value

    def _expect(self, value: str) -> None:
        if not self._is(value):
            raise self._wrong(f"expected '{value}'")
        self._at += 1

    def _wrong(self, what: str) -> DqdlError:
        _, text, start, _ = self._peek()
        line = self._text.count("\n", 0, start) + 1
        column = start - self._text.rfind("\n", 0, start)
        shown = text or "the end"
        return DqdlError(f"Error at line {line}, column {column}: {what}, found {shown}")

    # ---- document

    def document(self) -> Ruleset:
        """Read the whole document."""
        found = Ruleset()
        if self._peek()[0] == "end":
            raise DqdlError("No rules or analyzers provided.")
        while self._peek()[0] != "end":
            word = self._take()[1].lower()
            if word not in ("rules", "analyzers"):
                self._at -= 1
                raise self._wrong("expected Rules or Analyzers")
            self._expect("=")
            self._expect("[")
            while not self._is("]"):
                if word == "rules":
                    found.rules.append(self._rule())
                else:
                    found.analyzers.append(self._simple())
                if not self._is("]"):
                    self._expect(",")
            self._expect("]")
        if not found.rules and not found.analyzers:
            raise DqdlError("No rules or analyzers provided.")
        return found

    def _rule(self) -> Any:
        """Read a rule, or (rule) and (rule) …."""
        start = self._peek()[2]
        if not self._is("("):
            return self._simple()
        rules = [self._bracketed()]
        operator = None
        while self._is("and") or self._is("or"):
            word = self._take()[1].lower()
            if operator not in (None, word):
                raise self._wrong("'and' and 'or' cannot be mixed without brackets")
            operator = word
            rules.append(self._bracketed())
        if operator is None:
            return rules[0]
        return Composite(operator, tuple(rules), self._slice(start))

    def _bracketed(self) -> Any:
        self._expect("(")
        rule = self._rule()
        self._expect(")")
        return rule

    def _slice(self, start: int) -> str:
        end = self._tokens[self._at - 1][3]
        return " ".join(self._text[start:end].split())

    def _simple(self) -> Rule:
        kind, name, start, _ = self._take()
        if kind != "word":
            self._at -= 1
            raise self._wrong("expected the name of a rule type")
        parameters: list[Any] = []
        while self._peek()[0] == "string" or (
            self._peek()[0] == "number" and not parameters and name.lower() == "datafreshness"
        ):
            parameters.append(self._value())
        condition = self._condition()
        where = threshold = None
        while True:
            if self._is("where"):
                self._take()
                where = str(self._value())
            elif self._is("with") and self._is("threshold", 1):
                self._at += 2
                threshold = self._condition()
            else:
                break
        return Rule(name, tuple(parameters), condition, threshold, where, self._slice(start))

    def _condition(self) -> Condition | None:
        negated = False
        if self._is("not"):
            self._take()
            negated = True
        kind, text, *_ = self._peek()
        word = text.lower()
        if kind == "sign" and word in ("=", "!=", ">", ">=", "<", "<="):
            self._take()
            return Condition(word, (self._value(),), negated)
        if word == "between" and kind == "word":
            self._take()
            low = self._value()
            self._expect("and")
            return Condition("between", (low, self._value()), negated)
        if word == "in" and kind == "word":
            self._take()
            return Condition("in", tuple(self._list()), negated)
        if word == "matches" and kind == "word":
            self._take()
            return Condition("matches", (self._value(),), negated)
        if negated:
            raise self._wrong("expected a condition")
        return None

    def _list(self) -> list[Any]:
        self._expect("[")
        found = []
        while not self._is("]"):
            found.append(self._value())
            if not self._is("]"):
                self._expect(",")
        self._expect("]")
        return found

    def _value(self) -> Any:
        if self._is("("):
            self._take()
            value = self._value()
            self._expect(")")
            return value
        kind, text, *_ = self._take()
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1]) if "\\" in text else text[1:-1]
        if kind == "number":
            value = float(text) if re.search(r"[.eE]", text) else int(text)
            return self._with_unit(value)
        word = text.lower()
        if word == "now":
            self._expect("(")
            self._expect(")")
            return self._moment()
        if word in ("null", "empty", "whitespaces_only"):
            return Keyword(word.upper())
        if word in ("true", "false"):
            return word
        self._at -= 1
        raise self._wrong("expected a value")

    def _with_unit(self, value: float) -> Any:
        """Return a number, or the seconds of `3 days` (DataFreshness)."""
        kind, text, *_ = self._peek()
        unit = text.lower().rstrip("s")
        if kind == "word" and unit in _UNITS:
            self._take()
            return Moment(value * _UNITS[unit])
        return value

    def _moment(self) -> Moment:
        sign = self._peek()[1]
        if sign in ("-", "+"):
            self._take()
            after = self._value()
        elif self._peek()[0] == "number" and sign.startswith("-"):
            after = self._value()
            if isinstance(after, Moment):
                return Moment(-after.seconds)
        else:
            return Moment(0.0)
        if not isinstance(after, Moment):
            raise self._wrong("expected days or hours")
        return Moment(after.seconds if sign == "-" else -after.seconds)


_UNITS = {"day": 86400.0, "hour": 3600.0, "minute": 60.0}


def _tokens(text: str) -> list[tuple[str, str, int, int]]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            rest = text[at:].lstrip()
            if not rest:
                break
            start = len(text) - len(rest)
            line = text.count("\n", 0, start) + 1
            raise DqdlError(f"Error at line {line}: unexpected {rest[:1]!r}")
        at = match.end()
        kind = match.lastgroup or ""
        if kind != "comment":
            found.append((kind, match[kind], match.start(kind), match.end(kind)))
    return found
