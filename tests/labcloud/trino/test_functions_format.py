"""format() as Java's Formatter, format_number(), and conversions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
ErrorOf = Callable[[str], str]

VALUES: dict[str, str | None] = {
    "format('%s|%10s|%-4s|', 'a', 'b', 'c')": "a|         b|c   |",
    "format('%05d %,d %(d %+d % d', 42, 1234567, -5, 5, 5)": "00042 1,234,567 (5) +5  5",
    "format('%x %X %#o', 255, 255, 8)": "ff FF 010",
    "format('%x', -1)": "ffffffffffffffff",
    "format('%.2f %10.3f %e', 2.345e0, -1e0, 12345.678e0)": "2.35     -1.000 1.234568e+04",
    "format('%,.2f', DECIMAL '1234567.895')": "1,234,567.90",
    "format('%g %g', 0.0001e0, 123456789e0)": "0.000100000 1.23457e+08",
    "format('%s %s', 1e10, REAL '1.1')": "1.0E10 1.1",
    "format('%b %B %s', true, NULL, NULL)": "true FALSE null",
    "format('%2$s %1$s %<s', 'a', 'b')": "b a a",
    "format('%S %.2s', 'abc', 'abc')": "ABC ab",
    "format('%s', DATE '2022-02-03')": "2022-02-03",
    "format('%s', TIMESTAMP '2022-02-03 04:05:00')": "2022-02-03T04:05",
    "format('%s', TIMESTAMP '2022-02-03 04:05:06.120')": "2022-02-03T04:05:06.120",
    "format('%s', TIME '04:05:06')": "04:05:06",
    "format('%tF %<tT %<tA %<tj', TIMESTAMP '2022-02-03 14:05:06')": (
        "2022-02-03 14:05:06 Thursday 034"
    ),
    "format('%s', TIMESTAMP '2022-02-03 04:05:06 Europe/Berlin')": (
        "2022-02-03T04:05:06+01:00[Europe/Berlin]"
    ),
    "format('%s', JSON '{\"a\": 1}')": '{"a":1}',
    "format('%s', INTERVAL '1' DAY)": "1 00:00:00.000",
    "format('%s', CAST('a' AS char(3))) || '|'": "a  |",
    "format(NULL, 1)": None,
    "format_number(123456)": "123K",
    "format_number(1000000)": "1M",
    "format_number(-999)": "-999",
    "format_number(1.5e9)": "1.5B",
    "bar(1, 2)": "\x1b[38;5;196m█\x1b[38;5;46m█\x1b[0m",
    "parse_data_size('2.3MB')": "2411724",
    "parse_presto_data_size('1B')": "1",
    "human_readable_seconds(3762)": "1 hour, 2 minutes, 42 seconds",
    "human_readable_seconds(0)": "0 seconds",
    "luhn_check('79927398713')": "true",
    "contains('10.0.0.0/8', IPADDRESS '10.255.255.255')": "true",
    "contains('2001:db8::/32', IPADDRESS '2001:db9::1')": "false",
    "typeof(uuid())": "uuid",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


ERRORS = {
    "format('%d', 'x')": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %d (IllegalFormatConversion: d !="
        " java.lang.String)"
    ),
    "format('%d', 1.5)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %d (IllegalFormatConversion: d !="
        " java.math.BigDecimal)"
    ),
    "format('%f', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %f (IllegalFormatConversion: f !="
        " java.lang.Long)"
    ),
    "format('%s %s', 'a')": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %s %s (MissingFormatArgument: Format"
        " specifier '%s')"
    ),
    "format('%y', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %y (UnknownFormatConversion:"
        " Conversion = 'y')"
    ),
    "format('%', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: % (UnknownFormatConversion:"
        " Conversion = '%')"
    ),
    "format('%-d', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %-d (MissingFormatWidth: %-d)"
    ),
    "format('%.2d', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %.2d (IllegalFormatPrecision: 2)"
    ),
    "format('%#d', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %#d (FormatFlagsConversionMismatch:"
        " Conversion = d, Flags = #)"
    ),
    "format('%+ d', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %+ d (IllegalFormatFlags: Flags = '+ ')"
    ),
    "format('%--5d', 1)": (
        "INVALID_FUNCTION_ARGUMENT: Invalid format string: %--5d (DuplicateFormatFlags: Flags ="
        " '-')"
    ),
    "format('%s', ARRAY[1])": (
        "NOT_SUPPORTED: line 1:21: Type not supported for formatting: array(integer)"
    ),
    "parse_data_size('')": "INVALID_FUNCTION_ARGUMENT: Invalid data size: ''",
    "parse_data_size('1..2B')": "INVALID_FUNCTION_ARGUMENT: Invalid data size: '1..2B'",
    "luhn_check('12a')": "INVALID_FUNCTION_ARGUMENT: Input contains non-digit character",
    "human_readable_seconds(nan())": "INVALID_FUNCTION_ARGUMENT: Invalid argument found: NaN",
    "contains('10.0.0.1/8', IPADDRESS '10.0.0.1')": "INVALID_FUNCTION_ARGUMENT: Invalid CIDR",
    "contains('x/8', IPADDRESS '10.0.0.1')": (
        "INVALID_FUNCTION_ARGUMENT: Invalid network IP address"
    ),
    "contains('10.0.0.0/33', IPADDRESS '10.0.0.1')": (
        "INVALID_FUNCTION_ARGUMENT: Prefix length exceeds address length"
    ),
}


@pytest.mark.parametrize(("expression", "error"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, error: str) -> None:
    assert error_of(f"SELECT {expression}") == error
