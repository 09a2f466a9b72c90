"""URL functions: java.net.URI, URLDecoder, and Guava's escaper."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
ErrorOf = Callable[[str], str]

VALUES: dict[str, str | None] = {
    "url_extract_host('http://user:pw@h.com:8080/a?b#c')": "h.com",
    "url_extract_host('http://a_b.com/x')": "",
    "url_extract_host('http://[::1]:8080/x')": "[::1]",
    "url_extract_host('http://1.2.3.400/')": "",
    "url_extract_host('HTTP://H.COM/')": "H.COM",
    "url_extract_host('mailto:x@y.z')": "",
    "url_extract_host('http://')": None,
    "url_extract_host('http://h.com/a|b')": None,
    "url_extract_host('http://h.com/%zz')": None,
    "url_extract_port('http://h.com:81/')": "81",
    "url_extract_port('http://h.com:/')": None,
    "url_extract_path('http://h.com/a%20b/%C3%A9')": "/a b/é",
    "url_extract_path('http://h.com')": "",
    "url_extract_path('urn:isbn:1')": "",
    "url_extract_query('http://h.com?a=%26b')": "a=&b",
    "url_extract_fragment('http://h.com#x%20y')": "x y",
    "url_extract_protocol('//h.com/x')": "",
    "url_extract_parameter('http://h.com/?a&b=1+2&b=3', 'b')": "1 2",
    "url_extract_parameter('http://h.com/?a&b=1', 'a')": "",
    "url_extract_parameter('http://h.com/', 'a')": None,
    "url_encode('a b~*-_.é&')": "a+b%7E*-_.%C3%A9%26",
    "url_decode('a+b%7e%C3')": "a b~�",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


ERRORS = {
    "url_decode('%')": (
        "INVALID_FUNCTION_ARGUMENT: URLDecoder: Incomplete trailing escape (%) pattern"
    ),
    "url_decode('%zz')": (
        "INVALID_FUNCTION_ARGUMENT: URLDecoder: Illegal hex characters in escape (%) pattern -"
        ' Error at index 0 in: "zz"'
    ),
    "url_decode('%-1')": (
        "INVALID_FUNCTION_ARGUMENT: URLDecoder: Illegal hex characters in escape (%) pattern -"
        " negative value"
    ),
}


@pytest.mark.parametrize(("expression", "error"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, error: str) -> None:
    assert error_of(f"SELECT {expression}") == error
