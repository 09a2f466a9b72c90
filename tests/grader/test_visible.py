"""The release's checks.py holds the visible checks and nothing of the hidden ones."""

from __future__ import annotations

import pytest

from grader.checks import load_checks
from grader.errors import BuildError
from grader.visible import visible_checks


def test_helpers_of_visible_checks_travel_and_those_of_hidden_ones_stay(mini):
    text = visible_checks(mini.checks)
    for travels in ("def greeted", "def measured", "def sizes", "KEY =", "NEEDS =", "def setup"):
        assert travels in text
    for stays in ("def polite", "is_polite", "POLITE", "Counter", "import string", "aloud"):
        assert stays not in text
    assert "the hidden one" not in text


def test_the_release_is_a_module_with_the_visible_checks(mini, tmp_path):
    path = tmp_path / "checks.py"
    path.write_text(visible_checks(mini.checks))
    released = load_checks(path)
    assert list(released.checks) == ["greeted", "measured"]
    assert released.checks["greeted"].lesson == "Greet"
    assert released.setup is not None


def test_an_import_of_several_names_brings_those_that_are_used(mini):
    text = mini.checks.read_text()
    mini.checks.write_text(
        text.replace(
            "from collections import Counter", "from collections import Counter, deque"
        ).replace("    keys = list(sizes", "    keys = deque(sizes")
    )
    assert "from collections import deque\n" in visible_checks(mini.checks)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('NEEDS = "', 'print("hello")\nNEEDS = "', r"checks\.py:\d+: only imports, constants"),
        ("found.expect(len(keys) < 3", "polite\n    found.expect(len(keys) < 3", "polite()"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused(mini, old, new, words):
    mini.checks.write_text(mini.checks.read_text().replace(old, new))
    with pytest.raises(BuildError, match=words.replace("()", r"\(\)")):
        visible_checks(mini.checks)


def test_hidden_as_an_expression_counts_as_hidden(mini):
    text = mini.checks.read_text()
    mini.checks.write_text(text.replace("hidden=True", "hidden=bool(KEY)"))
    assert "def polite" not in visible_checks(mini.checks)
