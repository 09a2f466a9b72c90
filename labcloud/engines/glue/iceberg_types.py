"""Types of columns: Hive's notation, as the catalog has it, and Apache Iceberg's.

Source: https://iceberg.apache.org/docs/latest/hive/#hive-type-to-iceberg-type
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

_PLAIN: dict[str, type[IcebergType]] = {
    "boolean": BooleanType,
    "tinyint": IntegerType,
    "smallint": IntegerType,
    "int": IntegerType,
    "integer": IntegerType,
    "bigint": LongType,
    "long": LongType,
    "float": FloatType,
    "double": DoubleType,
    "string": StringType,
    "char": StringType,
    "varchar": StringType,
    "date": DateType,
    "timestamp": TimestampType,
    "timestamp with local time zone": TimestamptzType,
    "timestamptz": TimestamptzType,
    "time": TimeType,
    "uuid": UUIDType,
    "binary": BinaryType,
}
_HIVE: dict[type[IcebergType], str] = {
    BooleanType: "boolean",
    IntegerType: "int",
    LongType: "bigint",
    FloatType: "float",
    DoubleType: "double",
    StringType: "string",
    DateType: "date",
    TimestampType: "timestamp",
    TimestamptzType: "timestamp",
    TimeType: "string",
    UUIDType: "string",
    BinaryType: "binary",
    FixedType: "binary",
}


def from_hive(text: str, ids: Iterator[int] | None = None) -> IcebergType:
    """Return the type that Hive's notation means, with field ids. Raises ValueError."""
    return _parse(" ".join(text.split()), ids or itertools.count(1))


def _parse(text: str, ids: Iterator[int]) -> IcebergType:
    name, _, inner = text.partition("<")
    name = name.strip().lower()
    if inner:
        if not inner.endswith(">"):
            raise ValueError(f"Unsupported column type: {text}")
        return _nested(name, _parts(inner[:-1]), ids)
    if found := re.fullmatch(r"decimal\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", name):
        return DecimalType(int(found[1]), int(found[2] or 0))
    kind = _PLAIN.get(name.partition("(")[0].strip())
    if kind is None:
        if name == "decimal":
            return DecimalType(10, 0)
        raise ValueError(f"Unsupported column type: {text}")
    return kind()


def _nested(name: str, parts: list[str], ids: Iterator[int]) -> IcebergType:
    if name == "array" and len(parts) == 1:
        return ListType(next(ids), _parse(parts[0], ids), element_required=False)
    if name == "map" and len(parts) == 2:
        key, value = next(ids), next(ids)
        return MapType(key, _parse(parts[0], ids), value, _parse(parts[1], ids), False)
    if name == "struct":
        named = [part.partition(":") for part in parts]
        if all(kind for _, _, kind in named):
            return StructType(
                *(
                    NestedField(next(ids), field.strip(), _parse(kind.strip(), ids), required=False)
                    for field, _, kind in named
                )
            )
    raise ValueError(f"Unsupported column type: {name}<{','.join(parts)}>")


def _parts(text: str) -> list[str]:
    """Split at the commas that are inside no brackets."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def to_hive(kind: IcebergType) -> str:
    """Return a type in Hive's notation."""
    if isinstance(kind, DecimalType):
        return f"decimal({kind.precision},{kind.scale})"
    if isinstance(kind, ListType):
        return f"array<{to_hive(kind.element_type)}>"
    if isinstance(kind, MapType):
        return f"map<{to_hive(kind.key_type)},{to_hive(kind.value_type)}>"
    if isinstance(kind, StructType):
        fields = ",".join(f"{field.name}:{to_hive(field.field_type)}" for field in kind.fields)
        return f"struct<{fields}>"
    return _HIVE.get(type(kind), str(kind))


def schema_of(columns: list[dict[str, str]]) -> Schema:
    """Return the Iceberg schema of a table's columns. Raises ValueError."""
    ids = itertools.count(1)
    return Schema(
        *(
            NestedField(
                next(ids),
                column["Name"],
                from_hive(column.get("Type") or "string", ids),
                required=False,
                doc=column.get("Comment"),
            )
            for column in columns
        )
    )


def columns_of(schema: Schema) -> list[dict[str, object]]:
    """Return an Iceberg schema's columns as the catalog has them."""
    return [
        {
            "Name": field.name,
            "Type": to_hive(field.field_type),
            **({"Comment": field.doc} if field.doc else {}),
            "Parameters": {
                "iceberg.field.current": "true",
                "iceberg.field.id": str(field.field_id),
                "iceberg.field.optional": str(field.optional).lower(),
            },
        }
        for field in schema.fields
    ]
