"""Rule types of DQDL: each asks Athena for numbers, has a metric, and passes or fails.

Source: https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from labcloud.engines.glue.quality.dqdl import Composite, Condition, Keyword, Moment, Rule

Ask = Callable[[str], list[list[str | None]]]
"""Runs SQL over the table and returns its rows as text. Raises RuleError."""


class RuleError(ValueError):
    """A rule that cannot be evaluated; the message says why."""


@dataclass(slots=True)
class Verdict:
    """How a rule came out: PASS, FAIL or ERROR; why; the metrics that were measured."""

    result: str
    message: str = ""
    metrics: dict[str, float] = field(default_factory=dict)


class Evaluator:
    """Evaluates rules over one table: its columns (name → type), and other tables by alias."""

    def __init__(
        self, ask: Ask, table: str, columns: dict[str, str], others: dict[str, str]
    ) -> None:
        self._ask = ask
        self._table = table
        self._columns = columns
        self._others = others

    def evaluate(self, rule: Rule | Composite) -> Verdict:
        """Return how a rule comes out; what goes wrong is a verdict, too."""
        try:
            if isinstance(rule, Composite):
                return self._composite(rule)
            kind = rule.type.lower()
            if kind not in _TYPES:
                raise RuleError(f"Unsupported rule type: {rule.type}")
            return _TYPES[kind](self, rule)
        except RuleError as error:
            return Verdict("ERROR", str(error))

    def measure(self, rule: Rule) -> Verdict:
        """Return what an analyzer measures: a rule without a condition has only metrics."""
        anything = Condition(">", (float("-inf"),))
        plain = Rule(rule.type, rule.parameters, anything, anything, rule.where, rule.text)
        return self.evaluate(plain)

    def _composite(self, rule: Composite) -> Verdict:
        parts = [self.evaluate(part) for part in rule.rules]
        metrics = {k: v for part in parts for k, v in part.metrics.items()}
        results = [part.result for part in parts]
        messages = "; ".join(part.message for part in parts if part.message)
        if rule.operator == "or" and "PASS" in results:
            return Verdict("PASS", "", metrics)
        if "ERROR" in results:
            return Verdict("ERROR", messages, metrics)
        passed = all(result == "PASS" for result in results)
        return Verdict("PASS" if passed else "FAIL", "" if passed else messages, metrics)

    # ---- asking

    def number(self, expression: str, rule: Rule, table: str | None = None) -> float:
        """Return what an aggregate is over the rows that the rule looks at; 0 for NULL."""
        where = f" WHERE {rule.where}" if rule.where else ""
        rows = self._ask(f"SELECT {expression} FROM {table or self._table}{where}")
        value = rows[0][0]
        return float(value) if value is not None else 0.0

    def column(self, rule: Rule, number: int = 0) -> str:
        """Return a column of a rule's parameters as SQL. Raises RuleError."""
        if len(rule.parameters) <= number:
            raise RuleError(f"{rule.type} requires a column")
        name = str(rule.parameters[number])
        if name.lower() not in self._columns:
            raise RuleError(f"Column {name} does not exist: it has {', '.join(self._columns)}")
        return quoted(name.lower())

    def columns(self, rule: Rule) -> list[str]:
        """Return all columns of a rule's parameters as SQL. Raises RuleError."""
        return [self.column(rule, n) for n in range(max(1, len(rule.parameters)))]

    def known(self) -> dict[str, str]:
        """Return the table's columns and their types."""
        return self._columns

    def run(self, sql: str) -> list[list[str | None]]:
        """Return the rows of SQL."""
        return self._ask(sql)

    def table(self) -> str:
        """Return the table's name as SQL."""
        return self._table

    def other(self, alias: str) -> str:
        """Return another data source as SQL. Raises RuleError."""
        if alias not in self._others:
            raise RuleError(f"Data source {alias} is not given (AdditionalDataSources)")
        return self._others[alias]


def quoted(name: str) -> str:
    """Return an identifier for Athena's SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """Return a literal for Athena's SQL."""
    if isinstance(value, Moment):
        at = datetime.fromtimestamp(time.time() - value.seconds, UTC)
        return f"TIMESTAMP '{at:%Y-%m-%d %H:%M:%S}'"
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _named(rule: Rule, metric: str) -> str:
    columns = ",".join(str(p) for p in rule.parameters)
    return f"Column.{columns}.{metric}" if columns else f"Dataset.*.{metric}"


def _judged(value: float, condition: Condition | None, metric: str, default: Condition) -> Verdict:
    condition = condition or default
    if holds(value, condition):
        return Verdict("PASS", "", {metric: value})
    return Verdict(
        "FAIL",
        f"Value: {value:g} does not meet the constraint requirement: {describe(condition)}",
        {metric: value},
    )


