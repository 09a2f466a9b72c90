"""JSON, a document a line: the OpenX and the Hive JSON SerDe.

Keys are matched without regard to case; OpenX maps others by its `mapping.` properties.
Source: https://docs.aws.amazon.com/athena/latest/ug/json-serde.html
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from typing import Any

import duckdb

from labcloud.engines.athena.tables.convert import fit_text
from labcloud.engines.athena.tables.files import DataFile
from labcloud.engines.athena.tables.lines import lines
from labcloud.engines.athena.tables.scan import Part, Reading, Source
from labcloud.engines.athena.tables.text import header_lines
from labcloud.engines.athena.tables.values import only_value
from labcloud.trino.errors import quote, raise_sql
from labcloud.trino.types import Type, duckdb_type

Structure = Any
"""What keys the documents have: {"Key": …} of an object, […] of an array, a word else."""

_names = itertools.count(1)


def read(source: Source) -> Reading:
    """Return how DuckDB reads lines of JSON."""
    return read_documents(source, lines(source.files, header_lines(source), source.work.spill))


def read_documents(source: Source, relations: Iterable[tuple[str, list[DataFile]]]) -> Reading:
    """Return how DuckDB reads relations whose column `line` holds a JSON document each."""
    parts = []
    for relation, files in relations:
        if not source.used:
            parts.append(Part(relation, {}, files))
            continue
        structure = structure_of(relation, source.work.connection)
        parts.append(Part(*_part(source, relation, structure), files))
    return Reading(parts, sum(file.size for file in source.files))


def structure_of(relation: str, connection: duckdb.DuckDBPyConnection) -> Structure:
    """Return the keys that the documents have, as they are spelt, at every level."""
    found = only_value(
        connection,
        f"SELECT json_group_structure(CAST(line AS JSON)) FROM {relation} "
        "WHERE CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END",
    )
    return json.loads(found) if found else {}


def _part(source: Source, relation: str, structure: Structure) -> tuple[str, dict[int, str]]:
    structure = structure if isinstance(structure, dict) else {}
    wanted = {n: _spellings(source, source.columns[n][0], structure) for n in source.used}
    document, field = _opened(sorted({key for spelt in wanted.values() for key in spelt}))
    malformed = source.serde.get("ignore.malformed.json", "").lower() == "true"
    otherwise = "NULL" if malformed else document.format(_not_json())
    inner = (
        "(SELECT CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' "
        f"THEN {document.format('line')} WHEN trim(line) = '' THEN NULL "
        f"ELSE {otherwise} END AS document, file_index FROM {relation})"
    )
    columns = {}
    for number, spelt in wanted.items():
        kind = source.columns[number][1]
        found = [value_sql(field(key), structure[key], kind, number) for key in spelt]
        columns[number] = (
            f"COALESCE({', '.join(found)})" if found else f"CAST(NULL AS {duckdb_type(kind)})"
        )
    return inner, columns


def _opened(keys: list[str]) -> tuple[str, Callable[[str], str]]:
    """Return a pattern for the SQL of a document ready for its keys, and SQL of a key's value.

    A document is taken apart once for all keys, unless two of them differ only in case: names of
    DuckDB's structs may not.
    """
    if not keys or len({key.lower() for key in keys}) < len(keys):
        return "CAST({} AS JSON)", lambda key: f"json_extract(document, {quote(pointer(key))})"
    names = quote(json.dumps(dict.fromkeys(keys, "JSON"))).replace("{", "{{").replace("}", "}}")
    return f"from_json({{}}, {names})", lambda key: f"struct_extract(document, {quote(key)})"


def pointer(key: str) -> str:
    """Return the JSON pointer of a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _not_json() -> str:
    message = "'Row is not a valid JSON Object - JSONException: ' || left(line, 200)"
    return raise_sql("HIVE_CURSOR_ERROR", message, "VARCHAR")


