"""Several expressions made one type, and Trino's words where they cannot be."""

from __future__ import annotations

from collections.abc import Sequence

from labcloud.trino import casts
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.types import BOOLEAN, Type, common_super_type


def to_single_type(
    exprs: Sequence[Expr], positions: Sequence[Position], what: str
) -> tuple[list[Expr], Type]:
    """Return expressions coerced to their common type, and it. Raises TYPE_MISMATCH.

    `what` begins the message: "CASE results", "ARRAY elements".
    """
    common = exprs[0].type
    for expr, at in zip(exprs[1:], positions[1:], strict=True):
        wider = common_super_type(common, expr.type)
        if wider is None:
            every = ", ".join(dict.fromkeys(str(e.type) for e in exprs))
            raise TrinoError(
                "TYPE_MISMATCH",
                f"All {what} must be the same type or coercible to a common type. Cannot find "
                f"common type between {common} and {expr.type}, all types (without duplicates): "
                f"[{every}]",
                at,
            )
        common = wider
    return [casts.coerce(expr, common) for expr in exprs], common


def to_boolean(expr: Expr, at: Position, what: str) -> Expr:
    """Return a condition as a boolean. Raises TYPE_MISMATCH."""
    return to_type(expr, BOOLEAN, at, what)


def to_type(expr: Expr, wanted: Type, at: Position, what: str) -> Expr:
    """Return an expression coerced to a type. Raises TYPE_MISMATCH."""
    if expr.type == wanted:
        return expr
    if common_super_type(expr.type, wanted) != wanted:
        article = "an" if wanted.base[0] in "aeiou" else "a"
        raise TrinoError(
            "TYPE_MISMATCH",
            f"{what} must evaluate to {article} {wanted} (actual: {expr.type})",
            at,
        )
    return casts.coerce(expr, wanted)
