"""The instructor's notebook: short marks in the text become nbgrader's metadata.

In the header of a code cell `:grade: NAME` marks the cell of a check and `:solution: NAME` a
solution; `:locked: NAME` makes a cell read-only. In Markdown `+++ {"locked": "NAME"}` does so,
and `+++ {"task": "NAME", "points": 2}` and `+++ {"solution": "NAME", "points": 2}` are graded by
hand. A check's points come from its declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.checks import Check, LabChecks
from grader.errors import BuildError, GraderError
from grader.layout import LabFolder
from grader.source import number_cells, read_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

SCHEMA_VERSION = 3
MARKS = ("grade", "solution", "locked", "task")
BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"
END_HIDDEN = "### END HIDDEN TESTS"


def instructor_notebook(lab: LabFolder, checks: LabChecks) -> NotebookNode:
    """Return the lab's notebook with nbgrader's metadata.

    Raises BuildError where a mark cannot be, a name is used twice, or a check has no cell.
    """
    notebook = read_text(lab.text)
    names: set[str] = set()
    for cell in notebook.cells:
        try:
            name = expand(cell, checks)
        except GraderError as error:
            raise BuildError(f"{lab.text}: {error}") from error
        if name in names:
            raise BuildError(f"{lab.text}: two cells are named '{name}'; a name is used once.")
        if name:
            names.add(name)
    absent = [name for name in checks.checks if name not in names]
    if absent:
        raise BuildError(
            f"{lab.text}: no cell for the check '{absent[0]}' of {checks.path.name}; "
            f"add a code-cell with `:grade: {absent[0]}`."
        )
    number_cells(notebook.cells)
    return notebook


def expand(cell: NotebookNode, checks: LabChecks) -> str | None:
    """Turn a cell's short mark into nbgrader's metadata and return the cell's name, if marked."""
    marks = [mark for mark in MARKS if mark in cell.metadata]
    if not marks:
        return None
    if len(marks) > 1:
        raise GraderError(f"a cell has the marks {' and '.join(marks)}; it can have one.")
    (mark,) = marks
    name = str(cell.metadata.pop(mark))
    points = cell.metadata.pop("points", None)
    if mark == "grade":
        if cell.cell_type != "code":
            raise GraderError(f"'{name}' is a Markdown cell; a check's cell is a code-cell.")
        points = _check_cell(cell, checks[name], points)
    elif (mark == "task" or cell.cell_type == "markdown") and mark != "locked" and points is None:
        raise GraderError(f"'{name}' is graded by hand; say for how many points.")
    elif mark == "task" and cell.cell_type == "code":
        raise GraderError(f"'{name}' is a code-cell; a task is Markdown.")
    cell.metadata["nbgrader"] = _metadata(mark, name, cell.cell_type, points)
    return name


def _metadata(mark: str, name: str, cell_type: str, points: float | None) -> dict[str, Any]:
    by_hand = mark == "solution" and cell_type == "markdown"
    metadata: dict[str, Any] = {
        "grade": mark == "grade" or by_hand,
        "grade_id": name,
        "locked": mark in ("grade", "locked"),
        "schema_version": SCHEMA_VERSION,
        "solution": mark == "solution",
        "task": mark == "task",
    }
    if points is not None:
        metadata["points"] = points
    return metadata


def _check_cell(cell: NotebookNode, check: Check, points: object) -> float:
    """Write the check's cell, and return its points."""
    if points is not None:
        raise GraderError(f"'{check.name}' says its points in checks.py; leave them out here.")
    call = f'lab.check("{check.name}")'
    written = [
        line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")
    ]
    if written not in ([], [call]):
        raise GraderError(f"the cell of the check '{check.name}' holds {call} and nothing else.")
    cell.source = call
    if check.hidden:
        hint = "\n".join(f"# {line}" for line in f"Hidden check: {check.hint}".splitlines())
        cell.source = f"{hint}\n{BEGIN_HIDDEN}\n{call}\n{END_HIDDEN}"
    return check.points
