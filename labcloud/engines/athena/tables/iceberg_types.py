"""Trino's types and transforms ↔ Iceberg's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from pyiceberg import types as ice
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    TruncateTransform,
    YearTransform,
)

from labcloud.trino import types as t
from labcloud.trino.errors import TrinoError

_PLAIN: dict[str, ice.IcebergType] = {
    "boolean": ice.BooleanType(),
    "integer": ice.IntegerType(),
    "bigint": ice.LongType(),
    "real": ice.FloatType(),
    "double": ice.DoubleType(),
    "varchar": ice.StringType(),
    "varbinary": ice.BinaryType(),
    "date": ice.DateType(),
    "time": ice.TimeType(),
    "timestamp": ice.TimestampType(),
    "timestamp with time zone": ice.TimestamptzType(),
    "uuid": ice.UUIDType(),
}


def to_iceberg(kind: t.Type, ids: Iterator[int]) -> ice.IcebergType:
    """Return Iceberg's type; fields inside get numbers from `ids`. Raises NOT_SUPPORTED."""
    if kind.base.startswith("time") and kind.precision != 6:
        word = "Time" if kind.base.startswith("time") and "stamp" not in kind.base else "Timestamp"
        raise TrinoError(
            "NOT_SUPPORTED",
            f"{word} precision ({kind.precision}) not supported for Iceberg. "
            f'Use "{t.Type(kind.base, (6,))}" instead.',
        )
    if kind.base in _PLAIN:
        return _PLAIN[kind.base]
    if kind.base == "decimal":
        return ice.DecimalType(kind.precision, kind.scale)
    if kind.base == "array":
        number = next(ids)
        return ice.ListType(number, to_iceberg(kind.element, ids), element_required=False)
    if kind.base == "map":
        first, second = next(ids), next(ids)
        key, value = to_iceberg(kind.key, ids), to_iceberg(kind.value, ids)
        return ice.MapType(first, key, second, value, value_required=False)
    if kind.base == "row":
        return ice.StructType(
            *(
                ice.NestedField(
                    next(ids), f.name or f"field{i}", to_iceberg(f.type, ids), required=False
                )
                for i, f in enumerate(kind.fields)
            )
        )
    raise TrinoError("NOT_SUPPORTED", f"Type not supported for Iceberg: {kind}")


def schema_of(columns: list[tuple[str, t.Type]], comments: dict[str, str] | None = None) -> Schema:
    """Return an Iceberg schema for columns."""
    numbers = itertools.count(1)
    top = [next(numbers) for _ in columns]
    return Schema(
        *(
            ice.NestedField(
                number,
                name,
                to_iceberg(kind, numbers),
                required=False,
                doc=(comments or {}).get(name),
            )
            for number, (name, kind) in zip(top, columns, strict=True)
        )
    )


def spec_texts(table: Table) -> list[str]:
    """Return a table's partitioning as Athena prints it: `region`, day(`ts`), bucket(4, `id`)."""
    found = []
    for field in table.spec().fields:
        name = f"`{table.schema().find_column_name(field.source_id)}`"
        word, _, count = str(field.transform).rstrip("]").partition("[")
        if word == "identity":
            found.append(name)
        elif word != "void":
            found.append(f"{word}({count}, {name})" if count else f"{word}({name})")
    return found


_TRANSFORM = re.compile(r"(\w+)\s*\(\s*([^,)]+?)\s*(?:,\s*([^)]+?)\s*)?\)")


def spec_of(texts: list[str], schema: Schema) -> PartitionSpec:
    """Return a partition spec from texts such as `day(ts)`, `bucket(16, id)`, `region`."""
    fields = []
    for number, text in enumerate(texts):
        name, transform = transform_of(text)
        try:
            source = schema.find_field(name, case_sensitive=False)
        except ValueError:
            raise TrinoError(
                "COLUMN_NOT_FOUND", f"Column '{name}' of the partitioning does not exist"
            ) from None
        fields.append(
            PartitionField(
                source_id=source.field_id,
                field_id=1000 + number,
                transform=transform,
                name=_field_name(source.name, transform),
            )
        )
    return PartitionSpec(*fields)


def transform_of(text: str) -> tuple[str, Transform[Any, Any]]:
    """Return column and transform of a partitioning's text. Raises TrinoError."""
    match = _TRANSFORM.fullmatch(text.strip())
    if match is None:
        return text.strip().strip('"`').lower(), IdentityTransform()
    word, first, second = match.groups()
    word = word.lower().removesuffix("s")
    plain: dict[str, Transform[Any, Any]] = {
        "year": YearTransform(),
        "month": MonthTransform(),
        "day": DayTransform(),
        "date": DayTransform(),
        "hour": HourTransform(),
    }
    if word in plain and second is None:
        return first.strip('"`').lower(), plain[word]
    if word in ("bucket", "truncate") and second is not None:
        count, column = (first, second) if first.isdigit() else (second, first)
        if count.isdigit():
            maker = BucketTransform if word == "bucket" else TruncateTransform
            return column.strip('"`').lower(), maker(int(count))
    raise TrinoError("INVALID_TABLE_PROPERTY", f"Invalid partition transform: {text}")


def _field_name(column: str, transform: Transform[Any, Any]) -> str:
    if isinstance(transform, IdentityTransform):
        return column
    word = re.sub(r"\W.*", "", str(transform))
    return f"{column}_{word}" if word != "truncate" else f"{column}_trunc"
