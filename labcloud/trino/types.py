"""Trino's types: their text, what they coerce to, and how DuckDB holds them.

Source: https://trino.io/docs/current/language/types.html and Trino's TypeCoercion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from labcloud.trino.errors import TrinoError


@dataclass(frozen=True)
class Field:
    """One field of a row; `name` is None where the row has no names."""

    name: str | None
    type: Type


@dataclass(frozen=True)
class Type:
    """A Trino type: `Type("decimal", (12, 2))`, `Type("array", (BIGINT,))`.

    `args` holds numbers (lengths, precisions), types (array, map) or `Field`s (row).
    An unbounded varchar is `Type("varchar")`.
    """

    base: str
    args: tuple[int | Type | Field, ...] = ()

    @cached_property
    def text(self) -> str:
        """The type as `typeof` and error messages print it: `decimal(12,2)`."""
        return display(self)

    def __str__(self) -> str:
        return self.text

    # What the arguments are, by the base.
    @property
    def precision(self) -> int:
        """Digits of a decimal; decimal places of a time's or timestamp's seconds."""
        assert isinstance(self.args[0], int)
        return self.args[0]

    @property
    def scale(self) -> int:
        """Digits of a decimal behind its point."""
        assert isinstance(self.args[1], int)
        return self.args[1]

    @property
    def length(self) -> int | None:
        """Characters of a char or varchar; None where it is unbounded."""
        return self.args[0] if self.args and isinstance(self.args[0], int) else None

    @property
    def element(self) -> Type:
        """What an array holds."""
        assert isinstance(self.args[0], Type)
        return self.args[0]

    @property
    def key(self) -> Type:
        """What a map's keys are."""
        assert isinstance(self.args[0], Type)
        return self.args[0]

    @property
    def value(self) -> Type:
        """What a map's values are."""
        assert isinstance(self.args[1], Type)
        return self.args[1]

    @property
    def fields(self) -> tuple[Field, ...]:
        """A row's fields."""
        return tuple(arg for arg in self.args if isinstance(arg, Field))


BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE = map(
    Type, ("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double")
)
VARCHAR, VARBINARY, JSON, DATE, UUID, IPADDRESS, UNKNOWN = map(
    Type, ("varchar", "varbinary", "json", "date", "uuid", "ipaddress", "unknown")
)
DAY_TO_SECOND = Type("interval day to second")
YEAR_TO_MONTH = Type("interval year to month")
HYPERLOGLOG, P4HYPERLOGLOG, QDIGEST, TDIGEST = map(
    Type, ("HyperLogLog", "P4HyperLogLog", "qdigest", "tdigest")
)
GEOMETRY, SPHERICAL = Type("Geometry"), Type("SphericalGeography")
FUNCTION = Type("function")
"""The type of a lambda before its function has bound it."""

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
MAX_CHAR = 65536
"""The longest char; what an unbounded varchar coerces to."""
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def decimal(precision: int, scale: int) -> Type:
    """Return a decimal type; its precision is at most 38."""
    return Type("decimal", (precision, scale))


def varchar(length: int | None) -> Type:
    """Return varchar(length), or the unbounded varchar."""
    return VARCHAR if length is None else Type("varchar", (length,))


def char(length: int) -> Type:
    """Return char(length)."""
    return Type("char", (length,))


def timestamp(precision: int) -> Type:
    """Return timestamp(precision)."""
    return Type("timestamp", (precision,))


def timestamp_tz(precision: int) -> Type:
    """Return timestamp(precision) with time zone."""
    return Type("timestamp with time zone", (precision,))


def array(element: Type) -> Type:
    """Return array(element)."""
    return Type("array", (element,))


def map_of(key: Type, value: Type) -> Type:
    """Return map(key, value)."""
    return Type("map", (key, value))


def row(*fields: Field | Type) -> Type:
    """Return a row; a bare type is a field without a name."""
    return Type("row", tuple(f if isinstance(f, Field) else Field(None, f) for f in fields))


# ---- text


def display(kind: Type, separator: str = ",") -> str:
    """Return the type's text. Trino's protocol puts ", " between a decimal's digits."""
    base = kind.base
    if base in ("array", "map"):
        return f"{base}({', '.join(display(a, separator) for a in kind.args)})"  # type: ignore[arg-type]
    if base == "row":
        inside = ", ".join(
            f"{_field_name(f.name)} {display(f.type, separator)}"
            if f.name is not None
            else display(f.type, separator)
            for f in kind.fields
        )
        return f"row({inside})"
    if not kind.args:
        return base
    numbers = separator.join(str(a) for a in kind.args)
    head, _, tail = base.partition(" ")  # timestamp(3) with time zone
    return f"{head}({numbers}) {tail}" if tail else f"{head}({numbers})"


def _field_name(name: str) -> str:
    plain = name.isidentifier() and name.isascii() and name == name.lower()
    return name if plain else '"' + name.replace('"', '""') + '"'


# ---- coercion


def common_super_type(a: Type, b: Type) -> Type | None:
    """Return the type that both coerce to without being asked, or None."""
    if a == b:
        return a
    if a.base == "unknown":
        return b
    if b.base == "unknown":
        return a
    if a.base == b.base:
        return _common_of_same_base(a, b)
    for x, y in ((a, b), (b, a)):
        if (wider := widened(x, y)) is not None:
            return common_super_type(wider, y)
    return None


