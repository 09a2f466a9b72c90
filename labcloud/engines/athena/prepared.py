"""EXECUTE, PREPARE, DEALLOCATE and execution parameters, on Athena's own prepared statements.

Source: https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labcloud.errors import AWSError
from labcloud.trino import parser, tree
from labcloud.trino.errors import TrinoError
from labcloud.trino.walk import walk

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work


def resolve(node: tree.Node, work: Work) -> tree.Node:
    """Return the statement that is meant, with its parameters in `work`. Raises TrinoError."""
    given: Sequence[tree.Expression] = [parameter(text) for text in work.job.parameters]
    if isinstance(node, tree.Execute):
        given = node.parameters or given
        node = parser.parse(_text_of(node.name.value, work))
    elif isinstance(node, tree.ExecuteImmediate):
        given = node.parameters or given
        node = parser.parse(node.statement)
    expected = 0 if isinstance(node, tree.Prepare) else _count(node)
    if not expected:
        return node
    if expected != len(given):
        raise TrinoError(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {expected} but found {len(given)}",
            (1, 1),
        )
    work.parameters = given
    return node


def _text_of(name: str, work: Work) -> str:
    request = {"StatementName": name, "WorkGroup": work.job.workgroup}
    try:
        found = work.link.call("athena", "GetPreparedStatement", request)
    except AWSError:
        raise TrinoError("NOT_FOUND", f"Prepared statement not found: {name}") from None
    return str(found["PreparedStatement"]["QueryStatement"])


def parameter(text: str) -> tree.Expression:
    """Return an execution parameter's value.

    What is no expression, or names a column, is text: `abc`, `it's`, `123e4567-e89b-…`. Measured on
    the service: https://github.com/aoyagikouhei/athena-local/blob/main/docs/parameters.md
    """
    try:
        node = parser.parse_expression(text)
    except TrinoError:
        return tree.StringLiteral(text)
    if any(isinstance(inner, tree.Identifier | tree.Parameter) for inner in walk(node)):
        return tree.StringLiteral(text)
    return node


def _count(node: tree.Node) -> int:
    return len({inner.index for inner in walk(node) if isinstance(inner, tree.Parameter)})


def change(node: tree.Prepare | tree.Deallocate, work: Work) -> None:
    """Keep or drop a prepared statement of the workgroup. Raises TrinoError."""
    request = {"StatementName": node.name.value, "WorkGroup": work.job.workgroup}
    try:
        if isinstance(node, tree.Prepare):
            work.link.call(
                "athena", "CreatePreparedStatement", {**request, "QueryStatement": node.text}
            )
        else:
            work.link.call("athena", "DeletePreparedStatement", request)
    except AWSError as error:
        missing = error.code == "ResourceNotFoundException"
        name = "NOT_FOUND" if missing else "INVALID_PREPARED_STATEMENT"
        message = f"Prepared statement not found: {node.name.value}" if missing else error.message
        raise TrinoError(name, message) from None
