"""A port has one server, and so has a directory.

granian listens with SO_REUSEPORT, so two servers of one user can hold the same port, and the kernel
deals connections out between them. So a port is asked for without that option, and a server that
has one holds a lock on its number for as long as it lives.

A process that was killed may take some milliseconds to let go, so whoever finds a lock or a port
taken looks again for a while.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

DEFAULT_PORT = 4510
PATIENCE = 2.0
"""Seconds to wait for a process that is just ending."""


class PortTaken(Exception):
    """Another server has the port."""


def free_ports(port: int | None) -> Iterator[int]:
    """Yield the port if it is free; without one, the free ones from 4510 on; for 0, any."""
    if port is None:
        yield from filter(_is_free, range(DEFAULT_PORT, DEFAULT_PORT + 200))
    elif port == 0:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            found = int(probe.getsockname()[1])
        yield found
    elif _patiently(lambda: _is_free(port)):
        yield port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
    return True


def claim(port: int) -> None:
    """Hold a port's number for this process's life. Raises PortTaken where another has it."""
    folder = Path(tempfile.gettempdir()) / f"labcloud-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if not hold(folder / str(port)) or not _patiently(lambda: _is_free(port)):
        raise PortTaken(f"port {port} is taken")


def hold(file: Path) -> bool:
    """Lock a file for this process's life; False where another process has it."""
    held = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)

    def lock() -> bool:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    if _patiently(lock):
        return True
    os.close(held)
    return False


def _patiently(attempt: Callable[[], bool]) -> bool:
    """Try until it succeeds or patience ends; return whether it did."""
    deadline = time.monotonic() + PATIENCE
    while not attempt():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
