"""./test says what it does and what it lacks; shell scripts are clean."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Computer
from .lock import REPOSITORY


def test_help_tells_the_options(computer: Computer) -> None:
    done = computer.run("test", "--help")
    assert done.returncode == 0
    assert "--quick" in done.stdout


def test_chromium_is_named_where_it_cannot_be_installed(computer: Computer) -> None:
    computer.has_python()
    computer.has("apt-get", "exit 0")
    (computer.bin / "id").unlink()
    computer.has("id", "echo 1000")
    done = computer.run("test")
    assert done.returncode == 1
    assert "    sudo apt-get install chromium\n" in done.stderr


def test_chromium_is_installed_where_it_can_be(computer: Computer) -> None:
    computer.has_python()
    (computer.bin / "id").unlink()
    computer.has("id", "echo 0")
    computer.has("apt-get", 'echo "apt-get $*" >>"$CALLS"')
    computer.run("test", "tests/none")
    assert "apt-get install -y -q chromium" in computer.did()


@pytest.mark.parametrize("name", ["start", "test", ".ci/run"])
def test_the_shell_scripts_are_clean(name: str) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    assert shellcheck.exists() or platform.machine() == "aarch64"  # the lock has none for it
    for check in (["sh", "-n"], [str(shellcheck)] if shellcheck.exists() else ["true"]):
        done = subprocess.run(
            [*check, REPOSITORY / name], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (REPOSITORY / name).stat().st_mode & 0o111


def test_continuous_integration_runs_the_same() -> None:
    assert "/../test" in (REPOSITORY / ".ci" / "run").read_text()
