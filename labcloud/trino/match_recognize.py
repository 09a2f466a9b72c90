"""MATCH_RECOGNIZE: https://trino.io/docs/current/sql/match-recognize.html

Each partition becomes a list of rows in DuckDB; a Python function finds the matches in it and says,
for each row of the result, which rows the measures look at; DuckDB computes the measures of these.
A condition of DEFINE that only looks at fixed distances from its row is computed by DuckDB before
the search. The others are computed while it goes on, in a DuckDB of the search's own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import duckdb

from labcloud.trino import ordering, relations, row_pattern, tree, walk
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.functions.registry import Udfs
from labcloud.trino.row_pattern import Chain, Group, Match, Navigation, Search, Skip
from labcloud.trino.scope import Field, Scope
from labcloud.trino.types import BIGINT, BOOLEAN, VARCHAR, Type, array, duckdb_type, row

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis

MAX_OFFSET = 2_147_483_647
_FUNCTIONS = ("first", "last", "prev", "next", "classifier", "match_number")
_numbers = itertools.count(1)


# ---- what an expression reads


@dataclass(frozen=True, slots=True)
class Read:
    """One value that an expression takes from the match; `name` stands for it in the expression.

    `column`: number of an input column at a navigated row · `classifier`: the label at one ·
    neither of them: the match's number.
    """

    name: str
    type: Type
    navigation: Navigation | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Aggregated:
    """One aggregate over rows of the match: its SQL over `u_.q`, the rows with their labels."""

    name: str
    sql: str
    type: Type
    group: Group
    numbered: bool
    """Whether it reads the match's number."""


@dataclass(slots=True)
class Reads:
    """All that one expression reads."""

    values: list[Read] = field(default_factory=list)
    aggregates: list[Aggregated] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Labels:
    """The pattern's variables, in canonical spelling: each with the primary ones it stands for."""

    known: dict[str, frozenset[str]]

    def __contains__(self, name: str) -> bool:
        return name in self.known

    def of(self, name: str | None) -> frozenset[str] | None:
        """Return the primary variables of a name; None (any) for none."""
        return None if name is None else self.known[name]


def canonical(name: tree.Identifier) -> str:
    """Return an identifier's spelling as Trino compares and CLASSIFIER() returns it."""
    return name.value if name.delimited else name.value.upper()


