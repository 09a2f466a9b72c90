"""Where the parts of a multipart upload are written, so that completing it copies nothing.

Clients send equal parts, and a shorter last one, in any order. The first part to come fixes the
unit; part n is then written at (n - 1) units into one file that is the finished object if all
parts fit. A part that does not (longer, sent again, of unknown length) gets a file of its own and
is copied into place at the end, in the kernel.
"""

from __future__ import annotations

import os
import threading

from labcloud.engines.s3.bodies import Bodies

MIN_PART = 5 * 1024**2


class _Upload:
    def __init__(self, body: str, unit: int) -> None:
        self.body = body
        self.unit = unit
        self.taken: set[int] = set()


class Slots:
    """The shared files of the uploads under way; after a restart, uploads go on without."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._uploads: dict[str, _Upload] = {}
        self._guard = threading.Lock()

    def target(self, upload_id: str, number: int, size: int | None, known: bool) -> PartTarget:
        """Return where a part of this size goes; `known` tells that the number was used before."""
        with self._guard:
            upload = self._uploads.get(upload_id)
            if upload is None and not known and size is not None and size >= MIN_PART:
                upload = self._uploads[upload_id] = _Upload(self._bodies.new(), size)
            fits = (
                upload is not None
                and not known
                and size is not None
                and 0 < size <= upload.unit
                and number not in upload.taken
            )
            if upload is None or not fits:
                return PartTarget(self._bodies)
            upload.taken.add(number)
            return PartTarget(self._bodies, upload.body, (number - 1) * upload.unit, self)

    def release(self, body: str, offset: int) -> None:
        """Free a slot whose part did not come in whole."""
        with self._guard:
            for upload in self._uploads.values():
                if upload.body == body:
                    upload.taken.discard(offset // upload.unit + 1)

    def forget(self, upload_id: str) -> str:
        """End an upload and return its shared file, or ""."""
        with self._guard:
            upload = self._uploads.pop(upload_id, None)
            return upload.body if upload else ""


class PartTarget:
    """An open file and the place in it for one part."""

    def __init__(
        self, bodies: Bodies, name: str = "", offset: int = 0, slots: Slots | None = None
    ) -> None:
        self._bodies = bodies
        self._slots = slots
        self._file: int | None = None
        self.name = name
        self.offset = offset

    def open(self) -> int:
        """Return the file to write to, made at the first call."""
        if self._file is None:
            self.name = self.name or self._bodies.new()
            self._file = self._bodies.create(self.name)
        return self._file

    def __enter__(self) -> PartTarget:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)
        if kind is None:
            return
        if self._slots is not None:
            self._slots.release(self.name, self.offset)
        else:
            self._bodies.remove(self.name)
