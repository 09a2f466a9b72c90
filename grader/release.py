"""The student's release of a lab: what generate_assignment makes, and the visible checks."""

from __future__ import annotations

import logging
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.checks import LabChecks
from grader.errors import BuildError
from grader.layout import LabFolder
from grader.visible import visible_checks

if TYPE_CHECKING:
    from nbformat import NotebookNode

STAYS = (
    "checks.py",
    "steps.py",
    "right",
    "wrong",
    "[0-9][0-9]-*.md",
    "[0-9][0-9]-*.ipynb",
    ".ipynb_checkpoints",
    "__pycache__",
    "*.pyc",
    "feedback",
)
"""What of a lab's source folder is not copied into its release, as globs of names.

The notebook and `checks.py` of the release are made, not copied.
"""


def released_notebook(notebook: NotebookNode, *, hidden: bool = False) -> NotebookNode:
    """Return the student's version of the instructor's notebook.

    nbgrader's own preprocessors make it, in the order of its generate_assignment. `hidden` keeps
    hidden checks' cells filled, as they are when an untouched release is graded. Raises BuildError
    where nbgrader refuses the notebook.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.preprocessors import ClearHiddenTests, SaveCells
    from traitlets.config import Config

    quiet = logging.getLogger("grader.release")
    left_out: tuple[Any, ...] = (SaveCells, ClearHiddenTests) if hidden else (SaveCells,)
    copy: NotebookNode = deepcopy(notebook)
    resources: dict[str, Any] = {"kernel_name": "python3", "metadata": {"path": "."}}
    for preprocessor in GenerateAssignment.class_traits()["preprocessors"].default():
        if preprocessor in left_out:
            continue
        try:
            made = preprocessor(config=Config(), log=quiet)
            copy, resources = made.preprocess(copy, resources)
        except Exception as error:  # nbgrader raises RuntimeError, jsonschema's errors and more
            raise BuildError(f"{preprocessor.__name__}: {error}") from error
    return copy


def release_files(lab: LabFolder) -> dict[Path, bytes]:
    """Return the files of the release but for its notebook, by path below the release's folder."""
    files = {path.relative_to(lab.source): path.read_bytes() for path in travelling(lab.source)}
    files[Path("checks.py")] = visible_checks(lab.checks).encode()
    return files


def travelling(folder: Path) -> list[Path]:
    """Return the files of a lab's source folder that are copied into the release."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if any(path.match(pattern) for pattern in STAYS):
            continue
        found += travelling(path) if path.is_dir() else [path]
    return found


def check_release(lab: LabFolder, checks: LabChecks, released: NotebookNode, text: str) -> None:
    """Make sure that a release calls no hidden check. Raises BuildError where it does."""
    everything = "\n".join(cell.source for cell in released.cells) + text
    for check in checks.checks.values():
        if check.hidden and f'"{check.name}"' in everything:
            raise BuildError(f"{lab.text}: the release would hold the hidden check '{check.name}'.")
