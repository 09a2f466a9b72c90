"""The WITH (property = value, …) of CREATE TABLE AS and UNLOAD."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.errors import TrinoError


def property_values(properties: tuple[tuple[str, tree.Expression], ...]) -> dict[str, Any]:
    """Return the properties as Python values; arrays as lists. Raises TrinoError."""
    found: dict[str, Any] = {}
    for name, expression in properties:
        if name.lower() in found:
            raise TrinoError(
                "SYNTAX_ERROR",
                f"Duplicate property: {name.lower()}",
                getattr(expression, "at", None),
            )
        found[name.lower()] = _value(name, expression)
    return found


def _value(name: str, expression: tree.Expression) -> Any:
    match expression:
        case tree.StringLiteral(value) | tree.LongLiteral(value) | tree.BooleanLiteral(value):
            return value
        case tree.Array(items):
            return [_value(name, item) for item in items]
        case tree.DecimalLiteral(text):
            return float(text)
        case tree.Identifier(value):
            return value
    raise TrinoError(
        "INVALID_TABLE_PROPERTY",
        f"Invalid value for catalog 'awsdatacatalog' table property '{name}'",
        expression.at,
    )


def text(values: dict[str, Any], name: str) -> str | None:
    """Return a property that must be text. Raises TrinoError where it is something else."""
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, value, "varchar")
    return value


def names(values: dict[str, Any], name: str) -> list[str]:
    """Return a property that must be an array of column names, in lower case."""
    value = values.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(name, value, "array(varchar)")
    return [item.lower() for item in value]


def number(values: dict[str, Any], name: str) -> int | None:
    """Return a property that must be a whole number."""
    value = values.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise _wrong(name, value, "integer")
    return value


def _wrong(name: str, value: Any, wanted: str) -> TrinoError:
    return TrinoError(
        "INVALID_TABLE_PROPERTY",
        f"Invalid value for catalog 'awsdatacatalog' table property '{name}': "
        f"Cannot convert [{value}] to {wanted}",
    )


def refuse_unknown(values: dict[str, Any], known: frozenset[str], what: str) -> None:
    """Raise TrinoError for a property that does not exist."""
    for name in values:
        if name not in known:
            raise TrinoError(
                f"INVALID_{what.upper()}_PROPERTY",
                f"Catalog 'awsdatacatalog' {what} property '{name}' does not exist",
            )
