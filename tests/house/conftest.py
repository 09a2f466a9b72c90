"""A copy of the two commands in a folder of its own, on a computer that the test makes up."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .lock import REPOSITORY

TOOLS = (
    *(
        "awk",
        "cat",
        "chmod",
        "cksum",
        "cut",
        "date",
        "dirname",
        "du",
        "env",
        "grep",
        "head",
        "id",
        "mkdir",
    ),
    *("rm", "sed", "sh", "sleep", "tail", "tr", "uname"),
)

PYTHON = """#!/bin/sh
# A Python that fits and writes down what it is asked to do.
case "$*" in
    *"-m venv --clear"*)
        for folder in "$@"; do :; done
        rm -rf "$folder"
        mkdir -p "$folder/bin"
        cat "$0" >"$folder/bin/python"
        printf '#!%s\\n' "$folder/bin/python" >"$folder/bin/pip"
        printf '#!/bin/sh\\necho "uv $*" >>"$CALLS"\\nexit ${UV_STATUS:-0}\\n' >"$folder/bin/uv"
        chmod +x "$folder"/bin/*
        echo venv >>"$CALLS" ;;
    *"-m pip install"*) echo "pip $*" >>"$CALLS" ;;
esac
"""


class Computer:
    """What is installed on it, and the two commands in a folder with a space in its name."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.course = folder / "the course"
        self.course.mkdir()
        self.home = folder / "home"
        self.home.mkdir()
        self.calls = folder / "calls"
        for name in ("start", "test", "requirements.lock", "pyproject.toml"):
            shutil.copy(REPOSITORY / name, self.course / name)
        for name in TOOLS:
            found = shutil.which(name)
            assert found, name
            (self.bin / name).symlink_to(found)

    def has(self, name: str, script: str) -> None:
        """Put a program on the computer."""
        (self.bin / name).write_text(
            script if script.startswith("#!") else f"#!/bin/sh\n{script}\n"
        )
        (self.bin / name).chmod(0o755)

    def has_python(self) -> None:
        """Put a Python on it that the course can use."""
        self.has("python3", PYTHON)

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the course from another folder."""
        program, *arguments = command
        return subprocess.run(
            [str(self.course / program), *arguments],
            cwd=self.home,
            env={
                "PATH": str(self.bin),
                "HOME": str(self.home),
                "CALLS": str(self.calls),
                "LANG": os.environ.get("LANG", "C.UTF-8"),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def did(self) -> list[str]:
        """Return what was asked of Python and the installers since the last time."""
        if not self.calls.exists():
            return []
        lines = self.calls.read_text().splitlines()
        self.calls.unlink()
        return lines


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)
