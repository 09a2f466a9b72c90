"""Objects' bytes: one plain file each, named by a number that is never used again.

A body is written whole, then the row that names it is committed: that row is what makes it exist. A
body without a row (the server was killed in between) is swept at the next start, which is told
apart by the generation in its name. A key is never part of a path.

A body that is no longer wanted is unlinked a minute later, so that a reader who was given its path
just before still finds it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from labcloud.http import BLOCK

GRACE = 60.0
"""Seconds between a body's last row and its end."""

GRACE_BYTES = 2 * 1024**3
"""More than this waits for nobody: the oldest go first."""

_SHARDS = 256


class Bodies:
    """The folder of bodies. `generation` is a number that grows with each start."""

    def __init__(self, directory: Path, generation: int) -> None:
        self._directory = str(directory)
        self.generation = generation
        self._numbers = itertools.count(1)
        self._leaving: deque[tuple[float, str, int]] = deque()
        self._leaving_bytes = 0
        self._guard = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)
        self._made = {entry.name for entry in os.scandir(directory)}

    def new(self) -> str:
        """Return the name for a body to be written."""
        number = next(self._numbers)
        shard = f"{number % _SHARDS:02x}"
        if shard not in self._made:
            os.makedirs(os.path.join(self._directory, shard), exist_ok=True)
            self._made.add(shard)
        return f"{shard}/{self.generation:x}-{number:x}"

    def path(self, name: str) -> str:
        """Return where a body is on disk."""
        return f"{self._directory}/{name}"

    def create(self, name: str) -> int:
        """Open a new body to write and return its file descriptor."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        return os.open(self.path(name), flags, 0o644)

    def link(self, name: str) -> str:
        """Return a second body with the same bytes, without a copy where the disk can do that."""
        copy = self.new()
        try:
            os.link(self.path(name), self.path(copy))
        except OSError:
            target = self.create(copy)
            try:
                self.append(target, name, 0, os.path.getsize(self.path(name)))
            finally:
                os.close(target)
        return copy

    def append(
        self, target: int, name: str, start: int, length: int, at: int | None = None
    ) -> None:
        """Copy a slice of a body to an open file, in the kernel; to `at`, or where it stands."""
        source = os.open(self.path(name), os.O_RDONLY | os.O_CLOEXEC)
        try:
            while length > 0:
                done = os.copy_file_range(source, target, length, start, at)
                if done == 0:
                    raise OSError(f"body {name} ends {length} bytes early")
                start += done
                length -= done
                at = None if at is None else at + done
        finally:
            os.close(source)

    def read(self, name: str, start: int, length: int) -> Iterator[bytes]:
        """Yield a slice of a body in blocks."""
        with open(self.path(name), "rb", buffering=0) as file:
            file.seek(start)
            while length > 0 and (block := file.read(min(BLOCK, length))):
                length -= len(block)
                yield block

    def discard(self, name: str, size: int = 0) -> None:
        """Let a body go, a little later."""
        if not name:
            return
        with self._guard:
            self._leaving.append((monotonic() + GRACE, name, size))
            self._leaving_bytes += size
        if self._leaving_bytes > GRACE_BYTES:
            self.collect()

    def remove(self, name: str) -> None:
        """Remove a body that no row ever named."""
        if name:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path(name))

    def collect(self, everything: bool = False) -> None:
        """Unlink the discarded bodies whose time has come."""
        while True:
            with self._guard:
                if not self._leaving:
                    return
                due, name, size = self._leaving[0]
                crowded = self._leaving_bytes > GRACE_BYTES
                if due > monotonic() and not crowded and not everything:
                    return
                self._leaving.popleft()
                self._leaving_bytes -= size
            self.remove(name)

    def of_generations(self, after: int) -> set[str]:
        """Return the bodies on disk of generations after one and before this."""
        found = set()
        for shard in sorted(self._made):
            with os.scandir(os.path.join(self._directory, shard)) as entries:
                for entry in entries:
                    generation = int(entry.name.partition("-")[0], 16)
                    if after < generation < self.generation:
                        found.add(f"{shard}/{entry.name}")
        return found