def holds(value: float, condition: Condition) -> bool:
    """Return whether a number meets a condition. Raises RuleError for one that has no number."""
    try:
        wanted = [_number(operand) for operand in condition.operands]
    except (TypeError, ValueError):
        raise RuleError(f"A number is expected: {describe(condition)}") from None
    first = wanted[0] if wanted else 0.0
    found = {
        "=": lambda: value == first,
        "!=": lambda: value != first,
        ">": lambda: value > first,
        ">=": lambda: value >= first,
        "<": lambda: value < first,
        "<=": lambda: value <= first,
        "between": lambda: first < value < wanted[1],
        "in": lambda: value in wanted,
    }
    if condition.operator not in found:
        raise RuleError(f"'{condition.operator}' does not compare numbers")
    return bool(found[condition.operator]()) != condition.negated


def _number(operand: Any) -> float:
    return operand.seconds if isinstance(operand, Moment) else float(operand)


def describe(condition: Condition) -> str:
    """Return a condition as text."""
    shown = [o.word if isinstance(o, Keyword) else str(o) for o in condition.operands]
    prefix = "not " if condition.negated else ""
    if condition.operator == "between":
        return f"{prefix}between {shown[0]} and {shown[1]}"
    if condition.operator == "in":
        return f"{prefix}in [{', '.join(shown)}]"
    return f"{prefix}{condition.operator} {shown[0]}"


ONE = Condition("=", (1,))
SOME = Condition(">", (0,))


# ---- rule types over the whole table


def _row_count(run: Evaluator, rule: Rule) -> Verdict:
    return _judged(run.number("count(*)", rule), rule.condition, "Dataset.*.RowCount", SOME)


def _column_count(run: Evaluator, rule: Rule) -> Verdict:
    metric = "Dataset.*.ColumnCount"
    return _judged(float(len(run.known())), rule.condition, metric, SOME)


def _column_exists(run: Evaluator, rule: Rule) -> Verdict:
    name = str(rule.parameters[0]) if rule.parameters else ""
    if name.lower() in run.known():
        return Verdict("PASS")
    return Verdict("FAIL", f"Column {name} does not exist")


def _column_data_type(run: Evaluator, rule: Rule) -> Verdict:
    column = run.column(rule)
    wanted = str(rule.condition.operands[0]).lower() if rule.condition else ""
    kinds = {
        "boolean": "boolean",
        "date": "date",
        "timestamp": "timestamp",
        "integer": "integer",
        "int": "integer",
        "double": "double",
        "float": "real",
        "long": "bigint",
        "decimal": "decimal(38,18)",
        "string": "varchar",
    }
    if wanted not in kinds:
        raise RuleError(f"Unknown data type: {wanted}")
    ratio = run.number(
        f"CAST(count_if({column} IS NOT NULL AND TRY_CAST(CAST({column} AS varchar) AS "
        f"{kinds[wanted]}) IS NOT NULL) AS double) / NULLIF(count({column}), 0)",
        rule,
    )
    return _judged(ratio, rule.threshold, _named(rule, "ColumnDataType.Compliance"), ONE)


# ---- completeness and uniqueness


def _completeness_of(run: Evaluator, rule: Rule) -> float:
    column = run.column(rule)
    return run.number(f"CAST(count({column}) AS double) / NULLIF(count(*), 0)", rule)


def _is_complete(run: Evaluator, rule: Rule) -> Verdict:
    value = _completeness_of(run, rule)
    return _judged(value, rule.threshold, _named(rule, "Completeness"), ONE)


def _completeness(run: Evaluator, rule: Rule) -> Verdict:
    value = _completeness_of(run, rule)
    return _judged(value, rule.condition, _named(rule, "Completeness"), ONE)


def _grouped(run: Evaluator, rule: Rule, aggregate: str) -> float:
    names = ", ".join(run.columns(rule))
    where = f" WHERE {rule.where}" if rule.where else ""
    inner = f"SELECT count(*) AS n FROM {run.table()}{where} GROUP BY {names}"
    value = run.run(f"SELECT {aggregate} FROM ({inner})")[0][0]
    return float(value) if value is not None else 0.0


_UNIQUE = "CAST(count_if(n = 1) AS double) / NULLIF(sum(n), 0)"


def _is_unique(run: Evaluator, rule: Rule) -> Verdict:
    value = _grouped(run, rule, _UNIQUE)
    return _judged(value, rule.threshold, _named(rule, "Uniqueness"), ONE)


def _uniqueness(run: Evaluator, rule: Rule) -> Verdict:
    value = _grouped(run, rule, _UNIQUE)
    return _judged(value, rule.condition, _named(rule, "Uniqueness"), ONE)


