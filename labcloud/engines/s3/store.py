"""What S3 knows about objects: one SQLite database, and the bodies beside it.

A committed transaction is on disk in the sense that a killed server does not lose it (write-ahead
log, `synchronous=NORMAL`). One connection writes, behind a lock; readers take a connection of their
own from a pool and are never held up. Keys are BLOBs, so SQLite's order is S3's: UTF-8 bytes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labcloud.engines.s3.bodies import Bodies

SCHEMA = """
CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    version TEXT NOT NULL,
    latest INTEGER NOT NULL,
    marker INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    since INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    class TEXT NOT NULL,
    body TEXT NOT NULL,
    meta TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, id DESC);
CREATE UNIQUE INDEX IF NOT EXISTS versions_latest ON versions (bucket, key) WHERE latest = 1;
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    initiated INTEGER NOT NULL,
    meta TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, initiated, id);
CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum TEXT NOT NULL,
    body TEXT NOT NULL,
    start INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, event TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

COLUMNS = "id, bucket, key, version, latest, marker, modified, since, size, etag, class, body, meta"

encode = json.JSONEncoder(separators=(",", ":")).encode

NULL = "null"
"""The version id of what was written while versioning was off or suspended."""


@dataclass(slots=True)
class Version:
    """One version of an object, or a delete marker. Times are milliseconds since 1970."""

    bucket: str
    key: bytes
    version: str = NULL
    marker: bool = False
    modified: int = 0
    size: int = 0
    etag: str = ""
    storage_class: str = "STANDARD"
    body: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    latest: bool = True
    since: int = 0
    """When it stopped to be the latest; 0 while it is."""
    id: int = 0

    @property
    def name(self) -> str:
        """The key as text."""
        return self.key.decode()


def version_of(row: tuple[Any, ...]) -> Version:
    """Return the version that a row of `COLUMNS` holds."""
    (id_, bucket, key, version, latest, marker, modified, since, size, etag, class_, body, meta) = (
        row
    )
    return Version(
        bucket, key, version, bool(marker), modified, size, etag, class_, body,
        json.loads(meta), bool(latest), since, id_,
    )  # fmt: skip


@dataclass(slots=True)
class Part:
    """One part of a multipart upload: `size` bytes of a body from `start` on."""

    number: int
    modified: int
    size: int
    etag: str
    checksum: str
    body: str
    start: int


@dataclass(slots=True)
class Upload:
    """A multipart upload under way."""

    id: str
    bucket: str
    key: bytes
    initiated: int
    meta: dict[str, Any]

    @property
    def name(self) -> str:
        """The key as text."""
        return self.key.decode()


class Reader:
    """The questions asked of the database, on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def latest(self, bucket: str, key: bytes) -> Version | None:
        """Return the current version or delete marker of a key."""
        row = self.connection.execute(
            f"SELECT {COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND latest = 1",
            (bucket, key),
        ).fetchone()
        return version_of(row) if row else None

    def version(self, bucket: str, key: bytes, version: str) -> Version | None:
        """Return one version of a key."""
        row = self.connection.execute(
            f"SELECT {COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND version = ?",
            (bucket, key, version),
        ).fetchone()
        return version_of(row) if row else None

    def by_id(self, id_: int) -> Version | None:
        """Return the version of a row."""
        row = self.connection.execute(
            f"SELECT {COLUMNS} FROM versions WHERE id = ?", (id_,)
        ).fetchone()
        return version_of(row) if row else None

    def upload(self, upload_id: str) -> Upload | None:
        """Return a multipart upload."""
        row = self.connection.execute(
            "SELECT id, bucket, key, initiated, meta FROM uploads WHERE id = ?", (upload_id,)
        ).fetchone()
        if row is None:
            return None
        id_, bucket, key, initiated, meta = row
        return Upload(id_, bucket, key, initiated, json.loads(meta))

    def parts(self, upload_id: str, after: int = 0, limit: int = -1) -> list[Part]:
        """Return an upload's parts by number."""
        rows = self.connection.execute(
            "SELECT number, modified, size, etag, checksum, body, start FROM parts "
            "WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
            (upload_id, after, limit),
        )
        return [Part(*row) for row in rows]

    def holds_objects(self, bucket: str) -> bool:
        """Tell whether a bucket has any version or delete marker."""
        row = self.connection.execute(
            "SELECT 1 FROM versions WHERE bucket = ? LIMIT 1", (bucket,)
        ).fetchone()
        return row is not None

    def note(self, name: str) -> Any:
        """Return a small value kept by `keep_note`, or None."""
        row = self.connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None


