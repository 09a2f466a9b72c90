"""The lock file as the tests read it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[2]
LOCK = REPOSITORY / "requirements.lock"


@dataclass(frozen=True)
class Locked:
    """One entry: the pinned requirement and its hashes."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def version(self) -> str:
        (pin,) = self.requirement.specifier
        assert pin.operator == "==", self.requirement
        return pin.version


def entries() -> list[Locked]:
    """Return the lock's entries in order."""
    text = "\n".join(
        line for line in LOCK.read_text().splitlines() if not line.lstrip().startswith("#")
    )
    return [_entry(block) for block in re.split(r"\n(?=\S)", text) if block.strip()]


def _entry(block: str) -> Locked:
    first = block.strip().splitlines()[0].rstrip(" \\")
    return Locked(Requirement(first), tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block)))


def pyproject() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
