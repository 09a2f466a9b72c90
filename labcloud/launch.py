"""Starts the server as a process of its own, nobody's child; prints its process id."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(directory: Path, port: int) -> None:
    """Fork the server and return at once. Its output goes to `start.log` in its directory."""
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        return
    os.setsid()
    log = os.open(directory / "start.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for wanted, given in ((0, nothing), (1, log), (2, log)):
        os.dup2(given, wanted)
    from labcloud.server import serve

    serve(directory, port)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
