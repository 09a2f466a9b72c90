"""Hive's types, as the Glue Data Catalog holds them, and Trino's.

Source: https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from labcloud.trino import types as t
from labcloud.trino.errors import TrinoError

_PLAIN = {
    "boolean": t.BOOLEAN,
    "tinyint": t.TINYINT,
    "smallint": t.SMALLINT,
    "int": t.INTEGER,
    "integer": t.INTEGER,
    "bigint": t.BIGINT,
    "long": t.BIGINT,
    "float": t.REAL,
    "real": t.REAL,
    "double": t.DOUBLE,
    "double precision": t.DOUBLE,
    "string": t.VARCHAR,
    "varchar": t.VARCHAR,
    "binary": t.VARBINARY,
    "varbinary": t.VARBINARY,
    "date": t.DATE,
    "timestamp": t.timestamp(3),
    "time": t.Type("time", (6,)),
    "timestamptz": t.timestamp_tz(6),
    "timestamp with time zone": t.timestamp_tz(6),
    "uuid": t.UUID,
    "decimal": t.decimal(10, 0),
    "void": t.UNKNOWN,
}


@lru_cache(maxsize=4096)
def from_hive(text: str, iceberg: bool = False) -> t.Type:
    """Return Trino's type of a column whose type in the catalog is `text`.

    Iceberg's timestamps have 6 places, Hive's 3. Raises TrinoError HIVE_UNSUPPORTED_FORMAT-like
    errors for text that is no type.
    """
    kind, rest = _read(text.strip(), iceberg)
    if rest.strip():
        raise _unknown(text)
    return kind


def _unknown(text: str) -> TrinoError:
    return TrinoError("HIVE_INVALID_METADATA", f"Glue table has an unknown type: {text}")


def _read(text: str, iceberg: bool) -> tuple[t.Type, str]:
    """Read one type from the front of `text`; return it and what follows."""
    end = next((i for i, c in enumerate(text) if c in "<>(),:"), len(text))
    base, rest = text[:end].strip().lower(), text[end:]
    if rest.startswith("<"):
        return _read_nested(base, rest[1:], iceberg)
    numbers: tuple[int, ...] = ()
    if rest.startswith("("):
        inside, _, rest = rest[1:].partition(")")
        try:
            numbers = tuple(int(n) for n in inside.split(","))
        except ValueError:
            raise _unknown(text) from None
    if base in ("timestamp", "timestamp without time zone"):
        return t.timestamp(numbers[0] if numbers else 6 if iceberg else 3), rest
    if numbers and base in ("decimal", "numeric"):
        return t.decimal(numbers[0], numbers[1] if len(numbers) > 1 else 0), rest
    if numbers and base in ("varchar", "char"):
        return t.Type(base, (numbers[0],)), rest
    if base == "fixed" or base.startswith("fixed["):
        return t.VARBINARY, rest
    if base not in _PLAIN:
        raise _unknown(text)
    return _PLAIN[base], rest


def _read_nested(base: str, text: str, iceberg: bool) -> tuple[t.Type, str]:
    if base == "array":
        element, rest = _read(text, iceberg)
        return t.array(element), _close(rest)
    if base == "map":
        key, rest = _read(text, iceberg)
        value, rest = _read(_expect(rest, ","), iceberg)
        return t.map_of(key, value), _close(rest)
    if base == "struct":
        fields = []
        rest = text
        while True:
            name, _, rest = rest.partition(":")
            kind, rest = _read(rest, iceberg)
            fields.append(t.Field(name.strip().strip("`").lower(), kind))
            if not rest.startswith(","):
                return t.row(*fields), _close(rest)
            rest = rest[1:]
    raise _unknown(f"{base}<{text}")


def _expect(text: str, char: str) -> str:
    if not text.startswith(char):
        raise _unknown(text)
    return text[1:]


def _close(text: str) -> str:
    return _expect(text.lstrip(), ">")


def to_hive(kind: t.Type) -> str:
    """Return the catalog's text for a Trino type, as CTAS writes it. Raises NOT_SUPPORTED."""
    base = kind.base
    if base == "varchar":
        return "string" if kind.length is None or kind.length > 65535 else f"varchar({kind.length})"
    if base in ("char", "decimal"):
        return t.display(kind)
    if base == "array":
        return f"array<{to_hive(kind.element)}>"
    if base == "map":
        return f"map<{to_hive(kind.key)},{to_hive(kind.value)}>"
    if base == "row":
        inside = ",".join(
            f"{f.name or f'field{i}'}:{to_hive(f.type)}" for i, f in enumerate(kind.fields)
        )
        return f"struct<{inside}>"
    names: dict[str, Any] = {
        "integer": "int",
        "real": "float",
        "varbinary": "binary",
        "timestamp": "timestamp",
        "boolean": "boolean",
        "tinyint": "tinyint",
        "smallint": "smallint",
        "bigint": "bigint",
        "double": "double",
        "date": "date",
    }
    if base in names:
        return str(names[base])
    raise TrinoError("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")