def _is_primary_key(run: Evaluator, rule: Rule) -> Verdict:
    complete = " AND ".join(f"{name} IS NOT NULL" for name in run.columns(rule))
    full = run.number(f"CAST(count_if({complete}) AS double) / NULLIF(count(*), 0)", rule)
    unique = _grouped(run, rule, _UNIQUE)
    metrics = {_named(rule, "Uniqueness"): unique, _named(rule, "Completeness"): full}
    if unique == 1 and full == 1:
        return Verdict("PASS", "", metrics)
    return Verdict("FAIL", f"Uniqueness is {unique:g}, completeness is {full:g}", metrics)


def _distinct_values(run: Evaluator, rule: Rule) -> Verdict:
    value = run.number(f"count(DISTINCT {run.column(rule)})", rule)
    return _judged(value, rule.condition, _named(rule, "DistinctValuesCount"), SOME)


def _unique_value_ratio(run: Evaluator, rule: Rule) -> Verdict:
    value = _grouped(run, rule, "CAST(count_if(n = 1) AS double) / NULLIF(count(*), 0)")
    return _judged(value, rule.condition, _named(rule, "UniqueValueRatio"), ONE)


def _entropy(run: Evaluator, rule: Rule) -> Verdict:
    total = run.number("count(*)", rule)
    value = _grouped(run, rule, f"-sum(n / {total or 1}e0 * ln(n / {total or 1}e0))")
    return _judged(value, rule.condition, _named(rule, "Entropy"), SOME)


# ---- values


def _column_values(run: Evaluator, rule: Rule) -> Verdict:
    column = run.column(rule)
    if rule.condition is None:
        raise RuleError("ColumnValues requires a condition")
    name = str(rule.parameters[0]).lower()
    test = _test(column, run.known()[name], rule.condition)
    ratio = run.number(f"CAST(count_if({test}) AS double) / NULLIF(count(*), 0)", rule)
    verdict = _judged(ratio, rule.threshold, _named(rule, "ColumnValues.Compliance"), ONE)
    if verdict.result == "FAIL":
        verdict.message = (
            f"{ratio:.4%} of the values meet {describe(rule.condition)}"
            if rule.threshold is None
            else verdict.message
        )
    return verdict


def _test(column: str, kind: str, condition: Condition) -> str:
    """Return SQL of a condition on a column; a NULL does not meet it."""
    text = not kind.startswith(("tinyint", "smallint", "int", "bigint", "float", "double", "dec"))
    moment = kind in ("date", "timestamp")

    def operand(value: Any) -> str:
        if moment and isinstance(value, str):
            return f"CAST({literal(value)} AS {kind})"
        if text and not moment and isinstance(value, (int, float)):
            return literal(str(value))
        if not text and isinstance(value, str):
            try:
                return repr(float(value)) if "." in value else repr(int(value))
            except ValueError:
                raise RuleError(f"{value} is no number; the column is {kind}") from None
        return literal(value)

    operator = condition.operator
    if operator == "in":
        words = [v.word for v in condition.operands if isinstance(v, Keyword)]
        plain = [operand(v) for v in condition.operands if not isinstance(v, Keyword)]
        tests = [_KEYWORDS[word].format(column) for word in words]
        if plain:
            tests.append(f"{column} IN ({', '.join(plain)})")
        found = " OR ".join(tests) or "false"
    elif operator == "matches":
        pattern = literal(f"^(?:{condition.operands[0]})$")
        found = f"regexp_like(CAST({column} AS varchar), {pattern})"
    elif operator == "between":
        low, high = (operand(v) for v in condition.operands)
        found = f"{column} > {low} AND {column} < {high}"
    else:
        value = condition.operands[0]
        if isinstance(value, Keyword):
            test = _KEYWORDS[value.word].format(column)
            found = test if operator == "=" else f"NOT ({test})"
        else:
            sign = "<>" if operator == "!=" else operator
            found = f"{column} {sign} {operand(value)}"
    return f"({column} IS NOT NULL AND NOT ({found}))" if condition.negated else f"({found})"


_KEYWORDS = {
    "NULL": "{0} IS NULL",
    "EMPTY": "CAST({0} AS varchar) = ''",
    "WHITESPACES_ONLY": "(CAST({0} AS varchar) <> '' AND trim(CAST({0} AS varchar)) = '')",
}


def _column_length(run: Evaluator, rule: Rule) -> Verdict:
    column = run.column(rule)
    if rule.condition is None:
        raise RuleError("ColumnLength requires a condition")
    test = _test(f"length(CAST({column} AS varchar))", "bigint", rule.condition)
    ratio = run.number(f"CAST(count_if({test}) AS double) / NULLIF(count({column}), 0)", rule)
    return _judged(ratio, rule.threshold, _named(rule, "ColumnLength.Compliance"), ONE)


