"""All labs keep their promises. Labs and known answers are found by folder, never listed."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest

from grader.checks import load_checks
from grader.graded import instructor_notebook
from grader.layout import Course, LabFolder
from grader.release import released_notebook
from grader.trial import (
    Answer,
    grade_release,
    grade_solution,
    load_answer,
    stubs_that_pass,
    try_answer,
)
from grader.visible import visible_checks

LABS = [
    *Course(Path(__file__).resolve().parents[2]).labs,
    *Course(Path(__file__).parent / "mini").labs,
]
WRONG = [(lab, path) for lab in LABS for path in lab.wrong]
RIGHT = [(lab, path) for lab in LABS for path in lab.right]

each_lab = pytest.mark.parametrize("lab", LABS, ids=[lab.name for lab in LABS])
each_wrong = pytest.mark.parametrize(
    ("lab", "path"), WRONG, ids=[f"{lab.name}/{path.stem}" for lab, path in WRONG]
)
each_right = pytest.mark.parametrize(
    ("lab", "path"), RIGHT, ids=[f"{lab.name}/{path.stem}" for lab, path in RIGHT]
)


@pytest.mark.usefixtures("fresh")
@each_lab
def test_the_solution_scores_full_marks(lab: LabFolder):
    graded = grade_solution(lab)
    assert graded.failures == {}
    assert graded.score == graded.possible == load_checks(lab.checks).points


@pytest.mark.usefixtures("fresh")
@each_lab
def test_the_untouched_release_scores_nothing_and_its_stubs_say_so(lab: LabFolder):
    graded = grade_release(lab)
    assert {name: reached for name, (reached, _) in graded.scores.items() if reached} == {}
    assert graded.possible == load_checks(lab.checks).points
    assert stubs_that_pass(graded.notebook, graded.failures) == []


@pytest.mark.usefixtures("fresh")
@each_wrong
def test_a_wrong_answer_fails_with_its_own_sentence(lab: LabFolder, path: Path):
    answer: Answer = load_answer(lab, path)
    for result in try_answer(lab, answer):
        report = result.full()
        assert not result.passed
        assert answer.message in re.sub(r"\s+", " ", report)
        assert len(report.splitlines()[0]) <= 65
        assert len(result.shown().splitlines()[0]) <= 65


@pytest.mark.usefixtures("fresh")
@each_right
def test_another_right_answer_passes(lab: LabFolder, path: Path):
    reports = [r.full() for r in try_answer(lab, load_answer(lab, path)) if not r.passed]
    assert reports == []


@each_lab
def test_every_check_has_two_wrong_answers_and_the_lab_two_right_ones(lab: LabFolder):
    wrong = Counter(name for path in lab.wrong for name in load_answer(lab, path).checks)
    assert {name: wrong[name] for name in load_checks(lab.checks).checks if wrong[name] < 2} == {}
    assert len(lab.right) >= 2


@each_lab
def test_nothing_of_hidden_checks_is_released(lab: LabFolder):
    checks = load_checks(lab.checks)
    hidden = [one for one in checks.checks.values() if one.hidden]
    notebook = released_notebook(instructor_notebook(lab, checks))
    released = visible_checks(lab.checks) + "\n".join(cell.source for cell in notebook.cells)
    for check in hidden:
        assert check.name not in released
        assert check.function.__name__ not in released
        assert check.about not in released
        for sentence in sentences_in(check.function):
            assert sentence not in released


def sentences_in(function: object) -> list[str]:
    """The texts of four words or more in a function's code."""
    tree = ast.parse(inspect.getsource(function))  # type: ignore[arg-type]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    told = [one.value.value for one in ast.walk(tree) if _is_text(one)]  # type: ignore[attr-defined]
    sentences = [one for one in texts if isinstance(one, str) and len(one.split()) > 3]
    return [one for one in sentences if one not in told]


def _is_text(node: ast.AST) -> bool:
    """Whether a node is an argument such as hint="…", which students do see."""
    return isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant)