class _Reader:
    """Rewrites one expression of DEFINE or MEASURES so that it reads named values only."""

    def __init__(self, inputs: Scope, columns: dict[str, int], labels: Labels, analysis: Analysis):
        self._inputs, self._columns, self._labels = inputs, columns, labels
        self._analysis = analysis
        self.reads = Reads()

    def rewrite(self, node: Any, navigation: Navigation | None = None) -> Any:
        """Return the expression over names. Raises Trino's errors of pattern functions."""
        return self._rewrite(node, navigation or Navigation(), frozenset())

    def _rewrite(self, node: Any, navigation: Navigation, hidden: frozenset[str]) -> Any:
        if isinstance(node, tuple):
            return tuple(self._rewrite(part, navigation, hidden) for part in node)
        if not isinstance(node, tree.Node) or isinstance(node, tree.Query):
            return node
        if isinstance(node, tree.Identifier | tree.DereferenceExpression):
            return self._name(node, navigation, hidden)
        if isinstance(node, tree.FunctionCall):
            if is_pattern_function(node):
                return self._function(node, navigation, hidden)
            if walk.is_aggregate(node):
                return self._aggregate(node)
            if node.processing is not None:
                text = f"{node.processing} semantics is supported only for FIRST(), LAST() and "
                text += f"aggregation functions. Actual: {node.name}"
                raise TrinoError("INVALID_PROCESSING_MODE", text, node.at)
        if isinstance(node, tree.ListAgg):
            return self._aggregate(node)
        if isinstance(node, tree.Lambda):
            own = frozenset(argument.value.lower() for argument in node.arguments)
            return replace(node, body=self._rewrite(node.body, navigation, hidden | own))
        if isinstance(node, tree.TypeNode):
            return node
        return _with_parts(node, lambda part: self._rewrite(part, navigation, hidden))

    # names

    def _name(self, node: Any, navigation: Navigation, hidden: frozenset[str]) -> Any:
        parts = walk.names(node)
        if parts is None:
            return replace(node, base=self._rewrite(node.base, navigation, hidden))
        if parts[0] in hidden:
            return node
        label, rest = self._label_of(node)
        found = self._inputs.resolve(rest)
        if found is None:  # a field of a row
            inner = self._name(node.base, navigation, hidden)
            return replace(node, base=inner)
        if found.sql not in self._columns:
            return node  # of a query around this one
        looked = replace(navigation, labels=self._labels.of(label))
        return self._read(node, found.type, looked, self._columns[found.sql])

    def _label_of(self, node: Any) -> tuple[str | None, Any]:
        """Split `A.v` at a pattern variable."""
        chain = node
        while isinstance(chain, tree.DereferenceExpression):
            if isinstance(chain.base, tree.Identifier):
                name = canonical(chain.base)
                return (name, _without_head(node)) if name in self._labels else (None, node)
            chain = chain.base
        return None, node

    def _read(
        self, node: tree.Node, kind: Type, navigation: Navigation | None, column: int | None
    ) -> tree.Identifier:
        for known in self.reads.values:
            if (known.type, known.navigation, known.column) == (kind, navigation, column):
                return tree.Identifier(known.name, at=node.at)
        made = Read(f"$read{len(self.reads.values)}", kind, navigation, column)
        self.reads.values.append(made)
        return tree.Identifier(made.name, at=node.at)

    # functions

    def _function(
        self, node: tree.FunctionCall, navigation: Navigation, hidden: frozenset[str]
    ) -> Any:
        _check_function(node)
        if node.name == "match_number":
            if node.arguments:
                text = "MATCH_NUMBER pattern recognition function takes no arguments"
                raise TrinoError("INVALID_FUNCTION_ARGUMENT", text, node.at)
            return self._read(node, BIGINT, None, None)
        if node.name == "classifier":
            label = self._classified(node)
            looked = replace(navigation, labels=self._labels.of(label))
            return self._read(node, VARCHAR, looked, None)
        offset = _offset(node)
        _check_nesting(node)
        if node.name in ("prev", "next"):
            step = offset if node.name == "next" else -offset
            looked = replace(navigation, physical=step)
        else:
            final = node.processing == "FINAL"
            looked = replace(
                navigation, last=node.name == "last", running=not final, logical=offset
            )
        value = self._rewrite(node.arguments[0], looked, hidden)
        self._check_label(node)
        return value

    def _classified(self, node: tree.FunctionCall) -> str | None:
        if len(node.arguments) > 1:
            text = "CLASSIFIER pattern recognition function takes no arguments or 1 argument"
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", text, node.at)
        if not node.arguments:
            return None
        argument = node.arguments[0]
        if not isinstance(argument, tree.Identifier):
            text = (
                "CLASSIFIER function argument should be primary pattern variable or subset name. "
                f"Actual: {type(argument).__name__}"
            )
            raise TrinoError("TYPE_MISMATCH", text, argument.at)
        if canonical(argument) not in self._labels:
            text = f"{argument.value} is not a primary pattern variable or subset name"
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", text, argument.at)
        return canonical(argument)

    def _labels_in(self, node: Any) -> set[str | None]:
        """The variables that columns and classifiers in an expression name; None for any."""
        found: set[str | None] = set()
        for one in _names_in(node):
            if isinstance(one, tree.FunctionCall):
                found.add(self._classified(one))
            else:
                label, rest = self._label_of(one)
                if self._inputs.find(walk.names(rest) or ()) is not None or label is not None:
                    found.add(label)
        return found

    def _check_label(self, node: tree.FunctionCall) -> None:
        labels = self._labels_in(node.arguments[0])
        if len(labels) > 1:
            text = f"All labels and classifiers inside the call to '{node.name}' must match"
            raise TrinoError("INVALID_ARGUMENTS", text, node.at)
        if not labels:
            text = (
                f"Pattern navigation function '{node.name.upper()}' must contain at least one "
                "column reference or CLASSIFIER()"
            )
            raise TrinoError("INVALID_ARGUMENTS", text, node.at)

    # aggregates

    def _aggregate(self, node: Any) -> tree.Identifier:
        name = node.name if isinstance(node, tree.FunctionCall) else "listagg"
        arguments = node.arguments if isinstance(node, tree.FunctionCall) else (node.expression,)
        _check_aggregate(name, arguments)
        label = self._aggregated_label(node, name, arguments)
        running = getattr(node, "processing", None) != "FINAL"
        rows = _Rows(self._inputs, self._columns, self._labels)
        bare = _with_parts(node, rows.rewrite)
        if isinstance(bare, tree.FunctionCall):
            bare = replace(bare, processing=None, label=None, star=not bare.arguments)
        made = self._analysis.expression(bare, Scope(rows.fields, self._inputs.parent))
        group = Group(self._labels.of(label), running)
        found = Aggregated(
            f"$agg{len(self.reads.aggregates)}", made.sql, made.type, group, rows.numbered
        )
        self.reads.aggregates.append(found)
        return tree.Identifier(found.name, at=node.at)

    def _aggregated_label(self, node: Any, name: str, arguments: Any) -> str | None:
        if getattr(node, "label", None) is not None:
            if canonical(node.label) not in self._labels:
                text = f"{node.label.value} is not a primary pattern variable or subset name"
                raise TrinoError("INVALID_FUNCTION_ARGUMENT", text, node.label.at)
            return canonical(node.label)
        every: set[str | None] = set()
        for argument in arguments:
            labels = self._labels_in(argument)
            if len(labels) > 1:
                text = f"All labels and classifiers inside the call to '{name}' must match"
                raise TrinoError("INVALID_ARGUMENTS", text, node.at)
            every |= labels
        if len(every) > 1:
            text = "All aggregate function arguments must apply to rows matched with the same label"
            raise TrinoError("INVALID_ARGUMENTS", text, node.at)
        return every.pop() if every else None


