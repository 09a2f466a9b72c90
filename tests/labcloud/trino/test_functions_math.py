"""Mathematical and bitwise functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
TypesOf = Callable[[str], list[str]]
ErrorOf = Callable[[str], str]

VALUES: dict[str, str | None] = {
    "round(98.765, 2)": "98.770",
    "round(-98.5)": "-99",
    "round(95.0, -2)": "0.0",
    "round(1450.5, -2)": "1500.0",
    "round(-2.5e0)": "-3.0",
    "round(1234.567e0, -2)": "1200.0",
    "round(-1450, -2)": "-1500",
    "round(REAL '1.25', 1)": "1.3",
    "truncate(-7.89)": "-7",
    "truncate(123.45, -1)": "120.00",
    "truncate(7.89, 5)": "7.89",
    "ceil(-4.1)": "-4",
    "floor(-4.1)": "-5",
    "ceiling(5)": "5",
    "abs(-2.25)": "2.25",
    "sign(-0.5)": "-1",
    "sign(nan())": "NaN",
    "sqrt(-1)": "NaN",
    "ln(0)": "-Infinity",
    "log(2, 8)": "3.0",
    "cbrt(-8)": "-2.0",
    "pow(2, 0.5) = sqrt(2)": "true",
    "mod(-7, 3)": "-1",
    "mod(5.5, 2)": "1.5",
    "mod(-5.5e0, 2)": "-1.5",
    "to_base(-255, 16)": "-ff",
    "to_base(0, 2)": "0",
    "from_base('zz', 36)": "1295",
    "from_base('-80', 16)": "-128",
    "width_bucket(3.14, 4, 0, 3)": "1",
    "width_bucket(5, 0, 4, 3)": "4",
    "width_bucket(3.14, ARRAY[0.0, 2.0, 4.0])": "2",
    "round(normal_cdf(0, 1, 1.96), 6)": "0.975002",
    "round(inverse_normal_cdf(0, 1, 0.975), 6)": "1.959964",
    "round(beta_cdf(3, 4, 0.5), 10)": "0.65625",
    "round(inverse_beta_cdf(3, 4, 0.65625), 10)": "0.5",
    "round(t_cdf(1.5, 3), 6)": "0.884708",
    "round(wilson_interval_lower(1250, 1310, 1.96), 10)": "0.9414883725",
    "cosine_similarity(MAP(ARRAY['a'], ARRAY[1.0]), MAP(ARRAY['a'], ARRAY[2.0]))": "1.0",
    "cosine_similarity(MAP(ARRAY['a'], ARRAY[NULL]), MAP(ARRAY['a'], ARRAY[2.0]))": None,
    "is_nan(nan())": "true",
    "is_finite(infinity())": "false",
    "random(1)": "0",
    "random(5, 6)": "5",
    "bit_count(-1, 8)": "8",
    "bit_count(7, 64)": "3",
    "bitwise_left_shift(1, 31)": "-2147483648",
    "bitwise_left_shift(TINYINT '64', 1)": "-128",
    "bitwise_right_shift(-1, 1)": "2147483647",
    "bitwise_right_shift(SMALLINT '-1', 8)": "255",
    "bitwise_right_shift(BIGINT '-1', 63)": "1",
    "bitwise_right_shift_arithmetic(-8, 1)": "-4",
    "bitwise_right_shift_arithmetic(-8, 99)": "-1",
    "bitwise_left_shift(5, 64)": "0",
    "bitwise_xor(12, 10)": "6",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


ERRORS = {
    "abs(TINYINT '-128')": (
        "NUMERIC_VALUE_OUT_OF_RANGE: Value -128 is out of range for abs(tinyint)"
    ),
    "abs(BIGINT '-9223372036854775808')": (
        "NUMERIC_VALUE_OUT_OF_RANGE: Value -9223372036854775808 is out of range for abs(bigint)"
    ),
    "from_base('2', 2)": "INVALID_FUNCTION_ARGUMENT: Not a valid base-2 number: 2",
    "from_base('0x1', 16)": "INVALID_FUNCTION_ARGUMENT: Not a valid base-16 number: 0x1",
    "from_base('9223372036854775808', 10)": (
        "INVALID_FUNCTION_ARGUMENT: Not a valid base-10 number: 9223372036854775808"
    ),
    "to_base(1, 1)": "INVALID_FUNCTION_ARGUMENT: Radix must be between 2 and 36",
    "round(TINYINT '127', -1)": "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for tinyint: 130",
    "round(BIGINT '9223372036854775807', -1)": (
        "NUMERIC_VALUE_OUT_OF_RANGE: numerical overflow: 9223372036854775807"
    ),
    "random(0)": "INVALID_FUNCTION_ARGUMENT: bound must be positive",
    "random(3, 3)": "INVALID_FUNCTION_ARGUMENT: start value must be less than stop value",
    "width_bucket(1, 0, 0, 2)": "INVALID_FUNCTION_ARGUMENT: bounds cannot equal each other",
    "width_bucket(1, ARRAY[2.0, 1.0])": (
        "INVALID_FUNCTION_ARGUMENT: Bin values are not sorted in ascending order"
    ),
    "normal_cdf(0, 0, 1)": "INVALID_FUNCTION_ARGUMENT: standardDeviation must be > 0",
    "inverse_normal_cdf(0, 1, 1)": "INVALID_FUNCTION_ARGUMENT: p must be 0 > p > 1",
    "wilson_interval_lower(2, 1, 1)": (
        "INVALID_FUNCTION_ARGUMENT: number of successes must not be larger than number of trials"
    ),
    "bit_count(128, 8)": (
        "INVALID_FUNCTION_ARGUMENT: Number must be representable with the bits specified. 128"
        " cannot be represented with 8 bits"
    ),
    "bit_count(0, 1)": (
        "INVALID_FUNCTION_ARGUMENT: Bits specified in bit_count must be between 2 and 64, got 1"
    ),
    "mod(1.0, 0.0)": "DIVISION_BY_ZERO: Division by zero",
}


@pytest.mark.parametrize(("expression", "error"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, error: str) -> None:
    assert error_of(f"SELECT {expression}") == error


TYPES = {
    "round(98.765, 2)": "decimal(6,3)",
    "round(98.765)": "decimal(3,0)",
    "truncate(98.765)": "decimal(2,0)",
    "truncate(98.765, 1)": "decimal(5,3)",
    "ceil(98.765)": "decimal(3,0)",
    "sign(98.765)": "decimal(1,0)",
    "abs(98.765)": "decimal(5,3)",
    "round(SMALLINT '5', 1)": "smallint",
    "floor(REAL '1')": "real",
    "mod(1.25, 10)": "decimal(3,2)",
    "bitwise_left_shift(SMALLINT '1', 1)": "smallint",
    "to_base(1, 2)": "varchar(64)",
}


@pytest.mark.parametrize(("expression", "kind"), TYPES.items())
def test_types(types_of: TypesOf, expression: str, kind: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]
