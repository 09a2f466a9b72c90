"""LazySimpleSerDe: delimited text, as Hive and Athena read it.

A value that is no number for a number's column is NULL; fields that a line lacks are NULL, those
it has too many are left out; quotes mean nothing.
Source: https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html
"""

from __future__ import annotations

import itertools

from labcloud.engines.athena.tables.convert import fit_text
from labcloud.engines.athena.tables.lines import lines
from labcloud.engines.athena.tables.scan import Part, Reading, Source
from labcloud.trino.errors import quote
from labcloud.trino.types import VARCHAR, Type, array, duckdb_type

_names = itertools.count(1)


def read(source: Source) -> Reading:
    """Return how DuckDB reads delimited text."""
    serde = source.serde
    delimiters = [
        character(serde.get("field.delim") or serde.get("serialization.format") or "\x01"),
        character(
            serde.get("collection.delim") or serde.get("colelction.delim") or "\x02"
        ),  # Hive's own misspelling is in many catalogs
        character(serde.get("mapkey.delim") or "\x03"),
        *"\x04\x05\x06\x07\x08",
    ]
    null = serde.get("serialization.null.format", "\\N")
    split = _splitter(source, delimiters[0])
    parts = []
    for relation, files in lines(source.files, header_lines(source), source.work.spill):
        columns = {
            number: from_text(
                f"list_extract(fields, {number + 1})",
                source.columns[number][1],
                null,
                delimiters,
                1,
            )
            for number in source.used
        }
        fields = f"(SELECT {split} AS fields, file_index FROM {relation})"
        parts.append(Part(fields if source.used else relation, columns, files))
    return Reading(parts, sum(file.size for file in source.files))


def header_lines(source: Source) -> int:
    """Return how many lines to leave out at the head of each file."""
    text = source.parameters.get("skip.header.line.count") or source.serde.get(
        "skip.header.line.count", "0"
    )
    return max(0, int(text)) if text.strip().lstrip("-").isdigit() else 0


def character(text: str) -> str:
    """Return a delimiter from the catalog's text: a character, `\\t`, `\\001`, or its number."""
    if len(text) > 1 and text.startswith("\\"):
        named = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\\\": "\\"}
        if text in named:
            return named[text]
        digits = text[1:].removeprefix("u")
        if digits.isdigit():
            return chr(int(digits, 16 if text[1] == "u" else 8))
    if text.isdigit():
        return chr(int(text))
    return text[:1]


def _splitter(source: Source, delimiter: str) -> str:
    if not (escape := source.serde.get("escape.delim")):
        return f"string_split(line, {quote(delimiter)})"
    name = source.work.udf(_split_escaped, [VARCHAR, VARCHAR, VARCHAR], array(VARCHAR))
    return f"{name}(line, {quote(delimiter)}, {quote(character(escape))})"


def _split_escaped(line: str, delimiter: str, escape: str) -> list[str]:
    fields, field, characters = [], "", iter(line)
    for char in characters:
        if char == escape:
            field += next(characters, "")
        elif char == delimiter:
            fields.append(field)
            field = ""
        else:
            field += char
    return [*fields, field]


def from_text(sql: str, kind: Type, null: str, delimiters: list[str], level: int) -> str:
    """Return SQL of a value of type `kind` read from the text `sql`, as LazySimpleSerDe does.

    `level` is how deep it is nested: which delimiter separates its items.
    """
    text = f"nullif({sql}, {quote(null)})"
    base = kind.base
    if base in ("varchar", "char"):
        return fit_text(text, kind)
    if base == "varbinary":
        return f"COALESCE(TRY(from_base64({text})), encode({text}))"
    if base in ("array", "map", "row"):
        return _collection(text, kind, null, delimiters, level)
    return scalar_from_text(text, kind)


def scalar_from_text(text: str, kind: Type) -> str:
    """Return SQL of a number, boolean, date or timestamp read from text; NULL where it is none."""
    base, target = kind.base, duckdb_type(kind)
    if base in ("tinyint", "smallint", "integer", "bigint"):
        return (
            f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+') "
            f"THEN TRY_CAST({text} AS {target}) END"
        )
    if base == "boolean":
        return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if base == "date":
        return f"TRY_CAST(left(trim({text}), 10) AS DATE)"
    if base == "timestamp":
        return f"date_trunc('milliseconds', TRY_CAST({text} AS TIMESTAMP))"
    return f"TRY_CAST({text} AS {target})"


def _collection(text: str, kind: Type, null: str, delimiters: list[str], level: int) -> str:
    items = f"string_split({text}, {quote(delimiters[level])})"
    if kind.base == "array":
        name = f"t{next(_names)}"
        inner = from_text(name, kind.element, null, delimiters, level + 1)
        body = f"list_transform({items}, lambda {name}: {inner})"
        return f"CASE WHEN {text} = '' THEN [] ELSE {body} END"
    if kind.base == "row":
        fields = ", ".join(
            f"'f{i}': "
            + from_text(f"list_extract({items}, {i + 1})", f.type, null, delimiters, level + 1)
            for i, f in enumerate(kind.fields)
        )
        return f"CASE WHEN {text} IS NOT NULL THEN {{{fields}}} END"
    name = f"t{next(_names)}"
    halves = f"string_split({name}, {quote(delimiters[level + 1])})"
    key = from_text(f"list_extract({halves}, 1)", kind.key, null, delimiters, level + 2)
    value = from_text(f"list_extract({halves}, 2)", kind.value, null, delimiters, level + 2)
    return (
        f"CASE WHEN {text} IS NOT NULL THEN map(list_transform({items}, lambda {name}: {key}), "
        f"list_transform({items}, lambda {name}: {value})) END"
    )
