"""Conversions: data sizes, seconds, check digits, UUIDs and IP addresses.

Sources: https://trino.io/docs/current/functions/ conversion.html, datetime.html, string.html,
uuid.html and ipaddress.html.
"""

from __future__ import annotations

import functools
import ipaddress
import math
import re
from decimal import Decimal, localcontext

from labcloud.trino.errors import udf_error
from labcloud.trino.functions.emit import invalid, python
from labcloud.trino.functions.registry import scalar
from labcloud.trino.render import java_double

_UNITS = {
    unit: 1024**power
    for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"))
}
_SIZE = re.compile(r"(\d+\.?\d*|\.\d+)(\D*)")


def parse_data_size(text: str) -> Decimal:
    """Return the bytes that a text such as `2.5kB` means."""
    found = _SIZE.fullmatch(text)
    if not found or found[2] not in _UNITS:
        raise invalid(f"Invalid data size: '{text}'")
    with localcontext(prec=1000):
        size = int(Decimal(found[1]) * _UNITS[found[2]])
    if size >= 10**38:
        raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", f"Value out of range: '{text}' ('{size}B')")
    return Decimal(size)


_PERIODS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def human_readable_seconds(seconds: float) -> str:
    """Return weeks, days, hours, minutes and seconds in words."""
    if not math.isfinite(seconds):
        raise invalid(f"Invalid argument found: {java_double(seconds)}")
    rest = math.floor(abs(seconds) + 0.5)
    words: list[str] = []
    for name, size in _PERIODS:
        count, rest = divmod(rest, size)
        if count or (size == 1 and not words):
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(words)


def luhn_check(digits: str) -> bool:
    """Return whether the last digit checks the others by Luhn's algorithm."""
    if any(char not in "0123456789" for char in digits):
        raise invalid("Input contains non-digit character")
    total = 0
    for index, char in enumerate(reversed(digits)):
        digit = int(char) * (1 + index % 2)
        total += digit - 9 if digit > 9 else digit
    return bool(digits) and total % 10 == 0


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(text: str) -> Address:
    """Return an IP address; one of IPv4 written as IPv6 becomes IPv4. Raises ValueError."""
    found = ipaddress.ip_address(text)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found


@functools.lru_cache(256)
def _network(text: str) -> tuple[Address, int]:
    base, mark, prefix = text.partition("/")
    if not mark:
        raise invalid("Invalid CIDR")
    try:
        first = address(base)
    except ValueError:
        raise invalid("Invalid network IP address") from None
    if not re.fullmatch(r"[+-]?\d+", prefix):
        raise udf_error("GENERIC_INTERNAL_ERROR", f'For input string: "{prefix}"')
    if (length := int(prefix)) < 0:
        raise invalid("Invalid prefix length")
    if length > first.max_prefixlen:
        raise invalid("Prefix length exceeds address length")
    if first.version == 4 and int(first) & (0xFFFFFFFF >> length):
        raise invalid("Invalid CIDR")
    return first, length


def contains(network: str, text: str) -> bool:
    """Return whether a network in CIDR notation holds an address."""
    first, length = _network(network)
    other = address(text)
    if first.version != other.version:
        return False
    shift = first.max_prefixlen - length
    return int(first) >> shift == int(other) >> shift


for _name in ("parse_data_size", "parse_presto_data_size"):
    scalar(_name, "varchar(x)", "decimal(38,0)", python(parse_data_size))
scalar("human_readable_seconds", "double", "varchar", python(human_readable_seconds))
scalar("luhn_check", "varchar", "boolean", python(luhn_check))
scalar("uuid", "", "uuid", "uuid()")
scalar("contains", "varchar, ipaddress", "boolean", python(contains))
