"""MATCH_RECOGNIZE: matches, measures, what is put out, skipping, errors.

Expectations follow https://trino.io/docs/current/sql/match-recognize.html and SQL:2016.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]

FALLING = "(VALUES (1, 90), (2, 80), (3, 70), (4, 70)) t(id, v)"
PEAKS = "(VALUES (1, 5), (2, 3), (3, 4), (4, 6), (5, 2), (6, 3), (7, 9)) t(id, v)"


def matched(clauses: str, source: str = FALLING, columns: str = "*", order: str = "") -> str:
    return f"SELECT {columns} FROM {source} MATCH_RECOGNIZE (ORDER BY id {clauses}) AS m {order}"


def test_one_row_per_match(ask: Ask) -> None:
    measures = "MEASURES A.v AS first, LAST(B.v) AS low, count(B.*) AS n"
    pattern = "PATTERN (A B+) DEFINE B AS B.v < PREV(B.v)"
    assert ask(matched(f"{measures} {pattern}")) == [["90", "70", "2"]]


def test_all_rows_per_match_put_out_sort_keys_measures_and_the_rest(ask: Ask) -> None:
    measures = "MEASURES match_number() AS m, RUNNING LAST(v) AS val, classifier() AS label"
    pattern = "ALL ROWS PER MATCH PATTERN (A B+) DEFINE B AS B.v < PREV(B.v)"
    assert ask(matched(f"{measures} {pattern}", order="ORDER BY id")) == [
        ["1", "1", "90", "A", "90"],
        ["2", "1", "80", "B", "80"],
        ["3", "1", "70", "B", "70"],
    ]


def test_running_and_final(ask: Ask) -> None:
    measures = (
        "MEASURES FINAL LAST(v) AS f, RUNNING LAST(v) AS r, FINAL count(*) AS n, "
        "RUNNING sum(v) AS s, FIRST(v) AS h"
    )
    found = ask(
        matched(
            f"{measures} ALL ROWS PER MATCH PATTERN (A B+) DEFINE B AS v < PREV(v)",
            columns="id, f, r, n, s, h",
            order="ORDER BY id",
        )
    )
    assert found == [
        ["1", "70", "90", "3", "90", "90"],
        ["2", "70", "80", "3", "170", "90"],
        ["3", "70", "70", "3", "240", "90"],
    ]


def test_empty_matches_and_unmatched_rows(ask: Ask) -> None:
    measures = "MEASURES match_number() AS m, classifier() AS c, count(*) AS n"
    pattern = "PATTERN (B*) DEFINE B AS v < PREV(v)"
    shown = [
        ["1", "1", None, "0"],
        ["2", "2", "B", "1"],
        ["3", "2", "B", "2"],
        ["4", "3", None, "0"],
    ]

    def rows(mode: str, with_: str = pattern) -> list[list[str | None]]:
        return ask(
            matched(f"{measures} {mode} {with_}", columns="id, m, c, n", order="ORDER BY id")
        )

    assert rows("ALL ROWS PER MATCH") == shown
    assert rows("ALL ROWS PER MATCH SHOW EMPTY MATCHES") == shown
    assert rows("ALL ROWS PER MATCH OMIT EMPTY MATCHES") == shown[1:3]
    unmatched = rows(
        "ALL ROWS PER MATCH WITH UNMATCHED ROWS", "PATTERN (B+) DEFINE B AS v < PREV(v)"
    )
    assert unmatched == [
        ["1", None, None, None],
        ["2", "1", "B", "1"],
        ["3", "1", "B", "2"],
        ["4", None, None, None],
    ]
    one = ask(matched(f"{measures} {pattern}", columns="m, c, n", order="ORDER BY m"))
    assert one == [["1", None, "0"], ["2", "B", "2"], ["3", None, "0"]]


def test_a_condition_may_look_at_the_match_so_far(ask: Ask) -> None:
    """C compares with the row labelled A, D with the first of a union, E counts."""
    measures = "MEASURES A.id AS a, LAST(U.id) AS u, count(*) AS n"
    conditions = "DEFINE B AS v < PREV(v), C AS v > PREV(v) AND v <= A.v, D AS v > FIRST(U.v)"
    pattern = f"PATTERN (A B+ C+ D?) SUBSET U = (B, C) {conditions}"
    assert ask(matched(f"{measures} {pattern}", PEAKS)) == [["1", "3", "4"]]
    counted = "MEASURES count(*) AS n, sum(v) AS s PATTERN (A+) DEFINE A AS sum(A.v) <= 12"
    assert ask(matched(counted, PEAKS)) == [["3", "12"], ["3", "11"], ["1", "9"]]
    labels = "MEASURES count(*) AS n PATTERN (A+) DEFINE A AS count(*) <= 3 AND FIRST(A.v) > 2"
    assert ask(matched(labels, PEAKS)) == [["3"], ["3"], ["1"]]


@pytest.mark.parametrize(
    ("pattern", "labels"),
    [
        ("A B", ["A", "B"]),
        ("(A | B) C", ["A", "C"]),
        ("(B | A) C", ["B", "C"]),
        ("A*", ["A"] * 4),
        ("A*? B", ["B"]),
        ("A{2}", ["A"] * 2),
        ("A{2,3}", ["A"] * 3),
        ("A{2,3}?", ["A"] * 2),
        ("A{,3}", ["A"] * 3),
        ("A{1,} B", ["A"] * 3 + ["B"]),
        ("A?? B", ["B"]),
        ("A? B", ["A", "B"]),
        ("PERMUTE(A, B, C)", ["A", "B", "C"]),
        ("^ A B", ["A", "B"]),
        ("A+? $", ["A"] * 4),
        ("(A? B?)*", ["A", "B", "A", "B"]),
        ("(A | ()) B", ["A", "B"]),
        ("A {- B+ -} C", ["A", "C"]),
    ],
)
def test_patterns(ask: Ask, pattern: str, labels: list[str]) -> None:
    """Without conditions every row fits every label, so preferences alone decide."""
    measures = "MEASURES classifier() AS c, match_number() AS m ALL ROWS PER MATCH"
    clauses = f"{measures} PATTERN ({pattern}) DEFINE A AS true"
    found = ask(matched(clauses, columns="c, m", order="ORDER BY id"))
    assert [row[0] for row in found if row[1] == "1"] == labels


@pytest.mark.parametrize(
    ("skip", "firsts"),
    [
        ("PAST LAST ROW", ["1", "4"]),
        ("TO NEXT ROW", ["1", "2", "4", "5"]),
        ("TO LAST B", ["1", "4"]),
        ("TO FIRST B", ["1", "2", "4", "5"]),
        ("TO B", ["1", "4"]),
    ],
)
def test_skipping(ask: Ask, skip: str, firsts: list[str]) -> None:
    source = "(VALUES (1, 9), (2, 8), (3, 7), (4, 9), (5, 8), (6, 7), (7, 8)) t(id, v)"
    pattern = "PATTERN (A B+) DEFINE B AS v < PREV(v)"
    found = ask(
        matched(
            f"MEASURES FIRST(id) AS a AFTER MATCH SKIP {skip} {pattern}",
            source,
            order="ORDER BY a",
        )
    )
    assert [row[0] for row in found] == firsts


def test_partitions_keep_apart_and_nulls_are_one(ask: Ask) -> None:
    source = "(VALUES ('p', 1, 3), ('p', 2, 4), (NULL, 1, 1), (NULL, 2, 5)) t(g, id, v)"
    sql = (
        f"SELECT * FROM {source} MATCH_RECOGNIZE (PARTITION BY g ORDER BY id "
        "MEASURES LAST(v) AS top, match_number() AS m PATTERN (A B) DEFINE B AS v > PREV(v)) "
        "ORDER BY top"
    )
    assert ask(sql) == [["p", "4", "1"], [None, "5", "1"]]


def test_navigation_goes_beyond_the_match(ask: Ask) -> None:
    measures = (
        "MEASURES PREV(A.v) AS p, NEXT(LAST(B.v)) AS n, PREV(v, 3) AS far, LAST(v, 1) AS l, "
        "FIRST(B.v, 1) AS second, PREV(classifier()) AS c"
    )
    pattern = "PATTERN (A B) DEFINE A AS v < 6, B AS v > PREV(v)"
    assert ask(matched(f"{measures} {pattern}", PEAKS)) == [
        ["5", "6", None, "3", None, "A"],
        ["6", "9", "4", "2", None, "A"],
    ]


def test_aggregates_over_labels(ask: Ask) -> None:
    measures = (
        "MEASURES array_agg(classifier()) AS labels, max(B.v) AS top, min(U.v) AS low, "
        "count(B.v) AS n, sum(v + 1) AS s"
    )
    pattern = "PATTERN (A B+) SUBSET U = (A, B) DEFINE B AS v > PREV(v)"
    assert ask(matched(f"{measures} {pattern}", PEAKS)) == [
        ["[A, B, B]", "6", "3", "2", "16"],
        ["[A, B, B]", "9", "2", "2", "17"],
    ]


def test_long_match_is_found_in_time(ask: Ask) -> None:
    source = "(SELECT id, id AS v FROM unnest(sequence(1, 5000)) u(id)) t"
    measures = "MEASURES count(*) AS n, LAST(id) AS l"
    assert ask(matched(f"{measures} PATTERN (A B+) DEFINE B AS v > PREV(v)", source)) == [
        ["5000", "5000"]
    ]


def located(sql: str, token: str, error: str) -> str:
    """The error as it reads for a token's last place in the statement."""
    name, _, text = error.partition(": ")
    return f"{name}: line 1:{sql.rindex(token) + 1}: {text}" if token else error


