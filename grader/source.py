"""MyST text to notebook: reading the source of a lesson or a lab.

The text is jupytext's `md:myst` (https://jupytext.readthedocs.io/en/latest/formats-markdown.html).
Front matter may be left out: what a notebook says of its kernel is the same for all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import BuildError

if TYPE_CHECKING:
    from nbformat import NotebookNode

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_NOT_AN_ID = re.compile(r"[^a-zA-Z0-9_-]+")


def read_text(path: Path) -> NotebookNode:
    """Return the notebook of a MyST text, without outputs, with stable metadata and cell ids.

    Raises BuildError where the text is not MyST.
    """
    import jupytext

    text = _FRONT_MATTER.sub("", path.read_text("utf-8"), count=1)
    try:
        notebook: NotebookNode = jupytext.reads(text, fmt="md:myst")
    except Exception as error:  # jupytext raises its own, YAML's and markdown-it's errors
        raise BuildError(f"{path}: not MyST text: {error}") from error
    notebook.metadata = METADATA
    number_cells(notebook.cells)
    return notebook


def number_cells(cells: Iterable[NotebookNode]) -> None:
    """Give each cell an id that follows from its grade_id or its content."""
    taken: set[str] = set()
    for cell in cells:
        cell.id = _free(_id_of(cell), taken)
        taken.add(cell.id)


def _id_of(cell: NotebookNode) -> str:
    graded: dict[str, Any] = cell.metadata.get("nbgrader", {})
    if "grade_id" in graded:
        return _NOT_AN_ID.sub("-", str(graded["grade_id"]))[:60]
    return hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:8]


def _free(wanted: str, taken: set[str]) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def write_notebook(notebook: NotebookNode) -> bytes:
    """Return a notebook as the bytes of its file: the same notebook, the same bytes."""
    import nbformat

    writes: Callable[[NotebookNode], str] = nbformat.writes
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return (writes(notebook).rstrip("\n") + "\n").encode()
