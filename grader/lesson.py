"""Lessons: run with their outputs on a cloud of their own, and written so that they stay the same.

What differs from one run or machine to the next is taken out of the outputs: ports, folders,
addresses of objects, timings. A cell whose output cannot stay the same carries the tag `varies`;
comparing leaves its outputs out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import BuildError
from grader.fresh import FreshCloud, fresh_cloud
from grader.kernel import run_cells
from grader.layout import Lesson
from grader.source import METADATA, read_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

VARIES = "varies"
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost):\d{4,5}")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{8,16}\b")
_UNSET = ("AWS_", "LAB_", "NBGRADER_")
"""Variables that begin so are the builder's own; the kernel gets none of them."""


def executed_lesson(lesson: Lesson, root: Path) -> NotebookNode:
    """Return the lesson's notebook, run from its first cell to its last on an empty labcloud.

    Raises BuildError where a cell fails that has no tag `raises-exception`.
    """
    notebook = read_text(lesson.text)
    with fresh_cloud() as cloud:
        _execute(notebook, lesson, cloud)
        scrub(notebook, _scrubber(root, cloud))
    return notebook


def _execute(notebook: NotebookNode, lesson: Lesson, cloud: FreshCloud) -> None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    try:
        run_cells(notebook, lesson.text.parent, _kernel_environment(cloud))
    except CellExecutionError as error:
        told = f"{error.ename}: {error.evalue}"
        raise BuildError(f"{lesson.text}: {_place(notebook)} failed.\n{told}") from error
    except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
        raise BuildError(f"{lesson.text}: {_place(notebook)} did not end: {error}") from error


def _kernel_environment(cloud: FreshCloud) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_UNSET)}
    return {**kept, **cloud.environment, "PYTHONHASHSEED": "0", "COLUMNS": "100"}


def _place(notebook: NotebookNode) -> str:
    """The cell that ran last, in words."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ran = [cell for cell in cells if cell.get("execution_count") or cell.outputs]
    last = ran[-1] if ran else cells[0]
    first_line = last.source.strip().partition("\n")[0]
    return f"code cell {cells.index(last) + 1} ({first_line})"


def _scrubber(root: Path, cloud: FreshCloud) -> Callable[[str], str]:
    """A function that takes out of a text what belongs to this run and this machine."""
    state, course, home = str(cloud.directory), str(root), str(Path.home())

    def scrubbed(text: str) -> str:
        text = text.replace(state, ".labcloud").replace(course + "/", "").replace(course, ".")
        text = text.replace(home + "/", "~/")
        text = _LOOPBACK.sub(r"\1:4510", text)
        return _ADDRESS.sub("0x…", text)

    return scrubbed


def scrub(notebook: NotebookNode, scrubbed: Callable[[str], str]) -> None:
    """Apply `scrubbed` to all texts in the outputs, and reset the metadata that a run writes."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [_scrubbed(_shortened(output), scrubbed) for output in cell.outputs]
    notebook.metadata = METADATA


def _shortened(output: NotebookNode) -> NotebookNode:
    """An error without the frames of libraries: the cell's own line, and what AWS said."""
    if output.output_type == "error":
        output.traceback = [part for part in output.traceback if "site-packages" not in part]
    return output


def _scrubbed(value: Any, scrubbed: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return type(value)(
            {
                name: inner
                if name.startswith(("image/png", "image/jpeg"))
                else _scrubbed(inner, scrubbed)
                for name, inner in value.items()
            }
        )
    if isinstance(value, list):
        return [_scrubbed(inner, scrubbed) for inner in value]
    return scrubbed(value) if isinstance(value, str) else value