@pytest.mark.parametrize(
    ("clauses", "token", "error"),
    [
        (
            "PATTERN (A) DEFINE B AS v > 0",
            "B AS",
            "INVALID_LABEL: defined variable: B is not a primary pattern variable",
        ),
        (
            "PATTERN (A) DEFINE A AS v > 0, A AS v > 1",
            "A AS",
            "INVALID_LABEL: pattern variable with name: A is defined twice",
        ),
        (
            "PATTERN (A) SUBSET A = (A) DEFINE A AS v > 0",
            "A = ",
            "INVALID_LABEL: union pattern variable name: A is a duplicate of primary pattern "
            "variable name",
        ),
        (
            "PATTERN (A) SUBSET U = (X) DEFINE A AS v > 0",
            "X",
            "INVALID_LABEL: subset element: X is not a primary pattern variable",
        ),
        (
            "AFTER MATCH SKIP TO X PATTERN (A) DEFINE A AS v > 0",
            "X",
            "INVALID_LABEL: X is not a primary or union pattern variable",
        ),
        (
            "MEASURES A.v AS x AFTER MATCH SKIP TO A PATTERN (A) DEFINE A AS v > 0",
            "",
            "GENERIC_USER_ERROR: AFTER MATCH SKIP failed: cannot skip to first row of match",
        ),
        (
            "MEASURES A.v AS x AFTER MATCH SKIP TO B PATTERN (A B?) DEFINE A AS v > 0, B AS false",
            "",
            "GENERIC_USER_ERROR: AFTER MATCH SKIP failed: pattern variable is not present in match",
        ),
        (
            "PATTERN (A) DEFINE A AS v + 1",
            "+ 1",
            "TYPE_MISMATCH: Expression defining a label must be boolean (actual type: integer)",
        ),
    ],
)
def test_errors(error_of: Callable[[str], str], clauses: str, token: str, error: str) -> None:
    assert error_of(matched(clauses)) == located(matched(clauses), token, error)


