"""Statements with the answers of a real Trino, through Athena's API; misses: docs/athena.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FLOOR = 740


@pytest.mark.slow
def test_trino_s_answers(cloud: Any, tmp_path: Path) -> None:
    """All vectors have the names, types, values and messages that Trino gave."""
    ended = subprocess.run(
        [sys.executable, str(HERE / "check_vectors.py"), "--endpoint", cloud.url,
         "--vectors", str(HERE / "vectors.jsonl"), "--failures", str(tmp_path / "failures.jsonl"),
         "--floor", str(FLOOR)],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    failures = (tmp_path / "failures.jsonl").read_text(encoding="utf-8")
    assert ended.returncode == 0, f"{ended.stdout}\n{failures}"
