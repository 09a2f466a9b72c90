"""The `labcloud` command, as a student types it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from labcloud.ports import free_ports
from labcloud.process import down, find, up

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_up_status_down(run_labcloud: Run) -> None:
    assert run_labcloud("status").returncode == 3
    started = run_labcloud("up", "--port", "0")
    url = started.stdout.splitlines()[-1]
    assert url.startswith("http://127.0.0.1:"), started.stderr
    assert run_labcloud("up").stdout.splitlines()[-1] == url
    assert url in run_labcloud("status").stdout
    assert run_labcloud("down").stdout == "labcloud is down\n"
    assert run_labcloud("down").stdout == "labcloud was not up\n"


def test_in_the_foreground_the_url_comes_when_it_answers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "labcloud.cli", "up", "--foreground", "--port", "0"]
    with subprocess.Popen(
        [*command, "--dir", str(tmp_path / "cloud")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/_labcloud/health").json()["pid"] == process.pid
        process.terminate()
        assert process.wait(30) == 0


def test_several_directories_side_by_side(labcloud_factory: Any) -> None:
    one, two = labcloud_factory(), labcloud_factory()
    one.session().client("sqs").create_queue(QueueName="only-here")
    assert "QueueUrls" not in two.session().client("sqs").list_queues()


def test_a_taken_port_is_named(run_labcloud: Run, cloud: Any) -> None:
    refused = run_labcloud("up", "--port", str(cloud.running.port))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"labcloud: port {cloud.running.port} is taken; give another with --port\n"
    )


def test_two_that_start_at_once_never_share_a_port(tmp_path: Path) -> None:
    """granian's SO_REUSEPORT would let them, and each would get half of the other's requests."""
    port = next(free_ports(0))
    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(up, tmp_path / str(number), port) for number in range(4)]
    servers = [one.result() for one in tries if one.exception() is None]
    refusals = [str(one.exception()) for one in tries if one.exception() is not None]
    for server in servers:
        down(server.directory)
    assert len(servers) == 1
    assert all(f"port {port} is taken" in refusal for refusal in refusals)


def test_after_a_crash_another_cloud_may_have_the_port(labcloud_factory: Any) -> None:
    crashed = labcloud_factory()
    crashed.kill()
    other = up(crashed.directory.parent / "other", port=crashed.running.port)
    assert other.port == crashed.running.port
    assert find(crashed.directory) is None
    down(other.directory)


def test_two_servers_never_share_a_directory(cloud: Any) -> None:
    second = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; "
            "from labcloud.server import serve; serve(Path(sys.argv[1]), 0)",
            str(cloud.directory),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "DirectoryTaken" in second.stderr


def test_reset_removes_what_it_kept_and_nothing_else(run_labcloud: Run, tmp_path: Path) -> None:
    run_labcloud("up", "--port", "0")
    assert run_labcloud("reset").returncode == 0
    assert not (tmp_path / "cloud").exists()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").write_text("months of work")
    refused = run_labcloud("reset", "--dir", str(tmp_path / "thesis"))
    assert refused.returncode == 1
    assert (tmp_path / "thesis" / "chapter").exists()


def test_clock_and_bill(run_labcloud: Run) -> None:
    assert run_labcloud("clock").stderr.endswith("`labcloud up` starts it\n")
    run_labcloud("up", "--port", "0")
    assert "7200 s ahead" in run_labcloud("clock", "--advance", "2h").stdout
    assert run_labcloud("clock", "--advance", "soon").returncode == 1
    assert run_labcloud("bill").returncode == 0


def test_coverage_lists_services_and_operations(run_labcloud: Run) -> None:
    assert "athena" in run_labcloud("coverage").stdout
    lines = run_labcloud("coverage", "athena").stdout.splitlines()
    found = dict(line.split() for line in lines if len(line.split()) == 2)
    assert found["StartQueryExecution"] == "executed"
    assert found["StartCalculationExecution"] == "absent"
    assert "quantum" in run_labcloud("coverage", "quantum").stderr


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_PROFILE"])
def test_the_servers_own_environment_holds_no_aws_settings(
    run_labcloud: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "elsewhere")
    run_labcloud("up", "--port", "0")
    told = run_labcloud("status").stdout
    pid = told.partition("process ")[2].partition(",")[0]
    if Path(f"/proc/{pid}/environ").exists():
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert not any(line.startswith(name.encode() + b"=") for line in environment)
    assert os.environ[name] == "elsewhere"
