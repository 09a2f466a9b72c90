"""./start says what is missing, installs once, and goes on where it stopped."""

from __future__ import annotations

import pytest

from .conftest import PYTHON, Computer

OLD = """case "$*" in
    *version_info*print*|*print*) echo 3.10.12 ;;
    *) exit 1 ;;
esac"""


def test_help_tells_the_options(computer: Computer) -> None:
    done = computer.run("start", "--help")
    assert done.returncode == 0
    for option in ("--no-browser", "--port N", "--set-up"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fast"], "unknown option '--fast'"),
        (["--port"], "--port needs a number"),
        (["--port", "many"], "not 'many'"),
        (["--port=8x"], "not '8x'"),
    ],
)
def test_a_wrong_option_is_named(computer: Computer, arguments: list[str], words: str) -> None:
    done = computer.run("start", *arguments)
    assert done.returncode == 1
    assert words in done.stderr


def test_no_python_at_all(computer: Computer) -> None:
    computer.has("apt-get", "exit 0")
    computer.has("apt-cache", "exit 0")
    done = computer.run("start", "--set-up")
    assert done.returncode == 1
    assert "there is no python3 here" in done.stderr
    assert "    sudo apt-get install python3 python3-venv\n" in done.stderr


def test_python_is_too_old_and_the_distribution_has_a_newer_one(computer: Computer) -> None:
    computer.has("python3", OLD)
    computer.has("apt-get", "exit 0")
    computer.has(
        "apt-cache",
        """case $2 in
            python3.12) echo "  Candidate: 3.12.3-1" ;;
            *) echo "  Candidate: (none)" ;;
        esac""",
    )
    done = computer.run("start", "--set-up")
    assert done.returncode == 1
    assert "python3 here is 3.10.12" in done.stderr
    assert "    sudo apt-get install python3.12 python3.12-venv\n" in done.stderr


def test_a_release_candidate_is_not_offered(computer: Computer) -> None:
    computer.has("python3", OLD)
    computer.has("apt-get", "exit 0")
    computer.has("conda", "exit 0")
    computer.has("apt-cache", 'echo "  Candidate: 3.11.0~rc1-1~22.04"')
    done = computer.run("start", "--set-up")
    assert "apt-get install python3.11" not in done.stderr
    assert "conda env create -f environment.yml" in done.stderr


def test_python_is_too_old_on_a_mac(computer: Computer) -> None:
    computer.has("python3", OLD)
    computer.has("brew", "exit 0")
    done = computer.run("start", "--set-up")
    assert "    brew install python@3.12\n" in done.stderr


def test_another_python_on_the_path_is_found(computer: Computer) -> None:
    computer.has("python3", OLD)
    computer.has("python3.12", PYTHON)
    done = computer.run("start", "--set-up")
    assert done.returncode == 0, done.stderr
    assert "python3.12" in done.stdout


@pytest.mark.parametrize(
    ("name", "package"), [("python3", "python3-venv"), ("python3.12", "python3.12-venv")]
)
def test_debian_s_venv_is_missing(computer: Computer, name: str, package: str) -> None:
    computer.has(name, 'case "$*" in *ensurepip*) exit 1 ;; esac')
    computer.has("apt-get", "exit 0")
    done = computer.run("start", "--set-up")
    assert done.returncode == 1
    assert f"    sudo apt-get install {package}\n" in done.stderr
    assert not (computer.course / ".venv").exists()


def test_it_installs_from_the_lock_with_hashes_and_only_once(computer: Computer) -> None:
    computer.has_python()
    done = computer.run("start", "--set-up")
    assert done.returncode == 0, done.stderr
    made, installer, packages, course = computer.did()
    assert made == "venv"
    for call in (installer, packages):
        assert "--require-hashes" in call
    assert "-r pyproject.toml -c requirements.lock" in packages
    assert course.endswith("--no-deps --no-build-isolation -e .")
    assert "The environment stands" in done.stdout

    again = computer.run("start", "--set-up")
    assert again.returncode == 0
    assert again.stdout == ""
    assert computer.did() == []


def test_the_installers_are_the_locked_ones(computer: Computer) -> None:
    computer.has_python()
    computer.run("start", "--set-up")
    lines = (computer.course / ".venv" / "installer.txt").read_text().splitlines()
    assert [line.partition("==")[0] for line in lines if "==" in line] == ["setuptools", "uv"]
    assert sum("--hash=sha256:" in line for line in lines) > 2


def test_another_lock_installs_again_into_the_same_environment(computer: Computer) -> None:
    computer.has_python()
    computer.run("start", "--set-up")
    computer.did()
    with (computer.course / "requirements.lock").open("a") as lock:
        lock.write("# another\n")
    computer.run("start", "--set-up")
    calls = computer.did()
    assert len(calls) == 3
    assert "venv" not in calls


def test_a_moved_folder_gets_a_new_environment(computer: Computer) -> None:
    computer.has_python()
    computer.run("start", "--set-up")
    computer.did()
    computer.course = computer.course.rename(computer.course.with_name("moved here"))
    computer.run("start", "--set-up")
    assert "venv" in computer.did()


def test_the_test_tools_come_when_they_are_asked_for(computer: Computer) -> None:
    computer.has_python()
    computer.run("start", "--set-up")
    assert not any("--group test" in call for call in computer.did())
    computer.run("start", "--set-up", "--with-tests")
    assert any("--group test" in call for call in computer.did())
    computer.run("start", "--set-up")
    assert computer.did() == []


def test_a_failed_install_is_told_and_tried_again(computer: Computer) -> None:
    computer.has_python()
    done = computer.run("start", "--set-up", UV_STATUS="2")
    assert done.returncode == 1
    assert "'install the packages' failed" in done.stderr
    assert "course-install.log" in done.stderr
    computer.did()
    assert computer.run("start", "--set-up").returncode == 0
    assert "venv" not in computer.did()


def test_an_active_conda_environment_is_used(computer: Computer) -> None:
    computer.has_python()
    conda = computer.home / "conda"
    computer.run("start", "--set-up")  # its .venv serves as the conda environment
    (computer.course / ".venv").rename(conda)
    (conda / "course-stamp").unlink()
    computer.did()
    done = computer.run(
        "start", "--set-up", CONDA_PREFIX=str(conda), CONDA_DEFAULT_ENV="aws-data-ml-course"
    )
    assert done.returncode == 0, done.stderr
    assert not (computer.course / ".venv").exists()
    assert all(str(conda) in call for call in computer.did() if call.startswith("uv"))


def test_conda_s_base_environment_is_left_alone(computer: Computer) -> None:
    computer.has_python()
    computer.run("start", "--set-up", CONDA_PREFIX="/nowhere", CONDA_DEFAULT_ENV="base")
    assert (computer.course / ".venv").exists()


def test_pip_s_mirror_is_followed(computer: Computer) -> None:
    computer.has_python()
    computer.run("start", "--set-up", PIP_INDEX_URL="http://mirror.example/simple")
    uv = computer.course / ".venv" / "bin" / "uv"
    uv.write_text('#!/bin/sh\necho "index $UV_DEFAULT_INDEX" >>"$CALLS"\n')
    (computer.course / ".venv" / "course-stamp").unlink()
    computer.did()
    computer.run("start", "--set-up", PIP_INDEX_URL="http://mirror.example/simple")
    assert "index http://mirror.example/simple" in computer.did()
