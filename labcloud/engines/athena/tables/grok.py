"""Grok SerDe: log lines by a grok pattern; its fields are the columns, in order.

Source: https://docs.aws.amazon.com/athena/latest/ug/grok-serde.html
"""

from __future__ import annotations

from labcloud.engines.athena.tables.regex import read_groups
from labcloud.engines.athena.tables.scan import Reading, Source
from labcloud.grok import GrokError, compile_grok
from labcloud.trino.errors import TrinoError


def read(source: Source) -> Reading:
    """Return how DuckDB reads lines by `input.format`. Raises TrinoError for a bad pattern."""
    pattern = source.serde.get("input.format")
    if pattern is None:
        raise TrinoError("HIVE_INVALID_METADATA", "This table does not have input.format property")
    try:
        grok = compile_grok(pattern, source.serde.get("input.grokCustomPatterns", ""))
    except GrokError as error:
        raise TrinoError("HIVE_INVALID_METADATA", str(error)) from None
    return read_groups(source, f"{grok.pattern}.*")
