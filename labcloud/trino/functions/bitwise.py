"""Bitwise functions. Source: https://trino.io/docs/current/functions/bitwise.html"""

from __future__ import annotations

from labcloud.trino.functions.emit import invalid, python
from labcloud.trino.functions.registry import Call, scalar


def _signed(value: int, width: int) -> int:
    """Read the lowest `width` bits as two's complement."""
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


def bit_count(number: int, bits: int) -> int:
    """Count the bits set in two's complement of `bits` bits."""
    if bits != 64 and not 1 < bits <= 64:
        raise invalid(f"Bits specified in bit_count must be between 2 and 64, got {bits}")
    if _signed(number, bits) != number:
        raise invalid(
            "Number must be representable with the bits specified. "
            f"{number} cannot be represented with {bits} bits"
        )
    return (number & ((1 << bits) - 1)).bit_count()


def _bit_count(call: Call) -> str:
    if call.args[1].value == 64:
        return f"CAST(bit_count({call.sql(0)}) AS BIGINT)"
    return python(bit_count)(call)


def _distance(shift: int) -> int:
    """Java shifts a long by the lowest six bits of a negative distance."""
    return shift & 63 if shift < 0 else shift


def left_tinyint(value: int, shift: int) -> int:
    """Shift an 8-bit value to the left."""
    return _left(value, shift, 8)


def left_smallint(value: int, shift: int) -> int:
    """Shift a 16-bit value to the left."""
    return _left(value, shift, 16)


def left_integer(value: int, shift: int) -> int:
    """Shift a 32-bit value to the left."""
    return _left(value, shift, 32)


def left_bigint(value: int, shift: int) -> int:
    """Shift a 64-bit value to the left."""
    return _left(value, shift, 64)


def _left(value: int, shift: int, width: int) -> int:
    return 0 if shift >= 64 else _signed(value << _distance(shift), width)


def right_tinyint(value: int, shift: int) -> int:
    """Shift an 8-bit value to the right, filling with zeros."""
    return _right(value, shift, 8)


def right_smallint(value: int, shift: int) -> int:
    """Shift a 16-bit value to the right, filling with zeros."""
    return _right(value, shift, 16)


def right_integer(value: int, shift: int) -> int:
    """Shift a 32-bit value to the right, filling with zeros."""
    return _right(value, shift, 32)


def right_bigint(value: int, shift: int) -> int:
    """Shift a 64-bit value to the right, filling with zeros."""
    return _right(value, shift, 64)


def _right(value: int, shift: int, width: int) -> int:
    if shift >= 64:
        return 0
    if shift == 0:
        return value
    return _signed((value & ((1 << width) - 1)) >> _distance(shift), width)


def right_arithmetic(value: int, shift: int) -> int:
    """Shift to the right, filling with the sign."""
    return value >> min(_distance(shift), 63)


scalar("bit_count", "bigint, bigint", "bigint", _bit_count)
scalar("bitwise_not", "bigint", "bigint", "(~{0})")
scalar("bitwise_and", "bigint, bigint", "bigint", "({0} & {1})")
scalar("bitwise_or", "bigint, bigint", "bigint", "({0} | {1})")
scalar("bitwise_xor", "bigint, bigint", "bigint", "xor({0}, {1})")

for _kind, _shift_left, _shift_right in (
    ("tinyint", left_tinyint, right_tinyint),
    ("smallint", left_smallint, right_smallint),
    ("integer", left_integer, right_integer),
    ("bigint", left_bigint, right_bigint),
):
    _args = f"{_kind}, integer"
    scalar("bitwise_left_shift", _args, _kind, python(_shift_left))
    scalar("bitwise_right_shift", _args, _kind, python(_shift_right))
    scalar("bitwise_right_shift_arithmetic", _args, _kind, python(right_arithmetic))
