"""EXPLAIN and EXPLAIN ANALYZE: Trino's checks, and the plan of the engine that runs here, DuckDB.

Source: https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from labcloud.engines.athena.job import Outcome
from labcloud.trino import tree
from labcloud.trino.analyzer import Compiled
from labcloud.trino.catalog import Table
from labcloud.trino.errors import TrinoError
from labcloud.trino.render import column_info
from labcloud.trino.types import BOOLEAN, varchar

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work

_NOTE = "DuckDB, which stands in for Trino here, plans:\n\n"

_FORMATS = {"TEXT": "text", "JSON": "json", "GRAPHVIZ": "graphviz"}
_OPERATORS = {"=": "EXACTLY", "<": "BELOW", "<=": "EXACTLY", ">": "ABOVE", ">=": "EXACTLY"}


def run(node: tree.Explain, work: Work) -> Outcome:
    """Run an EXPLAIN. Raises TrinoError."""
    kind, form = (node.type or "DISTRIBUTED").upper(), (node.format or "TEXT").upper()
    query = _query_of(node.statement)
    if kind == "VALIDATE":
        work.describe(query)
        return _outcome("Valid", "true", column_info("Valid", BOOLEAN), work)
    if kind == "IO":
        text = json.dumps(_reads(work.compile(query)), indent=2)
    else:
        text = _plan(query, _FORMATS.get(form, "text"), node.analyze, work)
    info = column_info("Query Plan", varchar(len(text)))
    return _outcome("Query Plan", text, info, work)


def _query_of(node: tree.Node) -> tree.Query:
    """Return the query in a statement that has one."""
    if isinstance(node, tree.Query):
        return node
    if isinstance(node, tree.Insert | tree.CreateTableAsSelect | tree.Unload | tree.CreateView):
        return node.query
    raise TrinoError("NOT_SUPPORTED", f"EXPLAIN is not supported for {type(node).__name__}")


def _plan(query: tree.Query, form: str, analyze: bool, work: Work) -> str:
    options = ["ANALYZE"] if analyze else []
    options += [f"FORMAT {form}"] if form != "text" else []
    told = f"({', '.join(options)}) " if options else ""
    prepared = work.prepare(query)
    rows = work.connection.execute(f"EXPLAIN {told}{prepared.sql}").fetchall()
    text = "\n".join(row[1] for row in rows)
    return f"{_NOTE}{text.rstrip()}\n\n" if form == "text" else text


def _reads(compiled: Compiled) -> dict[str, Any]:
    """Return Trino's IO plan: the tables that a query reads, and on which conditions."""
    found = []
    for scan in compiled.scans:
        catalog, schema, table = scan.table.name
        found.append(
            {
                "table": {
                    "catalog": catalog,
                    "schemaTable": {"schema": schema, "table": table},
                },
                "constraint": {
                    "none": False,
                    "columnConstraints": _constraints(scan.table, scan.comparisons),
                },
            }
        )
    return {"inputTableColumnInfos": found}


def _constraints(table: Table, comparisons: list[tuple[int, str, Any]]) -> list[dict[str, Any]]:
    ranges: dict[int, list[dict[str, Any]]] = {}
    for number, operator, value in comparisons:
        for one in value if operator == "in" else [value]:
            bound = {"value": str(one), "bound": _OPERATORS.get(operator, "EXACTLY")}
            limits = {"low": bound, "high": bound}
            if operator in ("<", "<="):
                limits = {"high": bound}
            elif operator in (">", ">="):
                limits = {"low": bound}
            ranges.setdefault(number, []).append(limits)
    return [
        {
            "columnName": table.columns[number].name,
            "type": str(table.columns[number].type),
            "domain": {"nullsAllowed": False, "ranges": found},
        }
        for number, found in sorted(ranges.items())
    ]


def _outcome(name: str, text: str, info: dict[str, Any], work: Work) -> Outcome:
    """Return the plan line by line below its title; Athena ends it with one empty line more."""
    data = f"{name}\n{text}\n".encode()
    work.statistics.rows_returned, work.statistics.bytes_returned = data.count(b"\n"), len(data)
    return Outcome([info], data, statistics=work.statistics)