def _spellings(source: Source, name: str, structure: dict[str, Any]) -> list[str]:
    """Return the keys of the documents that a column reads."""
    mapped = source.serde.get(f"mapping.{name}", name)
    dots = source.serde.get("dots.in.keys", "").lower() == "true"
    exact = source.serde.get("case.insensitive", "true").lower() == "false"

    def same(key: str) -> bool:
        spelt = key.replace(".", "_") if dots else key
        return spelt == mapped if exact else spelt.lower() == mapped.lower()

    return [key for key in structure if same(key)]


def value_sql(sql: str, structure: Structure, kind: Type, number: int) -> str:
    """Return SQL of a value of type `kind` from JSON; an error where the JSON does not fit."""
    base = kind.base
    if base == "array":
        name = f"j{next(_names)}"
        items = structure[0] if isinstance(structure, list) and structure else "JSON"
        inner = value_sql(name, items, kind.element, number)
        listed = f"from_json({sql}, '[\"JSON\"]')"
        return f"list_transform({listed}, lambda {name}: {inner})"
    if base == "map":
        return _map(sql, structure, kind, number)
    if base == "row":
        return _row(sql, structure, kind, number)
    text = f"json_extract_string({sql}, '$')"
    if base in ("varchar", "char"):
        return fit_text(text, kind)
    return _scalar(text, kind, number)


def _map(sql: str, structure: Structure, kind: Type, number: int) -> str:
    name, key = f"j{next(_names)}", f"j{next(_names)}"
    inner = next(iter(structure.values()), "JSON") if isinstance(structure, dict) else "JSON"
    keys = f"json_keys({sql})"
    path = f"'/' || replace(replace({key}, '~', '~0'), '/', '~1')"
    value = value_sql(f"json_extract({sql}, {path})", inner, kind.value, number)
    named = _scalar(name, kind.key, number) if kind.key.base != "varchar" else name
    return (
        f"CASE WHEN json_type({sql}) = 'OBJECT' THEN map("
        f"list_transform({keys}, lambda {name}: {named}), "
        f"list_transform({keys}, lambda {key}: {value})) END"
    )


def _row(sql: str, structure: Structure, kind: Type, number: int) -> str:
    structure = structure if isinstance(structure, dict) else {}
    parts = []
    for i, field in enumerate(kind.fields):
        spelt = [key for key in structure if key.lower() == (field.name or "").lower()]
        found = []
        for key in spelt:
            inner = f"json_extract({sql}, {quote(pointer(key))})"
            found.append(value_sql(inner, structure[key], field.type, number))
        value = f"COALESCE({', '.join(found)})" if found else "NULL"
        parts.append(f"'f{i}': CAST({value} AS {duckdb_type(field.type)})")
    return f"CASE WHEN json_type({sql}) = 'OBJECT' THEN {{{', '.join(parts)}}} END"


def _scalar(text: str, kind: Type, number: int) -> str:
    base, target = kind.base, duckdb_type(kind)
    if base == "boolean":
        read = f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    elif base in ("tinyint", "smallint", "integer", "bigint"):
        read = (
            f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+') "
            f"THEN TRY_CAST({text} AS {target}) END"
        )
    elif base == "timestamp":
        read = (
            f"date_trunc('milliseconds', CASE WHEN regexp_full_match({text}, '-?[0-9]+') "
            f"THEN epoch_ms(CAST({text} AS BIGINT)) ELSE TRY_CAST({text} AS TIMESTAMP) END)"
        )
    elif base == "varbinary":
        read = f"encode({text})"
    else:
        read = f"TRY_CAST({text} AS {target})"
    message = (
        f"'Error parsing field value ''' || {text} || ''' for field {number}: "
        f"For input string: \"' || {text} || '\"'"
    )
    failed = raise_sql("HIVE_BAD_DATA", message, target)
    return f"CASE WHEN {text} IS NULL THEN NULL ELSE COALESCE({read}, {failed}) END"
