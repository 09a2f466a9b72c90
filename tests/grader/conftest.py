"""A course in miniature, and clouds for its lab."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.fresh import FreshCloud, environment, fresh_cloud
from grader.layout import Course, LabFolder

MINI = Path(__file__).parent / "mini"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The course in miniature, in a folder of the test's own, nothing built yet."""
    ignore = shutil.ignore_patterns("__pycache__")
    return Course(Path(shutil.copytree(MINI, tmp_path / "course-folder", ignore=ignore)))


@pytest.fixture
def mini(course: Course) -> LabFolder:
    """Its only lab."""
    return course.lab("01-mini")


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshCloud]:
    """An empty labcloud that a module's tests share; the environment names it."""
    with fresh_cloud() as cloud, environment({**cloud.environment, "LAB_STUDENT": ""}):
        yield cloud