class _Rows:
    """Rewrites an aggregate's arguments: columns are those of the aggregate's rows."""

    def __init__(self, inputs: Scope, columns: dict[str, int], labels: Labels) -> None:
        self._inputs, self._columns, self._labels = inputs, columns, labels
        self.fields: list[Field] = []
        self.numbered = False

    def rewrite(self, node: Any) -> Any:
        """Return a part of the call."""
        if isinstance(node, tuple):
            return tuple(self.rewrite(part) for part in node)
        if not isinstance(node, tree.Node) or isinstance(node, tree.Query | tree.TypeNode):
            return node
        if isinstance(node, tree.FunctionCall) and node.name == "classifier":
            return self._field(node, VARCHAR, "u_.q.l")
        if isinstance(node, tree.FunctionCall) and node.name == "match_number":
            self.numbered = True
            return self._field(node, BIGINT, NUMBER)
        if isinstance(node, tree.Identifier | tree.DereferenceExpression):
            return self._name(node)
        return _with_parts(node, self.rewrite)

    def _name(self, node: Any) -> Any:
        parts = walk.names(node)
        if parts is None:
            return replace(node, base=self.rewrite(node.base))
        head = parts[0]
        labelled = isinstance(node, tree.DereferenceExpression) and _is_label(node, self._labels)
        rest = _without_head(node) if labelled else node
        found = self._inputs.find(walk.names(rest) or (head,), node.at)
        if found is None:
            if isinstance(node, tree.DereferenceExpression) and not labelled:
                return replace(node, base=self.rewrite(node.base))
            return rest  # a lambda's parameter, or unknown
        number = self._columns.get(found.sql)
        return node if number is None else self._field(node, found.type, f"u_.q.r.c{number}")

    def _field(self, node: tree.Node, kind: Type, sql: str) -> tree.Identifier:
        name = f"$row{len(self.fields)}"
        self.fields.append(Field(name, None, kind, sql))
        return tree.Identifier(name, at=node.at)


NUMBER = "$number$"
"""Stands for the match's number in an aggregate's SQL."""


def is_pattern_function(node: tree.Node) -> bool:
    """Return whether a call is one of FIRST, LAST, PREV, NEXT, CLASSIFIER, MATCH_NUMBER."""
    return isinstance(node, tree.FunctionCall) and node.name in _FUNCTIONS


def _with_parts(node: Any, change: Callable[[Any], Any]) -> Any:
    """Return the node with changed parts."""
    names = [name for name in type(node).__dataclass_fields__ if name != "at"]
    return replace(node, **{name: change(getattr(node, name)) for name in names})


def _without_head(node: Any) -> Any:
    """Return `v.f` for `A.v.f`."""
    if isinstance(node.base, tree.Identifier):
        return replace(node.field, at=node.at)
    return replace(node, base=_without_head(node.base))


def _is_label(node: tree.DereferenceExpression, labels: Labels) -> bool:
    head: Any = node
    while isinstance(head, tree.DereferenceExpression):
        head = head.base
    return isinstance(head, tree.Identifier) and canonical(head) in labels


def _names_in(node: Any) -> list[Any]:
    """The outermost names and CLASSIFIER calls in an expression."""
    if isinstance(node, tree.FunctionCall) and node.name == "classifier":
        return [node]
    if walk.names(node) is not None:
        return [node]
    return [name for child in walk.children(node) for name in _names_in(child)]


def _check_function(node: tree.FunctionCall) -> None:
    for present, word in (
        (node.window is not None, "OVER"),
        (node.filter is not None, "FILTER"),
        (bool(node.order_by), "ORDER BY"),
        (node.distinct, "DISTINCT"),
    ):
        if present:
            text = f"Cannot use {word} with {node.name} pattern recognition function"
            raise TrinoError("INVALID_PATTERN_RECOGNITION_FUNCTION", text, node.at)
    if node.processing is not None and node.name not in ("first", "last"):
        text = f"{node.processing} semantics is not supported with {node.name} pattern "
        text += "recognition function"
        raise TrinoError("INVALID_PROCESSING_MODE", text, node.at)


