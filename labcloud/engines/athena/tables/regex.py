"""RegexSerDe: a line's groups are its columns; a line that does not match is a row of NULLs.

Source: https://docs.aws.amazon.com/athena/latest/ug/regex-serde.html
"""

from __future__ import annotations

from functools import lru_cache

import regex  # type: ignore[import-untyped]

from labcloud.engines.athena.tables.lines import lines
from labcloud.engines.athena.tables.scan import Part, Reading, Source
from labcloud.engines.athena.tables.text import Rules, from_text, header_lines
from labcloud.trino.errors import TrinoError, quote, udf_error
from labcloud.trino.types import VARCHAR, array


def read(source: Source) -> Reading:
    """Return how DuckDB reads lines by `input.regex`. Raises TrinoError for a bad pattern."""
    pattern = source.serde.get("input.regex")
    if pattern is None:
        raise TrinoError(
            "HIVE_INVALID_METADATA", "This table does not have serde property input.regex!"
        )
    if source.serde.get("input.regex.case.insensitive", "").lower() == "true":
        pattern = f"(?i){pattern}"
    groups = _groups(pattern)
    if groups < len(source.columns):
        raise TrinoError(
            "HIVE_CURSOR_ERROR",
            f"Number of matching groups doesn't match the number of columns: {groups} groups, "
            f"{len(source.columns)} columns",
        )
    return read_groups(source, pattern)


def read_groups(source: Source, pattern: str) -> Reading:
    """Return how DuckDB reads lines by a regular expression with a group for each column."""
    rules = Rules(list("\x01\x02\x03\x04\x05\x06\x07\x08"), "\x01")
    name = source.work.udf(match_groups, [VARCHAR, VARCHAR], array(VARCHAR))
    parts = []
    for relation, files in lines(source.files, header_lines(source), source.work.spill):
        matched = f"(SELECT {name}(line, {quote(pattern)}) AS fields, file_index FROM {relation})"
        columns = {
            number: from_text(
                f"list_extract(fields, {number + 1})",
                source.columns[number][1],
                rules,
                1,
            )
            for number in source.used
        }
        parts.append(Part(matched if source.used else relation, columns, files))
    return Reading(parts, sum(file.size for file in source.files))


@lru_cache(maxsize=64)
def _pattern(text: str) -> regex.Pattern[str]:
    # Java's syntax; a group's name is written alike, possessive quantifiers, too.
    return regex.compile(text, regex.V0)


def _groups(text: str) -> int:
    try:
        return int(_pattern(text).groups)
    except regex.error as error:
        raise TrinoError("HIVE_INVALID_METADATA", f"input.regex is no pattern: {error}") from None


def match_groups(line: str, pattern: str) -> list[str | None]:
    """Return the groups of a pattern that matches the whole line; nothing where it does not."""
    try:
        match = _pattern(pattern).fullmatch(line, timeout=10)
    except TimeoutError:
        raise udf_error("HIVE_CURSOR_ERROR", "input.regex takes too long on a line") from None
    return list(match.groups()) if match else []