class Change(Reader):
    """A transaction under way: all of it is committed, or none."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.unwanted: list[tuple[str, int]] = []
        """Bodies without a row once this is committed, and their sizes."""
        self.outbox = 0

    def put(self, new: Version, versioning: str | None, now: int) -> None:
        """Make a version the latest of its key, in a bucket of this versioning status."""
        old = self.latest(new.bucket, new.key)
        if old is not None:
            self._make_room(new, old, versioning, now)
        new.id = self._insert(new)

    def _make_room(self, new: Version, old: Version, versioning: str | None, now: int) -> None:
        if versioning != "Enabled":
            null = old if old.version == NULL else self.version(new.bucket, new.key, NULL)
            if null is not None:
                self._drop(null)
        if versioning == "Enabled" or old.version != NULL:
            self.connection.execute(
                "UPDATE versions SET latest = 0, since = ? WHERE id = ?", (now, old.id)
            )

    def _insert(self, new: Version) -> int:
        cursor = self.connection.execute(
            "INSERT INTO versions (bucket, key, version, latest, marker, modified, since, size, "
            "etag, class, body, meta) VALUES (?, ?, ?, 1, ?, ?, 0, ?, ?, ?, ?, ?)",
            (
                new.bucket, new.key, new.version, new.marker, new.modified, new.size, new.etag,
                new.storage_class, new.body, encode(new.meta),
            ),
        )  # fmt: skip
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _drop(self, version: Version) -> None:
        self.connection.execute("DELETE FROM versions WHERE id = ?", (version.id,))
        if version.body:
            self.unwanted.append((version.body, version.size))

    def remove(self, version: Version) -> None:
        """Delete one version for good; the newest of the others becomes the latest."""
        self._drop(version)
        if version.latest:
            self.connection.execute(
                "UPDATE versions SET latest = 1, since = 0 WHERE id = (SELECT id FROM versions "
                "WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1)",
                (version.bucket, version.key),
            )

    def update(self, version: Version) -> None:
        """Keep what was changed of a version's class and metadata."""
        self.connection.execute(
            "UPDATE versions SET class = ?, meta = ? WHERE id = ?",
            (version.storage_class, encode(version.meta), version.id),
        )

    def put_upload(self, upload: Upload) -> None:
        """Begin a multipart upload."""
        self.connection.execute(
            "INSERT INTO uploads (id, bucket, key, initiated, meta) VALUES (?, ?, ?, ?, ?)",
            (upload.id, upload.bucket, upload.key, upload.initiated, json.dumps(upload.meta)),
        )

    def put_part(self, upload_id: str, part: Part) -> None:
        """Add a part to an upload, in place of an older one of that number."""
        rows = self.connection.execute(
            "DELETE FROM parts WHERE upload = ? AND number = ? RETURNING body, size",
            (upload_id, part.number),
        ).fetchall()
        self.connection.execute(
            "INSERT INTO parts (upload, number, modified, size, etag, checksum, body, start) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                upload_id, part.number, part.modified, part.size, part.etag, part.checksum,
                part.body, part.start,
            ),
        )  # fmt: skip
        self._unneeded(rows, upload_id)

    def remove_upload(self, upload_id: str, keep: str = "") -> None:
        """Forget an upload and its parts; the body `keep` has become an object's."""
        self.connection.execute("DELETE FROM uploads WHERE id = ?", (upload_id,))
        rows = self.connection.execute(
            "DELETE FROM parts WHERE upload = ? RETURNING body, size", (upload_id,)
        ).fetchall()
        self._unneeded([row for row in rows if row[0] != keep], upload_id)

    def _unneeded(self, rows: list[tuple[str, int]], upload_id: str) -> None:
        sizes: dict[str, int] = {}
        for body, size in rows:
            sizes[body] = sizes.get(body, 0) + size
        for body, size in sizes.items():
            if body and not self._is_part(body, upload_id):
                self.unwanted.append((body, size))

    def _is_part(self, body: str, upload_id: str) -> bool:
        row = self.connection.execute(
            "SELECT 1 FROM parts WHERE upload = ? AND body = ? LIMIT 1", (upload_id, body)
        ).fetchone()
        return row is not None

    def post(self, event: dict[str, Any]) -> None:
        """Leave an event to be delivered after the commit."""
        self.connection.execute("INSERT INTO outbox (event) VALUES (?)", (json.dumps(event),))
        self.outbox += 1

    def keep_note(self, name: str, value: Any) -> None:
        """Keep a small value under a name."""
        self.connection.execute(
            "INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, json.dumps(value))
        )


class Store:
    """The database and the bodies under one directory."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = directory / "objects.sqlite"
        self._lock = threading.Lock()
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA wal_autocheckpoint=4000")
        self._writer.executescript(SCHEMA)
        self._readers: list[Reader] = []
        with self.change() as change:
            generation = (change.note("generation") or 0) + 1
            change.keep_note("generation", generation)
        self.bodies = Bodies(directory / "bodies", generation)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file, timeout=60, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA cache_size=-2000")
        return connection

    @contextmanager
    def change(self) -> Iterator[Change]:
        """Make a change: commit it at the end, or roll it back where an exception leaves it."""
        with self._lock:
            connection = self._writer
            change = Change(connection)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield change
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        for body, size in change.unwanted:
            self.bodies.discard(body, size)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Ask questions on a connection of one's own."""
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = Reader(self._connect())
        try:
            yield reader
        finally:
            self._readers.append(reader)

    def sweep(self) -> int:
        """Remove the bodies that a killed server left without a row; return how many."""
        with self.read() as reader:
            orphans = self.bodies.of_generations(reader.note("swept") or 0)
            for table in ("versions", "parts"):
                for (body,) in reader.connection.execute(f"SELECT body FROM {table}"):
                    orphans.discard(body)
        for body in orphans:
            self.bodies.remove(body)
        with self.change() as change:
            change.keep_note("swept", self.bodies.generation - 1)
        return len(orphans)

    def usage(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return bytes and objects by bucket and storage class, all versions and parts counted."""
        usage: dict[str, dict[str, dict[str, int]]] = {}
        with self.read() as reader:
            rows = reader.connection.execute(
                "SELECT bucket, class, SUM(size), COUNT(*) FROM versions WHERE marker = 0 "
                "GROUP BY bucket, class UNION ALL "
                "SELECT u.bucket, 'STANDARD', SUM(p.size), 0 FROM parts p "
                "JOIN uploads u ON u.id = p.upload GROUP BY u.bucket"
            ).fetchall()
        for bucket, class_, size, count in rows:
            line = usage.setdefault(bucket, {}).setdefault(class_, {"bytes": 0, "objects": 0})
            line["bytes"] += size
            line["objects"] += count
        return usage

    def close(self) -> None:
        """Close the database; what was committed is in it."""
        self.bodies.collect(everything=True)
        with self._lock:
            for reader in self._readers:
                reader.connection.close()
            self._readers.clear()
            self._writer.close()
