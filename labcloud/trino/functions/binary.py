"""Binary functions. Source: https://trino.io/docs/current/functions/binary.html

Errors of base64 and hex are those of Java's Base64 and HexFormat, of base32 those of Guava.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import zlib
from collections.abc import Callable

from labcloud.trino.errors import udf_error
from labcloud.trino.functions.emit import UNBOUNDED, invalid, python
from labcloud.trino.functions.registry import Call, scalar

MASK = 2**64 - 1

# ---- texts


_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL = _PLAIN[:-2] + b"-_"


def _decode_base64(data: bytes, alphabet: bytes) -> bytes:
    if len(data) == 1:
        raise invalid("Input byte[] should at least have 2 bytes for base64 bytes")
    result, bits, count, at = bytearray(), 0, 0, 0
    while at < len(data):
        byte = data[at]
        at += 1
        if byte == ord("="):
            wrong = count == 0 or (count == 2 and data[at : at + 1] != b"=")
            at += count == 2
            if wrong:
                raise invalid("Input byte array has wrong 4-byte ending unit")
            break
        digit = alphabet.find(byte)
        if digit < 0:
            raise invalid(f"Illegal base64 character {_signed_hex(byte)}")
        bits = bits << 6 | digit
        count += 1
        if count == 4:
            result += bits.to_bytes(3, "big")
            bits = count = 0
    if count == 1:
        raise invalid("Last unit does not have enough valid bits")
    if count:
        result += (bits >> (2 if count == 3 else 4)).to_bytes(count - 1, "big")
    if at < len(data):
        raise invalid(f"Input byte array has incorrect ending byte at {at}")
    return bytes(result)


def _signed_hex(byte: int) -> str:
    return f"{byte - 256 if byte > 127 else byte:x}"


def from_base64(data: str | bytes) -> bytes:
    """Decode base64; the padding may be left out."""
    return _decode_base64(_bytes(data), _PLAIN)


def from_base64url(data: str | bytes) -> bytes:
    """Decode base64 with the alphabet for URLs."""
    return _decode_base64(_bytes(data), _URL)


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def to_base32(data: bytes) -> str:
    """Encode as base32."""
    return base64.b32encode(data).decode()


def from_base32(data: str | bytes) -> bytes:
    """Decode base32; the padding may be left out."""
    text = (data if isinstance(data, str) else data.decode(errors="replace")).rstrip("=")
    if len(text) % 8 not in (0, 2, 4, 5, 7):
        raise invalid(f"Invalid input length {len(text)}")
    for char in text:
        if char not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567":
            shown = char if " " < char < "\x7f" else f"0x{ord(char):x}"
            raise invalid(f"Unrecognized character: {shown}")
    return base64.b32decode(text + "=" * (-len(text) % 8))


def from_hex(data: str | bytes) -> bytes:
    """Decode pairs of hexadecimal digits."""
    raw = _bytes(data)
    if len(raw) % 2:
        raise invalid(f"invalid input length {len(raw)}")
    for byte in raw:
        if byte not in b"0123456789abcdefABCDEF":
            number = byte - 256 if byte > 127 else byte
            raise invalid(f'not a hexadecimal digit: "{chr(number & 0xFFFF)}" = {number}')
    return bytes.fromhex(raw.decode())


# ---- numbers


def _packed(code: str) -> Callable[[float], bytes]:
    def pack(number: float) -> bytes:
        return struct.pack(code, number)

    pack.__qualname__ = f"pack{code}"
    return pack


def _unpacked(code: str, message: str) -> Callable[[bytes], float]:
    def unpack(data: bytes) -> float:
        if len(data) != struct.calcsize(code):
            raise invalid(message.format(len(data)))
        number: float = struct.unpack(code, data)[0]
        return number

    unpack.__qualname__ = f"unpack{code}"
    return unpack


# ---- parts


def substr_from(data: bytes, start: int) -> bytes:
    """Return the bytes from a position, which may count from the end."""
    if start > 0:
        return data[start - 1 :]
    return data[start:] if start and -start <= len(data) else b""


def substr(data: bytes, start: int, length: int) -> bytes:
    """Return at most `length` bytes from a position, which may count from the end."""
    return substr_from(data, start)[:length] if length > 0 else b""


def reverse(data: bytes) -> bytes:
    """Reverse the bytes."""
    return data[::-1]


def lpad(data: bytes, length: int, padding: bytes) -> bytes:
    """Pad or cut to a length, at the left."""
    return (_filling(data, length, padding) + data)[:length] if length else b""


def rpad(data: bytes, length: int, padding: bytes) -> bytes:
    """Pad or cut to a length, at the right."""
    return (data + _filling(data, length, padding))[:length]


def _filling(data: bytes, length: int, padding: bytes) -> bytes:
    if not 0 <= length <= UNBOUNDED:
        raise invalid(f"Target length must be in the range [0..{UNBOUNDED}]")
    if not padding:
        raise invalid("Padding bytes must not be empty")
    missing = max(0, length - len(data))
    return (padding * (missing // len(padding) + 1))[:missing]


# ---- digests


def sha512(data: bytes) -> bytes:
    """Return the SHA-512 digest."""
    return hashlib.sha512(data).digest()


def crc32(data: bytes) -> int:
    """Return the CRC-32."""
    return zlib.crc32(data)


def _hmac(algorithm: str) -> Callable[[bytes, bytes], bytes]:
    def digest(data: bytes, key: bytes) -> bytes:
        if not key:
            raise udf_error("GENERIC_INTERNAL_ERROR", "Empty key")
        return hmac.digest(key, data, algorithm)

    digest.__qualname__ = f"hmac_{algorithm}"
    return digest


def murmur3(data: bytes) -> bytes:
    """Return the 128-bit MurmurHash3 for 64-bit machines."""
    import mmh3

    return mmh3.hash_bytes(data)


_P = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def _rotate(value: int, count: int) -> int:
    return (value << count | value >> (64 - count)) & MASK


def _round(lane: int, word: int) -> int:
    return _rotate((lane + word * _P[1]) & MASK, 31) * _P[0] & MASK


def xxhash64(data: bytes) -> bytes:
    """Return the 64-bit xxHash, with seed 0."""
    at, size = 0, len(data)
    if size >= 32:
        lanes = [(_P[0] + _P[1]) & MASK, _P[1], 0, -_P[0] & MASK]
        while at + 32 <= size:
            words = struct.unpack_from("<4Q", data, at)
            lanes = [_round(lane, word) for lane, word in zip(lanes, words, strict=True)]
            at += 32
        turns = zip(lanes, (1, 7, 12, 18), strict=True)
        value = sum(_rotate(lane, turn) for lane, turn in turns) & MASK
        for lane in lanes:
            value = ((value ^ _round(0, lane)) * _P[0] + _P[3]) & MASK
    else:
        value = _P[4]
    value = (value + size) & MASK
    while at + 8 <= size:
        value ^= _round(0, struct.unpack_from("<Q", data, at)[0])
        value = (_rotate(value, 27) * _P[0] + _P[3]) & MASK
        at += 8
    if at + 4 <= size:
        value ^= struct.unpack_from("<I", data, at)[0] * _P[0] & MASK
        value = (_rotate(value, 23) * _P[1] + _P[2]) & MASK
        at += 4
    for byte in data[at:]:
        value = _rotate(value ^ byte * _P[4] & MASK, 11) * _P[0] & MASK
    value = (value ^ value >> 33) * _P[1] & MASK
    value = (value ^ value >> 29) * _P[2] & MASK
    return (value ^ value >> 32).to_bytes(8, "big")


# ---- SpookyHash V2, http://burtleburtle.net/bob/hash/spooky.html

_SPOOKY = 0xDEADBEEFDEADBEEF
_SHORT_MIX = (50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36)
_SHORT_END = (15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63)
_MIX = (11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46)
_END = (44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54)


def _short_mix(h: list[int]) -> None:
    for step, turn in enumerate(_SHORT_MIX):
        here, after, opposite = (step + 2) % 4, (step + 3) % 4, step % 4
        h[here] = (_rotate(h[here], turn) + h[after]) & MASK
        h[opposite] ^= h[here]


def _spooky_short(data: bytes) -> int:
    h, at = [0, 0, _SPOOKY, _SPOOKY], 0
    while len(data) - at >= 16:
        first, second = struct.unpack_from("<2Q", data, at)
        h[2], h[3] = (h[2] + first) & MASK, (h[3] + second) & MASK
        _short_mix(h)
        at += 16
        if len(data) - at >= 16:
            third, fourth = struct.unpack_from("<2Q", data, at)
            h[0], h[1] = (h[0] + third) & MASK, (h[1] + fourth) & MASK
            at += 16
    rest = data[at:]
    low, high = (
        int.from_bytes(part, "little") if rest else _SPOOKY for part in (rest[:8], rest[8:])
    )
    h[2], h[3] = (h[2] + low) & MASK, (h[3] + high + (len(data) << 56)) & MASK
    for step, turn in enumerate(_SHORT_END):
        target, source = (step + 3) % 4, (step + 2) % 4
        h[target] ^= h[source]
        h[source] = _rotate(h[source], turn)
        h[target] = (h[target] + h[source]) & MASK
    return h[0]


def _spooky_long(data: bytes) -> int:
    h = [0, 0, _SPOOKY] * 4
    whole = len(data) // 96 * 96
    for at in range(0, whole, 96):
        for i, word in enumerate(struct.unpack_from("<12Q", data, at)):
            h[i] = (h[i] + word) & MASK
            h[(i + 2) % 12] ^= h[(i + 10) % 12]
            h[(i + 11) % 12] ^= h[i]
            h[i] = _rotate(h[i], _MIX[i])
            h[(i + 11) % 12] = (h[(i + 11) % 12] + h[(i + 1) % 12]) & MASK
    last = data[whole:].ljust(95, b"\0") + bytes([len(data) - whole])
    h = [(a + b) & MASK for a, b in zip(h, struct.unpack("<12Q", last), strict=True)]
    for _ in range(3):
        for i in range(12):
            before, after, second = (i + 11) % 12, (i + 1) % 12, (i + 2) % 12
            h[before] = (h[before] + h[after]) & MASK
            h[second] ^= h[before]
            h[after] = _rotate(h[after], _END[i])
    return h[0]


def spooky_hash_v2_64(data: bytes) -> bytes:
    """Return the 64-bit SpookyHash V2, with seed 0."""
    value = _spooky_short(data) if len(data) < 192 else _spooky_long(data)
    return value.to_bytes(8, "big")


def spooky_hash_v2_32(data: bytes) -> bytes:
    """Return the 32-bit SpookyHash V2, with seed 0."""
    return spooky_hash_v2_64(data)[4:]


# ---- declarations


def _length(call: Call) -> str:
    return f"CAST(octet_length({call.sql(0)}) AS BIGINT)"


scalar("length", "varbinary", "bigint", _length)
scalar("to_base64", "varbinary", "varchar", "to_base64({0})")
scalar("to_base64url", "varbinary", "varchar", "translate(to_base64({0}), '+/', '-_')")
scalar("to_base32", "varbinary", "varchar", python(to_base32))
scalar("to_hex", "varbinary", "varchar", "hex({0})")
for _function in (from_base64, from_base64url, from_base32, from_hex):
    for _kind in ("varchar(x)", "varbinary"):
        scalar(_function.__name__, _kind, "varbinary", python(_function))

for _bits, _whole, _code, _real, _float in (
    (64, "bigint", ">q", "double", ">d"),
    (32, "integer", ">i", "real", ">f"),
):
    _size = _bits // 8
    scalar(f"to_big_endian_{_bits}", _whole, "varbinary", python(_packed(_code)))
    _message = f"expected {_size}-byte input, but got instead: {{}}"
    scalar(f"from_big_endian_{_bits}", "varbinary", _whole, python(_unpacked(_code, _message)))
    scalar(f"to_ieee754_{_bits}", _real, "varbinary", python(_packed(_float)))
    _message = f"Input floating-point value must be exactly {_size} bytes long"
    scalar(f"from_ieee754_{_bits}", "varbinary", _real, python(_unpacked(_float, _message)))

for _name in ("md5", "sha1", "sha256"):
    scalar(_name, "varbinary", "varbinary", f"unhex({_name}({{0}}))")
for _digest in (sha512, xxhash64, murmur3, spooky_hash_v2_32, spooky_hash_v2_64):
    scalar(_digest.__name__, "varbinary", "varbinary", python(_digest))
scalar("crc32", "varbinary", "bigint", python(crc32))
for _name in ("md5", "sha1", "sha256", "sha512"):
    scalar(f"hmac_{_name}", "varbinary, varbinary", "varbinary", python(_hmac(_name)))

scalar("substr", "varbinary, bigint", "varbinary", python(substr_from))
scalar("substr", "varbinary, bigint, bigint", "varbinary", python(substr))
scalar("reverse", "varbinary", "varbinary", python(reverse))
scalar("lpad", "varbinary, bigint, varbinary", "varbinary", python(lpad))
scalar("rpad", "varbinary, bigint, varbinary", "varbinary", python(rpad))