def _statistic(name: str, aggregate: str) -> Callable[[Evaluator, Rule], Verdict]:
    def evaluate(run: Evaluator, rule: Rule) -> Verdict:
        if rule.condition is None:
            raise RuleError(f"{rule.type} requires a condition")
        value = run.number(aggregate.format(f"CAST({run.column(rule)} AS double)"), rule)
        return _judged(value, rule.condition, _named(rule, name), SOME)

    return evaluate


def _correlation(run: Evaluator, rule: Rule) -> Verdict:
    a, b = (f"CAST({run.column(rule, n)} AS double)" for n in (0, 1))
    value = run.number(f"corr({a}, {b})", rule)
    return _judged(value, rule.condition, _named(rule, "ColumnCorrelation"), SOME)


def _freshness(run: Evaluator, rule: Rule) -> Verdict:
    column = run.column(rule)
    if rule.condition is None:
        raise RuleError("DataFreshness requires a condition")
    now = datetime.fromtimestamp(time.time(), UTC)
    age = run.number(
        f"max(date_diff('second', CAST({column} AS timestamp), "
        f"TIMESTAMP '{now:%Y-%m-%d %H:%M:%S}'))",
        rule,
    )
    return _judged(age, rule.condition, _named(rule, "DataFreshness.Seconds"), SOME)


# ---- SQL and other tables


def _custom_sql(run: Evaluator, rule: Rule) -> Verdict:
    if not rule.parameters:
        raise RuleError("CustomSql requires a statement")
    sql = re.sub(r"\bprimary\b", run.table(), str(rule.parameters[0]), flags=re.IGNORECASE)
    if rule.condition is None:
        rows = run.run(f"SELECT count(*) FROM ({sql})")
        total = run.number("count(*)", rule)
        ratio = float(rows[0][0] or 0) / total if total else 0.0
        return _judged(ratio, rule.threshold, "Dataset.*.CustomSQL.Compliance", ONE)
    rows = run.run(sql)
    if len(rows) != 1 or len(rows[0]) != 1 or rows[0][0] is None:
        raise RuleError("CustomSql must return one number")
    return _judged(float(rows[0][0]), rule.condition, "Dataset.*.CustomSQL", SOME)


def _integrity(run: Evaluator, rule: Rule) -> Verdict:
    """ReferentialIntegrity "a,b" "reference.{x,y}" — the share of rows whose key is found there."""
    if len(rule.parameters) != 2:
        raise RuleError("ReferentialIntegrity requires columns and a reference")
    own = [name.strip().lower() for name in str(rule.parameters[0]).split(",")]
    alias, _, inside = str(rule.parameters[1]).partition(".")
    theirs = [name.strip().lower() for name in inside.strip("{}").split(",")]
    if len(own) != len(theirs):
        raise RuleError("ReferentialIntegrity needs as many columns on both sides")
    match = " AND ".join(f"b.{quoted(y)} = a.{quoted(x)}" for x, y in zip(own, theirs, strict=True))
    sql = (
        f"SELECT CAST(count_if(found) AS double) / NULLIF(count(*), 0) FROM (SELECT EXISTS "
        f"(SELECT 1 FROM {run.other(alias)} b WHERE {match}) AS found FROM {run.table()} a)"
    )
    value = float(run.run(sql)[0][0] or 0)
    metric = f"Column.{rule.parameters[0]}.ReferentialIntegrity"
    return _judged(value, rule.condition, metric, ONE)


def _row_count_match(run: Evaluator, rule: Rule) -> Verdict:
    alias = str(rule.parameters[0]) if rule.parameters else ""
    theirs = float(run.run(f"SELECT count(*) FROM {run.other(alias)}")[0][0] or 0)
    value = run.number("count(*)", rule) / theirs if theirs else 0.0
    return _judged(value, rule.condition, f"Dataset.{alias}.RowCountMatch", ONE)


_TYPES: dict[str, Callable[[Evaluator, Rule], Verdict]] = {
    "rowcount": _row_count,
    "columncount": _column_count,
    "columnexists": _column_exists,
    "columndatatype": _column_data_type,
    "iscomplete": _is_complete,
    "completeness": _completeness,
    "isunique": _is_unique,
    "uniqueness": _uniqueness,
    "isprimarykey": _is_primary_key,
    "distinctvaluescount": _distinct_values,
    "uniquevalueratio": _unique_value_ratio,
    "entropy": _entropy,
    "columnvalues": _column_values,
    "columnlength": _column_length,
    "mean": _statistic("Mean", "avg({0})"),
    "sum": _statistic("Sum", "sum({0})"),
    "standarddeviation": _statistic("StandardDeviation", "stddev({0})"),
    "columncorrelation": _correlation,
    "datafreshness": _freshness,
    "customsql": _custom_sql,
    "referentialintegrity": _integrity,
    "rowcountmatch": _row_count_match,
}

TYPES = tuple(_TYPES)
"""The rule types that are evaluated, in lower case."""
