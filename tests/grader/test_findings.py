"""What a check finds is collected, ordered and told in lines that can be read."""

from __future__ import annotations

import pytest

from grader.checks import Check
from grader.errors import GraderError
from grader.findings import Findings
from grader.report import CheckFailed, Result, headline
from grader.run import run_check


class Lab:
    name = "03-athena"
    bucket = "lab-03-athena-1"


def checked(function, **declared):
    """Run a function as a check."""
    check = Check("partitioned", 2, "Partition it", False, None, function)
    return run_check(Check(**{**vars(check), **declared}), None, declared.pop("answers", {}), Lab())


def test_all_failures_are_told_together_in_the_order_of_the_check():
    def partitioned(aws, answers, lab):
        """`flights` is partitioned."""
        found = Findings()
        assert found.expect(1 + 1 == 2, "not told")
        assert not found.expect([], "There are no partitions.\nFound none; expected 12.")
        found.expect(False, "The table has no location.")
        return found

    result = checked(partitioned)
    assert result.points == 0
    assert result.full().splitlines() == [
        "There are no partitions.",
        "  Found none; expected 12.",
        "- The table has no location.",
        'Read "Partition it" in lesson 03.',
        "✗ partitioned (0/2 points)",
    ]


def test_a_recognised_mistake_comes_first_by_name():
    def partitioned(aws, answers, lab):
        """`flights` is partitioned."""
        found = Findings()
        found.expect(False, "There are no partitions.")
        found.mistake("month first", "The month comes before the year.")
        return found

    result = checked(partitioned)
    assert result.sentences == ["The month comes before the year.", "There are no partitions."]
    assert result.mistakes == ["month first"]


def test_a_pass_says_what_was_looked_at():
    def partitioned(aws, answers, lab):
        """`flights` is partitioned.

        More for maintainers.
        """
        return Findings()

    result = checked(partitioned)
    assert result.points == 2
    assert result.full() == "✓ partitioned — `flights` is partitioned. (2/2 points)"


def test_what_was_found_before_an_error_is_kept():
    def partitioned(aws, answers, lab):
        """`flights` is partitioned."""
        found = Findings()
        found.expect(False, "There are no partitions.")
        found.expect(answers["busiest"] == 7, "not reached")
        return found

    told = checked(partitioned).full()
    assert told.startswith("There are no partitions.\n- There is no answer 'busiest' yet.\n")
    assert "Traceback" not in told


def test_a_check_that_forgets_to_return_does_not_pass():
    def partitioned(aws, answers, lab):
        """`flights` is partitioned."""

    result = checked(partitioned)
    assert not result.passed
    assert isinstance(result.error, TypeError)


def test_what_a_check_prints_to_stderr_stays_off_the_cell(capsys):
    def partitioned(aws, answers, lab):
        """`flights` is partitioned."""
        import sys
        import warnings

        warnings.warn("old", DeprecationWarning, stacklevel=1)
        print("noise", file=sys.stderr)
        return Findings()

    assert checked(partitioned).passed
    assert capsys.readouterr() == ("", "")


def test_of_a_hidden_check_a_student_sees_the_hint_and_an_instructor_all():
    def partitioned(aws, answers, lab):
        """The secret."""
        found = Findings()
        found.expect(False, "The secret word is missing.")
        return found

    result = checked(partitioned, hidden=True, hint="Look at the words.")
    assert "secret" not in str(CheckFailed(result))
    assert "Look at the words." in str(CheckFailed(result))
    assert "secret word" in result.full()


@pytest.mark.parametrize(
    ("line", "head", "tail"),
    [
        ("Short.", "Short.", ""),
        (
            "There are 12 partitions. Expected the table to be partitioned by year and month.",
            "There are 12 partitions.",
            "Expected the table to be partitioned by year and month.",
        ),
        (
            "Expected the table flights to be partitioned by year, then month, then by day too",
            "Expected the table flights to be partitioned by year, then month,",
            "then by day too",
        ),
        ("x" * 70, "x" * 65, "x" * 5),
    ],
)
def test_a_long_first_line_is_cut_where_it_reads_best(line, head, tail):
    assert headline(line) == (head, tail)


def test_every_line_fits_into_what_validate_shows():
    def partitioned(aws, answers, lab):
        """`flights` is partitioned."""
        found = Findings()
        for _ in range(2):
            found.expect(False, "word " * 40 + "\n" + "detail " * 40)
        found.expect(False, "y" * 300)
        return found

    lines = checked(partitioned).full().splitlines()
    assert len(lines[0]) <= 65
    assert max(map(len, lines)) <= 83


def test_jupyter_shows_the_report_and_no_traceback():
    def partitioned(aws, answers, lab):
        """`flights` is partitioned."""
        found = Findings()
        found.expect(False, "There are no partitions.")
        return found

    shown = CheckFailed(checked(partitioned))._render_traceback_()
    assert shown[0] == "There are no partitions."
    assert GraderError("No such lab.")._render_traceback_() == ["No such lab."]


def test_results_compare_points_as_people_write_them():
    check = Check("one", 1, None, False, None, lambda a, b, c: Findings())
    assert Result(check, "01-x").score == "1/1 point"
    half = Check("half", 2.5, None, False, None, lambda a, b, c: Findings())
    assert Result(half, "01-x").score == "2.5/2.5 points"
