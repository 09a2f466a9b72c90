"""The manifest of what was built from what, so that nothing is built twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

NAME = ".built.json"


def digest_of(root: Path, paths: Iterable[Path]) -> str:
    """Return one digest over files, their names below `root` and their contents."""
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        name = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
        digest.update(f"{name.as_posix()}\0".encode())
        digest.update(digest_of_file(path).encode())
    return digest.hexdigest()[:16]


def digest_of_file(path: Path) -> str:
    """Return the digest of a file's bytes; "" where it is missing."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@dataclass
class Manifest:
    """Per unit, the digest of its sources and those of the files built from them."""

    path: Path
    units: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Return the manifest kept in a folder; an empty one where there is none to read."""
        path = folder / NAME
        try:
            return cls(path, json.loads(path.read_text("utf-8")))
        except (FileNotFoundError, ValueError):
            return cls(path)

    def save(self) -> None:
        """Write it, in a stable order, so that it changes only where something was built."""
        text = json.dumps(self.units, indent=1, sort_keys=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(text + "\n", "utf-8")
