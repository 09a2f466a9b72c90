"""Where things are in a course: the folders, and the files of a lesson and of a lab."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.errors import GraderError

SOLUTIONS_VARIABLE = "LAB_SOLUTIONS"
UNIT = re.compile(r"\d\d-[a-z0-9-]+")
"""The name of a lesson or lab: 01-data-lake."""


@dataclass(frozen=True)
class Lesson:
    """A lesson: its text and the notebook built from it."""

    name: str
    text: Path

    @property
    def notebook(self) -> Path:
        """The built notebook, with outputs."""
        return self.text.with_suffix(".ipynb")


@dataclass(frozen=True)
class LabFolder:
    """A lab: the instructor's folder and the student's."""

    name: str
    source: Path
    release: Path

    @property
    def text(self) -> Path:
        """The MyST text of the lab."""
        return self.source / f"{self.name}.md"

    @property
    def notebook(self) -> Path:
        """The instructor's notebook, built from the text."""
        return self.source / f"{self.name}.ipynb"

    @property
    def checks(self) -> Path:
        """All checks, hidden ones among them."""
        return self.source / "checks.py"

    @property
    def wrong(self) -> list[Path]:
        """The known-wrong answers."""
        return sorted((self.source / "wrong").glob("*.py"))

    @property
    def right(self) -> list[Path]:
        """The further right answers."""
        return sorted((self.source / "right").glob("*.py"))


@dataclass(frozen=True)
class Course:
    """A course: the folder that holds `course/`, `solutions/`, `labs/` and `data/`."""

    root: Path

    @cached_property
    def lessons(self) -> list[Lesson]:
        """All lessons, in order."""
        texts = sorted((self.root / "course").glob("*.md"))
        return [Lesson(text.stem, text) for text in texts if UNIT.fullmatch(text.stem)]

    @cached_property
    def labs(self) -> list[LabFolder]:
        """All labs, in order: the folders of `solutions/` that hold a text of their name."""
        folders = sorted((self.root / "solutions").glob("*/"))
        labs = [self._lab(one.name) for one in folders if UNIT.fullmatch(one.name)]
        return [lab for lab in labs if lab.text.is_file()]

    def lab(self, name: str) -> LabFolder:
        """Return the lab of that name. Raises GraderError where there is none."""
        for lab in self.labs:
            if lab.name == name:
                return lab
        known = ", ".join(lab.name for lab in self.labs) or "none"
        raise GraderError(f"There is no lab '{name}' in {self.root}. Labs: {known}.")

    def _lab(self, name: str) -> LabFolder:
        return LabFolder(name, self.root / "solutions" / name, self.root / "labs" / name)


def find_course(start: Path | None = None) -> Course:
    """Return the course around `start`, the current folder by default.

    Raises GraderError where none of the folders above holds `course/` or `solutions/`.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "solutions").is_dir() or (folder / "course").is_dir():
            return Course(folder)
    raise GraderError(f"No folder at or above {start} holds course/ or solutions/.")


def checks_of(lab: str, beside: Path) -> Path:
    """Return the `checks.py` that counts.

    That is `$LAB_SOLUTIONS/<lab>/checks.py` where the variable is set, as it is in grading; else
    the one beside the notebook.
    """
    solutions = os.environ.get(SOLUTIONS_VARIABLE)
    return (Path(solutions) / lab if solutions else beside) / "checks.py"


def data_of(beside: Path) -> Path:
    """Return the course's `data/`: the nearest above the notebook, else the one by the package."""
    package = Path(__file__).resolve().parent
    for folder in (beside.resolve(), *beside.resolve().parents, package.parent):
        if (folder / "data").is_dir():
            return folder / "data"
    return package.parent / "data"