@pytest.mark.parametrize(
    ("measure", "token", "error"),
    [
        (
            "LAST(A.v + B.v)",
            "LAST",
            "INVALID_ARGUMENTS: All labels and classifiers inside the call to 'last' must match",
        ),
        (
            "LAST(1)",
            "LAST",
            "INVALID_ARGUMENTS: Pattern navigation function 'LAST' must contain at least one "
            "column reference or CLASSIFIER()",
        ),
        (
            "LAST(PREV(v))",
            "PREV",
            "INVALID_NAVIGATION_NESTING: Cannot nest prev pattern navigation function inside "
            "last pattern navigation function",
        ),
        (
            "PREV(LAST(v) + 1)",
            "LAST",
            "INVALID_NAVIGATION_NESTING: Immediate nesting is required for pattern navigation "
            "functions",
        ),
        (
            "sum(LAST(v))",
            "LAST",
            "INVALID_NAVIGATION_NESTING: Cannot nest last pattern navigation function inside sum "
            "function",
        ),
        (
            "PREV(v, 'x')",
            "PREV",
            "INVALID_FUNCTION_ARGUMENT: prev pattern recognition navigation function requires a "
            "number as the second argument",
        ),
        (
            "CLASSIFIER(X)",
            "X)",
            "INVALID_FUNCTION_ARGUMENT: X is not a primary pattern variable or subset name",
        ),
        ("zz", "zz", "COLUMN_NOT_FOUND: Column 'zz' cannot be resolved"),
    ],
)
def test_errors_of_measures(
    error_of: Callable[[str], str], measure: str, token: str, error: str
) -> None:
    sql = matched(f"MEASURES {measure} AS x PATTERN (A B) DEFINE A AS v > 0")
    assert error_of(sql) == located(sql, token, error)
