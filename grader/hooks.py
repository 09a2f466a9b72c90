"""What nbgrader_config.py puts into nbgrader: the folders, the release, the grading.

nbgrader_config.py calls `configure`. nbgrader changes to the course's folder before it calls a
hook or runs a submission.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from grader.checks import load_checks
from grader.graded import instructor_notebook
from grader.layout import Course
from grader.release import STAYS, release_files
from grader.source import write_notebook

COURSE_ID = "aws-data"
CELL_SECONDS = 300


def configure(config: Any, root: Path) -> None:
    """Set nbgrader up for the course in `root`."""
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = COURSE_ID
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = "labs"
    config.CourseDirectory.ignore = [one for one in STAYS if not one.endswith(".ipynb")]
    config.Exchange.root = str(_exchange(root))
    config.Execute.timeout = CELL_SECONDS
    config.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]
    config.GenerateAssignment.pre_convert_hook = build_instructor_notebook
    config.GenerateAssignment.post_convert_hook = write_visible_checks
    config.Autograde.autograde_preprocessors = _graded_on_a_fresh_cloud()


def _exchange(root: Path) -> Path:
    """The folder where `nbgrader release_assignment` puts what students fetch.

    `NBGRADER_EXCHANGE` names the class's shared folder; without it, one in the course serves.
    """
    given = os.environ.get("NBGRADER_EXCHANGE")
    if given:
        return Path(given)
    exchange = root / ".exchange"
    exchange.mkdir(exist_ok=True)
    return exchange


def _graded_on_a_fresh_cloud() -> list[Any]:
    from nbgrader.converters import Autograde
    from nbgrader.preprocessors import Execute

    from grader.execute import ExecuteOnFreshCloud

    usual = Autograde.class_traits()["autograde_preprocessors"].default()
    return [ExecuteOnFreshCloud if one is Execute else one for one in usual]


def build_instructor_notebook(*, assignment: str, **_: Any) -> None:
    """Bring the instructor's notebook up to date with its text, before nbgrader releases it.

    Raises BuildError where that cannot be.
    """
    lab = Course(Path.cwd()).lab(assignment)
    notebook = instructor_notebook(lab, load_checks(lab.checks))
    lab.notebook.write_bytes(write_notebook(notebook))


def write_visible_checks(*, assignment: str, **_: Any) -> None:
    """Put the visible checks beside the released notebook."""
    lab = Course(Path.cwd()).lab(assignment)
    for path, content in release_files(lab).items():
        (lab.release / path).write_bytes(content)