def _offset(node: tree.FunctionCall) -> int:
    name = node.name
    if len(node.arguments) not in (1, 2):
        text = f"{name} pattern recognition function requires 1 or 2 arguments"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", text, node.at)
    if len(node.arguments) == 1:
        return 1 if name in ("prev", "next") else 0
    given = node.arguments[1]
    if not isinstance(given, tree.LongLiteral):
        text = f"{name} pattern recognition navigation function requires a number as the second"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"{text} argument", node.at)
    if given.value < 0:
        text = (
            f"{name} pattern recognition navigation function requires a non-negative number as "
            f"the second argument (actual: {given.value})"
        )
        raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", text, node.at)
    if given.value > MAX_OFFSET:
        text = (
            f"The second argument of {name} pattern recognition navigation function must not "
            f"exceed {MAX_OFFSET} (actual: {given.value})"
        )
        raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", text, node.at)
    return given.value


def _check_nesting(node: tree.FunctionCall) -> None:
    """Only FIRST and LAST go into PREV and NEXT, directly; aggregates into none."""
    inner = list(walk.walk(node.arguments))
    for one in inner:
        if walk.is_aggregate(one):
            text = f"Cannot nest {_name_of(one)} aggregate function inside {node.name} function"
            raise TrinoError("NESTED_AGGREGATION", text, one.at)
    nested = [one for one in inner if _is_navigation(one)]
    if not nested:
        return
    first = nested[0]
    assert isinstance(first, tree.FunctionCall)
    into = f"inside {node.name} pattern navigation function"
    name = "INVALID_NAVIGATION_NESTING"
    if node.name in ("first", "last"):
        text = f"Cannot nest {first.name} pattern navigation function {into}"
        raise TrinoError(name, text, first.at)
    if len(nested) > 1:
        text = f"Cannot nest multiple pattern navigation functions {into}"
        raise TrinoError(name, text, nested[1].at)
    if first.name in ("prev", "next"):
        text = f"Cannot nest {first.name} pattern navigation function {into}"
        raise TrinoError(name, text, first.at)
    if first is not node.arguments[0]:
        text = "Immediate nesting is required for pattern navigation functions"
        raise TrinoError(name, text, first.at)


def _check_aggregate(name: str, arguments: Any) -> None:
    for one in walk.walk(tuple(arguments)):
        if walk.is_aggregate(one):
            text = f"Cannot nest {_name_of(one)} aggregate function inside {name} function"
            raise TrinoError("NESTED_AGGREGATION", text, one.at)
        if _is_navigation(one):
            text = f"Cannot nest {_name_of(one)} pattern navigation function inside {name} function"
            raise TrinoError("INVALID_NAVIGATION_NESTING", text, one.at)


def _is_navigation(node: tree.Node) -> bool:
    return isinstance(node, tree.FunctionCall) and node.name in ("first", "last", "prev", "next")


def _name_of(node: tree.Node) -> str:
    return node.name if isinstance(node, tree.FunctionCall) else "listagg"


# ---- conditions


@dataclass(slots=True)
class _Condition:
    """A condition of DEFINE: a column of the input that holds it, or SQL for the search."""

    reads: Reads
    node: tree.Expression
    column: int | None = None
    sql: str = ""
    seen: dict[Any, bool] = field(default_factory=dict)


def _is_fixed(reads: Reads, label: str) -> bool:
    """Return whether an expression only looks at fixed distances from the row being labelled."""
    own = (None, frozenset({label}))
    return not reads.aggregates and all(
        read.column is not None
        and read.navigation is not None
        and read.navigation.labels in own
        and read.navigation.last
        and read.navigation.logical == 0
        for read in reads.values
    )


