"""The expression that filters partitions, as GetPartitions takes it.

Comparisons of a partition key with a literal (=, <>, !=, <, <=, >, >=, BETWEEN, IN, LIKE, IS
NULL), joined by AND, OR and NOT. Values compare as the key's type says. Partition values that
stand for NULL (`__HIVE_DEFAULT_PARTITION__`) make a comparison unknown, as in SQL.

Sources: https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html;
https://github.com/getmoto/moto/pull/9306 and https://github.com/aws/aws-sdk/issues/670 (words).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any

from labcloud.engines.glue.errors import invalid
from labcloud.errors import AWSError

NULL = "__HIVE_DEFAULT_PARTITION__"

Values = Sequence[str]
Test = Callable[[Values], bool | None]
"""True, False, or None for unknown."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<name>[\w.$]+|"[^"]+"|`[^`]+`)
    |(?P<sign><>|!=|<=|>=|\|\||[-=<>(),+*/%]))""",
    re.VERBOSE,
)
_WORDS = {"and", "or", "not", "in", "between", "like", "is", "null"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_INTEGERS = {"tinyint", "smallint", "int", "integer", "bigint", "long"}
_STRINGS = {"string", "char", "varchar"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Operand:
    """A column, a literal, or something that Glue does not compare."""

    kind: str
    text: str


class _UnreadableError(Exception):
    """The expression is none; the caller says which."""


def compile_filter(expression: str, keys: Sequence[tuple[str, str]]) -> Callable[[Values], bool]:
    """Return a function that tells whether a partition's values satisfy an expression.

    `keys` are the partition keys' names and types in order. Raises `InvalidInputException` for an
    expression or a literal that does not fit them; the function raises `InvalidStateException`
    for a value that is not of its key's type.
    """
    test = _Parser(expression, keys).whole()
    return lambda values: test(values) is True


class _Parser:
    def __init__(self, expression: str, keys: Sequence[tuple[str, str]]) -> None:
        self._text = expression
        self._keys = {name.lower(): (n, kind) for n, (name, kind) in enumerate(keys)}
        self._tokens = self._without_brackets(list(self._tokenize(expression)))
        self._at = 0

    def whole(self) -> Test:
        """Return the test that the whole expression means."""
        try:
            test = self._or()
            if self._at < len(self._tokens):
                raise _UnreadableError
        except (_UnreadableError, RecursionError):
            raise _unsupported(self._text) from None
        return test

    def _tokenize(self, text: str) -> Any:
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            if found is None:
                raise _unsupported(self._text)
            kind = str(found.lastgroup)
            token = found.group(kind)
            if kind == "name" and token.lower() in _WORDS:
                kind, token = "word", token.lower()
            yield _Token(kind, token)
            at = found.end()

    @staticmethod
    def _without_brackets(tokens: list[_Token]) -> list[_Token]:
        """Take the brackets from a lone `(OR)`, which Glue reads as OR."""
        kept: list[_Token] = []
        for token in tokens:
            kept.append(token)
            if [t.text for t in kept[-3:]] in (["(", "or", ")"], ["(", "and", ")"]):
                kept[-3:] = [kept[-2]]
        return kept

    def _peek(self, text: str) -> bool:
        if self._at >= len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.text == text and token.kind in ("word", "sign")

    def _take(self, *texts: str) -> str:
        """Return the next token where it is one of `texts`, else ""."""
        for text in texts:
            if self._peek(text):
                self._at += 1
                return text
        return ""

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise _UnreadableError

    def _or(self) -> Test:
        tests = [self._and()]
        while self._take("or"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else _any(tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._take("and"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else _all(tests)

    def _not(self) -> Test:
        if self._take("not"):
            return _negated(self._not())
        start = self._at
        try:
            return self._predicate()
        except _UnreadableError:
            self._at = start
        self._expect("(")
        test = self._or()
        self._expect(")")
        return test

    def _predicate(self) -> Test:
        left = self._operand()
        if sign := self._take(*_COMPARE):
            return self._comparison(left, sign, self._operand())
        if self._take("is"):
            negated = bool(self._take("not"))
            self._expect("null")
            place, _ = self._column(left)
            return _is_null(place, negated)
        negated = bool(self._take("not"))
        word = self._take("in", "between", "like")
        if not word:
            raise _UnreadableError
        test = getattr(self, f"_{word}")(left)
        return _negated(test) if negated else test

    def _comparison(self, left: _Operand, sign: str, right: _Operand) -> Test:
        if left.kind == "literal" and right.kind == "column":
            left, sign, right = right, _MIRRORED.get(sign, sign), left
        place, kind = self._column(left)
        cast, wanted = _caster(kind), self._literal(right, kind)
        compare = _COMPARE[sign]

        def test(values: Values) -> bool | None:
            value = _value(values, place, cast)
            return None if value is None else compare(value, wanted)

        return test

    def _in(self, left: _Operand) -> Test:
        place, kind = self._column(left)
        cast = _caster(kind)
        self._expect("(")
        wanted = {self._literal(self._operand(), kind)}
        while self._take(","):
            wanted.add(self._literal(self._operand(), kind))
        self._expect(")")

        def test(values: Values) -> bool | None:
            value = _value(values, place, cast)
            return None if value is None else value in wanted

        return test

    def _between(self, left: _Operand) -> Test:
        place, kind = self._column(left)
        cast = _caster(kind)
        low = self._literal(self._operand(), kind)
        self._expect("and")
        high = self._literal(self._operand(), kind)

        def test(values: Values) -> bool | None:
            value = _value(values, place, cast)
            return None if value is None else bool(low <= value <= high)

        return test

    def _like(self, left: _Operand) -> Test:
        place, kind = self._column(left)
        base = _base(kind)
        if base in _INTEGERS:
            raise invalid("Integral data type doesn't support operation 'LIKE'")
        if base not in _STRINGS:
            raise invalid(f"{base.capitalize()} data type doesn't support operation 'LIKE'")
        pattern = str(self._literal(self._operand(), "string"))
        fits = re.compile(
            "".join({"%": ".*", "_": "."}.get(char) or re.escape(char) for char in pattern),
            re.DOTALL,
        )

        def test(values: Values) -> bool | None:
            value = _value(values, place, str)
            return None if value is None else fits.fullmatch(value) is not None

        return test

    def _operand(self) -> _Operand:
        """Return a column or literal; arithmetic and calls are read whole, to be named."""
        parts = [self._unit()]
        while sign := self._take("+", "-", "*", "/", "%", "||"):
            parts += [_Operand("other", sign), self._unit()]
        if len(parts) == 1:
            return parts[0]
        return _Operand("other", " ".join(part.text for part in parts))

    def _unit(self) -> _Operand:
        if self._take("("):
            inner = self._operand()
            self._expect(")")
            return inner
        if self._take("-"):
            inner = self._unit()
            return _Operand(inner.kind if inner.kind == "literal" else "other", f"-{inner.text}")
        if self._at >= len(self._tokens):
            raise _UnreadableError
        token = self._tokens[self._at]
        if token.kind not in ("string", "number", "name"):
            raise _UnreadableError
        self._at += 1
        if token.kind == "number":
            return _Operand("literal", token.text)
        if token.kind == "string":
            return _Operand("literal", token.text[1:-1].replace("''", "'"))
        if token.text.lower() in ("date", "timestamp") and self._next_is_string():
            return self._unit()
        return self._call(token.text) if self._peek("(") else _Operand("column", token.text)

    def _next_is_string(self) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].kind == "string"

    def _call(self, name: str) -> _Operand:
        self._expect("(")
        arguments = []
        while not self._take(")"):
            arguments.append(self._operand().text)
            if not self._peek(")"):
                self._expect(",")
        return _Operand("other", f"{name}({', '.join(arguments)})")

    def _column(self, operand: _Operand) -> tuple[int, str]:
        """Return a partition key's place and type."""
        if operand.kind != "column":
            raise _unsupported(operand.text)
        name = operand.text.strip('"`').lower()
        found = self._keys.get(name) or self._keys.get(name.rpartition(".")[2])
        if found is None:
            raise invalid("Invalid partition expression!")
        return found

    @staticmethod
    def _literal(operand: _Operand, kind: str) -> Any:
        if operand.kind != "literal":
            raise _unsupported(operand.text)
        try:
            return _caster(kind)(operand.text)
        except ValueError as error:
            raise invalid(str(error)) from None


