"""Files that are whole at every moment: written beside, then renamed."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: Path, data: bytes, *, sync: bool = False) -> None:
    """Put `data` in place of a file's content; a kill at any moment leaves the old or the new.

    `sync` also forces it to the disk before it takes its place.
    """
    beside = file.with_suffix(".new")
    with beside.open("wb") as new:
        new.write(data)
        if sync:
            new.flush()
            os.fsync(new.fileno())
    os.replace(beside, file)
