"""SQL's JSON path language: its parser and its evaluation.

Sources: https://trino.io/docs/current/functions/json.html#json-path-language (and SQL:2016, 9.39).
A path becomes nested tuples whose first item is the name of what is done. Errors of syntax are
worded as ANTLR words them for Trino's grammar: `mismatched input` where a token is refused at once,
`no viable alternative` where the choice needed more than one.
"""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from labcloud.trino import text_casts
from labcloud.trino.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    INTEGERS,
    VARCHAR,
    Type,
    decimal,
    varchar,
)

Node = tuple[Any, ...]
Json = Any
"""dict, list, str, int, float, bool or None."""

_PUNCTUATION = (
    *("+", "*", "/", "%", ".", "..", "[", ",", "]", "?", "(", ")", "$", "@", "!", "&&", "||"),
    *("==", "<>", "!=", "<", ">", "<=", ">="),
)
_KEYWORDS = (
    *("abs", "ceiling", "datetime", "double", "exists", "false", "flag", "floor", "is"),
    *("keyvalue", "last", "lax", "like_regex", "-", "null", "size", "starts", "strict", "to"),
    *("true", "type", "unknown", "with"),
)
_KINDS = (
    "DECIMAL_VALUE",
    "DOUBLE_VALUE",
    "INTEGER_VALUE",
    "STRING",
    "IDENTIFIER",
    "NAMED_VARIABLE",
)
_ORDER = {name: index for index, name in enumerate(("<EOF>", *_PUNCTUATION, *_KEYWORDS, *_KINDS))}
_LITERALS = ("DECIMAL_VALUE", "DOUBLE_VALUE", "INTEGER_VALUE", "STRING", "false", "null", "true")
_PRIMARY = ("+", "-", "(", "$", "@", "last", "NAMED_VARIABLE", *_LITERALS)
_PREDICATE = (*_PRIMARY, "!", "exists")
_ACCESSORS = (".", "..", "[", "?")
_OPERATORS = ("+", "-", "*", "/", "%")
_COMPARISONS = ("==", "<>", "!=", "<", ">", "<=", ">=")
_METHODS = ("type", "size", "double", "ceiling", "floor", "abs", "datetime", "keyvalue")

_TOKEN = re.compile(
    r"""(?P<space>[ \r\n\t]+)
    |(?P<DOUBLE_VALUE>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+)
    |(?P<DECIMAL_VALUE>[0-9]+\.[0-9]*|\.[0-9]+)
    |(?P<INTEGER_VALUE>[0-9]+)
    |(?P<STRING>"(?:[^"]|"")*")
    |(?P<NAMED_VARIABLE>\$[A-Za-z_][A-Za-z0-9_]*)
    |(?P<IDENTIFIER>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<punctuation>&&|\|\||==|<>|!=|<=|>=|\.\.|[-+*/%.\[,\]?()$@!<>])
    |(?P<UNRECOGNIZED>.)""",
    re.VERBOSE | re.DOTALL,
)


class PathSyntaxError(Exception):
    """A path that is not one: what is wrong, and where in the text."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class PathError(Exception):
    """What goes wrong while a path is evaluated; Trino's PATH_EVALUATION_ERROR."""

    def __init__(self, message: str = "") -> None:
        super().__init__(f"path evaluation failed: {message}")


