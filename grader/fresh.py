"""A cloud of its own for one run: a labcloud in a temporary directory, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FreshCloud:
    """An empty labcloud that is up."""

    url: str
    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a process, or a kernel, reaches this cloud and no other."""
        return {"LAB_TARGET": "local", "LABCLOUD_DIR": str(self.directory)}


@contextlib.contextmanager
def fresh_cloud() -> Iterator[FreshCloud]:
    """Start an empty labcloud on a free port; stop and remove it at the end."""
    from labcloud.process import down, up

    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as name:
        directory = Path(name).resolve() / "labcloud"
        running = up(directory, port=0)
        try:
            yield FreshCloud(running.url, directory)
        finally:
            down(directory)


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables; put the whole environment back at the end."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
