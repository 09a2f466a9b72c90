"""Checks: how one is declared, and how a lab's `checks.py` is loaded."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.errors import GraderError
from grader.findings import Findings

CheckFunction = Callable[[Any, dict[str, Any], Any], Findings]
_MARK = "__grader_check__"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Check:
    """One check: what it is called, what it is worth, and the function that looks."""

    name: str
    points: float
    lesson: str | None
    hidden: bool
    hint: str | None
    function: CheckFunction

    @property
    def about(self) -> str:
        """The first line of the docstring: what the check looks at."""
        return (self.function.__doc__ or "").strip().splitlines()[0]


def check(
    name: str,
    *,
    points: float = 1,
    lesson: str | None = None,
    hidden: bool = False,
    hint: str | None = None,
) -> Callable[[CheckFunction], CheckFunction]:
    """Declare the decorated function a check.

    `name` is also nbgrader's cell id; `lesson` is the section of the lesson to read; a hidden
    check stays out of the release, and students see only its `hint`. Raises GraderError where
    the declaration is not complete.
    """

    def declare(function: CheckFunction) -> CheckFunction:
        declared = Check(name, points, lesson, hidden, hint, function)
        _validate(declared)
        setattr(function, _MARK, declared)
        return function

    return declare


def _validate(declared: Check) -> None:
    name = declared.name
    if not _NAME.fullmatch(name):
        raise GraderError(f"Check '{name}': a name is lower-case words joined by hyphens.")
    if not declared.points > 0:
        raise GraderError(f"Check '{name}': its points are {declared.points}; give more than 0.")
    if not (declared.function.__doc__ or "").strip():
        raise GraderError(f"Check '{name}': its docstring says what it looks at; write one.")
    if declared.hidden and not declared.hint:
        raise GraderError(f"Check '{name}': a hidden check has a hint; give hint='One sentence.'")


@dataclass(frozen=True)
class LabChecks:
    """What a lab's `checks.py` declares."""

    path: Path
    checks: dict[str, Check] = field(default_factory=dict)
    needs: str = ""
    setup: Callable[[Any, Any], None] | None = None
    cleanup: Callable[[Any, Any], None] | None = None

    @property
    def points(self) -> float:
        """The points of all checks together."""
        return sum(one.points for one in self.checks.values())

    def __getitem__(self, name: str) -> Check:
        if name not in self.checks:
            known = ", ".join(self.checks) or "none"
            raise GraderError(f"There is no check '{name}' in this lab. Its checks: {known}.")
        return self.checks[name]


def load_checks(path: Path) -> LabChecks:
    """Load a `checks.py`: its checks in the order of the file, NEEDS, setup and cleanup.

    Raises GraderError where the file is missing or declares a name twice.
    """
    if not path.is_file():
        raise GraderError(
            f"There is no {path.name} beside the notebook ({path.parent}); "
            "open the notebook in its own folder."
        )
    module = load_module(path, f"lab_checks_{abs(hash(str(path)))}")
    checks: dict[str, Check] = {}
    for value in list(vars(module).values()):
        declared = getattr(value, _MARK, None)
        if not isinstance(declared, Check):
            continue
        if declared.name in checks:
            raise GraderError(f"{path}: the check '{declared.name}' is declared twice.")
        checks[declared.name] = declared
    return LabChecks(
        path,
        checks,
        getattr(module, "NEEDS", ""),
        getattr(module, "setup", None),
        getattr(module, "cleanup", None),
    )


def load_module(path: Path, name: str) -> ModuleType:
    """Run a Python file as a module of that name; it stays importable under it."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module
