"""Trials: does a lab's solution pass, its release fail, and does each known answer get its due?

Answers are found by folder: `wrong/*.py` and `right/*.py` beside the lab's checks. Each is a
module with a function `answer(lab)`; a wrong one names the check that must fail, `CHECK`, and
words of its report, `MESSAGE`; a right one may name checks in `CHECK`, by default all. They
import the module `steps.py` beside them as `solution_steps`.

A trial runs against the cloud that the environment names, as a student of its own, and cleans up.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from grader.checks import load_checks, load_module
from grader.errors import GraderError
from grader.fresh import environment
from grader.graded import instructor_notebook
from grader.kernel import run_cells
from grader.lab import Lab
from grader.layout import SOLUTIONS_VARIABLE, LabFolder
from grader.release import released_notebook
from grader.report import Result

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Answer:
    """A known answer: what it does in the cloud, and what it must lead to."""

    path: Path
    checks: tuple[str, ...]
    message: str
    work: Callable[[Lab], None]


def load_answer(lab: LabFolder, path: Path) -> Answer:
    """Load a known answer. Raises GraderError where it lacks what the convention asks for."""
    steps = lab.source / "steps.py"
    if steps.is_file():
        load_module(steps, "solution_steps")
    module = load_module(path, f"known_{path.parent.name}_{path.stem}")
    wrong = path.parent.name == "wrong"
    for name in ("answer", *(("CHECK", "MESSAGE") if wrong else ())):
        if not hasattr(module, name):
            raise GraderError(f"{path} has no {name}.")
    named = getattr(module, "CHECK", ())
    checks = (named,) if isinstance(named, str) else tuple(named)
    return Answer(path, checks, getattr(module, "MESSAGE", ""), module.answer)


def try_answer(lab: LabFolder, answer: Answer) -> list[Result]:
    """Do the lab's work in the answer's way; return what its checks say.

    Those are the checks that it names, or all.
    """
    with trial(lab, f"{answer.path.parent.name}-{answer.path.stem}".replace("_", "-")) as open_lab:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # libraries' news is nothing against an answer
            answer.work(open_lab)
        return [open_lab.result(name) for name in answer.checks or open_lab.checks]


@contextlib.contextmanager
def trial(lab: LabFolder, student: str) -> Iterator[Lab]:
    """Yield a Lab with all its checks, as that student; clean up afterwards."""
    with environment({"LAB_STUDENT": student, SOLUTIONS_VARIABLE: str(lab.source.parent)}):
        opened = Lab(lab.name, folder=lab.source, quiet=True)
        try:
            yield opened
        finally:
            with contextlib.redirect_stdout(io.StringIO()):
                opened.cleanup()


@dataclass(frozen=True)
class Graded:
    """A lab's notebook, run and scored as nbgrader does it."""

    notebook: NotebookNode
    scores: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """All points reached."""
        return sum(reached for reached, _ in self.scores.values())

    @property
    def possible(self) -> float:
        """All points that could be reached without grading by hand."""
        return sum(possible for _, possible in self.scores.values())

    @property
    def failures(self) -> dict[str, str]:
        """By cell id, the errors that ended cells: "NameError: …"."""
        return {
            cell.id: f"{output.ename}: {output.evalue}"
            for cell in self.notebook.cells
            if cell.cell_type == "code"
            for output in cell.outputs
            if output.output_type == "error"
        }


def grade_solution(lab: LabFolder) -> Graded:
    """Run and score the instructor's notebook, hidden checks and all."""
    return _grade(lab, instructor_notebook(lab, load_checks(lab.checks)), "solution")


def grade_release(lab: LabFolder) -> Graded:
    """Run and score the untouched release, with the hidden checks that grading puts back."""
    notebook = instructor_notebook(lab, load_checks(lab.checks))
    return _grade(lab, released_notebook(notebook, hidden=True), "untouched")


def stubs_that_pass(release: NotebookNode, failures: dict[str, str]) -> list[str]:
    """Return the ids of solution cells whose stub did not raise NotImplementedError.

    A stub inside a function raises in a later cell, the one that calls it, before the next task.
    """
    silent: list[str] = []
    for cell in release.cells:
        if "raise NotImplementedError()" in cell.source:
            silent.append(cell.id)
        if silent and failures.get(cell.id, "").startswith("NotImplementedError"):
            silent.pop()
    return silent


def _grade(lab: LabFolder, notebook: NotebookNode, student: str) -> Graded:
    with environment({"LAB_STUDENT": student, SOLUTIONS_VARIABLE: str(lab.source.parent)}):
        run_cells(notebook, lab.source, os.environ, go_on=True)
    return Graded(notebook, dict(_scores(notebook)))


def _scores(notebook: NotebookNode) -> Iterator[tuple[str, tuple[float, float]]]:
    from nbgrader.utils import determine_grade, is_grade

    for cell in notebook.cells:
        if is_grade(cell) and cell.cell_type == "code":
            reached, possible = determine_grade(cell)
            yield cell.metadata["nbgrader"]["grade_id"], (float(reached or 0), float(possible))
