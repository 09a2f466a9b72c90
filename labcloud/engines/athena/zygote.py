"""The process that workers are forked from: it has imported what they need and holds no thread.

It is told over a socket: each message brings a worker's end of its pipe, and the answer is the
worker's process id. It ends when the server does.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import sys
import traceback
from importlib import import_module
from multiprocessing.connection import Connection

PID = struct.Struct("!i")


def main() -> None:
    """Fork a worker for each message; ends with the socket."""
    import_module("pyarrow.parquet")

    from labcloud.engines.athena import worker
    from labcloud.engines.athena.sandbox import Settings

    settings = Settings(*sys.argv[2:4])
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        warm()
    except Exception:
        traceback.print_exc()
    gc.collect()
    gc.freeze()
    while True:
        message, handles, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            os._exit(0)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            worker.main(Connection(handles[0]), settings)
        os.close(handles[0])
        control.sendall(PID.pack(child))


def warm() -> None:
    """Compile a query, so that no worker is the first to."""
    from labcloud.trino import parser, tree
    from labcloud.trino.analyzer import compile_query
    from labcloud.trino.catalog import MemoryCatalog
    from labcloud.trino.session import Session

    node = parser.parse("SELECT count(*) + 1 AS n FROM (VALUES ('a', 1.5)) AS t (a, b) WHERE b > 1")
    assert isinstance(node, tree.Query)
    compile_query(node, MemoryCatalog(), Session())


if __name__ == "__main__":
    main()
