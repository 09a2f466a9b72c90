"""Queries as Trino prints them. Source: Trino's SqlFormatter."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.formatter import (
    format_definitions,
    format_expression,
    format_expressions,
    format_measures,
    format_name,
    format_order,
    format_pattern,
    format_skip,
    format_subsets,
    format_window,
)

_INDENT = "   "
_ROWS = {
    "ONE": "ONE ROW PER MATCH",
    "ALL SHOW EMPTY": "ALL ROWS PER MATCH SHOW EMPTY MATCHES",
    "ALL OMIT EMPTY": "ALL ROWS PER MATCH OMIT EMPTY MATCHES",
    "ALL WITH UNMATCHED": "ALL ROWS PER MATCH WITH UNMATCHED ROWS",
}


def format_query(node: tree.Query) -> str:
    """Return a query's text, a clause a line."""
    return "\n".join(_query(node)) + "\n"


def _indented(lines: list[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _aliases(names: tuple[tree.Identifier, ...] | None) -> str:
    return f" ({', '.join(format_expression(name) for name in names)})" if names else ""


# ---- queries


def _query(node: tree.Query) -> list[str]:
    lines = _with(node.with_) if node.with_ is not None else []
    lines += _body(node.body)
    if node.order_by:
        lines.append(format_order(node.order_by))
    if node.offset is not None:
        lines.append(f"OFFSET {_count(node.offset)} ROWS")
    if node.fetch:
        ties = "WITH TIES" if node.with_ties else "ONLY"
        lines.append(f"FETCH FIRST {_count(node.limit)} ROWS {ties}")
    elif node.limit is not None:
        lines.append(f"LIMIT {_count(node.limit)}")
    return lines


def _count(given: Any) -> str:
    return str(given) if isinstance(given, int) else "?"


def _with(node: tree.With) -> list[str]:
    lines = ["WITH RECURSIVE" if node.recursive else "WITH"]
    for number, query in enumerate(node.queries):
        mark = ", " if number else "  "
        lines.append(f"{mark}{format_expression(query.name)}{_aliases(query.columns)} AS (")
        lines += _indented(_query(query.query))
        lines.append(")")
    return lines


def _body(node: tree.Node) -> list[str]:
    if isinstance(node, tree.Query):
        return ["(", *_indented(_query(node)), ")"]
    if isinstance(node, tree.SetOperation):
        return _set_operation(node)
    if isinstance(node, tree.Values):
        rows = [format_expression(row) for row in node.rows]
        return ["VALUES", *(("  " if not i else ", ") + row for i, row in enumerate(rows))]
    if isinstance(node, tree.Table):
        return [f"TABLE {format_name(node.name)}"]
    assert isinstance(node, tree.QuerySpecification)
    return _specification(node)


def _set_operation(node: tree.SetOperation) -> list[str]:
    # Chains lean to the left and can be long.
    chain: list[tree.SetOperation] = []
    left: tree.Node = node
    while isinstance(left, tree.SetOperation):
        chain.append(left)
        left = left.left
    lines = _operand(left)
    for one in reversed(chain):
        lines.append(one.operator if one.distinct else f"{one.operator} ALL")
        lines += _operand(one.right)
    return lines


def _operand(node: tree.Node) -> list[str]:
    if isinstance(node, tree.SetOperation):
        return ["(", *_indented(_set_operation(node)), ")"]
    return _body(node)


def _specification(node: tree.QuerySpecification) -> list[str]:
    word = "SELECT DISTINCT" if node.distinct else "SELECT"
    items = [_item(item) for item in node.select]
    if len(items) == 1:
        lines = [f"{word} {items[0]}"]
    else:
        lines = [word, *(("  " if not i else ", ") + item for i, item in enumerate(items))]
    if node.from_ is not None:
        lines += ["FROM", *("  " + line for line in _relation(node.from_))]
    if node.where is not None:
        lines.append(f"WHERE {format_expression(node.where)}")
    if node.group_by is not None:
        lines.append(_group_by(node.group_by))
    if node.having is not None:
        lines.append(f"HAVING {format_expression(node.having)}")
    if node.windows:
        windows = (f"{format_expression(n)} AS {format_window(w)}" for n, w in node.windows)
        lines.append(f"WINDOW {', '.join(windows)}")
    return lines


def _item(node: tree.Node) -> str:
    if isinstance(node, tree.AllColumns):
        target = "*" if node.target is None else f"{format_expression(node.target)}.*"
        return f"{target} AS{_aliases(node.aliases)}" if node.aliases else target
    assert isinstance(node, tree.SingleColumn)
    text = format_expression(node.expression)
    return text if node.alias is None else f"{text} {format_expression(node.alias)}"


def _group_by(node: tree.GroupBy) -> str:
    distinct = "DISTINCT " if node.distinct else ""
    return f"GROUP BY {distinct}{', '.join(_grouping(*element) for element in node.elements)}"


def _grouping(kind: str, parts: tuple[Any, ...]) -> str:
    if kind == "simple":
        return format_expression(parts[0]) if len(parts) == 1 else _set(parts)
    word = "GROUPING SETS" if kind == "sets" else kind.upper()
    return f"{word} ({', '.join(_set(part) for part in parts)})"


def _set(parts: tuple[Any, ...]) -> str:
    return f"({format_expressions(parts)})"


# ---- relations


def _relation(node: tree.Node) -> list[str]:
    if isinstance(node, tree.Join):
        return _join(node)
    if isinstance(node, tree.AliasedRelation):
        name = f" {format_expression(node.alias)}{_aliases(node.columns)}"
        return _ended(_relation(node.relation), name)
    if isinstance(node, tree.SampledRelation):
        sample = f" TABLESAMPLE {node.method} ({format_expression(node.percentage)})"
        return _ended(_relation(node.relation), sample)
    if isinstance(node, tree.TableSubquery):
        return ["(", *_indented(_query(node.query)), ")"]
    if isinstance(node, tree.Lateral):
        return ["LATERAL (", *_indented(_query(node.query)), ")"]
    if isinstance(node, tree.Unnest):
        ordinality = " WITH ORDINALITY" if node.ordinality else ""
        return [f"UNNEST({format_expressions(node.expressions)}){ordinality}"]
    if isinstance(node, tree.PatternRecognition):
        return _recognition(node)
    if isinstance(node, tree.TableFunction):
        return _table_function(node)
    assert isinstance(node, tree.Table)
    version = ""
    if node.version is not None:
        version = f" FOR {node.version[0]} AS OF {format_expression(node.version[1])}"
    return [format_name(node.name) + version]


def _ended(lines: list[str], end: str) -> list[str]:
    return [*lines[:-1], lines[-1] + end]


def _join(node: tree.Join) -> list[str]:
    left, right = _relation(node.left), _relation(node.right)
    if node.kind == "IMPLICIT":
        return [*left, f", {right[0]}", *right[1:]]
    kind = f"NATURAL {node.kind}" if node.natural else node.kind
    end = ")"
    if node.using is not None:
        end = f" USING{_aliases(node.using)})"
    elif node.on is not None:
        end = f" ON {format_expression(node.on)})"
    lines = [f"({left[0]}", *left[1:], f"{kind} JOIN {right[0]}", *right[1:]]
    return _ended(lines, end)


def _recognition(node: tree.PatternRecognition) -> list[str]:
    inside = []
    if node.partition_by:
        inside.append(f"PARTITION BY {format_expressions(node.partition_by)}")
    if node.order_by:
        inside.append(format_order(node.order_by))
    if node.measures:
        inside.append(format_measures(node.measures))
    inside += [_ROWS[node.rows], format_skip(node.skip)]
    inside.append(f"PATTERN ({format_pattern(node.pattern)})")
    if node.subsets:
        inside.append(format_subsets(node.subsets))
    inside.append(format_definitions(node.definitions))
    return [*_ended(_relation(node.relation), " MATCH_RECOGNIZE ("), *_indented(inside), ")"]


def _table_function(node: tree.TableFunction) -> list[str]:
    lines: list[str] = []
    for number, (label, value) in enumerate(node.arguments):
        name = "" if label is None else f"{format_expression(label)} => "
        argument = _argument(value)
        lines += [f"{', ' if number else '  '}{name}{argument[0]}", *argument[1:]]
    return [f"TABLE({node.name}(", *_indented(lines), "))"]


def _argument(value: Any) -> list[str]:
    if isinstance(value, tuple):
        return [f"DESCRIPTOR{_aliases(value)}"]
    if isinstance(value, tree.Expression):
        return [format_expression(value)]
    if isinstance(value, tree.AliasedRelation):
        alias = f" {format_expression(value.alias)}{_aliases(value.columns)}"
        return _ended(_argument(value.relation), alias)
    if isinstance(value, tree.Table):
        return [f"TABLE({format_name(value.name)})"]
    return _ended(["TABLE" + _relation(value)[0], *_relation(value)[1:]], "")
