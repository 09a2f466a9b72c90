"""Trino's functions: importing this declares them all (see registry.py)."""

from labcloud.trino.functions import (  # noqa: F401
    aggregates,
    arrays,
    binary,
    bing_tiles,
    bitwise,
    conversions,
    datetime,
    datetime_format,
    general,
    geospatial,
    intervals,
    iso8601,
    json,
    maps,
    math,
    regexp,
    set_digests,
    sketches,
    strings,
    timezone,
    url,
    windows,
)
from labcloud.trino.functions import format as _format  # noqa: F401
from labcloud.trino.functions.registry import FUNCTIONS

__all__ = ["FUNCTIONS"]
