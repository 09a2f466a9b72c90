"""A worker's DuckDB: it reads S3's bodies and its own spill directory, and nothing else.

External access is off, extensions are neither installed nor loaded, and the settings are locked
before any query runs. Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from labcloud.trino.errors import quote

_CGROUP = Path("/sys/fs/cgroup/memory.max")
_SHARE = 0.4
"""The part of the computer's memory that DuckDB may use for one query."""

_SLACK = 4 * 1024**3
"""Address space beyond that: libraries, threads' stacks, what Python holds."""

_LEAST = 512 * 1024**2


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server tells a worker: directories to read and to write."""

    bodies: str
    spill: str


def available_memory() -> int:
    """Return the computer's memory in bytes, or what a container allows."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        return min(pages, int(_CGROUP.read_text()))
    return pages


def confine(limit: int, room: int) -> None:
    """Bind this process: its address space, the size of a file, no core dumps.

    It is also the first to go when the computer's memory runs out.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit + _SLACK, limit + _SLACK))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def memory_limit() -> int:
    """Return how many bytes DuckDB may use for one query."""
    return max(_LEAST, int(available_memory() * _SHARE))


def room(directory: str) -> int:
    """Return how many bytes a query may put on disk: half of what is free."""
    return shutil.disk_usage(directory).free // 2


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Return a connection to a database in memory that cannot reach beyond its directories."""
    spill = settings.spill
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_unsigned_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
            "temp_directory": f"{spill}/temp",
            "max_temp_directory_size": f"{room(spill)}B",
            "memory_limit": f"{memory_limit()}B",
        }
    )
    allowed = ", ".join(quote(f"{directory}/") for directory in (settings.bodies, spill))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")  # bodies never change
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