class UnsupportedPath(Exception):
    """A path that is right but that Trino does not support."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "space":
            continue
        if kind == "punctuation" or (kind == "IDENTIFIER" and found[0] in _KEYWORDS):
            kind = found[0]
        tokens.append(_Token(kind, found[0], found.start()))
    return [*tokens, _Token("<EOF>", "<EOF>", len(text))]


def _expected(kinds: set[str]) -> str:
    shown = [
        kind if kind in _KINDS or kind == "<EOF>" else f"'{kind}'"
        for kind in sorted(kinds, key=_ORDER.__getitem__)
    ]
    return shown[0] if len(shown) == 1 else "{" + ", ".join(shown) + "}"


# ---- parser


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.position = 0
        self.follow: list[set[str]] = []
        """What may come behind each expression that is being read."""

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.next
        self.position += 1
        return token

    def refuse(self, kinds: set[str]) -> PathSyntaxError:
        token = self.next
        return PathSyntaxError(
            f"mismatched input '{token.text}' expecting {_expected(kinds)}", token.at
        )

    def refuse_choice(self, kinds: set[str]) -> PathSyntaxError:
        """Refuse where ANTLR would first try to leave one token out."""
        after = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        if self.next.kind != "<EOF>" and after.kind in kinds:
            text = f"extraneous input '{self.next.text}' expecting {_expected(kinds)}"
            return PathSyntaxError(text, self.next.at)
        return self.refuse(kinds)

    def no_alternative(self, start: _Token) -> PathSyntaxError:
        end = self.next
        text = self.text[start.at : end.at] + end.text
        return PathSyntaxError(f"no viable alternative at input '{text}'", end.at)

    def expect(self, kind: str) -> _Token:
        if self.next.kind != kind:
            raise self.refuse({kind})
        return self.take()

    def expect_end(self, kinds: set[str]) -> None:
        """Read what ends an expression; else say how the expression might have gone on."""
        if self.next.kind not in kinds:
            raise self.refuse({*kinds, *_ACCESSORS, *_OPERATORS})

    def path(self) -> tuple[bool, Node]:
        if self.next.kind not in ("lax", "strict"):
            raise self.refuse({"lax", "strict"})
        lax = self.take().kind == "lax"
        root = self.expression()
        self.expect_end({"<EOF>"})
        return lax, root

    def expression(self, level: int = 0) -> Node:
        """Read by precedence: 0 sums, 1 products, 2 signs and accessors."""
        if level == 2:
            return self.signed()
        left = self.expression(level + 1)
        operators = ("+", "-") if level == 0 else ("*", "/", "%")
        while self.next.kind in operators:
            symbol = self.take().kind
            left = ("binary", symbol, left, self.expression(level + 1))
        return left

    def signed(self) -> Node:
        if self.next.kind not in _PRIMARY:
            raise self.refuse_choice(set(_PRIMARY))
        after = self.tokens[min(self.position + 1, len(self.tokens) - 1)].kind
        if self.next.kind == "-" and after in ("DECIMAL_VALUE", "DOUBLE_VALUE", "INTEGER_VALUE"):
            self.take()
            return self.accessors(_number(self.take(), "-"))
        if self.next.kind in ("+", "-"):
            sign = self.take().kind
            return ("unary", sign, self.expression(2))
        return self.accessors(self.primary())

    def primary(self) -> Node:
        token = self.take()
        if token.kind == "(":
            inner = self.expression()
            self.expect_end({")"})
            self.take()
            return inner
        if token.kind in ("DECIMAL_VALUE", "DOUBLE_VALUE", "INTEGER_VALUE"):
            return _number(token, "")
        if token.kind == "STRING":
            text = _string(token)
            return ("literal", Typed(varchar(len(text)), text))
        if token.kind == "NAMED_VARIABLE":
            return ("variable", token.text[1:])
        simple: dict[str, Node] = {
            "$": ("context",),
            "@": ("item",),
            "last": ("last",),
            "null": ("null",),
            "true": ("literal", Typed(BOOLEAN, True)),
            "false": ("literal", Typed(BOOLEAN, False)),
        }
        return simple[token.kind]

    def accessors(self, base: Node) -> Node:
        while self.next.kind in _ACCESSORS:
            start = self.take()
            if start.kind == ".":
                base = self.member(base, start)
            elif start.kind == "..":
                base = ("descendant", base, self.name(start))
            elif start.kind == "[":
                base = self.subscript(base, start)
            else:
                self.expect("(")
                predicate = self.predicate()
                self.expect_predicate_end()
                base = ("filter", base, predicate)
        return base

    def member(self, base: Node, start: _Token) -> Node:
        if self.next.kind == "*":
            self.take()
            return ("member", base, None)
        after = self.tokens[min(self.position + 1, len(self.tokens) - 1)].kind
        if self.next.kind in _METHODS and after == "(":
            method = self.take().kind
            self.take()
            if method == "datetime" and self.next.kind == "STRING":
                self.take()
            elif method == "datetime" and self.next.kind != ")":
                raise self.refuse({"STRING", ")"})
            self.expect(")")
            return (method, base)
        return ("member", base, self.name(start))

    def name(self, start: _Token) -> str:
        token = self.next
        if token.kind == "STRING":
            return _string(self.take())
        if token.kind == "IDENTIFIER" or token.kind in _KEYWORDS:
            return self.take().text
        raise self.no_alternative(start)

    def subscript(self, base: Node, start: _Token) -> Node:
        if self.next.kind == "*":
            self.take()
            self.expect("]")
            return ("elements", base, ())
        if self.next.kind not in _PRIMARY:
            raise self.no_alternative(start)
        ranges = []
        while True:
            low = self.expression()
            high = None
            if self.next.kind == "to":
                self.take()
                high = self.expression()
            ranges.append((low, high))
            if self.next.kind not in (",", "]"):
                raise self.refuse_choice({",", "]"})
            if self.take().kind == "]":
                return ("elements", base, tuple(ranges))

    # ---- predicates

    def expect_predicate_end(self) -> None:
        if self.next.kind == ")":
            self.take()
            return
        ends = {")", "&&", "||"}
        before = self.tokens[self.position - 1].kind
        raise self.refuse(ends if before == ")" else {*ends, *_ACCESSORS, *_OPERATORS})

    def predicate(self, level: int = 0) -> Node:
        """Read by precedence: 0 disjunctions, 1 conjunctions, 2 the rest."""
        if level == 2:
            return self.simple_predicate()
        left = self.predicate(level + 1)
        symbol = "||" if level == 0 else "&&"
        while self.next.kind == symbol:
            self.take()
            left = ("or" if level == 0 else "and", left, self.predicate(level + 1))
        return left

    def simple_predicate(self) -> Node:
        if self.next.kind not in _PREDICATE:
            raise self.refuse_choice(set(_PREDICATE))
        if self.next.kind == "!":
            self.take()
            if self.next.kind not in ("exists", "("):
                raise self.refuse_choice({"exists", "("})
            return ("not", self.delimited())
        if self.next.kind == "exists":
            return self.delimited()
        if self.next.kind == "(" and (delimited := self.attempt_delimited()):
            return delimited
        return self.comparison()

    def delimited(self) -> Node:
        if self.take().kind == "exists":
            self.expect("(")
            inner = self.expression()
            self.expect_end({")"})
            self.take()
            return ("exists", inner)
        predicate = self.predicate()
        self.expect_predicate_end()
        return predicate

    def attempt_delimited(self) -> Node | None:
        """Read `(predicate)` with or without IS UNKNOWN; None where the bracket begins a path."""
        start = self.position
        try:
            self.take()
            predicate = self.predicate()
            self.expect_predicate_end()
        except PathSyntaxError:
            self.position = start
            if self.path_in_brackets():
                return None
            raise
        if self.next.kind == "is":
            self.take()
            self.expect("unknown")
            return ("unknown", predicate)
        return predicate

    def path_in_brackets(self) -> bool:
        start = self.position
        try:
            self.expression()
        except PathSyntaxError:
            return False
        finally:
            end, self.position = self.position, start
        return end > start

    def comparison(self) -> Node:
        start = self.next
        left = self.expression()
        if self.next.kind in _COMPARISONS:
            symbol = self.take().kind
            return ("compare", "<>" if symbol == "!=" else symbol, left, self.expression())
        if self.next.kind == "starts":
            self.take()
            self.expect("with")
            if self.next.kind not in ("STRING", "NAMED_VARIABLE"):
                raise self.refuse_choice({"STRING", "NAMED_VARIABLE"})
            return ("starts", left, self.primary())
        if self.next.kind == "like_regex":
            self.take()
            self.expect("STRING")
            if self.next.kind == "flag":
                self.take()
                self.expect("STRING")
            return ("like_regex", left)
        raise self.no_alternative(start)


def _string(token: _Token) -> str:
    return token.text[1:-1].replace('""', '"')


def _number(token: _Token, sign: str) -> Node:
    text = sign + token.text
    if token.kind == "DOUBLE_VALUE":
        return ("literal", Typed(DOUBLE, float(text)))
    if token.kind == "DECIMAL_VALUE":
        exact = Decimal(text)
        return ("literal", Typed(_decimal_type(exact), exact))
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise PathSyntaxError(f"Invalid numeric literal: {text}", token.at)
    return ("literal", Typed(_integer_type(number), number))


def _integer_type(number: int) -> Type:
    return INTEGER if -(2**31) <= number < 2**31 else BIGINT


def _decimal_type(number: Decimal) -> Type:
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    scale = max(0, -exponent)
    return decimal(max(len(digits), scale, 1), scale)


@dataclass(frozen=True, slots=True)
class Typed:
    """A value of SQL in a path: a literal, a number that was computed, or what was passed."""

    type: Type
    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """A path that has been read."""

    lax: bool
    root: Node
    variables: tuple[str, ...]


@functools.lru_cache(512)
def parse(text: str) -> Path:
    """Read a path. Raises PathSyntaxError, UnsupportedPath."""
    try:
        lax, root = _Parser(text).path()
    except RecursionError:
        raise PathSyntaxError("statement is too large (stack overflow while parsing)", 0) from None
    nodes = list(_walk(root))
    for node in nodes:
        if node[0] == "datetime":
            raise UnsupportedPath("datetime method in JSON path is not yet supported")
        if node[0] == "like_regex":
            raise UnsupportedPath("like_regex predicate in JSON path is not yet supported")
    names = [node[1] for node in nodes if node[0] == "variable"]
    return Path(lax, root, tuple(dict.fromkeys(names)))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for part in node[1:]:
        if isinstance(part, tuple):
            if part and isinstance(part[0], str):
                yield from _walk(part)
            else:
                for pair in part:
                    for inner in pair:
                        if inner is not None:
                            yield from _walk(inner)


# ---- evaluation

Item = Any
"""A JSON value, or Typed."""


def json_type(value: Json) -> str:
    """Return what Jackson calls the kind of a JSON value."""
    if value is None:
        return "NULL"
    for kind, name in (
        (bool, "BOOLEAN"),
        ((int, float), "NUMBER"),
        (str, "STRING"),
        (list, "ARRAY"),
    ):
        if isinstance(value, kind):
            return name
    return "OBJECT"


def typed(value: Json) -> Typed | None:
    """Return a JSON scalar as a value of SQL; None if it is not one. Raises PathError."""
    if isinstance(value, bool):
        return Typed(BOOLEAN, value)
    if isinstance(value, str):
        return Typed(VARCHAR, value)
    return _numeric(value)


def _numeric(value: Json) -> Typed | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float):
        return Typed(DOUBLE, float(value))
    if not -(2**63) <= value < 2**63:
        raise PathError
    return Typed(_integer_type(value), value)


def _kind(item: Item) -> str:
    return item.type.text if isinstance(item, Typed) else json_type(item)


def _wrong(expected: str, item: Item) -> PathError:
    return PathError(f"invalid item type. Expected: {expected}, actual: {_kind(item)}")


def _is_number(kind: Type) -> bool:
    return kind.base in (*INTEGERS, "double", "real", "decimal")


def _number_of(item: Item) -> Typed:
    found = item if isinstance(item, Typed) else _numeric(item)
    if found is None or not _is_number(found.type):
        raise _wrong("NUMBER", item)
    return found


def evaluate(path: Path, context: Json, variables: dict[str, list[Item]]) -> list[Item]:
    """Return the sequence that a path finds. Raises PathError."""
    return _Evaluator(path.lax, context, variables).items(path.root)


class _Evaluator:
    def __init__(self, lax: bool, context: Json, variables: dict[str, list[Item]]) -> None:
        self.lax = lax
        self.context = context
        self.variables = variables
        self.item: list[Item] = []
        self.last: list[int] = []
        self.objects = 0

    def items(self, node: Node) -> list[Item]:
        found: list[Item] = getattr(self, f"_{node[0]}")(*node[1:])
        return found

    def unwrapped(self, node: Node) -> list[Item]:
        return self.unwrap(self.items(node))

    def unwrap(self, items: list[Item]) -> list[Item]:
        if not self.lax:
            return items
        return [part for item in items for part in (item if isinstance(item, list) else [item])]

    # ---- variables and literals

    def _context(self) -> list[Item]:
        return [self.context]

    def _item(self) -> list[Item]:
        return [self.item[-1]]

    def _last(self) -> list[Item]:
        return [Typed(INTEGER, self.last[-1])]

    def _null(self) -> list[Item]:
        return [None]

    def _literal(self, value: Typed) -> list[Item]:
        return [value]

    def _variable(self, name: str) -> list[Item]:
        return self.variables[name]

    # ---- accessors

    def _member(self, base: Node, key: str | None) -> list[Item]:
        found: list[Item] = []
        for item in self.unwrapped(base):
            if not isinstance(item, dict):
                if not self.lax:
                    raise _wrong("OBJECT", item)
            elif key is None:
                found += item.values()
            elif key in item:
                found.append(item[key])
            elif not self.lax:
                raise PathError(f"structural error: missing member '{key}' in JSON object")
        return found

    def _descendant(self, base: Node, key: str) -> list[Item]:
        found: list[Item] = []

        def visit(item: Item) -> None:
            if isinstance(item, dict):
                if key in item:
                    found.append(item[key])
                for value in item.values():
                    visit(value)
            elif isinstance(item, list):
                for value in item:
                    visit(value)

        for item in self.items(base):
            visit(item)
        return found

    def _elements(self, base: Node, ranges: tuple[tuple[Node, Node | None], ...]) -> list[Item]:
        found: list[Item] = []
        for item in self.items(base):
            if not isinstance(item, list) and not self.lax:
                raise _wrong("ARRAY", item)
            elements = item if isinstance(item, list) else [item]
            if not ranges:
                found += elements
            elif elements:
                self.last.append(len(elements) - 1)
                try:
                    for low, high in ranges:
                        found += self.slice(elements, low, high)
                finally:
                    self.last.pop()
            elif not self.lax:
                raise PathError("structural error: invalid array subscript for empty array")
        return found

    def slice(self, elements: list[Item], low: Node, high: Node | None) -> list[Item]:
        start = self.index(low, "from")
        end = start if high is None else self.index(high, "to")
        size = len(elements)
        if not self.lax and not 0 <= start <= end < size:
            raise PathError(
                f"structural error: invalid array subscript: [{start}, {end}] "
                f"for array of size {size}"
            )
        return elements[max(start, 0) : end + 1] if end >= 0 else []

    def index(self, node: Node, side: str) -> int:
        found = self.items(node)
        if len(found) != 1:
            raise PathError(f"array subscript '{side}' value must be singleton numeric")
        item = found[0]
        if not isinstance(item, Typed) and isinstance(item, float):
            if not math.isfinite(item) or not -(2**63) <= item < 2**63:
                raise PathError(f"cannot convert value {item} to long")
            return int(item)
        number = _number_of(item).value
        if isinstance(number, float) and not math.isfinite(number):
            raise PathError
        return int(Decimal(number).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def _filter(self, base: Node, predicate: Node) -> list[Item]:
        found = []
        for item in self.unwrapped(base):
            self.item.append(item)
            if self.truth(predicate):
                found.append(item)
            self.item.pop()
        return found

    # ---- methods

    def _type(self, base: Node) -> list[Item]:
        return [Typed(varchar(27), _type_name(item)) for item in self.items(base)]

    def _size(self, base: Node) -> list[Item]:
        found: list[Item] = []
        for item in self.items(base):
            if not isinstance(item, list) and not self.lax:
                raise _wrong("ARRAY", item)
            found.append(Typed(INTEGER, len(item) if isinstance(item, list) else 1))
        return found

    def _double(self, base: Node) -> list[Item]:
        return [_as_double(item) for item in self.unwrapped(base)]

    def _ceiling(self, base: Node) -> list[Item]:
        return [_rounded(_number_of(item), math.ceil) for item in self.unwrapped(base)]

    def _floor(self, base: Node) -> list[Item]:
        return [_rounded(_number_of(item), math.floor) for item in self.unwrapped(base)]

    def _abs(self, base: Node) -> list[Item]:
        numbers = map(_number_of, self.unwrapped(base))
        return [_checked(number.type, abs(number.value)) for number in numbers]

    def _keyvalue(self, base: Node) -> list[Item]:
        found: list[Item] = []
        for item in self.unwrapped(base):
            if not isinstance(item, dict):
                raise _wrong("OBJECT", item)
            for name, value in item.items():
                found.append({"name": name, "value": value, "id": self.objects})
            self.objects += 1
        return found

    # ---- arithmetic

    def _unary(self, sign: str, base: Node) -> list[Item]:
        numbers = map(_number_of, self.unwrapped(base))
        if sign == "+":
            return list(numbers)
        return [_checked(number.type, -number.value) for number in numbers]

    def _binary(self, symbol: str, left: Node, right: Node) -> list[Item]:
        sides = [self.unwrapped(left), self.unwrapped(right)]
        if any(len(side) != 1 for side in sides):
            raise PathError("arithmetic binary expression requires singleton operands")
        return [arithmetic(symbol, _operand(sides[0][0]), _operand(sides[1][0]))]

    # ---- predicates: True, False or None for unknown

    def truth(self, node: Node) -> bool | None:
        try:
            found: bool | None = getattr(self, f"test_{node[0]}")(*node[1:])
        except PathError:
            return None
        return found

    def test_and(self, left: Node, right: Node) -> bool | None:
        first = self.truth(left)
        if first is False:
            return False
        second = self.truth(right)
        return None if None in (first, second) and second is not False else bool(second)

    def test_or(self, left: Node, right: Node) -> bool | None:
        first = self.truth(left)
        if first:
            return True
        second = self.truth(right)
        return True if second else None if None in (first, second) else False

    def test_not(self, inner: Node) -> bool | None:
        found = self.truth(inner)
        return None if found is None else not found

    def test_unknown(self, inner: Node) -> bool:
        return self.truth(inner) is None

    def test_exists(self, inner: Node) -> bool:
        return bool(self.items(inner))

    def test_compare(self, symbol: str, left: Node, right: Node) -> bool | None:
        return self.compare(symbol, self.unwrapped(left), self.unwrapped(right))

    def compare(self, symbol: str, left: list[Item], right: list[Item]) -> bool | None:
        if not left or not right:
            return False
        nulls, scalars, others = (
            [any(test(item) for item in side) for side in (left, right)]
            for test in (_is_null, _is_scalar, _is_composite)
        )
        if (others[0] and (others[1] or scalars[1])) or (scalars[0] and others[1]):
            return None
        found = symbol == "==" and all(nulls)
        if symbol == "<>":
            found = (nulls[0] and (scalars[1] or others[1])) or (
                nulls[1] and (scalars[0] or others[0])
            )
        if (found and self.lax) or not all(scalars):
            return found
        for a in filter(_is_scalar, left):
            for b in filter(_is_scalar, right):
                result = _compared(symbol, _scalar(a), _scalar(b))
                if result is None:
                    return None
                found = found or result
                if result and self.lax:
                    return True
        return found

    def test_starts(self, whole: Node, prefix: Node) -> bool | None:
        values = self.items(whole)
        prefixes = self.items(prefix)
        if len(prefixes) != 1 or (start := _text_of(prefixes[0])) is None:
            return None
        found = False
        for item in self.unwrap(values):
            text = _text_of(item)
            if text is None:
                return None
            found = found or text.startswith(start)
            if found and self.lax:
                return True
        return found


def _is_null(item: Item) -> bool:
    return item is None


def _is_composite(item: Item) -> bool:
    return isinstance(item, (dict, list))


def _is_scalar(item: Item) -> bool:
    return not _is_null(item) and not _is_composite(item)


def _scalar(item: Item) -> Typed:
    found = item if isinstance(item, Typed) else typed(item)
    assert found is not None
    return found


def _text_of(item: Item) -> str | None:
    value = item.value if isinstance(item, Typed) else item
    return value if isinstance(value, str) else None


_TYPE_NAMES = {
    **dict.fromkeys((*INTEGERS, "double", "real", "decimal"), "number"),
    "varchar": "string",
    "char": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time without time zone",
    "time with time zone": "time with time zone",
    "timestamp": "timestamp without time zone",
    "timestamp with time zone": "timestamp with time zone",
}


def _type_name(item: Item) -> str:
    return _TYPE_NAMES[item.type.base] if isinstance(item, Typed) else json_type(item).lower()


def _as_double(item: Item) -> Typed:
    found = item if isinstance(item, Typed) else typed(item)
    if found is not None and isinstance(found.value, str):
        try:
            return Typed(DOUBLE, text_casts.double(found.value))
        except ValueError:
            raise PathError from None
    if found is None or not _is_number(found.type):
        raise _wrong("NUMBER or TEXT", item)
    return Typed(DOUBLE, float(found.value))


def _rounded(number: Typed, function: Callable[[Any], int]) -> Typed:
    kind, value = number.type, number.value
    if kind.base == "decimal":
        whole = decimal(kind.precision - kind.scale + min(kind.scale, 1), 0)
        return Typed(whole, Decimal(function(value)))
    if kind.base in INTEGERS or not math.isfinite(value):
        return number
    return Typed(kind, math.copysign(float(function(value)), value))


def _checked(kind: Type, value: Any) -> Typed:
    """Return a computed number, if its type holds it. Raises PathError."""
    bits = text_casts.BITS.get(kind.base)
    if bits is not None and not -(2**bits) <= value < 2**bits:
        raise PathError
    return Typed(kind, value)


def _operand(item: Item) -> Typed:
    if isinstance(item, Typed):
        return item
    return _number_of(item)


_NAMES = {"+": "ADD", "-": "SUBTRACT", "*": "MULTIPLY", "/": "DIVIDE", "%": "MODULUS"}
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def arithmetic(symbol: str, left: Typed, right: Typed) -> Typed:
    """Return what SQL's operator makes of two numbers. Raises PathError."""
    bases = (left.type.base, right.type.base)
    if not _is_number(left.type) or not _is_number(right.type):
        names = f"({left.type.text}, {right.type.text})"
        raise PathError(f"invalid operand types to {_NAMES[symbol]} operator {names}")
    if "double" in bases or "real" in bases:
        kind = DOUBLE if "double" in bases else Type("real")
        return Typed(kind, _floating(symbol, float(left.value), float(right.value)))
    if "decimal" in bases:
        return _exact(symbol, left, right)
    kind = Type(max(bases, key=INTEGERS.index))
    return _checked(kind, _whole(symbol, left.value, right.value))


