"""Literals, casts, arithmetic and zones of dates, times, timestamps and intervals."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
Types = Callable[[str], list[str]]
Error = Callable[[str], str]


@pytest.mark.parametrize(
    ("literal", "kind", "text"),
    [
        ("DATE '2019-2-1'", "date", "2019-02-01"),
        ("DATE '12019-02-01'", "date", "+12019-02-01"),
        ("TIMESTAMP '2018-03-04'", "timestamp(0)", "2018-03-04 00:00:00.000"),
        ("TIMESTAMP '2018-03-04 05:06'", "timestamp(0)", "2018-03-04 05:06:00.000"),
        ("TIMESTAMP '2018-03-04 05:06:07.5'", "timestamp(1)", "2018-03-04 05:06:07.500"),
        ("TIMESTAMP '2018-03-04 05:06:07.12345'", "timestamp(5)", "2018-03-04 05:06:07.12345"),
        (
            "TIMESTAMP '2018-03-04 05:06:07.5 +02:00'",
            "timestamp(1) with time zone",
            "2018-03-04 05:06:07.500 +02:00",
        ),
        (
            "TIMESTAMP '2019-10-27 02:30:00 Europe/Berlin'",
            "timestamp(0) with time zone",
            "2019-10-27 02:30:00.000 Europe/Berlin",
        ),
        ("TIME '05:06:07.12'", "time(2)", "05:06:07.120"),
        ("TIME '05:06 +02:00'", "time(0) with time zone", "05:06:00.000+02:00"),
        ("INTERVAL '150' SECOND", "interval day to second", "0 00:02:30.000"),
        ("INTERVAL -'1.5' SECOND", "interval day to second", "-0 00:00:01.500"),
        ("INTERVAL '2 10:20' DAY TO SECOND", "interval day to second", "2 10:20:00.000"),
        ("INTERVAL '1-6' YEAR TO MONTH", "interval year to month", "1-6"),
    ],
)
def test_literals(ask: Ask, types_of: Types, literal: str, kind: str, text: str) -> None:
    assert types_of(f"SELECT {literal}") == [kind]
    assert ask(f"SELECT {literal}") == [[text]]


@pytest.mark.parametrize(
    ("literal", "message"),
    [
        ("DATE '2019-02-31'", "'2019-02-31' is not a valid DATE literal"),
        ("TIME '25:00'", "'25:00' is not a valid TIME literal"),
        (
            "TIMESTAMP '2018-03-04T05:06:07'",
            "'2018-03-04T05:06:07' is not a valid TIMESTAMP literal",
        ),
        (
            "TIMESTAMP '2019-03-31 02:30:00 Europe/Berlin'",
            "'2019-03-31 02:30:00 Europe/Berlin' is not a valid TIMESTAMP literal",
        ),
        (
            "TIMESTAMP '2019-03-31 00:00:00 Nowhere/City'",
            "'2019-03-31 00:00:00 Nowhere/City' is not a valid TIMESTAMP literal",
        ),
        ("INTERVAL '1.5' DAY", "Invalid INTERVAL DAY value: 1.5"),
        ("INTERVAL 'x' YEAR TO MONTH", "Invalid INTERVAL YEAR TO MONTH value: x"),
    ],
)
def test_literals_that_say_nothing(error_of: Error, literal: str, message: str) -> None:
    assert error_of(f"SELECT {literal}") == f"INVALID_LITERAL: line 1:8: {message}"


def test_a_timestamp_has_at_most_twelve_decimals(error_of: Error) -> None:
    assert error_of("SELECT TIMESTAMP '2018-03-04 05:06:07.1234567891234'") == (
        "NUMERIC_VALUE_OUT_OF_RANGE: line 1:8: TIMESTAMP precision must be in range [0, 12]: 13"
    )


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("TIMESTAMP '2018-03-04 05:06:07.987654321'", "timestamp(0)", "2018-03-04 05:06:08.000"),
        ("TIMESTAMP '1960-03-04 05:06:07.5'", "timestamp(0)", "1960-03-04 05:06:08.000"),
        ("TIMESTAMP '2018-03-04 05:06:07.5'", "date", "2018-03-04"),
        ("TIMESTAMP '2018-03-04 23:59:59.9'", "time(0)", "00:00:00.000"),
        ("TIMESTAMP '2018-03-04 05:06:07.5'", "varchar", "2018-03-04 05:06:07.5"),
        (
            "TIMESTAMP '2018-03-04 05:06:07'",
            "timestamp(3) with time zone",
            "2018-03-04 05:06:07.000 UTC",
        ),
        ("DATE '2018-03-04'", "timestamp(3)", "2018-03-04 00:00:00.000"),
        ("TIMESTAMP '2019-07-15 22:00:00 America/Denver'", "date", "2019-07-15"),
        (
            "TIMESTAMP '2019-07-15 22:00:00 America/Denver'",
            "timestamp(3)",
            "2019-07-15 22:00:00.000",
        ),
        (
            "TIMESTAMP '2019-07-15 22:00:00 America/Denver'",
            "time(3) with time zone",
            "22:00:00.000-06:00",
        ),
        ("TIME '22:00:00.567'", "time(0)", "22:00:01.000"),
        ("TIME '22:00:00.567'", "timestamp(3)", "2024-05-06 22:00:00.567"),
        ("'2019-12-31 10:20:30.5'", "timestamp(3)", "2019-12-31 10:20:30.500"),
        (
            "'2019-03-31 02:30:00 Europe/Berlin'",
            "timestamp(3) with time zone",
            "2019-03-31 03:30:00.000 Europe/Berlin",
        ),
        ("' 2019-1-1 '", "date", "2019-01-01"),
        ("'05:06:07.999'", "time(0)", "05:06:08.000"),
        ("INTERVAL '36' HOUR", "varchar", "1 12:00:00.000"),
        ("INTERVAL '18' MONTH", "varchar", "1-6"),
        ("CAST(NULL AS varchar)", "timestamp(3) with time zone", None),
    ],
)
def test_casts(ask: Ask, value: str, kind: str, text: str | None) -> None:
    assert ask(f"SELECT CAST({value} AS {kind})") == [[text]]


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("'31.12.2019'", "date", "Value cannot be cast to date: 31.12.2019"),
        ("'10:20'", "timestamp", "Value cannot be cast to timestamp: 10:20"),
        (
            "'2019-12-31 24:00:00'",
            "timestamp",
            "Value cannot be cast to timestamp: 2019-12-31 24:00:00",
        ),
        ("'25:00'", "time", "Value cannot be cast to time: 25:00"),
        ("DATE '2019-12-31'", "varchar(5)", "Value 2019-12-31 cannot be represented as varchar(5)"),
    ],
)
def test_casts_that_fail(error_of: Error, ask: Ask, value: str, kind: str, message: str) -> None:
    assert error_of(f"SELECT CAST({value} AS {kind})") == f"INVALID_CAST_ARGUMENT: {message}"
    assert ask(f"SELECT TRY_CAST({value} AS {kind}), TRY(CAST({value} AS {kind}))") == [
        [None, None]
    ]


def test_casts_of_columns_keep_null(ask: Ask) -> None:
    assert ask(
        "SELECT CAST(s AS date), CAST(s AS timestamp(3) with time zone), CAST(s AS time) IS NULL "
        "FROM (VALUES NULL, CAST(NULL AS varchar)) v(s)"
    ) == [[None, None, "true"], [None, None, "true"]]


@pytest.mark.parametrize(
    ("expression", "kind", "text"),
    [
        ("DATE '2024-01-31' + INTERVAL '1' MONTH", "date", "2024-02-29"),
        ("INTERVAL '3' DAY + DATE '2022-05-28'", "date", "2022-05-31"),
        ("DATE '2024-03-01' - DATE '2024-02-01'", "interval day to second", "29 00:00:00.000"),
        (
            "TIMESTAMP '2022-05-31 00:00:00' + INTERVAL '1' MONTH",
            "timestamp(0)",
            "2022-06-30 00:00:00.000",
        ),
        (
            "TIMESTAMP '2022-05-31 00:00:00' + INTERVAL '1' HOUR",
            "timestamp(3)",
            "2022-05-31 01:00:00.000",
        ),
        (
            "DATE '2022-05-31' - TIMESTAMP '2022-05-30 12:00:00'",
            "interval day to second",
            "0 12:00:00.000",
        ),
        (
            "TIMESTAMP '2022-05-31 00:00:00 UTC' - TIMESTAMP '2022-05-31 00:00:00 Asia/Tokyo'",
            "interval day to second",
            "0 09:00:00.000",
        ),
        (
            "TIMESTAMP '2019-10-27 02:30:00 Europe/Berlin' + INTERVAL '1' HOUR",
            "timestamp(3) with time zone",
            "2019-10-27 02:30:00.000 Europe/Berlin",
        ),
        ("TIME '23:00:00' + INTERVAL '2' HOUR", "time(3)", "01:00:00.000"),
        ("TIME '01:00:00' - INTERVAL '2' HOUR", "time(3)", "23:00:00.000"),
        ("INTERVAL '2' DAY + INTERVAL '30' MINUTE", "interval day to second", "2 00:30:00.000"),
        ("INTERVAL '5' HOUR * 3", "interval day to second", "0 15:00:00.000"),
        ("2.5 * INTERVAL '1' DAY", "interval day to second", "2 12:00:00.000"),
        ("INTERVAL '1' DAY / 2", "interval day to second", "0 12:00:00.000"),
        ("INTERVAL '1' YEAR / 5", "interval year to month", "0-2"),
        ("- INTERVAL '3' MONTH", "interval year to month", "-0-3"),
    ],
)
def test_arithmetic(ask: Ask, types_of: Types, expression: str, kind: str, text: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]
    assert ask(f"SELECT {expression}") == [[text]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "DATE '2022-05-31' + INTERVAL '30' MINUTE",
            "INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date",
        ),
        (
            "DATE '2022-05-31' - INTERVAL '30' MINUTE",
            "INVALID_FUNCTION_ARGUMENT: Cannot subtract hour, minutes or seconds from a date",
        ),
        ("INTERVAL '1' DAY / 0", "INVALID_FUNCTION_ARGUMENT: Cannot divide by double 0.0"),
        (
            "INTERVAL '1' YEAR + INTERVAL '1' SECOND",
            "TYPE_MISMATCH: line 1:26: Cannot apply operator: "
            "interval year to month + interval day to second",
        ),
        (
            "DATE '2022-05-31' + 1",
            "TYPE_MISMATCH: line 1:26: Cannot apply operator: date + integer",
        ),
    ],
)
def test_arithmetic_that_fails(error_of: Error, expression: str, message: str) -> None:
    assert error_of(f"SELECT {expression}") == message


def test_comparison_is_by_the_instant(ask: Ask) -> None:
    assert ask(
        "SELECT TIMESTAMP '2019-07-15 08:00:00 +03:00' = TIMESTAMP '2019-07-15 05:00:00 UTC', "
        "TIMESTAMP '2019-07-15 08:00:00 +03:00' < TIMESTAMP '2019-07-15 05:00:01 UTC', "
        "TIME '08:00:00+03:00' = TIME '05:00:00+00:00', "
        "INTERVAL '60' SECOND = INTERVAL '1' MINUTE, "
        "TIMESTAMP '2018-03-04 05:06:07.1' = TIMESTAMP '2018-03-04 05:06:07.100'"
    ) == [["true"] * 5]
    assert ask(
        "SELECT count(*) FROM (VALUES TIMESTAMP '2019-07-15 08:00:00 +03:00', "
        "TIMESTAMP '2019-07-15 05:00:00 UTC') v(t) GROUP BY t"
    ) == [["2"]]


@pytest.mark.parametrize(
    ("value", "zone", "text"),
    [
        (
            "TIMESTAMP '2019-01-15 08:00:00 UTC'",
            "'Europe/Rome'",
            "2019-01-15 09:00:00.000 Europe/Rome",
        ),
        ("TIMESTAMP '2019-01-15 08:00:00 UTC'", "'-08:00'", "2019-01-15 00:00:00.000 -08:00"),
        ("TIMESTAMP '2019-01-15 08:00:00'", "'Asia/Tokyo'", "2019-01-15 17:00:00.000 Asia/Tokyo"),
        ("TIMESTAMP '2019-01-15 08:00:00 UTC'", "'utc'", "2019-01-15 08:00:00.000 UTC"),
        (
            "TIMESTAMP '2019-01-15 08:00:00 UTC'",
            "INTERVAL '-5' HOUR",
            "2019-01-15 03:00:00.000 -05:00",
        ),
        ("TIME '10:00:00+01:00'", "'+03:00'", "12:00:00.000+03:00"),
    ],
)
def test_at_time_zone(ask: Ask, value: str, zone: str, text: str) -> None:
    assert ask(f"SELECT {value} AT TIME ZONE {zone}") == [[text]]


def test_at_timezone_of_a_column(ask: Ask, error_of: Error) -> None:
    assert ask(
        "SELECT at_timezone(TIMESTAMP '2019-07-15 08:00:00 UTC', z) "
        "FROM (VALUES 'Asia/Seoul', 'america/denver', NULL) v(z)"
    ) == [
        ["2019-07-15 17:00:00.000 Asia/Seoul"],
        ["2019-07-15 02:00:00.000 America/Denver"],
        [None],
    ]
    assert error_of("SELECT TIMESTAMP '2019-07-15 08:00:00 UTC' AT TIME ZONE 'Nowhere/City'") == (
        "INVALID_FUNCTION_ARGUMENT: 'Nowhere/City' is not a valid time zone"
    )


def test_nanoseconds_survive(ask: Ask) -> None:
    assert ask(
        "SELECT CAST(TIMESTAMP '2018-03-04 05:06:07.123456789' + INTERVAL '1' DAY AS varchar), "
        "CAST(TIMESTAMP '2018-03-04 05:06:07.123456789 UTC' AS varchar), "
        "CAST(TIME '05:06:07.123456789' AS varchar), "
        "CAST(CAST(TIMESTAMP '2018-03-04 05:06:07.123456789' AS timestamp(8)) AS varchar)"
    ) == [
        [
            "2018-03-05 05:06:07.123456789",
            "2018-03-04 05:06:07.123456789 UTC",
            "05:06:07.123456789",
            "2018-03-04 05:06:07.12345679",
        ]
    ]


def test_now_is_when_the_statement_began(ask: Ask, types_of: Types) -> None:
    sql = (
        "SELECT current_date, current_timestamp, current_timestamp(6), localtimestamp(0), "
        "current_time, localtime, now()"
    )
    assert ask(sql) == [
        [
            "2024-05-06",
            "2024-05-06 07:08:09.123 UTC",
            "2024-05-06 07:08:09.123456 UTC",
            "2024-05-06 07:08:09.000",
            "07:08:09.123+00:00",
            "07:08:09.123",
            "2024-05-06 07:08:09.123 UTC",
        ]
    ]
    assert types_of(sql)[1:4] == [
        "timestamp(3) with time zone",
        "timestamp(6) with time zone",
        "timestamp(0)",
    ]
