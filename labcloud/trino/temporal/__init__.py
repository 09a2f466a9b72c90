"""Dates, times, timestamps and intervals in expressions.

How DuckDB holds them is told by `types.duckdb_type`; their texts are read and counted in `clock`
and `zones`, and written in `render`.
"""

from labcloud.trino.temporal.casts import cast, local, text_sql, to_instant_sql
from labcloud.trino.temporal.context import BASES, INTERVALS, STAMPS, TIMES, Context
from labcloud.trino.temporal.literals import interval, literal, now
from labcloud.trino.temporal.operators import EXTRACT, arithmetic, check_extract, compare_key
from labcloud.trino.temporal.zoning import at_time_zone, offset_zone, zone_sql

__all__ = [
    "BASES",
    "EXTRACT",
    "INTERVALS",
    "STAMPS",
    "TIMES",
    "Context",
    "arithmetic",
    "at_time_zone",
    "cast",
    "check_extract",
    "compare_key",
    "interval",
    "literal",
    "local",
    "now",
    "offset_zone",
    "text_sql",
    "to_instant_sql",
    "zone_sql",
]
