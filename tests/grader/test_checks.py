"""How a check is declared, and what is refused."""

from __future__ import annotations

import pytest

from grader import Findings, check
from grader.checks import load_checks
from grader.errors import GraderError


def declare(*arguments, doc="What it looks at.", **options):
    def function(aws, answers, lab):
        return Findings()

    function.__doc__ = doc
    return check(*arguments, **options)(function)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (("Two Words",), {}, "lower-case words joined by hyphens"),
        (("free",), {"points": 0}, "more than 0"),
        (("mute",), {"doc": ""}, "docstring"),
        (("secret",), {"hidden": True}, "hint"),
    ],
)
def test_an_incomplete_declaration_says_what_is_missing(arguments, options, words):
    with pytest.raises(GraderError, match=words):
        declare(*arguments, **options)


def test_a_file_declares_checks_in_order_and_what_travels(mini):
    lab = load_checks(mini.checks)
    assert list(lab.checks) == ["greeted", "polite", "measured"]
    assert lab.points == 6
    assert lab.needs == "It makes one object of some bytes."
    assert lab.setup is not None
    assert lab.cleanup is not None
    assert lab["polite"].about == "The greeting says hello."


def test_an_unknown_check_names_the_known_ones(mini):
    with pytest.raises(GraderError, match=r"no check 'greted'.*greeted, polite, measured"):
        load_checks(mini.checks)["greted"]


def test_a_name_used_twice_is_refused(mini):
    text = mini.checks.read_text()
    mini.checks.write_text(text.replace('@check("measured"', '@check("greeted"'))
    with pytest.raises(GraderError, match="'greeted' is declared twice"):
        load_checks(mini.checks)


def test_a_notebook_away_from_its_folder_says_so(tmp_path):
    with pytest.raises(GraderError, match=r"no checks\.py beside the notebook"):
        load_checks(tmp_path / "checks.py")
