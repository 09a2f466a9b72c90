"""Short marks in the text become nbgrader's metadata."""

from __future__ import annotations

import pytest

from grader.checks import load_checks
from grader.errors import BuildError
from grader.graded import instructor_notebook
from grader.release import released_notebook


def instructor(lab):
    return instructor_notebook(lab, load_checks(lab.checks))


def cells(notebook):
    return {cell.id: cell for cell in notebook.cells}


def test_marks_become_nbgrader_metadata_with_the_checks_points(mini):
    made = cells(instructor(mini))
    assert made["greeted"].metadata["nbgrader"] == {
        "grade": True,
        "grade_id": "greeted",
        "locked": True,
        "points": 2,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    assert made["greeted"].source == 'lab.check("greeted")'
    assert made["greet"].metadata["nbgrader"]["solution"]
    assert made["task-greet"].metadata["nbgrader"]["locked"]


def test_a_hidden_check_is_a_comment_in_the_release(mini):
    notebook = instructor(mini)
    assert cells(notebook)["polite"].source == (
        "# Hidden check: Read the greeting aloud.\n"
        "### BEGIN HIDDEN TESTS\n"
        'lab.check("polite")\n'
        "### END HIDDEN TESTS"
    )
    released = cells(released_notebook(notebook))["polite"]
    assert released.source == "# Hidden check: Read the greeting aloud."
    assert released.metadata["editable"] is False


def test_solutions_become_stubs(mini):
    released = cells(released_notebook(instructor(mini)))
    assert released["greet"].source == (
        "def greet(lab):\n"
        '    """Make the bucket and put hello.txt into it."""\n'
        "    # YOUR CODE HERE\n"
        "    raise NotImplementedError()"
    )
    assert released["measure"].source == "# YOUR CODE HERE\nraise NotImplementedError()"


def test_answers_graded_by_hand_say_their_points(mini):
    mini.text.write_text(
        mini.text.read_text() + '\n+++ {"solution": "why", "points": 4}\n\nBecause.\n'
    )
    why = cells(instructor(mini))["why"].metadata["nbgrader"]
    assert (why["grade"], why["solution"], why["points"]) == (True, True, 4)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (":grade: greeted", ":grade: greted", "no check 'greted'"),
        (":grade: greeted", ":grade: polite", "two cells are named 'polite'"),
        ("```{code-cell} ipython3\n:grade: polite\n```", "", "no cell for the check 'polite'"),
        (":grade: polite", ":grade: polite\n:points: 3", "says its points in checks.py"),
        (":solution: measure", ":solution: measure\n:locked: m", "the marks solution and locked"),
        ('lab.check("measured")', "assert True", "holds lab.check.*and nothing else"),
        ('+++ {"locked": "task-greet"}', '+++ {"task": "t"}', "say for how many points"),
        ('+++ {"locked": "task-greet"}', '+++ {"grade": "greeted"}', "is a Markdown cell"),
    ],
)
def test_a_mark_that_cannot_be_says_why_and_where(mini, old, new, words):
    text = mini.text.read_text()
    assert old in text
    mini.text.write_text(text.replace(old, new, 1))
    with pytest.raises(BuildError, match=f"01-mini.md: .*{words}"):
        instructor(mini)


def test_a_solution_without_its_end_is_refused(mini):
    mini.text.write_text(mini.text.read_text().replace("### END SOLUTION", "", 1))
    with pytest.raises(BuildError, match="no end solution statement"):
        released_notebook(instructor(mini))


def test_cell_ids_follow_from_names_and_content(mini):
    assert [cell.id for cell in instructor(mini).cells] == [
        cell.id for cell in instructor(mini).cells
    ]
    mini.text.write_text(mini.text.read_text() + "\n+++\n\nTwice.\n\n+++\n\nTwice.\n")
    first, second = (cell.id for cell in instructor(mini).cells[-2:])
    assert second == f"{first}-2"
