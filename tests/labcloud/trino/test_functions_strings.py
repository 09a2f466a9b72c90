"""String functions, by Trino's documentation and its own tests' rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
TypesOf = Callable[[str], list[str]]
ErrorOf = Callable[[str], str]

VALUES = {
    "length('Zürich')": "6",
    "length('👍🏽')": "2",
    "length(CAST('x' AS char(3)))": "3",
    "reverse('née')": "eén",
    "reverse('👍🏽a')": "a🏽👍",
    "upper('straße ﬂ')": "STRAßE ﬂ",
    "upper('ẞ')": "ẞ",
    "lower('ΣΑΣ')": "σασ",  # noqa: RUF001
    "lower(CAST('AB' AS char(4))) || '|'": "ab  |",
    "substr('datalake', -3)": "ake",
    "substr('abc', -5)": "",
    "substr('abc', 0)": "",
    "substr('abc', 2, 99)": "bc",
    "substr('abc', -2, 1)": "b",
    "substr('abc', 2, 0)": "",
    "substring('東京都' FROM 2 FOR 1)": "京",
    "strpos('mississippi', 'ss', 2)": "6",
    "strpos('mississippi', 'ss', -1)": "6",
    "strpos('abc', '')": "1",
    "strpos('aaa', 'aa', 2)": "2",
    "position('b' IN 'abc')": "2",
    "replace('ab', '', '-')": "-a-b-",
    "replace('abab', 'b')": "aa",
    "translate('abcd', 'aad', '12')": "1bc",
    "lpad('ü', 4, 'äö')": "äöäü",
    "rpad('a', 0, 'x')": "",
    "trim('\u2003 x\t')": "x",
    "trim('\u00a0x')": "\u00a0x",
    "trim(LEADING 'ab' FROM 'abcab')": "cab",
    "rtrim(CAST('x' AS char(3))) || '|'": "x|",
    "concat('a', 'b', 'c')": "abc",
    "concat('a', CAST(NULL AS varchar))": None,
    "concat_ws(',', 'a', NULL, 'b')": "a,b",
    "concat_ws(',', ARRAY['a', NULL, 'b'])": "a,b",
    "concat_ws(NULL, 'a')": None,
    "chr(8364)": "€",
    "codepoint('€')": "8364",
    "starts_with('lake', '')": "true",
    "levenshtein_distance('kitten', 'sitting')": "3",
    "hamming_distance('karolin', 'kathrin')": "3",
    "soundex('Tymczak')": "T522",
    "soundex('Pfister')": "P236",
    "word_stem('generously')": "generous",
    "word_stem('chevaux', 'fr')": "cheval",
    "normalize('Å', NFD) = 'A' || chr(778)": "true",
    "from_utf8(X'61ff62')": "a\ufffdb",
    "from_utf8(X'eda080')": "\ufffd",
    "from_utf8(X'ff', '?')": "?",
    "to_utf8('é')": "c3 a9",
    "split('a,b,', ',')": "[a, b, ]",
    "split('a-b-c', '-', 2)": "[a, b-c]",
    "split_part('a..b', '.', 2)": "",
    "split_part('a.b', '.', 3)": None,
    "split_part('xyz', '', 3)": "z",
    "split_to_map('a=1,b=', ',', '=')": "{a=1, b=}",
    "split_to_multimap('a=1,a=2', ',', '=')": "{a=[1, 2]}",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


def test_columns_give_what_constants_give(ask: Ask) -> None:
    rows = ask(
        "SELECT substr(s, n), lpad(s, n, p), split(s, p), replace(s, p, ''), split_part(s, p, n), "
        "chr(n + 64) FROM (VALUES ('a-b', 2, '-'), (NULL, 2, '-')) v(s, n, p)"
    )
    assert sorted(rows, key=str) == [
        ["-b", "a-", "[a, b]", "ab", "b", "B"],
        [None, None, None, None, None, "B"],
    ]


ERRORS = {
    "lpad('a', -1, 'x')": "Target length must be in the range [0..2147483647]",
    "rpad('a', 2, '')": "Padding string must not be empty",
    "chr(1114112)": "Not a valid Unicode code point: 1114112",
    "codepoint('')": "Input string must be a single character string",
    "strpos('a', 'a', 0)": "'instance' must be a positive or negative number.",
    "split('a', '')": "The delimiter may not be the empty string",
    "split('a', ',', 0)": "Limit must be positive",
    "split_part('a', ',', 0)": "Index must be greater than zero",
    "split_to_map('a=1', '', '=')": "entryDelimiter is empty",
    "split_to_map('a=1', '=', '=')": "entryDelimiter and keyValueDelimiter must not be the same",
    "split_to_map('a=1=2', ',', '=')": (
        "Key-value delimiter must appear exactly once in each entry. Bad input: 'a=1=2'"
    ),
    "split_to_multimap('a', ',', '=')": (
        "Key-value delimiter must appear exactly once in each entry. Bad input: a"
    ),
    "hamming_distance('a', 'ab')": (
        "The input strings to hamming_distance function must have the same length"
    ),
    "word_stem('a', 'xx')": "Unknown stemmer language: xx",
    "from_utf8(X'ff', 'ab')": "Replacement character string must empty or a single character",
    "from_utf8(X'ff', 1114112)": "Invalid replacement character",
    "soundex('é')": "The character is not mapped: É (index=136)",
}


@pytest.mark.parametrize(("expression", "message"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, message: str) -> None:
    assert error_of(f"SELECT {expression}") == f"INVALID_FUNCTION_ARGUMENT: {message}"


def test_an_error_is_null_in_try(ask: Ask) -> None:
    assert ask("SELECT TRY(split_part('a', ',', 0)), TRY(chr(-1))") == [[None, None]]


TYPES = {
    "replace('abc', 'b', 'xy')": "varchar(11)",
    "split('abc', ',')": "array(varchar(3))",
    "lpad('a', 3, ' ')": "varchar",
    "trim('abc')": "varchar(3)",
    "chr(65)": "varchar(1)",
    "soundex('a')": "varchar(4)",
    "CAST('a' AS char(2)) || CAST('b' AS char(3))": "char(5)",
    "upper(CAST('a' AS char(2)))": "char(2)",
    "substr(CAST('a' AS char(2)), 1)": "varchar(2)",
}


@pytest.mark.parametrize(("expression", "kind"), TYPES.items())
def test_types(types_of: TypesOf, expression: str, kind: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]


def test_a_wrong_argument_lists_the_signatures(error_of: ErrorOf) -> None:
    assert error_of("SELECT split_part(1, 2, 3)") == (
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, integer, integer) for "
        "function split_part. Expected: split_part(varchar(x), varchar(y), bigint)"
    )
