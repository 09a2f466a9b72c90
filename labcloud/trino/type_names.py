"""Types as they are written → Trino's types."""

from __future__ import annotations

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_TO_SECOND,
    DOUBLE,
    GEOMETRY,
    HYPERLOGLOG,
    INTEGER,
    IPADDRESS,
    JSON,
    P4HYPERLOGLOG,
    REAL,
    SMALLINT,
    SPHERICAL,
    TDIGEST,
    TINYINT,
    UNKNOWN,
    UUID,
    VARBINARY,
    VARCHAR,
    YEAR_TO_MONTH,
    Field,
    Type,
    array,
    char,
    decimal,
    is_comparable,
    map_of,
    row,
    varchar,
)

_PLAIN = {
    "boolean": BOOLEAN,
    "tinyint": TINYINT,
    "smallint": SMALLINT,
    "integer": INTEGER,
    "int": INTEGER,
    "bigint": BIGINT,
    "real": REAL,
    "double": DOUBLE,
    "varchar": VARCHAR,
    "string": VARCHAR,
    "varbinary": VARBINARY,
    "json": JSON,
    "date": DATE,
    "uuid": UUID,
    "ipaddress": IPADDRESS,
    "unknown": UNKNOWN,
    "hyperloglog": HYPERLOGLOG,
    "p4hyperloglog": P4HYPERLOGLOG,
    "tdigest": TDIGEST,
    "geometry": GEOMETRY,
    "sphericalgeography": SPHERICAL,
    "interval day to second": DAY_TO_SECOND,
    "interval year to month": YEAR_TO_MONTH,
}
_TIMES = ("time", "timestamp", "time with time zone", "timestamp with time zone")


def resolve_type(node: tree.TypeNode, at: Position | None = None) -> Type:
    """Return the type that a statement names. Raises TYPE_MISMATCH for an unknown one.

    `at` is where the error is reported; the type's own place where it is left out.
    """
    found = _resolved(node, at or node.at)
    if found is None:
        raise TrinoError("TYPE_MISMATCH", f"Unknown type: {_text(node)}", at or node.at)
    return found


def _resolved(node: tree.TypeNode, at: Position) -> Type | None:
    base, args = node.base, node.args
    if base in _TIMES:
        places = args[0] if args else 3
        return Type(base, (places,)) if len(args) < 2 and _whole(places) and places <= 12 else None
    if base in ("varchar", "char") and args:
        length = args[0]
        if not _whole(length) or len(args) > 1 or length > 2_147_483_646:
            return None
        if base == "char" and length > 65_536:
            return None
        return varchar(length) if base == "varchar" else char(length)
    if base == "char":
        return char(1)
    if base in ("decimal", "numeric", "dec"):
        return _decimal(args, at)
    if base == "array" and len(args) == 1:
        return array(resolve_type(args[0], at))
    if base == "map" and len(args) == 2:
        key = resolve_type(args[0], at)
        return map_of(key, resolve_type(args[1], at)) if is_comparable(key) else None
    if base == "row":
        return row(*(Field(name, resolve_type(kind, at)) for name, kind in args))
    if base == "qdigest" and len(args) == 1:
        return Type("qdigest", (resolve_type(args[0], at),))
    return _PLAIN.get(base) if not args else None


def _whole(value: object) -> bool:
    return isinstance(value, int)


def _decimal(args: tuple[object, ...], at: Position) -> Type | None:
    if not args:
        return decimal(38, 0)
    if not all(isinstance(a, int) for a in args) or len(args) > 2:
        return None
    precision = args[0]
    scale = args[1] if len(args) == 2 else 0
    assert isinstance(precision, int) and isinstance(scale, int)
    if not 1 <= precision <= 38:
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT", f"DECIMAL precision must be in range [1, 38]: {precision}"
        )
    if scale > precision:
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT",
            f"DECIMAL scale must be in range [0, precision ({precision})]: {scale}",
        )
    return decimal(precision, scale)


def _text(node: tree.TypeNode) -> str:
    if not node.args:
        return node.base
    parts = [_text(a) if isinstance(a, tree.TypeNode) else str(a) for a in node.args]
    head, space, tail = node.base.partition(" ")
    return f"{head}({','.join(parts)}){space}{tail}"
