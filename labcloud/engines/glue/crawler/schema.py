"""Columns with types as Glue writes them; how schemas merge and how alike they are.

Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html and
https://docs.aws.amazon.com/glue/latest/dg/add-crawler.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Kind = Any
"""A type: a word ("bigint"), ["array", item], ["struct", {name: type}] or ["map", key, value]."""

NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")

ALIKE = 0.7
"""Schemas of which this share of columns agrees go into one table."""


@dataclass(slots=True)
class Schema:
    """The format and columns of one object, or of several merged.

    `details` are what the format's tables need: delimiter, header, pattern, row tag, ….
    `records` and `average` tell how many records were seen and the bytes of one on average.
    """

    classification: str
    columns: dict[str, Kind]
    details: dict[str, Any] = field(default_factory=dict)
    records: float = 0.0
    average: float = 0.0
    exact: bool = False
    """Whether `records` counts the whole object."""


def text(kind: Kind) -> str:
    """Return Hive's text of a type."""
    if isinstance(kind, str):
        return kind
    if kind[0] == "array":
        return f"array<{text(kind[1])}>"
    if kind[0] == "map":
        return f"map<{text(kind[1])},{text(kind[2])}>"
    return f"struct<{','.join(f'{name}:{text(inner)}' for name, inner in kind[1].items())}>"


def merge_kinds(a: Kind, b: Kind) -> Kind:
    """Return the type that holds what both hold; string where nothing narrower does."""
    if a == b or b == "null":
        return a
    if a == "null":
        return b
    if isinstance(a, str) and isinstance(b, str):
        if a in NUMBERS and b in NUMBERS:
            return NUMBERS[max(NUMBERS.index(a), NUMBERS.index(b))]
        if {a, b} == {"date", "timestamp"}:
            return "timestamp"
        return "string"
    if isinstance(a, list) and isinstance(b, list) and a[0] == b[0]:
        if a[0] == "array":
            return ["array", merge_kinds(a[1], b[1])]
        if a[0] == "struct":
            return ["struct", merge_columns(a[1], b[1])]
        return ["map", merge_kinds(a[1], b[1]), merge_kinds(a[2], b[2])]
    return "string"


def merge_columns(a: dict[str, Kind], b: dict[str, Kind]) -> dict[str, Kind]:
    """Return the columns of both, those of `a` first; a column of both gets the wider type."""
    merged = dict(a)
    for name, kind in b.items():
        merged[name] = merge_kinds(merged[name], kind) if name in merged else kind
    return merged


def settle(kind: Kind) -> Kind:
    """Return a type without "null": what was never seen with a value is a string."""
    if kind == "null":
        return "string"
    if isinstance(kind, str):
        return kind
    if kind[0] == "struct":
        return ["struct", {name: settle(inner) for name, inner in kind[1].items()}]
    return [kind[0], *(settle(inner) for inner in kind[1:])]


def same_format(a: Schema, b: Schema) -> bool:
    """Return whether two objects can be files of one table, columns aside."""
    keys = ("delimiter", "pattern", "row_tag", "path")
    return a.classification == b.classification and all(
        a.details.get(key) == b.details.get(key) for key in keys
    )


def likeness(a: Schema, b: Schema) -> float:
    """Return which share of the columns of both have the same name and a type that fits: 0 to 1."""
    if not a.columns or not b.columns:
        return 1.0 if a.columns == b.columns else 0.0
    same = sum(
        1 for name, kind in a.columns.items() if name in b.columns and _fits(kind, b.columns[name])
    )
    return same / max(len(a.columns), len(b.columns))


def _fits(a: Kind, b: Kind) -> bool:
    if "null" in (a, b):
        return True
    if isinstance(a, str) and isinstance(b, str):
        return a == b or (a in NUMBERS and b in NUMBERS) or "string" in (a, b)
    return isinstance(a, list) and isinstance(b, list) and a[0] == b[0]


def compatible(a: Schema, b: Schema) -> bool:
    """Return whether two objects go into one table."""
    return same_format(a, b) and likeness(a, b) >= ALIKE


def merge(a: Schema, b: Schema) -> Schema:
    """Return the schema of a table that holds both."""
    records = a.records + b.records
    average = (a.average * a.records + b.average * b.records) / records if records else 0.0
    details = a.details | {k: v for k, v in b.details.items() if k not in a.details}
    if "names" in details:  # JSON's own names, of which Glue's SerDe is told
        details["names"] = sorted({*details["names"], *b.details.get("names", ())})
    return Schema(
        a.classification,
        merge_columns(a.columns, b.columns),
        details,
        records,
        average,
        a.exact and b.exact,
    )