def _floating(symbol: str, a: float, b: float) -> float:
    try:
        if symbol == "/":
            return a / b
        if symbol == "%":
            return math.fmod(a, b)
        return float({"+": a + b, "-": a - b, "*": a * b}[symbol])
    except (ZeroDivisionError, ValueError):
        if symbol == "%" or a == 0 or math.isnan(a):
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1, b)


def _whole(symbol: str, a: int, b: int) -> int:
    if symbol in "/%":
        if b == 0:
            raise PathError
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return quotient if symbol == "/" else a - quotient * b
    return int({"+": a + b, "-": a - b, "*": a * b}[symbol])


def _exact(symbol: str, left: Typed, right: Typed) -> Typed:
    (p1, s1), (p2, s2) = (_digits(side.type) for side in (left, right))
    a, b = Decimal(left.value), Decimal(right.value)
    scale = s1 + s2 if symbol == "*" else max(s1, s2)
    precision = {
        "*": p1 + p2,
        "/": p1 + s2 + max(s2 - s1, 0),
        "%": min(p2 - s2, p1 - s1) + scale,
    }.get(symbol, max(p1 - s1, p2 - s2) + scale + 1)
    with localcontext(prec=100):
        if symbol in "/%":
            if b == 0:
                raise PathError
            result = a / b if symbol == "/" else a % b
        else:
            result = {"+": a + b, "-": a - b, "*": a * b}[symbol]
        result = result.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
        kind = decimal(min(38, precision), scale)
        if abs(result.scaleb(scale)) >= 10**38 or scale > 38:
            raise PathError
    return Typed(kind, result)


def _digits(kind: Type) -> tuple[int, int]:
    if kind.base == "decimal":
        return kind.precision, kind.scale
    return _DIGITS[kind.base], 0


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _compared(symbol: str, left: Typed, right: Typed) -> bool | None:
    """Compare two scalars; None where their types cannot be compared."""
    if _is_number(left.type) and _is_number(right.type):
        a, b = left.value, right.value
        if isinstance(a, float) or isinstance(b, float):
            a, b = float(a), float(b)
        return bool(_COMPARE[symbol](a, b))
    names = [_TYPE_NAMES.get(side.type.base) for side in (left, right)]
    if names[0] != names[1]:
        return None
    if names[0] == "string":
        a, b = left.value.encode(), right.value.encode()
        if "char" in (left.type.base, right.type.base):
            a, b = a.rstrip(b" "), b.rstrip(b" ")
        return bool(_COMPARE[symbol](a, b))
    return bool(_COMPARE[symbol](left.value, right.value))
