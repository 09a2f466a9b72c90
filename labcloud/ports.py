"""A port has one server.

granian listens with SO_REUSEPORT, so two servers of one user can hold the same port, and the kernel
deals connections out between them. So a port is asked for without that option, and a server that
has one holds a lock on its number for as long as it lives.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

DEFAULT_PORT = 4510


class PortTaken(Exception):
    """Another server has the port."""


def free_ports(port: int | None) -> Iterator[int]:
    """Yield the port if it is free; without one, the free ones from 4510 on; for 0, any."""
    for candidate in [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
                probe.listen()
            except OSError:
                continue
            found = int(probe.getsockname()[1])
        yield found


def claim(port: int) -> None:
    """Hold a port's number for this process's life. Raises PortTaken where another has it."""
    folder = Path(tempfile.gettempdir()) / f"labcloud-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    held = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise PortTaken(f"port {port} is taken") from error
    if next(free_ports(port), None) is None:
        raise PortTaken(f"port {port} is taken")
