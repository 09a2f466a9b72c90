"""OpenCSVSerde: quoted values; every value is text until a column says otherwise.

A line is a row, also within quotes. Numbers that are none are an error here, not NULL; a timestamp
is milliseconds since 1970 and a date is days.
Source: https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from labcloud.engines.athena.tables.lines import lines
from labcloud.engines.athena.tables.scan import Part, Reading, Source
from labcloud.engines.athena.tables.text import character, header_lines
from labcloud.trino.errors import TrinoError, quote, raise_sql
from labcloud.trino.types import VARCHAR, Type, array, duckdb_type

_KNOWN = frozenset(
    (
        *("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"),
        *("varchar", "char", "date", "timestamp"),
    )
)


def read(source: Source) -> Reading:
    """Return how DuckDB reads CSV with quotes. Raises TrinoError for types the SerDe has not."""
    for number in source.used:
        if source.columns[number][1].base not in _KNOWN:
            raise TrinoError(
                "HIVE_UNSUPPORTED_FORMAT",
                f"OpenCSVSerde does not read the type {source.columns[number][1]} of column "
                f"{source.columns[number][0]}",
            )
    columns = {
        number: _value(f"list_extract(fields, {number + 1})", number, source.columns[number][1])
        for number in source.used
    }
    fields = _fields(source)
    parts = []
    for relation, files in lines(source.files, header_lines(source), source.work.spill):
        split = f"(SELECT {fields} AS fields, file_index FROM {relation})"
        parts.append(Part(split if source.used else relation, columns, files))
    return Reading(parts, sum(file.size for file in source.files))


def _fields(source: Source) -> str:
    """Return SQL of a line's values. Lines of the two usual forms are split by DuckDB itself."""
    separator = character(source.serde.get("separatorChar") or ",")
    quotes = character(source.serde.get("quoteChar") or '"')
    escape = character(source.serde.get("escapeChar") or "\\")
    if escape == quotes:
        escape = "\\"  # Hive then lets OpenCSV take its own default
    name = source.work.udf(split_line, [VARCHAR] * 4, array(VARCHAR))
    signs = ", ".join(map(quote, (separator, quotes, escape)))
    plain = f"NOT contains(line, {quote(quotes)}) AND NOT contains(line, {quote(escape)})"
    q, s, e = (re.escape(sign) for sign in (quotes, separator, escape))
    value = f"{q}[^{q}{e}]*{q}"
    between = quote(f"{quotes}{separator}{quotes}")
    return (
        f"CASE WHEN {plain} THEN string_split(line, {quote(separator)}) "
        f"WHEN regexp_full_match(line, {quote(f'{value}(?:{s}{value})*')}) "
        f"THEN string_split(substr(line, 2, length(line) - 2), {between}) "
        f"ELSE {name}(line, {signs}) END"
    )


def split_line(line: str, separator: str, quotes: str, escape: str) -> list[str]:
    """Return a line's values as OpenCSV's parser (2.3) does, character by character.

    Within quotes a doubled quote is a quote, and the escape character is left out before a quote or
    itself. A value whose quotes do not end is lost.
    """
    fields: list[str] = []
    field = ""
    inside = False
    at, end = 0, len(line)
    special = _special(separator, quotes, escape)
    while at < end:
        plain = special.match(line, at)
        if plain is not None:
            field += plain[0]
            at = plain.end()
            continue
        char, after = line[at], line[at + 1 : at + 2]
        if char == escape:
            if inside and after and after in (quotes, escape):
                field += after
                at += 1
        elif char == quotes:
            if inside and after == quotes:
                field += after
                at += 1
            else:
                inside = not inside
                if at > 2 and line[at - 1] != separator and after and after != separator:
                    field = "" if field and field.isspace() else field + char
        elif inside:
            field += char
        else:
            fields.append(field)
            field = ""
        at += 1
    return fields if inside else [*fields, field]


@lru_cache(maxsize=64)
def _special(separator: str, quotes: str, escape: str) -> re.Pattern[str]:
    return re.compile(f"[^{''.join(map(re.escape, (separator, quotes, escape)))}]+")


def _value(sql: str, number: int, kind: Type) -> str:
    """Return SQL of a value; an error like Athena's where the text does not fit the type."""
    base, target = kind.base, duckdb_type(kind)
    if base == "varchar":
        return sql if kind.length is None else f"left({sql}, {kind.length})"
    if base == "char":
        return f"rpad({sql}, {kind.length}, ' ')"
    if base == "boolean":
        good, read = f"lower({sql}) IN ('true', 'false')", f"lower({sql}) = 'true'"
    elif base in ("timestamp", "date"):
        good = f"regexp_full_match({sql}, '-?[0-9]+')"
        read = (
            f"epoch_ms(CAST({sql} AS BIGINT))"
            if base == "timestamp"
            else f"(DATE '1970-01-01' + CAST({sql} AS INTEGER))"
        )
    elif base in ("real", "double", "decimal"):
        good, read = f"TRY_CAST({sql} AS {target}) IS NOT NULL", f"CAST({sql} AS {target})"
    else:
        good, read = f"regexp_full_match({sql}, '[+-]?[0-9]+')", f"CAST({sql} AS {target})"
    message = f"'Error parsing field value ''' || {sql} || ''' for field {number}: '"
    failed = raise_sql(
        "HIVE_BAD_DATA", f"{message} || 'For input string: \"' || {sql} || '\"'", target
    )
    return f"CASE WHEN {sql} IS NULL THEN NULL WHEN {good} THEN {read} ELSE {failed} END"
