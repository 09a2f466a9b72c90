"""A real labcloud for the tests: in a directory of its own, on a free port."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from labcloud.process import LabcloudError, Running, alive, down, up


def up_below_ephemeral_ports(directory: Path) -> Running:
    """Start a server on a port that no outgoing connection takes while the server is down."""
    for _ in range(20):
        try:
            return up(directory, port=random.randrange(20_000, 32_000))
        except LabcloudError as error:
            if "is taken" not in str(error):
                raise
    raise AssertionError("twenty ports between 20000 and 32000 are taken")


class LabcloudServer:
    """A server that a test may kill and start again on the same directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.running: Running = up_below_ephemeral_ports(directory)

    @property
    def url(self) -> str:
        return self.running.url

    def kill(self) -> None:
        """kill -9, as a power button does."""
        os.kill(self.running.pid, signal.SIGKILL)
        while alive(self.running.pid):
            time.sleep(0.001)

    def restart(self) -> None:
        self.running = up(self.directory, port=self.running.port)

    def down(self) -> None:
        down(self.directory)

    def session(self) -> boto3.Session:
        return session_at(self.url)


class _Session(boto3.Session):
    """A boto3 session whose clients reach one endpoint, whatever the environment says."""

    endpoint = ""

    def client(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        kwargs.setdefault("endpoint_url", self.endpoint)
        kwargs.setdefault("config", Config(retries={"max_attempts": 0}))
        return super().client(*args, **kwargs)  # type: ignore[call-overload]

    def resource(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        kwargs.setdefault("endpoint_url", self.endpoint)
        return super().resource(*args, **kwargs)  # type: ignore[call-overload]


def session_at(url: str) -> boto3.Session:
    session = _Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    )
    session.endpoint = url
    return session


@pytest.fixture(scope="session")
def labcloud_factory(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], LabcloudServer]]:
    made: list[LabcloudServer] = []

    def make() -> LabcloudServer:
        made.append(LabcloudServer(tmp_path_factory.mktemp("cloud")))
        return made[-1]

    yield make
    for server in made:
        server.down()


@pytest.fixture
def labcloud_server(labcloud_factory: Callable[[], LabcloudServer]) -> Iterator[LabcloudServer]:
    """A labcloud of the test's own."""
    server = labcloud_factory()
    yield server
    server.down()


@pytest.fixture(scope="module")
def cloud(labcloud_factory: Callable[[], LabcloudServer]) -> Iterator[LabcloudServer]:
    """A labcloud that a module's tests share."""
    server = labcloud_factory()
    yield server
    server.down()


@pytest.fixture(scope="module")
def aws(cloud: LabcloudServer) -> boto3.Session:
    """A boto3 session on the module's labcloud."""
    return cloud.session()


@pytest.fixture
def run_labcloud(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the `labcloud` command on a directory of the test's own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "labcloud.cli", *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, "LABCLOUD_DIR": str(tmp_path / "cloud")},
            timeout=120,
        )

    yield run
    down(tmp_path / "cloud")
