"""What README.md and the decisions point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .lock import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_its_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_each_decision_says_context_choice_and_cost() -> None:
    for page in (REPOSITORY / "docs" / "decisions").glob("*.md"):
        text = page.read_text()
        for part in ("**Context.**", "**Choice.**", "**Cost.**"):
            assert part in text, page.name
