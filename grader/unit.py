"""Units of building: a lesson or a lab, what it is built from and what is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from grader.checks import load_checks
from grader.graded import instructor_notebook
from grader.layout import Course, LabFolder, Lesson
from grader.lesson import executed_lesson
from grader.release import check_release, release_files, released_notebook, travelling
from grader.source import write_notebook

LESSON_BUILDER = ("source", "lesson", "kernel", "fresh")
LAB_BUILDER = ("source", "graded", "visible", "release", "checks")
"""The grader's modules on which a built notebook depends."""


class Unit(Protocol):
    """Something to build."""

    @property
    def key(self) -> str:
        """Its name in the manifest and in messages."""

    @property
    def name(self) -> str:
        """The name by which a command asks for it."""

    def sources(self) -> Iterator[Path]:
        """Yield the files on which the result depends."""

    def present(self) -> set[Path]:
        """Return the built files that are there, among them those that should not be."""

    def make(self) -> dict[Path, bytes]:
        """Build, and return the files' contents; write nothing."""


@dataclass(frozen=True)
class LessonUnit:
    """A lesson: its notebook with outputs."""

    course: Course
    lesson: Lesson

    @property
    def key(self) -> str:
        """As `Unit`."""
        return f"course/{self.name}"

    @property
    def name(self) -> str:
        """As `Unit`."""
        return self.lesson.name

    def sources(self) -> Iterator[Path]:
        """Yield the text, the data's manifest, the lock file, and the code that gives outputs."""
        yield self.lesson.text
        yield from self.lesson.text.parent.rglob("*.py")
        for name in ("data/manifest.json", "requirements.lock"):
            if (self.course.root / name).is_file():
                yield self.course.root / name
        yield from _package("labcloud").rglob("*.py")
        yield from (_package("grader") / f"{name}.py" for name in LESSON_BUILDER)

    def present(self) -> set[Path]:
        """As `Unit`."""
        return {self.lesson.notebook} if self.lesson.notebook.exists() else set()

    def make(self) -> dict[Path, bytes]:
        """As `Unit`. Raises BuildError."""
        notebook = executed_lesson(self.lesson, self.course.root)
        return {self.lesson.notebook: write_notebook(notebook)}


@dataclass(frozen=True)
class LabUnit:
    """A lab: the instructor's notebook and the student's release."""

    lab: LabFolder

    @property
    def key(self) -> str:
        """As `Unit`."""
        return f"solutions/{self.name}"

    @property
    def name(self) -> str:
        """As `Unit`."""
        return self.lab.name

    def sources(self) -> Iterator[Path]:
        """Yield the text, the checks, what travels with the release, and the builder."""
        yield self.lab.text
        yield self.lab.checks
        yield from travelling(self.lab.source)
        yield from (_package("grader") / f"{name}.py" for name in LAB_BUILDER)

    def present(self) -> set[Path]:
        """As `Unit`."""
        ignored = {".ipynb_checkpoints", "__pycache__"}
        files = {path for path in self.lab.release.rglob("*") if path.is_file()}
        files = {path for path in files if not ignored & set(path.parts)}
        return files | ({self.lab.notebook} if self.lab.notebook.exists() else set())

    def make(self) -> dict[Path, bytes]:
        """As `Unit`. Raises BuildError."""
        checks = load_checks(self.lab.checks)
        notebook = instructor_notebook(self.lab, checks)
        released = released_notebook(notebook)
        files = release_files(self.lab)
        check_release(self.lab, checks, released, files[Path("checks.py")].decode())
        return {
            self.lab.notebook: write_notebook(notebook),
            self.lab.release / f"{self.name}.ipynb": write_notebook(released),
            **{self.lab.release / path: content for path, content in files.items()},
        }


def units_of(course: Course) -> list[Unit]:
    """Return all units of a course: labs first, which are quick."""
    labs: list[Unit] = [LabUnit(lab) for lab in course.labs]
    return labs + [LessonUnit(course, lesson) for lesson in course.lessons]


def orphans_of(course: Course) -> list[Path]:
    """Return what was built from texts that are gone."""
    lessons = {lesson.notebook for lesson in course.lessons}
    labs = {lab.name for lab in course.labs}
    notebooks = [one for one in (course.root / "course").glob("*.ipynb") if one not in lessons]
    releases = [one for one in (course.root / "labs").glob("*/") if one.name not in labs]
    return sorted(notebooks + releases)


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent
