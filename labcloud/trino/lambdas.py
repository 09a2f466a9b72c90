"""Lambdas: bound to the types that their function gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labcloud.trino import casts, pruning, tree, walk
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr, LambdaBody
from labcloud.trino.scope import Field
from labcloud.trino.types import FUNCTION, Type

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis
    from labcloud.trino.scope import Scope


class LambdaArgument:
    """A lambda that stands as an argument; it is compiled once for each choice of types."""

    def __init__(self, node: tree.Lambda, scope: Scope, analysis: Analysis) -> None:
        pruning.scalar_only(node.body, "Lambda expression", node.body)
        for one in walk.find(node.body, lambda part: isinstance(part, tree.Query)):
            message = "Lambda expression cannot contain subqueries"
            raise TrinoError("NOT_SUPPORTED", message, one.at)
        self.node = node
        self._scope, self._analysis = scope, analysis
        self._names = [analysis.alias("p") for _ in node.arguments]
        self._bodies: dict[tuple[Type, ...], Expr] = {}

    def body(self, kinds: Sequence[Type]) -> Expr:
        """Return the body where the parameters have these types.

        Raises INVALID_PARAMETER_USAGE, and what the body's expression raises.
        """
        wanted, given = len(kinds), len(self._names)
        if wanted != given:
            message = f"Expected a lambda that takes {wanted} argument(s) but got {given}"
            raise TrinoError("INVALID_PARAMETER_USAGE", message, self.node.at)
        key = tuple(kinds)
        if key not in self._bodies:
            fields = [
                Field(argument.value, None, kind, name)
                for argument, kind, name in zip(
                    self.node.arguments, kinds, self._names, strict=True
                )
            ]
            scope = self._scope.child(fields)
            self._bodies[key] = self._analysis.expression(self.node.body, scope)
        return self._bodies[key]

    def bound(self, kinds: Sequence[Type], result: Type) -> Expr:
        """Return the lambda as an argument, its result coerced."""
        body = casts.coerce(self.body(kinds), result, self._analysis)
        compiled = LambdaBody(tuple(self._names), body.sql, result)
        return Expr(compiled.sql, FUNCTION, lambda_=compiled)