class _Matcher:
    """Finds the matches in a partition: what DuckDB calls."""

    def __init__(
        self,
        code: list[row_pattern.Instruction],
        conditions: dict[str, _Condition],
        skip: Skip,
        rows: str,
        measures: Reads,
        udfs: Udfs,
    ) -> None:
        self._code, self._conditions, self._skip = code, conditions, skip
        self._rows, self._measures, self._udfs = rows, measures, udfs
        self._own: duckdb.DuckDBPyConnection | None = None

    def find(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the result's rows of a partition (fields as in `_RESULT`)."""
        tests: dict[str, row_pattern.Condition] = {
            label: self._test(condition, rows) for label, condition in self._conditions.items()
        }
        dynamic = any(condition.column is None for condition in self._conditions.values())
        search = Search(self._code, tests, dynamic, len(rows))
        for condition in self._conditions.values():
            condition.seen.clear()
        out: list[dict[str, Any]] = []
        number = 0
        for found in row_pattern.matches(search, len(rows), self._skip):
            if isinstance(found, int):
                if self._rows == "ALL WITH UNMATCHED":
                    out.append(_UNMATCHED | {"f1": found + 1})
                continue
            number += 1
            out += self._put_out(found, number, len(rows))
        return out

    def _put_out(self, match: Match, number: int, rows: int) -> list[dict[str, Any]]:
        size = len(match.labels)
        if self._rows == "ONE":
            return [self._result(match, number, size, rows)]
        if not size:
            empty = self._result(match, number, 0, rows)
            return [] if self._rows == "ALL OMIT EMPTY" else [empty]
        places = (i for i in range(size) if match.start + i not in match.excluded)
        return [self._result(match, number, place + 1, rows) for place in places]

    def _result(self, match: Match, number: int, current: int, rows: int) -> dict[str, Any]:
        """A row of the result: the match's number, its row, and what the measures look at."""
        labels, start = match.labels, match.start
        looked: list[int | None] = []
        words: list[str | None] = []
        for read in self._measures.values:
            at = None
            if read.navigation is not None:
                at = read.navigation.row(labels, start, current, rows)
            looked.append(None if at is None else at + 1)
            inside = at is not None and 0 <= at - start < len(labels)
            words.append(labels[at - start] if inside and at is not None else None)
        places = [one.group.places(labels, current) for one in self._measures.aggregates]
        return {
            "f0": number,
            "f1": start + max(current, 1),
            "f2": looked,
            "f3": words,
            "f4": [[start + place + 1 for place in group] for group in places],
            "f5": [[labels[place] for place in group] for group in places],
        }

    # conditions that need the match so far

    def _test(self, condition: _Condition, rows: list[dict[str, Any]]) -> row_pattern.Condition:
        if condition.column is not None:
            name = f"f{condition.column}"
            return lambda row_number, chain, start, number: rows[row_number][name] is True
        return lambda row_number, chain, start, number: self._computed(
            condition, rows, chain, start, number
        )

    def _computed(
        self,
        condition: _Condition,
        rows: list[dict[str, Any]],
        chain: Chain,
        start: int,
        number: int,
    ) -> bool:
        labels = chain.labels()
        given: dict[str, Any] = {}
        places: list[Any] = []
        for index, read in enumerate(condition.reads.values):
            at = None
            if read.navigation is not None:
                at = read.navigation.row(labels, start, len(labels), len(rows))
            if read.navigation is None:
                places.append(number)
                given[f"v{index}"] = number
            elif read.column is None:
                inside = at is not None and 0 <= at - start < len(labels)
                word = labels[at - start] if inside and at is not None else None
                places.append(word)
                given[f"v{index}"] = word
            else:
                places.append(at)
                given[f"v{index}"] = None if at is None else rows[at][f"f{read.column}"]
        for index, one in enumerate(condition.reads.aggregates):
            chosen = one.group.places(labels, len(labels))
            places.append((number if one.numbered else None, start, *chosen))
            places.append(tuple(labels[place] for place in chosen))
            given[f"a{index}"] = [
                {"r": _renamed(rows[start + place]), "l": labels[place]} for place in chosen
            ]
            if one.numbered:
                given["m"] = number
        key = tuple(places)
        if key not in condition.seen:
            condition.seen[key] = self._ask(condition.sql, given)
        return condition.seen[key]

    def _ask(self, sql: str, given: dict[str, Any]) -> bool:
        if self._own is None:
            from labcloud.trino.session import register

            self._own = duckdb.connect(
                ":memory:", config={"threads": 1, "enable_external_access": False}
            )
            register(self._own, self._udfs)
        found = self._own.execute(sql, given).fetchone()
        return found is not None and found[0] is True


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    return {f"c{name[1:]}": value for name, value in values.items()}


_UNMATCHED: dict[str, Any] = dict.fromkeys(f"f{index}" for index in range(6))
_RESULT = array(
    row(
        BIGINT,  # number of the match; NULL for a row that no match holds
        BIGINT,  # the row, from 1
        array(BIGINT),  # rows that values are read from
        array(VARCHAR),  # their labels
        array(array(BIGINT)),  # rows of the aggregates
        array(array(VARCHAR)),  # their labels
    )
)


# ---- compilation


def compile_pattern(
    node: tree.PatternRecognition, analysis: Analysis, outer: Scope
) -> tuple[str, list[Field]]:
    """Compile `relation MATCH_RECOGNIZE (…)` to a relation and its columns. Raises TrinoError."""
    return _Compiler(node, analysis, outer).compile()


class _Compiler:
    def __init__(self, node: tree.PatternRecognition, analysis: Analysis, outer: Scope) -> None:
        self._node, self._analysis, self._outer = node, analysis, outer
        self._source = relations.relation(node.relation, outer, analysis)
        self._fields = [one for one in self._source.fields if not one.hidden]
        self._inputs = Scope(self._fields, outer)
        self._columns = {one.sql: number for number, one in enumerate(self._fields)}
        self._partition = [self._input(key) for key in node.partition_by]
        self._order = [self._input(item.key) for item in node.order_by]
        self._labels = _labels(node)
        self._looks: dict[tuple[int, int], str] = {}

    def compile(self) -> tuple[str, list[Field]]:
        """Return the relation's SQL and its columns."""
        _check_pattern(self._node)
        measures = self._measures()
        conditions = self._conditions()
        matcher = _Matcher(
            row_pattern.program(self._node.pattern, canonical),
            conditions,
            self._skip(),
            self._node.rows,
            measures.reads,
            self._analysis.udfs,
        )
        return self._relation(measures, conditions, matcher)

    def _input(self, key: tree.Expression) -> Field:
        found = None
        if isinstance(key, tree.Identifier | tree.DereferenceExpression):
            self._inputs.resolve(key)  # raises where there is no such column
            found = self._inputs.find(walk.names(key) or (), key.at)
        if found is None or found.sql not in self._columns:
            text = f"Expected column reference. Actual: {format_expression(key)}"
            raise TrinoError("INVALID_COLUMN_REFERENCE", text, key.at)
        return found

    def _reader(self) -> _Reader:
        return _Reader(self._inputs, self._columns, self._labels, self._analysis)

    def _measures(self) -> _Measures:
        reader = self._reader()
        nodes = [reader.rewrite(expression) for expression, _ in self._node.measures]
        fields = [
            Field(read.name, None, read.type, _measured(read, index))
            for index, read in enumerate(reader.reads.values)
        ]
        for index, one in enumerate(reader.reads.aggregates):
            fields.append(Field(one.name, None, one.type, _aggregated(one, index)))
        scope = Scope(fields, self._outer)
        exprs = [self._analysis.expression(node, scope) for node in nodes]
        return _Measures([name.value for _, name in self._node.measures], exprs, reader.reads)

    def _conditions(self) -> dict[str, _Condition]:
        made: dict[str, _Condition] = {}
        for name, expression in self._node.definitions:
            reader = self._reader()
            rewritten = reader.rewrite(expression)
            condition = _Condition(reader.reads, rewritten)
            label = canonical(name)
            if _is_fixed(reader.reads, label):
                condition.column = len(self._fields) + len(made)
                fields = [
                    Field(read.name, None, read.type, self._look(read))
                    for read in reader.reads.values
                ]
            else:
                fields = self._given(reader.reads)
            expr = self._analysis.expression(rewritten, Scope(fields, self._outer))
            if expr.type.base == "unknown":
                expr = self._analysis.coerce(expr, BOOLEAN)
            if expr.type != BOOLEAN:
                text = f"Expression defining a label must be boolean (actual type: {expr.type})"
                raise TrinoError("TYPE_MISMATCH", text, expression.at)
            condition.sql = expr.sql if condition.column is not None else f"SELECT {expr.sql}"
            made[label] = condition
        return made

    def _look(self, read: Read) -> str:
        """A column at a fixed distance, as a column of the numbered input."""
        assert read.navigation is not None and read.column is not None
        distance = read.navigation.physical
        if distance == 0:
            return f"n_.c{read.column}"
        return self._looks.setdefault((read.column, distance), f"n_.n{len(self._looks)}")

    def _given(self, reads: Reads) -> list[Field]:
        """What a condition reads while the search goes on, as parameters."""
        fields = [
            Field(read.name, None, read.type, f"CAST($v{index} AS {duckdb_type(read.type)})")
            for index, read in enumerate(reads.values)
        ]
        for index, one in enumerate(reads.aggregates):
            items = f"CAST($a{index} AS STRUCT(r {self._row_type()}, l VARCHAR)[])"
            fields.append(Field(one.name, None, one.type, _over(one, items, "CAST($m AS BIGINT)")))
        return fields

    def _row_type(self) -> str:
        inside = ", ".join(f"c{i} {duckdb_type(one.type)}" for i, one in enumerate(self._fields))
        return f"STRUCT({inside})"

    def _skip(self) -> Skip:
        kind, *names = self._node.skip
        if not names:
            return Skip(kind)
        label = self._labels.of(canonical(names[0]))
        assert label is not None
        return Skip(kind, label)

    def _relation(
        self, measures: _Measures, conditions: dict[str, _Condition], matcher: _Matcher
    ) -> tuple[str, list[Field]]:
        self._analysis.reads(*(one.sql for one in self._fields))
        fixed = {c.column: c.sql for c in conditions.values() if c.column is not None}
        kinds = [one.type for one in self._fields]
        top = max(fixed, default=len(kinds) - 1)
        kinds += [BOOLEAN] * (top + 1 - len(kinds))
        needed = _needed(conditions)
        given = ", ".join(f"'f{i}': x_.c{c}" for i, c in enumerate(needed)) or "'f0': TRUE"
        find = self._udf(matcher, [kinds[i] for i in needed], needed)
        name = self._analysis.udfs.name(find, [array(_row_of(kinds, needed))], _RESULT)
        columns = "".join(f", {sql} AS c{number}" for number, sql in fixed.items())
        entries = ", ".join(f"'c{i}': f_.c{i}" for i in (*range(len(self._fields)), *fixed))
        keys = ", ".join(f"f_.k{i}" for i in range(len(self._partition)))
        listed = f"list({{{entries}}} ORDER BY f_.rn)"
        grouped = f" GROUP BY {keys}" if keys else ""
        numbered = (
            f"(SELECT * FROM {self._looked()} AS n_)"
            if not fixed
            else (f"(SELECT n_.*{columns} FROM {self._looked()} AS n_)")
        )
        lists = f"(SELECT {listed} AS x FROM {numbered} AS f_{grouped})"
        found = f"unnest({name}(list_transform(l_.x, lambda x_: {{{given}}})))"
        each = f"(SELECT l_.x AS x, {found} AS o FROM {lists} AS l_)"
        return self._selected(measures, each)

    def _looked(self) -> str:
        """The input's rows with their number in the partition and what conditions look at."""
        columns = [f"{one.sql} AS c{i}" for i, one in enumerate(self._fields)]
        keys = [ordering.comparable(one.expr) for one in self._partition]
        columns += [f"{key} AS k{i}" for i, key in enumerate(keys)]
        partition = f"PARTITION BY {', '.join(keys)} " if keys else ""
        order = ", ".join(
            ordering.Key(one.expr, item.ascending, item.nulls_first).order()
            for one, item in zip(self._order, self._node.order_by, strict=True)
        )
        over = f"OVER ({partition}{f'ORDER BY {order}' if order else ''})"
        source = f"SELECT {', '.join(columns)}, row_number() {over} AS rn FROM {self._source.sql}"
        inner = ", ".join(f"w_.k{i}" for i in range(len(keys)))
        window = f"({f'PARTITION BY {inner} ' if keys else ''}ORDER BY w_.rn)"
        looks = "".join(
            f", {'lag' if distance < 0 else 'lead'}(w_.c{column}, {abs(distance)}) OVER {window} "
            f"AS {sql.removeprefix('n_.')}"
            for (column, distance), sql in self._looks.items()
        )
        return f"(SELECT w_.*{looks} FROM ({source}) AS w_)"

    def _udf(self, matcher: _Matcher, kinds: list[Type], needed: list[int]) -> Callable[..., Any]:
        """The matcher as a function of a partition's rows, whose fields are those needed."""

        def match_recognize(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return matcher.find(_numbered(rows, needed))

        match_recognize.__qualname__ = f"match_recognize{next(_numbers)}"
        return match_recognize

    def _selected(self, measures: _Measures, each: str) -> tuple[str, list[Field]]:
        names: list[tuple[str | None, Type, str]] = []
        taken: set[str] = set()

        def take(one: Field) -> None:
            if one.sql not in taken:
                taken.add(one.sql)
                value = f"o_.x[o_.o.f1].c{self._columns[one.sql]}"
                names.append((one.name, one.type, value))

        every = self._node.rows != "ONE"
        for one in (*self._partition, *(self._order if every else ())):
            take(one)
        for name, expr in zip(measures.names, measures.exprs, strict=True):
            value = f"CASE WHEN o_.o.f0 IS NULL THEN NULL ELSE {expr.sql} END"
            names.append((name, expr.type, value if every else expr.sql))
        for one in self._fields if every else ():
            take(one)
        alias = self._analysis.alias()
        fields = [
            Field(name, None, kind, f'"{alias}"."c{number}"')
            for number, (name, kind, _) in enumerate(names)
        ]
        columns = ", ".join(f"{sql} AS c{number}" for number, (_, _, sql) in enumerate(names))
        return f"(SELECT {columns} FROM {each} AS o_) AS {alias}", fields


@dataclass(frozen=True, slots=True)
class _Measures:
    names: list[str]
    exprs: list[Expr]
    reads: Reads


def _measured(read: Read, index: int) -> str:
    """A value that a measure reads, of a row of the result."""
    if read.navigation is None:
        return "o_.o.f0"
    if read.column is None:
        return f"o_.o.f3[{index + 1}]"
    return f"o_.x[o_.o.f2[{index + 1}]].c{read.column}"


def _aggregated(one: Aggregated, index: int) -> str:
    """An aggregate that a measure reads, over the rows that the match gives it."""
    at = index + 1
    rows = f"list_transform(o_.o.f4[{at}], lambda i_, j_: {{r: o_.x[i_], l: o_.o.f5[{at}][j_]}})"
    return _over(one, rows, "o_.o.f0")


def _over(one: Aggregated, rows: str, number: str) -> str:
    sql = one.sql.replace(NUMBER, number)
    return f"(SELECT {sql} FROM (SELECT unnest({rows}) AS q) AS u_)"


def _needed(conditions: dict[str, _Condition]) -> list[int]:
    """The columns that the search itself looks at."""
    found: set[int] = set()
    for condition in conditions.values():
        if condition.column is not None:
            found.add(condition.column)
            continue
        found |= {read.column for read in condition.reads.values if read.column is not None}
        for one in condition.reads.aggregates:
            found |= _columns_of(one.sql)
    return sorted(found)


def _columns_of(sql: str) -> set[int]:
    parts = sql.split("u_.q.r.c")[1:]
    return {int("".join(itertools.takewhile(str.isdigit, part))) for part in parts}


def _row_of(kinds: list[Type], needed: list[int]) -> Type:
    return row(*(kinds[i] for i in needed)) if needed else row(BOOLEAN)


def _numbered(rows: list[dict[str, Any]], needed: list[int]) -> list[dict[str, Any]]:
    """Give the fields of rows the numbers of the columns that they are."""
    if needed == list(range(len(needed))):
        return rows
    names = [(f"f{number}", f"f{index}") for index, number in enumerate(needed)]
    return [{name: values[given] for name, given in names} for values in rows]


# ---- checks


def _labels(node: tree.PatternRecognition) -> Labels:
    """The pattern's variables. Raises INVALID_LABEL, INVALID_PROCESSING_MODE."""
    known = {canonical(name): frozenset({canonical(name)}) for name in _variables(node.pattern)}
    primary = set(known)
    for name, elements in node.subsets:
        label = canonical(name)
        if label in primary:
            text = f"union pattern variable name: {name.value} is a duplicate of primary pattern "
            raise TrinoError("INVALID_LABEL", f"{text}variable name", name.at)
        if label in known:
            text = f"union pattern variable name: {name.value} is declared twice"
            raise TrinoError("INVALID_LABEL", text, name.at)
        for element in elements:
            if canonical(element) not in primary:
                text = f"subset element: {element.value} is not a primary pattern variable"
                raise TrinoError("INVALID_LABEL", text, element.at)
        known[label] = frozenset(canonical(element) for element in elements)
    _check_definitions(node, primary)
    if len(node.skip) > 1 and canonical(node.skip[1]) not in known:
        text = f"{node.skip[1].value} is not a primary or union pattern variable"
        raise TrinoError("INVALID_LABEL", text, node.skip[1].at)
    return Labels(known)


def _check_definitions(node: tree.PatternRecognition, primary: set[str]) -> None:
    seen: set[str] = set()
    for name, expression in node.definitions:
        label = canonical(name)
        if label not in primary:
            text = f"defined variable: {name.value} is not a primary pattern variable"
            raise TrinoError("INVALID_LABEL", text, name.at)
        if label in seen:
            text = f"pattern variable with name: {name.value} is defined twice"
            raise TrinoError("INVALID_LABEL", text, name.at)
        seen.add(label)
        for one in walk.walk(expression):
            if isinstance(one, tree.FunctionCall) and one.processing == "FINAL":
                text = "FINAL semantics is not supported in DEFINE clause"
                raise TrinoError("INVALID_PROCESSING_MODE", text, one.at)


def _variables(pattern: tuple[Any, ...]) -> list[tree.Identifier]:
    if pattern[0] == "var":
        return [pattern[1]]
    return [name for part in pattern[1:] if isinstance(part, tuple) for name in _variables(part)]


def _parts(pattern: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    inner = [part for part in pattern[1:] if isinstance(part, tuple)]
    return [pattern, *(below for part in inner for below in _parts(part))]


def _check_pattern(node: tree.PatternRecognition) -> None:
    """Raise what is wrong with quantifiers and exclusions."""
    for part in _parts(node.pattern):
        if part[0] == "exclude" and node.rows == "ALL WITH UNMATCHED":
            text = (
                "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED "
                "ROWS is specified"
            )
            raise TrinoError("INVALID_ROW_PATTERN", text, node.at)
        if part[0] != "quant":
            continue
        low, high = part[2], part[3]
        if low > MAX_OFFSET or (high or 0) > MAX_OFFSET:
            which = "lower" if low > MAX_OFFSET else "upper"
            text = f"Pattern quantifier {which} bound must not exceed {MAX_OFFSET}"
            raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", text, node.at)
        if high is not None and high < 1:
            text = "Pattern quantifier upper bound must be greater than or equal to 1"
            raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", text, node.at)
        if high is not None and low > high:
            text = "Pattern quantifier lower bound must not exceed upper bound"
            raise TrinoError("INVALID_RANGE", text, node.at)
