"""Starting, finding and stopping the server process of a directory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from labcloud.ports import DEFAULT_PORT, free_ports
from labcloud.token import PREFIX, TOKEN_HEADER, token_of

START_SECONDS = 60


class LabcloudError(Exception):
    """labcloud could not be started, found or stopped; the message says what to do."""


def default_directory() -> Path:
    """Return where a cloud's state lives: `LABCLOUD_DIR`, else `.labcloud` in the repository."""
    given = os.environ.get("LABCLOUD_DIR")
    return Path(given) if given else Path(__file__).resolve().parents[1] / ".labcloud"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    directory: Path
    port: int
    pid: int

    @property
    def url(self) -> str:
        """The endpoint URL, as `AWS_ENDPOINT_URL` takes it."""
        return f"http://127.0.0.1:{self.port}"

    def control(self, name: str, **asked: str) -> dict[str, Any]:
        """Call one of labcloud's own endpoints.

        Raises LabcloudError with the server's words where it refuses.
        """
        url = f"{self.url}{PREFIX}{name}?{urlencode(asked)}"
        request = urllib.request.Request(url, method="POST", data=b"")
        request.add_header(TOKEN_HEADER, token_of(self.directory))
        try:
            with urllib.request.urlopen(request, timeout=600) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            raise LabcloudError(json.load(error)["message"]) from error
        return answer


def find(directory: Path) -> Running | None:
    """Return the server of a directory if it is up, else None."""
    try:
        told = json.loads((directory / "server.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    running = Running(directory, told["port"], told["pid"])
    return running if _answers(running) else None


def _answers(running: Running) -> bool:
    """Tell whether this very server answers, not another that has its port by now."""
    try:
        with urllib.request.urlopen(f"{running.url}{PREFIX}health", timeout=5) as response:
            return bool(json.load(response)["pid"] == running.pid)
    except (OSError, ValueError, KeyError):
        return False


def up(directory: Path, port: int | None = None) -> Running:
    """Return the directory's server, started if it was not up.

    Without a port it takes 4510 or the next free one. Raises LabcloudError where it cannot start.
    """
    directory = directory.resolve()
    if (running := find(directory)) is not None:
        return running
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for candidate in free_ports(port):
        running = _wait(directory, _launch(directory, candidate))
        if running is not None:
            return running
    raise LabcloudError(
        f"port {DEFAULT_PORT if port is None else port} is taken; give another with --port"
    )


def _launch(directory: Path, port: int) -> int:
    """Start the server as a process of its own and return its id."""
    launched = subprocess.run(
        [sys.executable, "-P", "-m", "labcloud.launch", str(directory), str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=_environment(),
        check=True,
    )
    return int(launched.stdout)


def _environment() -> dict[str, str]:
    """The server's environment: nothing in it may send the server's own calls elsewhere.

    Its many threads share two memory arenas, which keeps a fifth less memory than glibc's eight a
    core.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {"MALLOC_ARENA_MAX": "2", **own}


def _wait(directory: Path, pid: int) -> Running | None:
    """Return the server when it answers; None where another took its port in the meantime."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (running := find(directory)) is not None:
            return running
        if not alive(pid):
            lines = (directory / "start.log").read_text("utf-8", "replace").strip().splitlines()
            why = lines[-1] if lines else "no output"
            if "PortTaken" in why:
                return None
            if "DirectoryTaken" in why:
                raise LabcloudError(f"another labcloud serves {directory}")
            raise LabcloudError(f"labcloud did not start in {directory}: {why}")
        time.sleep(0.02)
    raise LabcloudError(f"labcloud did not answer within {START_SECONDS} s; see {directory}")


def down(directory: Path) -> bool:
    """Stop the directory's server and wait for its end; False if none was up."""
    running = find(directory)
    if running is None:
        return False
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if not alive(running.pid):
            return True
        time.sleep(0.02)
    raise LabcloudError(f"labcloud (process {running.pid}) does not stop; kill it with kill -9")


def alive(pid: int) -> bool:
    """Tell whether a process lives; one that has ended and waits to be reaped does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def reset(directory: Path) -> None:
    """Stop the directory's server if it is up and remove everything it kept."""
    if directory.exists() and not (directory / "token").exists() and any(directory.iterdir()):
        raise LabcloudError(f"{directory} is not a directory of labcloud; nothing was removed")
    down(directory)
    shutil.rmtree(directory, ignore_errors=True)