def _common_of_same_base(a: Type, b: Type) -> Type | None:
    base = a.base
    if base == "decimal":
        scale = max(a.scale, b.scale)
        whole = max(a.precision - a.scale, b.precision - b.scale)
        return decimal(min(38, whole + scale), scale)
    if base == "varchar":
        if a.length is None or b.length is None:
            return VARCHAR
        return varchar(max(a.length, b.length))
    if base == "char" or base.startswith("time"):
        return Type(base, (max(a.precision, b.precision),))
    if base == "array":
        inner = common_super_type(a.element, b.element)
        return array(inner) if inner else None
    if base == "map":
        key, value = common_super_type(a.key, b.key), common_super_type(a.value, b.value)
        return map_of(key, value) if key and value else None
    if base == "row":
        return _common_row(a, b)
    return None


def _common_row(a: Type, b: Type) -> Type | None:
    if len(a.fields) != len(b.fields):
        return None
    fields = []
    for x, y in zip(a.fields, b.fields, strict=True):
        if (inner := common_super_type(x.type, y.type)) is None:
            return None
        fields.append(Field(x.name if x.name == y.name else None, inner))
    return row(*fields)


def widened(kind: Type, target: Type) -> Type | None:
    """Return the type with the base of `target` that `kind` coerces to, or None."""
    base, wanted = kind.base, target.base
    if base in INTEGERS:
        if wanted in INTEGERS:
            return target if INTEGERS.index(base) < INTEGERS.index(wanted) else None
        if wanted == "decimal":
            return decimal(_DIGITS[base], 0)
        return target if wanted in ("real", "double") else None
    if base == "decimal":
        return target if wanted in ("real", "double") else None
    if base == "real":
        return target if wanted == "double" else None
    if base == "varchar" and wanted == "char":
        return char(MAX_CHAR if kind.length is None else min(MAX_CHAR, kind.length))
    if base == "date" and wanted in ("timestamp", "timestamp with time zone"):
        return Type(wanted, (0,))
    if (base, wanted) in (
        ("timestamp", "timestamp with time zone"),
        ("time", "time with time zone"),
    ):
        return Type(wanted, kind.args)
    if (base, wanted) == ("P4HyperLogLog", "HyperLogLog"):
        return target
    return None


def can_coerce(kind: Type, target: Type) -> bool:
    """Return whether `kind` becomes `target` without a cast."""
    return common_super_type(kind, target) == target or (
        kind.base == target.base == "row" and _row_coerces(kind, target)
    )


def _row_coerces(kind: Type, target: Type) -> bool:
    return len(kind.fields) == len(target.fields) and all(
        can_coerce(x.type, y.type) for x, y in zip(kind.fields, target.fields, strict=True)
    )


def is_numeric(kind: Type) -> bool:
    """Return whether arithmetic works on the type."""
    return kind.base in (*INTEGERS, "decimal", "real", "double")


def is_comparable(kind: Type) -> bool:
    """Return whether `=` works on the type."""
    if kind.base in ("HyperLogLog", "P4HyperLogLog", "qdigest", "tdigest", "SetDigest", "function"):
        return False
    return all(is_comparable(inner) for inner in _inside(kind))


def is_orderable(kind: Type) -> bool:
    """Return whether `<` and ORDER BY work on the type."""
    if kind.base in ("map", "json", "Geometry", "SphericalGeography") or not is_comparable(kind):
        return False
    return all(is_orderable(inner) for inner in _inside(kind))


def _inside(kind: Type) -> list[Type]:
    return [a.type if isinstance(a, Field) else a for a in kind.args if not isinstance(a, int)]


# ---- how DuckDB holds a value

_DUCKDB = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "json": "VARCHAR",
    "date": "DATE",
    "time": "TIME",
    "time with time zone": 'STRUCT("t" TIME, "o" INTEGER)',
    "timestamp with time zone": 'STRUCT("i" TIMESTAMP, "z" VARCHAR)',
    "interval day to second": "BIGINT",
    "interval year to month": "INTEGER",
    "uuid": "UUID",
    "ipaddress": "VARCHAR",
    "unknown": "INTEGER",
    "HyperLogLog": "BLOB",
    "P4HyperLogLog": "BLOB",
    "qdigest": "BLOB",
    "tdigest": "BLOB",
    "SetDigest": "BLOB",
    "BingTile": "VARCHAR",
    "Geometry": "VARCHAR",
    "SphericalGeography": "VARCHAR",
}


def duckdb_type(kind: Type) -> str:
    """Return the DuckDB type that holds a Trino type.

    char(n) is padded to n; json is its text; a timestamp with time zone is its instant in UTC and
    its zone; intervals are milliseconds and months; a row's fields are f0, f1, …; Geometry is WKT.
    Times and timestamps of more than 6 places are TIME_NS and TIMESTAMP_NS, also in the structs.
    """
    fine = kind.base.startswith("time") and kind.precision > 6
    if kind.base == "decimal":
        return f"DECIMAL({kind.precision},{kind.scale})"
    if kind.base == "timestamp":
        return "TIMESTAMP_NS" if fine else "TIMESTAMP"
    if fine:
        return re.sub(r"\b(TIME|TIMESTAMP)\b", r"\1_NS", _DUCKDB[kind.base])
    if kind.base == "array":
        return f"{duckdb_type(kind.element)}[]"
    if kind.base == "map":
        return f"MAP({duckdb_type(kind.key)}, {duckdb_type(kind.value)})"
    if kind.base == "row":
        inside = ", ".join(f'"f{i}" {duckdb_type(f.type)}' for i, f in enumerate(kind.fields))
        return f"STRUCT({inside})"
    try:
        return _DUCKDB[kind.base]
    except KeyError:
        raise TrinoError("NOT_SUPPORTED", f"Unsupported type: {kind}") from None
