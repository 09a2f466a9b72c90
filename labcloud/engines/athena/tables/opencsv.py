"""OpenCSVSerde: quoted values; every value is text until a column says otherwise.

Numbers that are none are an error here, not NULL; a timestamp is milliseconds since 1970 and a
date is days. Source: https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
"""

from __future__ import annotations

from labcloud.engines.athena.tables.lines import by_compression, plain_paths
from labcloud.engines.athena.tables.scan import Part, Reading, Source
from labcloud.engines.athena.tables.text import character, header_lines
from labcloud.trino.errors import TrinoError, quote, raise_sql
from labcloud.trino.types import Type, duckdb_type

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
        number: _value(f"v{number}", number, source.columns[number][1]) for number in source.used
    }
    parts = []
    for compression, files in by_compression(source.files).items():
        paths, native = plain_paths(files, compression, source.work.spill)
        parts.append(Part(_relation(source, paths, native), columns, files))
    return Reading(parts, sum(file.size for file in source.files))


def _relation(source: Source, paths: list[str], compression: str) -> str:
    serde = source.serde
    named = ", ".join(f"'v{n}': 'VARCHAR'" for n in range(len(source.columns)))
    options = ", ".join(
        (
            "header=false, auto_detect=false, strict_mode=false, null_padding=true",
            f"delim={quote(character(serde.get('separatorChar') or ','))}",
            f"quote={quote(character(serde.get('quoteChar') or chr(34)))}",
            f"escape={quote(character(serde.get('escapeChar') or chr(92)))}",
            "nullstr='\x01\x02', parallel=false, max_line_size=16777216",
            f"skip={header_lines(source)}, compression='{compression}', columns={{{named}}}",
        )
    )
    return f"read_csv([{', '.join(quote(path) for path in paths)}], {options})"


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