def _unsupported(text: str) -> AWSError:
    return invalid(f"Unsupported expression '{text}'")


def _any(tests: list[Test]) -> Test:
    def test(values: Values) -> bool | None:
        unknown = False
        for one in tests:
            found = one(values)
            if found:
                return True
            unknown = unknown or found is None
        return None if unknown else False

    return test


def _all(tests: list[Test]) -> Test:
    def test(values: Values) -> bool | None:
        unknown = False
        for one in tests:
            found = one(values)
            if found is False:
                return False
            unknown = unknown or found is None
        return None if unknown else True

    return test


def _negated(test: Test) -> Test:
    def negated(values: Values) -> bool | None:
        found = test(values)
        return None if found is None else not found

    return negated


def _is_null(place: int, negated: bool) -> Test:
    return lambda values: (values[place] == NULL) is not negated


def _value(values: Values, place: int, cast: Callable[[str], Any]) -> Any:
    text = values[place]
    if text == NULL:
        return None
    try:
        return cast(text)
    except ValueError as error:
        raise AWSError("InvalidStateException", str(error)) from None


def _base(kind: str) -> str:
    return kind.partition("(")[0].strip().lower()


@cache
def _caster(kind: str) -> Callable[[str], Any]:
    """Return what reads a text as a value of a type. Raises `InvalidInputException`."""
    base = _base(kind)
    if base in _STRINGS:
        return str
    if base in _INTEGERS:
        return _integer
    readers: dict[str, Callable[[str], Any]] = {
        "decimal": _decimal,
        "date": _date,
        "timestamp": _timestamp,
    }
    if base not in readers:
        raise invalid(f"Unknown type : '{kind}'")
    return readers[base]


@lru_cache(maxsize=10_000)
def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise ValueError(f'For input string: "{text}" is not an integer.')
    return int(text)


@lru_cache(maxsize=10_000)
def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text} is not a decimal.") from None


@lru_cache(maxsize=10_000)
def _date(text: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not a date.") from None


@lru_cache(maxsize=10_000)
def _timestamp(text: str) -> tuple[datetime, str]:
    """Return the second and its fraction, which has up to nine digits."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,9}))?", text)
    try:
        if found is None:
            raise ValueError
        second = datetime.fromisoformat(found[1])
    except ValueError:
        raise ValueError(
            f"Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {text} is not a timestamp."
        ) from None
    return second, (found[2] or "").ljust(9, "0")
