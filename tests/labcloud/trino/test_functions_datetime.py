"""Functions of dates, times, zones, intervals, and their formats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcloud.trino import joda
from labcloud.trino.functions import native_format
from labcloud.trino.zones import EPOCH

Ask = Callable[[str], list[list[str | None]]]
Types = Callable[[str], list[str]]
Error = Callable[[str], str]

T = "TIMESTAMP '2018-11-09 08:07:06.543'"
Z = "TIMESTAMP '2018-11-09 08:07:06.543 America/Denver'"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("year(DATE '2018-12-31')", "2018"),
        ("week(DATE '2018-12-31')", "1"),
        ("year_of_week(DATE '2018-12-31')", "2019"),
        ("day_of_week(DATE '2018-12-31')", "1"),
        ("doy(DATE '2016-12-31')", "366"),
        ("quarter(TIMESTAMP '2018-12-31 00:00:00')", "4"),
        ("hour(TIMESTAMP '2019-07-15 08:00:00 UTC' AT TIME ZONE 'Asia/Seoul')", "17"),
        ("millisecond(TIMESTAMP '2018-03-04 05:06:07.6')", "600"),
        ("second(TIME '05:06:07.6')", "7"),
        ("hour(INTERVAL '-36' HOUR)", "-12"),
        ("month(INTERVAL '27' MONTH)", "3"),
        ("extract(YEAR FROM INTERVAL '27' MONTH)", "2"),
        ("extract(DOW FROM DATE '2018-12-31')", "1"),
        ("timezone_hour(TIMESTAMP '2019-07-15 08:00:00 America/Denver')", "-6"),
        ("timezone_minute(TIMESTAMP '2019-07-15 08:00:00 -03:30')", "-30"),
        ("last_day_of_month(DATE '2024-02-10')", "2024-02-29"),
        ("to_milliseconds(INTERVAL '3' SECOND)", "3000"),
        ("parse_duration('3.81 d')", "3 19:26:24.000"),
        ("parse_duration('42.8ms')", "0 00:00:00.043"),
    ],
)
def test_parts(ask: Ask, expression: str, text: str) -> None:
    assert ask(f"SELECT {expression}") == [[text]]


@pytest.mark.parametrize(
    ("expression", "kind", "text"),
    [
        (f"date_trunc('week', {T})", "timestamp(3)", "2018-11-05 00:00:00.000"),
        ("date_trunc('quarter', DATE '2018-11-09')", "date", "2018-10-01"),
        ("date_trunc('hour', TIME '10:20:30.5')", "time(1)", "10:00:00.000"),
        (
            "date_trunc('day', TIMESTAMP '2019-03-31 12:30:00 Europe/Berlin')",
            "timestamp(0) with time zone",
            "2019-03-31 00:00:00.000 Europe/Berlin",
        ),
        (
            "date_trunc('hour', TIMESTAMP '2019-10-27 02:40:00 Asia/Kolkata')",
            "timestamp(0) with time zone",
            "2019-10-27 02:00:00.000 Asia/Kolkata",
        ),
        ("date_add('year', 1, DATE '2020-02-29')", "date", "2021-02-28"),
        (
            "date_add('millisecond', 600, TIMESTAMP '2019-12-31 10:00:00')",
            "timestamp(0)",
            "2019-12-31 10:00:01.000",
        ),
        (
            "date_add('day', 1, TIMESTAMP '2019-03-30 02:30:00 Europe/Berlin')",
            "timestamp(0) with time zone",
            "2019-03-31 03:30:00.000 Europe/Berlin",
        ),
        ("date_add('hour', 20, TIME '10:20:30')", "time(0)", "06:20:30.000"),
        ("date_diff('month', DATE '2019-01-31', DATE '2019-02-28')", "bigint", "1"),
        ("date_diff('month', DATE '2019-02-28', DATE '2019-01-31')", "bigint", "-1"),
        ("date_diff('year', DATE '2020-02-29', DATE '2021-02-28')", "bigint", "1"),
        (
            "date_diff('day', TIMESTAMP '2019-05-31 23:00:00', TIMESTAMP '2019-07-01 01:00:00')",
            "bigint",
            "30",
        ),
        ("date_diff('hour', DATE '2019-07-15', TIMESTAMP '2019-07-15 08:59:59')", "bigint", "8"),
        (
            "date_diff('hour', TIMESTAMP '2019-07-15 00:00:00 UTC', "
            "TIMESTAMP '2019-07-15 00:00:00 America/Denver')",
            "bigint",
            "6",
        ),
        ("date_diff('minute', TIME '10:20:30', TIME '12:00:00')", "bigint", "99"),
    ],
)
def test_units(ask: Ask, types_of: Types, expression: str, kind: str, text: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]
    assert ask(f"SELECT {expression}") == [[text]]


def test_units_from_a_column(ask: Ask) -> None:
    assert ask(
        "SELECT date_trunc(u, DATE '2018-11-09'), date_add(u, 1, DATE '2018-11-09'), "
        "date_diff(u, DATE '2018-01-01', DATE '2018-11-09') "
        "FROM (VALUES 'MONTH', 'week', NULL) v(u)"
    ) == [
        ["2018-11-01", "2018-12-09", "10"],
        ["2018-11-05", "2018-11-16", "44"],
        [None, None, None],
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("date_trunc('minute', DATE '2019-08-15')", "'minute' is not a valid DATE field"),
        (
            "date_add('hours', 1, TIMESTAMP '2020-01-01 00:00:00')",
            "'hours' is not a valid TIMESTAMP field",
        ),
        ("date_diff('day', TIME '10:00:00', TIME '11:00:00')", "'day' is not a valid TIME field"),
        (
            "date_format(TIMESTAMP '2018-11-09 00:00:00', '%D')",
            "%D not supported in date format string",
        ),
        ("date_parse('2018', '%m')", 'Invalid format: "2018" is malformed at "18"'),
        ("date_parse('2018-11-09', '%Y-%m-%d %H')", 'Invalid format: "2018-11-09" is too short'),
        ("date_parse('x', '%Y')", 'Invalid format: "x"'),
        (
            "date_parse('31/02/2018', '%d/%m/%Y')",
            'Cannot parse "31/02/2018": Value 31 for dayOfMonth must be in the range [1,28]',
        ),
        (
            "date_parse('13:20 PM', '%h:%i %p')",
            'Cannot parse "13:20 PM": Value 13 for clockhourOfHalfday must be in the range [1,12]',
        ),
        (f"format_datetime({T}, 'b')", "Illegal pattern component: b"),
        (
            f"format_datetime({T}, 'z')",
            "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type "
            "does not contain TZ information",
        ),
        ("parse_datetime('2018', 'MM/yyyy')", 'Invalid format: "2018" is malformed at "18"'),
        (
            "from_iso8601_timestamp('2018-13-09')",
            'Cannot parse "2018-13-09": Value 13 for monthOfYear must be in the range [1,12]',
        ),
        ("with_timezone(TIMESTAMP '2019-07-15 08:00:00', 'x')", "'x' is not a valid time zone"),
        ("parse_duration('5 x')", "Unknown time unit: x"),
        ("parse_duration('abc')", "duration is not a valid data duration string: abc"),
        ("from_unixtime(0, 15, 30)", "Invalid offset minutes 930"),
        (
            "to_char(TIMESTAMP '1988-04-08 14:15:16 UTC', 'yyyy q')",
            "Failed to tokenize string [yyyy q] at offset [5]",
        ),
    ],
)
def test_arguments_that_are_refused(
    ask: Ask, error_of: Error, expression: str, message: str
) -> None:
    assert error_of(f"SELECT {expression}") == f"INVALID_FUNCTION_ARGUMENT: {message}"
    assert ask(f"SELECT TRY({expression})") == [[None]]


def test_parameters_that_no_signature_takes(error_of: Error) -> None:
    assert error_of("SELECT hour('x')") == (
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar(1)) for function hour. "
        "Expected: hour(interval day to second), hour(time(p) with time zone), hour(time(p)), "
        "hour(timestamp(p) with time zone), hour(timestamp(p))"
    )


@pytest.mark.parametrize(
    ("expression", "kind", "text"),
    [
        (
            "from_unixtime(1234567890)",
            "timestamp(3) with time zone",
            "2009-02-13 23:31:30.000 UTC",
        ),
        (
            "from_unixtime(1563177600, 'Asia/Singapore')",
            "timestamp(3) with time zone",
            "2019-07-15 16:00:00.000 Asia/Singapore",
        ),
        (
            "from_unixtime(0, 5, 30)",
            "timestamp(3) with time zone",
            "1970-01-01 05:30:00.000 +05:30",
        ),
        ("to_unixtime(TIMESTAMP '2018-03-04 05:06:07.6')", "double", "1.5201399676E9"),
        ("to_iso8601(DATE '2018-11-09')", "varchar(16)", "2018-11-09"),
        ("to_iso8601(TIMESTAMP '2018-11-09 01:02:03.45')", "varchar(25)", "2018-11-09T01:02:03.45"),
        (
            "to_iso8601(TIMESTAMP '2018-11-09 01:02:03 Asia/Kolkata')",
            "varchar(28)",
            "2018-11-09T01:02:03+05:30",
        ),
        ("from_iso8601_date('2018-W05-2')", "date", "2018-01-30"),
        (
            "from_iso8601_timestamp('2019-07-15T08:00+09:00')",
            "timestamp(3) with time zone",
            "2019-07-15 08:00:00.000 +09:00",
        ),
        (
            "from_iso8601_timestamp('2018-123T10.5')",
            "timestamp(3) with time zone",
            "2018-05-03 10:30:00.000 UTC",
        ),
        ("date('2019-08-15')", "date", "2019-08-15"),
        ("date(TIMESTAMP '2019-08-15 23:59:59')", "date", "2019-08-15"),
        (
            "with_timezone(TIMESTAMP '2019-03-31 02:30:00', 'Europe/Berlin')",
            "timestamp(0) with time zone",
            "2019-03-31 03:30:00.000 Europe/Berlin",
        ),
        ("current_timezone()", "varchar", "UTC"),
        (
            "to_timestamp('1988/04/08;02:03:04', 'yyyy/mm/dd;hh24:mi:ss')",
            "timestamp(3)",
            "1988-04-08 02:03:04.000",
        ),
        ("to_date('1988/04/08', 'yyyy/mm/dd')", "date", "1988-04-08"),
    ],
)
def test_conversions(ask: Ask, types_of: Types, expression: str, kind: str, text: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]
    assert ask(f"SELECT {expression}") == [[text]]


def test_nanoseconds(ask: Ask) -> None:
    assert ask(
        "SELECT CAST(from_unixtime_nanos(1234567890123456789) AS varchar), "
        "CAST(from_iso8601_timestamp_nanos('2001-08-22T03:04:05.321123456+01:00') AS varchar)"
    ) == [["2009-02-13 23:31:30.123456789 UTC", "2001-08-22 03:04:05.321123456 +01:00"]]


MYSQL = [
    ("%m/%d/%y", "11/09/18"),
    ("%H:%i:%s.%f", "08:07:06.543000"),
    ("%W, %M %e", "Friday, November 9"),
    ("%a %b %c %j", "Fri Nov 11 313"),
    ("%h %I %k %l %p", "08 08 8 8 AM"),
    ("%T %r", "08:07:06 08:07:06 AM"),
    ("%v %x", "45 2018"),
    ("100%% it''s %q %", "100% it's q "),
]


@pytest.mark.parametrize(("pattern", "text"), MYSQL)
def test_date_format(ask: Ask, pattern: str, text: str) -> None:
    row = ask(
        f"SELECT date_format({T}, '{pattern}'), date_format({Z}, '{pattern}'), "
        f"date_format({T}, p) FROM (VALUES '{pattern}') v(p)"
    )
    assert row == [[text, text, text]]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("dd.MM.yyyy", "09.11.2018"),
        ("EEE EEEE MMM MMMM", "Fri Friday Nov November"),
        ("yyyy-MM-dd''T''HH:mm:ss.SSS", "2018-11-09T08:07:06.543"),
        ("h a K k", "8 AM 8 8"),
        ("xxxx-ww-e D", "2018-45-5 313"),
        ("G C Y yy", "AD 20 2018 18"),
        ("SSSSSS S", "543000 5"),
        ("'''' yyyy", "' 2018"),
    ],
)
def test_format_datetime(ask: Ask, pattern: str, text: str) -> None:
    assert ask(f"SELECT format_datetime({T}, '{pattern}'), format_datetime({Z}, '{pattern}')") == [
        [text, text]
    ]


def test_format_datetime_with_a_zone(ask: Ask) -> None:
    assert ask(f"SELECT format_datetime({Z}, 'Z ZZ ZZZ')") == [["-0700 -07:00 America/Denver"]]


@pytest.mark.parametrize(
    ("text", "pattern", "result"),
    [
        ("09/11/2018", "%d/%m/%Y", "2018-11-09 00:00:00.000"),
        ("Nov 9 2018", "%b %e %Y", "2018-11-09 00:00:00.000"),
        ("friday NOVEMBER 2018", "%W %M %Y", "2018-11-02 00:00:00.000"),
        ("12", "%d", "2000-01-12 00:00:00.000"),
        ("10:20 PM", "%h:%i %p", "1970-01-01 22:20:00.000"),
        ("69", "%y", "2069-01-01 00:00:00.000"),
        ("2018 313", "%Y %j", "2018-11-09 00:00:00.000"),
        ("2018 5", "%x %v", "2018-01-29 00:00:00.000"),
    ],
)
def test_date_parse(ask: Ask, text: str, pattern: str, result: str) -> None:
    assert ask(f"SELECT date_parse('{text}', '{pattern}')") == [[result]]


@pytest.mark.parametrize(
    ("text", "pattern", "result"),
    [
        ("2018/11/09", "yyyy/MM/dd", "2018-11-09 00:00:00.000 UTC"),
        ("09-11-18 10:11", "dd-MM-yy HH:mm", "2018-11-09 10:11:00.000 UTC"),
        ("20181109101112", "yyyyMMddHHmmss", "2018-11-09 10:11:12.000 UTC"),
        ("2018-11-09 10:00 +02:00", "yyyy-MM-dd HH:mm ZZ", "2018-11-09 10:00:00.000 +02:00"),
        (
            "2018-11-09 10:00 Europe/Rome",
            "yyyy-MM-dd HH:mm ZZZ",
            "2018-11-09 10:00:00.000 Europe/Rome",
        ),
        ("1 PM", "h a", "1970-01-01 13:00:00.000 UTC"),
    ],
)
def test_parse_datetime(ask: Ask, text: str, pattern: str, result: str) -> None:
    assert ask(f"SELECT parse_datetime('{text}', '{pattern}')") == [[result]]


def test_intervals_are_summed(ask: Ask) -> None:
    assert ask(
        "SELECT sum(i), avg(i), max(i) FROM (VALUES INTERVAL '10' DAY, INTERVAL '6' HOUR) v(i)"
    ) == [["10 06:00:00.000", "5 03:00:00.000", "10 00:00:00.000"]]


PIECES = ["%Y", "%y", "%m", "%c", "%d", "%e", "%H", "%k", "%h", "%l", "%i", "%s", "%f", "%p"]
PIECES += ["%a", "%W", "%b", "%M", "%j", "%T", "%r", "-", "/", ":", " ", "%%", "é", "'"]


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),  # noqa: DTZ001
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join),
)
def test_duckdb_formats_as_joda_does(moment: datetime, pattern: str) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    form = joda.mysql(pattern)
    native = native_format.strftime_of(form)
    assert native is not None
    millis = (moment - EPOCH) // timedelta(milliseconds=1)
    written = form.write(joda.Moment(millis))
    with duckdb.connect() as connection:
        made = connection.execute("SELECT strftime($1, $2)", [moment, native]).fetchall()[0][0]
        assert made == written
        if reading := native_format.strptime_sql(form, "$1"):
            read = connection.execute(f"SELECT {reading}", [written]).fetchall()[0][0]
            if read is not None:
                assert (read - EPOCH) // timedelta(milliseconds=1) == form.read_local(written)


def test_functions_nest(ask: Ask) -> None:
    """What a function repeats of its arguments is written once, also around subqueries."""
    zoned = "at_timezone(from_iso8601_timestamp(s), 'Europe/Rome')"
    for _ in range(6):
        zoned = f"date_add('day', 1, date_trunc('hour', {zoned}))"
    assert ask(f"SELECT hour({zoned}), CAST({zoned} AS date) FROM (VALUES '2020-01-01') v(s)") == [
        ["1", "2020-01-07"]
    ]
    assert ask(
        "SELECT date_add('day', (SELECT 1), at_timezone(from_iso8601_timestamp("
        "(SELECT '2020-01-01')), 'Asia/Tokyo')), hour(max(from_iso8601_timestamp(s))) "
        "FROM (VALUES '2020-01-01') v(s)"
    ) == [["2020-01-02 09:00:00.000 Asia/Tokyo", "0"]]
