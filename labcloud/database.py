"""One SQLite database of an engine: one connection writes, readers have connections of their own.

A committed change is on disk in the sense that a killed server does not lose it (write-ahead log,
`synchronous=NORMAL`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Database:
    """A database file, made with `schema` where it is new."""

    def __init__(self, file: Path, schema: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._lock = threading.Lock()
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.executescript(schema)
        self._readers: list[sqlite3.Connection] = []

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file, timeout=60, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-4000")
        return connection

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Make a change: commit it at the end, or roll it back where an exception leaves it."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Ask questions on a connection of one's own, all of them about the same moment."""
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self._connect()
        reader.execute("BEGIN")
        try:
            yield reader
        finally:
            reader.execute("COMMIT")
            self._readers.append(reader)

    def close(self) -> None:
        """Close every connection; what was committed is in the file."""
        with self._lock:
            for reader in self._readers:
                reader.close()
            self._readers.clear()
            self._writer.close()
