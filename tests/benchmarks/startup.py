"""How long until the cloud answers, and how much memory it takes, beside plain moto server.

    python tests/benchmarks/startup.py [--runs N]

Start: from the command's first instruction to the first answer of `ListBuckets`. Memory: the
server's resident set, idle and after the reference solution of lab 01. Both in the same run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
LIST_BUCKETS = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_answer(url: str) -> None:
    request = urllib.request.Request(url, headers=LIST_BUCKETS)
    while True:
        try:
            urllib.request.urlopen(request, timeout=30).read()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)


def start_moto() -> tuple[float, int]:
    """Return seconds to the first answer and the process id."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for_answer(f"http://127.0.0.1:{port}/")
    return time.perf_counter() - began, process.pid


def start_labcloud(directory: Path) -> tuple[float, int]:
    """Return seconds to the first answer and the process id."""
    port = free_port()
    began = time.perf_counter()
    subprocess.run(
        [
            str(Path(sys.executable).parent / "labcloud"),
            "up",
            "--dir",
            str(directory),
            "--port",
            str(port),
        ],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wait_for_answer(f"http://127.0.0.1:{port}/")
    seconds = time.perf_counter() - began
    from labcloud.process import find

    running = find(directory)
    assert running is not None
    return seconds, running.pid


def rss(pid: int) -> float:
    """Return a process's resident set in MB."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def stop(pid: int) -> None:
    process = psutil.Process(pid)
    process.terminate()
    process.wait(30)


def measure(runs: int, start: Callable[[], tuple[float, int]]) -> tuple[list[float], float]:
    """Return the seconds of each start and the idle memory of the last."""
    seconds, memory = [], 0.0
    for _ in range(runs):
        took, pid = start()
        seconds.append(took)
        memory = rss(pid)
        stop(pid)
    return seconds, memory


def after_lab_01() -> float:
    """Return the server's memory after the reference solution of lab 01 ran against it."""
    with tempfile.TemporaryDirectory() as directory:
        _, pid = start_labcloud(Path(directory))
        environment = {**os.environ, "LABCLOUD_DIR": directory, "LAB_TARGET": "local"}
        code = (
            "from pathlib import Path; from grader.layout import Course; "
            "from grader.trial import grade_solution; "
            "graded = grade_solution(Course(Path.cwd()).lab('01-data-lake')); "
            "assert graded.score == graded.possible, graded.scores"
        )
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        memory = rss(pid)
        stop(pid)
        return memory


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    scratch = Path(tempfile.mkdtemp())
    moto, moto_rss = measure(runs, start_moto)
    ours, our_rss = measure(runs, lambda: start_labcloud(scratch))
    shutil.rmtree(scratch)
    moto_s, our_s = statistics.median(moto), statistics.median(ours)
    print(f"{'median of ' + str(runs):28}{'labcloud':>12}{'moto server':>14}{'ratio':>8}")
    print(f"{'start to first answer, s':28}{our_s:>12.2f}{moto_s:>14.2f}{our_s / moto_s:>8.2f}")
    ratio = our_rss / moto_rss
    print(f"{'memory when idle, MB':28}{our_rss:>12.0f}{moto_rss:>14.0f}{ratio:>8.2f}")
    print(f"{'memory after lab 01, MB':28}{after_lab_01():>12.0f}")


if __name__ == "__main__":
    main()
