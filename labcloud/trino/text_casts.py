"""Texts that casts read and write, as Java does: numbers, booleans, UUIDs, IP addresses.

Source: Trino's VarcharOperators, DecimalConversions, DoubleOperators, UuidOperators and
IpAddressOperators. Readers raise `udf_error` (a ValueError) in Trino's words.
"""

from __future__ import annotations

import ipaddress as addresses
import math
import re
import struct
import unicodedata
import uuid as uuids
from decimal import ROUND_HALF_UP, Decimal, localcontext

from labcloud.trino.errors import udf_error

INVALID = "INVALID_CAST_ARGUMENT"
RANGE = "NUMERIC_VALUE_OUT_OF_RANGE"
BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
JAVA_NAMES = {"tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}
_FLOAT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?", re.ASCII)
_HEX_FLOAT = re.compile(
    r"([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)[fFdD]?", re.ASCII
)
_NAMED = re.compile(r"([+-]?)(NaN|Infinity)")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def integer(text: str, base: str) -> int:
    """Read a whole number as Java's parseLong does. Raises "Cannot cast '…' to INT"."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    limit: int = 2 ** BITS[base]
    value = limit
    if 0 < len(digits) <= 100 and all(unicodedata.category(c) == "Nd" for c in digits):
        value = int(text)
    if not -limit <= value < limit:
        raise udf_error(INVALID, f"Cannot cast '{text}' to {JAVA_NAMES[base]}")
    return value


def _float(text: str) -> float | None:
    """Read a number as Java's parseDouble does; None where it is none."""
    core = text.strip("".join(map(chr, range(33))))
    if (named := _NAMED.fullmatch(core)) is not None:
        value = math.nan if named[2] == "NaN" else math.inf
        return -value if named[1] == "-" else value
    if _FLOAT.fullmatch(core):
        return float(core.rstrip("fFdD"))
    match = _HEX_FLOAT.fullmatch(core)
    if match is not None and (match[2] or match[3]):
        return float.fromhex(f"{match[1]}0x{match[2] or '0'}.{match[3] or '0'}p{match[4]}")
    return None


def double(text: str) -> float:
    """Read a double."""
    if (value := _float(text)) is None:
        raise udf_error(INVALID, f"Cannot cast '{text}' to DOUBLE")
    return value


def real(text: str) -> float:
    """Read a real: a number with the precision of 32 bits."""
    if (value := _float(text)) is None:
        raise udf_error(INVALID, f"Cannot cast '{text}' to REAL")
    try:
        number: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return number


def double_text(text: str) -> str:
    """Read a double and write it as DuckDB casts it: a NaN from Python would be NULL."""
    return repr(double(text))


def real_text(text: str) -> str:
    """Read a real and write it as DuckDB casts it."""
    return repr(real(text))


def boolean(text: str) -> bool:
    """Read a boolean: true, t or 1, false, f or 0, in any case."""
    lower = text.lower()
    if lower in ("true", "t", "1"):
        return True
    if lower in ("false", "f", "0"):
        return False
    raise udf_error(INVALID, f"Cannot cast '{text}' to BOOLEAN")


def decimal(text: str, precision: int, scale: int) -> Decimal:
    """Read a decimal, rounded half up to its scale."""
    failed = f"Cannot cast VARCHAR '{text}' to DECIMAL({precision}, {scale})."
    if not _DECIMAL.fullmatch(text):
        raise udf_error(INVALID, f"{failed} Value is not a number.")
    value = rescaled(Decimal(text), precision, scale)
    if value is None:
        raise udf_error(INVALID, f"{failed} Value too large.")
    return value


def rescaled(value: Decimal, precision: int, scale: int) -> Decimal | None:
    """Return the value rounded half up to a scale; None where it has too many digits."""
    if value.adjusted() > 80:
        return None if value else Decimal(0)
    with localcontext() as context:
        context.prec = 200
        rounded = value.quantize(Decimal((0, (1,), -scale)), ROUND_HALF_UP)
        return rounded if abs(rounded.scaleb(scale)) < 10**precision else None


def uuid(text: str) -> str:
    """Read a UUID as Java does: five groups of hexadecimal digits."""
    groups = text.split("-")
    if len(groups) != 5 or not all(re.fullmatch("[0-9a-fA-F]+", group) for group in groups):
        raise udf_error(INVALID, f"Cannot cast value to UUID: {text}")
    if len(text) != 36:
        raise udf_error(INVALID, f"Invalid UUID string length: {len(text)}")
    widths = (8, 4, 4, 4, 12)
    cut = [g.zfill(w)[-w:] for g, w in zip(groups, widths, strict=True)]
    return "-".join(cut).lower()


def uuid_of_bytes(data: bytes) -> str:
    """Return the UUID of 16 bytes."""
    if len(data) != 16:
        raise udf_error(INVALID, f"Invalid UUID binary length: {len(data)}")
    return str(uuids.UUID(bytes=data))


def ipaddress(text: str) -> str:
    """Read an IPv4 or IPv6 address; an IPv4 address in IPv6 becomes IPv4."""
    try:
        if "%" in text:
            raise ValueError(text)
        return _shown(addresses.ip_address(text))
    except ValueError:
        raise udf_error(INVALID, f"Cannot cast value to IPADDRESS: {text}") from None


def ipaddress_of_bytes(data: bytes) -> str:
    """Return the address of 4 or 16 bytes."""
    if len(data) not in (4, 16):
        raise udf_error(INVALID, f"Invalid InetAddress binary length: {len(data)}")
    return _shown(addresses.ip_address(data))


def _shown(address: addresses.IPv4Address | addresses.IPv6Address) -> str:
    if isinstance(address, addresses.IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def ipaddress_bytes(text: str) -> bytes:
    """Return an address as 16 bytes, by which addresses compare."""
    address = addresses.ip_address(text)
    if isinstance(address, addresses.IPv4Address):
        return b"\0" * 10 + b"\xff\xff" + address.packed
    return address.packed


# ---- numbers as texts


def scientific(text: str) -> str:
    """Return DuckDB's text of a double or real as Trino's cast writes it: `1.5E0`."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    sign, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int)
    shown = "".join(map(str, digits)).lstrip("0")
    if not shown:
        return "-0E0" if sign else "0E0"
    power = len(shown) - 1 + exponent
    shown = shown.rstrip("0")
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"


_SPECIAL = {"nan": "NaN", "-nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def plain(text: str) -> str:
    """Return DuckDB's text of a double or real as Java's toString writes it: `1.0E7`, `100.5`."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    value = Decimal(text)
    if not value:
        return "-0.0" if value.is_signed() else "0.0"
    if not Decimal("1e-3") <= abs(value) < Decimal("1e7"):
        return scientific(text)
    shown = f"{value.normalize():f}"
    return shown if "." in shown else f"{shown}.0"
