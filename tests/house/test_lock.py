"""One lock: exact versions with hashes, no addresses, and it satisfies pyproject.toml."""

from __future__ import annotations

import ast
import platform
import re
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .lock import LOCK, REPOSITORY, entries, pyproject

SYSTEMS = [
    {"sys_platform": system, "platform_machine": machine, "platform_system": name}
    for system, name, machines in (
        ("linux", "Linux", ("x86_64", "aarch64")),
        ("darwin", "Darwin", ("x86_64", "arm64")),
    )
    for machine in machines
]
PYTHONS = ["3.11.2", "3.11.7", "3.12.1", "3.13.0"]


def wanted() -> list[Requirement]:
    """Return all that pyproject.toml asks for."""
    project = pyproject()
    groups = project["dependency-groups"].values()
    return [
        Requirement(text)
        for text in [*project["project"]["dependencies"], *(text for g in groups for text in g)]
    ]


def applies(requirement: Requirement, system: dict[str, str], python: str) -> bool:
    """Tell whether a requirement is for a computer."""
    version = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    marker = requirement.marker
    return marker is None or marker.evaluate({**system, **version})


def locked_for(system: dict[str, str], python: str) -> dict[str, str]:
    """Return the locked versions by name that apply on a computer."""
    found = [entry for entry in entries() if applies(entry.requirement, system, python)]
    names = [canonicalize_name(entry.requirement.name) for entry in found]
    assert len(names) == len(set(names)), "two versions of one package apply at once"
    return dict(zip(names, (entry.version for entry in found), strict=True))


def test_each_entry_is_one_version_with_hashes() -> None:
    for entry in entries():
        assert entry.version
        assert entry.hashes, entry.requirement


def test_it_holds_no_addresses_and_no_options() -> None:
    text = LOCK.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)
    assert " @ " not in text


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: "-".join(system.values()))
def test_it_satisfies_the_project(system: dict[str, str], python: str) -> None:
    locked = locked_for(system, python)
    for requirement in [r for r in wanted() if applies(r, system, python)]:
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_what_is_installed_finds_its_own_needs_in_it() -> None:
    locked = locked_for(
        {"sys_platform": sys.platform, "platform_machine": platform.machine()},
        platform.python_version(),
    )
    for distribution in distributions():
        if canonicalize_name(distribution.name) not in locked:
            continue
        for text in distribution.requires or ():
            needed = Requirement(text)
            if needed.marker and not needed.marker.evaluate({"extra": ""}):
                continue
            version = locked.get(canonicalize_name(needed.name))
            assert version, f"{distribution.name} needs {needed}, which is not in the lock"
            assert needed.specifier.contains(version, prereleases=True), (distribution.name, text)


def test_the_mission_s_packages_are_there() -> None:
    names = {entry.requirement.name for entry in entries()}
    assert names >= {
        *("jupyterlab", "nbgrader", "boto3", "sagemaker", "pyathena", "awswrangler"),
        *("matplotlib", "moto", "uv"),
    }


def test_each_dependency_says_why_it_is_there() -> None:
    text = (REPOSITORY / "pyproject.toml").read_text()
    for requirement in wanted():
        (line,) = re.findall(rf'^    "{re.escape(requirement.name)}[\[<>=].*', text, re.MULTILINE)
        assert re.search(r'",\s+# \w', line), line


def test_what_is_imported_is_declared() -> None:
    declared = {canonicalize_name(requirement.name) for requirement in wanted()}
    providers = packages_distributions()
    for folder in ("labcloud", "grader", "data", "solutions", "tests"):
        for file in (REPOSITORY / folder).rglob("*.py"):
            for module in imports(file) & providers.keys() - {"labcloud", "grader", "tests"}:
                names = {canonicalize_name(name) for name in providers[module]}
                assert names & declared, f"{file.name} imports {module}, which nothing declares"


def imports(file: Path) -> set[str]:
    """Return the top-level names of the modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_conda_uses_the_same_lock() -> None:
    environment = yaml.safe_load((REPOSITORY / "environment.yml").read_text())
    packages = environment["dependencies"]
    assert "python=3.12" in packages
    assert "openjdk=17" in packages
    (pip,) = [entry["pip"] for entry in packages if isinstance(entry, dict)]
    assert pip == ["-r requirements.lock"]
    assert environment["name"] == pyproject()["project"]["name"]
