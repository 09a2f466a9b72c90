"""Drift: where a built file is not what its sources make."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.lesson import VARIES


def drift(path: Path, made: bytes) -> str | None:
    """Return in words the first difference between a file and what was made; None where none."""
    if not path.is_file():
        return "is missing"
    found = path.read_bytes()
    if found == made:
        return None
    if path.suffix == ".ipynb":
        return _notebook_drift(found, made)
    return _text_drift(found, made)


def _notebook_drift(found: bytes, made: bytes) -> str | None:
    try:
        old, new = json.loads(found), json.loads(made)
        pairs = list(zip(_compared(old), _compared(new), strict=False))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"is not a notebook ({error})"
    for number, (left, right) in enumerate(pairs, 1):
        if left != right:
            part = next(k for k in {**right, **left} if left.get(k) != right.get(k))
            return f"cell {number} ({_first_line(right)}) differs in its {part}"
    if len(old["cells"]) != len(new["cells"]):
        return f"has {len(old['cells'])} cells; its text makes {len(new['cells'])}"
    old.pop("cells"), new.pop("cells")
    return None if old == new else "differs in its metadata"


def _compared(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells as they are compared: without outputs where these vary."""
    for cell in notebook["cells"]:
        varies = VARIES in cell["metadata"].get("tags", [])
        yield {**cell, "outputs": []} if varies else cell


def _first_line(cell: dict[str, Any]) -> str:
    return "".join(cell["source"]).strip().partition("\n")[0][:60]


def _text_drift(found: bytes, made: bytes) -> str:
    old = found.decode("utf-8", "replace").splitlines()
    new = made.decode("utf-8", "replace").splitlines()
    for tag, start, *_ in difflib.SequenceMatcher(a=new, b=old, autojunk=False).get_opcodes():
        if tag != "equal":
            return f"line {start + 1} differs"
    return "differs"
