"""Binary functions, with digests from Trino's own tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
TypesOf = Callable[[str], list[str]]
ErrorOf = Callable[[str], str]

VALUES: dict[str, str | None] = {
    "to_hex(md5(to_utf8('hashme')))": "533F6357E0210E67D91F651BC49E1278",
    "to_hex(sha1(X''))": "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
    "to_hex(sha512(to_utf8('hashme')))": (
        "8A4B59FB9188D09B989FF596AC9CEFBF2ED91DED8DCD9498E8BF2236814A92B23BE6867E7FC340"
        "880E514F8FDF97E1F147EA4B0FD6C2DA3557D0CF1C0B58A204"
    ),
    "to_hex(murmur3(to_utf8('hashme')))": "93192FE805BE23041C8318F67EC4F2BC",
    "to_hex(xxhash64(to_utf8('hashme')))": "F9D96E0E1165E892",
    "to_hex(spooky_hash_v2_32(to_utf8('hello')))": "D382E6CA",
    "to_hex(spooky_hash_v2_64(X''))": "232706FC6BF50919",
    "crc32(to_utf8('CRC me!'))": "38028046",
    "to_hex(hmac_md5(to_utf8('hashme'), to_utf8('key')))": "0A26EBEB0E7B65F528D96F7BC631BC8F",
    "to_hex(hmac_sha1(X'', to_utf8('key')))": "F42BB0EEB018EBBD4597AE7213711EC60760843F",
    "to_base64url(X'fbff')": "-_8=",
    "from_base64('YQ')": "61",
    "from_base64url('-_8=')": "fb ff",
    "to_base32(to_utf8('abc'))": "MFRGG===",
    "from_base32('MFRGG')": "61 62 63",
    "from_hex('dEaD')": "de ad",
    "to_big_endian_32(1)": "00 00 00 01",
    "from_big_endian_64(X'ffffffffffffffff')": "-1",
    "to_ieee754_32(REAL '1')": "3f 80 00 00",
    "from_ieee754_64(X'7ff8000000000000')": "NaN",
    "substr(X'010203', -2, 1)": "02",
    "lpad(X'1234', 3, X'4524')": "45 12 34",
    "rpad(X'1234', 1, X'45')": "12",
    "reverse(X'0102')": "02 01",
    "concat(X'01', X'02', X'03')": "01 02 03",
    "length(X'0102')": "2",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


ERRORS = {
    "from_hex('abc')": "INVALID_FUNCTION_ARGUMENT: invalid input length 3",
    "from_hex('zz')": 'INVALID_FUNCTION_ARGUMENT: not a hexadecimal digit: "z" = 122',
    "from_base64('a')": (
        "INVALID_FUNCTION_ARGUMENT: Input byte[] should at least have 2 bytes for base64 bytes"
    ),
    "from_base64('YQ=')": (
        "INVALID_FUNCTION_ARGUMENT: Input byte array has wrong 4-byte ending unit"
    ),
    "from_base64('Y!')": "INVALID_FUNCTION_ARGUMENT: Illegal base64 character 21",
    "from_base64('YQ==x')": (
        "INVALID_FUNCTION_ARGUMENT: Input byte array has incorrect ending byte at 4"
    ),
    "from_base64('YWJjZ')": "INVALID_FUNCTION_ARGUMENT: Last unit does not have enough valid bits",
    "from_base32('M')": "INVALID_FUNCTION_ARGUMENT: Invalid input length 1",
    "from_base32('m1')": "INVALID_FUNCTION_ARGUMENT: Unrecognized character: m",
    "from_big_endian_64(X'01')": (
        "INVALID_FUNCTION_ARGUMENT: expected 8-byte input, but got instead: 1"
    ),
    "from_ieee754_32(X'01')": (
        "INVALID_FUNCTION_ARGUMENT: Input floating-point value must be exactly 4 bytes long"
    ),
    "lpad(X'01', 2, X'')": "INVALID_FUNCTION_ARGUMENT: Padding bytes must not be empty",
    "md5('text')": (
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar(4)) for function md5."
        " Expected: md5(varbinary)"
    ),
}


@pytest.mark.parametrize(("expression", "error"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, error: str) -> None:
    assert error_of(f"SELECT {expression}") == error
