"""Regular expression functions: Java's syntax as Joni reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
TypesOf = Callable[[str], list[str]]
ErrorOf = Callable[[str], str]

VALUES: dict[str, str | None] = {
    "regexp_like('naïve', '^\\w+$')": "true",
    "regexp_like('١٢', '^\\d+$')": "true",
    "regexp_like('a' || chr(10), 'a$')": "true",
    "regexp_like('a' || chr(10) || 'b', '^b')": "false",
    "regexp_like('a' || chr(10) || 'b', '(?m)^b')": "true",
    "regexp_like('a' || chr(10) || 'b', 'a.b')": "false",
    "regexp_like('a' || chr(10) || 'b', '(?s)a.b')": "true",
    "regexp_like('ORDER', '(?i)order')": "true",
    "regexp_like('aab', 'a++ab')": "false",
    "regexp_like('ab', '(?<!x)b')": "true",
    "regexp_like('x7', '[a-z&&[^b]]\\d')": "true",
    "regexp_like('a.b', '\\Qa.b\\E')": "true",
    "regexp_like('AbC', '\\p{Lu}\\p{Ll}\\p{Lu}')": "true",
    "regexp_like('a{,3}', 'a{,3}')": "true",
    "regexp_like('c', 'a(?i)B|C')": "false",
    "regexp_like('abab', '(?<n>ab)\\k<n>')": "true",
    "regexp_extract('k=v', '(\\w)=(\\w)', 2)": "v",
    "regexp_extract('ac', 'a(b)?c', 1)": None,
    "regexp_extract('', '\\d+')": None,
    "regexp_extract_all('aXbX', 'a|(b)', 1)": "[null, b]",
    "regexp_extract_all('', 'a*')": "[]",
    "regexp_replace('abc', '')": "abc",
    "regexp_replace('abc', '', '-')": "-a-b-c-",
    "regexp_replace('a1b22', '\\d+', '<$0>')": "a<1>b<22>",
    "regexp_replace('ab', '(a)(b)', '$21')": "b1",
    "regexp_replace('ab', '(?<x>a)', '${x}${x}')": "aab",
    "regexp_replace('a', 'a', '\\\\\\$')": "\\$",
    "regexp_replace('ab cd', '(\\w)(\\w*)', x -> upper(x[1]) || x[2])": "Ab Cd",
    "regexp_replace('ab', '(a)|(b)', x -> coalesce(x[1], '-'))": "a-",
    "regexp_replace('ab', '(z)?b', x -> x[1])": None,
    "regexp_split('a,b;c', '[,;]')": "[a, b, c]",
    "regexp_split('a,', ',')": "[a, ]",
    "regexp_count('aaaa', 'aa')": "2",
    "regexp_count('abc', '')": "4",
    "regexp_position('abcabc', 'b', 3)": "5",
    "regexp_position('abcabc', 'b', 1, 3)": "-1",
    "regexp_position('', 'b')": "-1",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


ERRORS = {
    "regexp_like('x', '*')": (
        "INVALID_FUNCTION_ARGUMENT: target of repeat operator is not specified"
    ),
    "regexp_like('x', '(a')": "INVALID_FUNCTION_ARGUMENT: end pattern with unmatched parenthesis",
    "regexp_like('x', 'a)')": "INVALID_FUNCTION_ARGUMENT: unmatched close parenthesis",
    "regexp_like('x', '[a')": "INVALID_FUNCTION_ARGUMENT: premature end of char-class",
    "regexp_like('x', '[]')": "INVALID_FUNCTION_ARGUMENT: empty char-class",
    "regexp_like('x', '[b-a]')": "INVALID_FUNCTION_ARGUMENT: empty range in char class",
    "regexp_like('x', 'a{3,2}')": (
        "INVALID_FUNCTION_ARGUMENT: upper is smaller than lower in repeat range"
    ),
    "regexp_like('x', 'a\\')": "INVALID_FUNCTION_ARGUMENT: end pattern at escape",
    "regexp_like('x', '(?<=a+)b')": "INVALID_FUNCTION_ARGUMENT: invalid pattern in look-behind",
    "regexp_like('x', '\\p{Nonsense}')": (
        "INVALID_FUNCTION_ARGUMENT: invalid character property name {Nonsense}"
    ),
    "regexp_like('x', '(a)\\2')": "INVALID_FUNCTION_ARGUMENT: invalid backref number/name",
    "regexp_like('x', '(?z)a')": "INVALID_FUNCTION_ARGUMENT: undefined group option",
    "regexp_extract('x', 'x', 2)": (
        "INVALID_FUNCTION_ARGUMENT: Pattern has 0 groups. Cannot access group 2"
    ),
    "regexp_extract('x', 'x', -1)": "INVALID_FUNCTION_ARGUMENT: Group cannot be negative",
    "regexp_replace('x', 'x', '$')": "INVALID_FUNCTION_ARGUMENT: Illegal replacement sequence: $",
    "regexp_replace('x', 'x', '$a')": "INVALID_FUNCTION_ARGUMENT: Illegal replacement sequence: $a",
    "regexp_replace('x', '(x)', '$2')": (
        "INVALID_FUNCTION_ARGUMENT: Illegal replacement sequence: unknown group 2"
    ),
    "regexp_replace('x', 'x', '${n}')": (
        "INVALID_FUNCTION_ARGUMENT: Illegal replacement sequence: unknown group { n }"
    ),
    "regexp_position('x', 'x', 0)": (
        "INVALID_FUNCTION_ARGUMENT: start position cannot be smaller than 1"
    ),
    "regexp_position('x', 'x', 1, 0)": (
        "INVALID_FUNCTION_ARGUMENT: occurrence cannot be smaller than 1"
    ),
}


@pytest.mark.parametrize(("expression", "error"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, error: str) -> None:
    assert error_of(f"SELECT {expression}") == error


TYPES = {
    "regexp_replace('abcd', 'b', 'xyz')": "varchar(34)",
    "regexp_replace('abcd', 'b')": "varchar(4)",
    "regexp_extract_all('abcd', 'b')": "array(varchar(4))",
    "regexp_position('a', 'a')": "integer",
}


@pytest.mark.parametrize(("expression", "kind"), TYPES.items())
def test_types(types_of: TypesOf, expression: str, kind: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]


PATTERNS = [
    r"[a-z]+@[a-z.]+",
    r"^\w+",
    r"(\d+)-(\d+)",
    r"\s",
    r"a|b|",
    r"(?:ab)*c",
    r"[^0-9]+",
    r"x{2,3}?",
    r"\$\.",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("text", ["", "me@x.org ab 12-34", "xxxx$.", "ééé c abababc", "\n\ta"])
def test_a_constant_pattern_finds_what_a_column_of_patterns_finds(
    ask: Ask, pattern: str, text: str
) -> None:
    """A constant pattern may run in DuckDB's RE2, a column of patterns does not."""
    both = [
        f"regexp_like(t, {p}), regexp_extract(t, {p}), regexp_extract_all(t, {p}), "
        f"regexp_replace(t, {p}), regexp_replace(t, {p}, '-')"
        for p in ("p", f"'{pattern}'")
    ]
    rows = [ask(f"SELECT {part} FROM (VALUES ('{text}', '{pattern}')) v(t, p)") for part in both]
    assert rows[0] == rows[1]


def test_the_signatures_name_the_pattern_type(error_of: ErrorOf) -> None:
    assert error_of("SELECT regexp_like(1, 'a')") == (
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, varchar(1)) for function "
        "regexp_like. Expected: regexp_like(varchar(x), joniregexp)"
    )
