"""Set digests: https://trino.io/docs/current/functions/setdigest.html

A digest is a HyperLogLog and the smallest hashes of the set with their counts (MinHash).
"""

from __future__ import annotations

import heapq
import struct
from dataclasses import dataclass, field
from typing import Any

from labcloud.trino.functions.aggregates import listed
from labcloud.trino.functions.digests import HyperLogLog
from labcloud.trino.functions.emit import python
from labcloud.trino.functions.registry import aggregate, scalar
from labcloud.trino.functions.sketches import murmur_code

MAX_HASHES = 8192
BITS = 11


@dataclass(slots=True)
class SetDigest:
    """A set's sketch: registers, and its smallest hashes with how often each came."""

    registers: HyperLogLog = field(default_factory=lambda: HyperLogLog(BITS))
    counts: dict[int, int] = field(default_factory=dict)

    def add(self, code: int, count: int = 1) -> None:
        """Add a hash."""
        signed = code - (1 << 64) if code >> 63 else code
        self.counts[signed] = self.counts.get(signed, 0) + count

    def trim(self) -> None:
        """Keep the smallest hashes."""
        if len(self.counts) > MAX_HASHES:
            kept = heapq.nsmallest(MAX_HASHES, self.counts)
            self.counts = {code: self.counts[code] for code in kept}

    def cardinality(self) -> int:
        """Return how many elements there are: exactly while all their hashes are kept."""
        return len(self.counts) if len(self.counts) < MAX_HASHES else self.registers.cardinality()

    def pack(self) -> bytes:
        """Return the digest's bytes, in a layout of our own."""
        registers = self.registers.pack()
        pairs = [number for pair in sorted(self.counts.items()) for number in pair]
        head = struct.pack("<BII", 1, len(registers), len(self.counts))
        return head + registers + struct.pack(f"<{len(pairs)}q", *pairs)

    @staticmethod
    def unpack(data: bytes) -> SetDigest:
        """Read what `pack` wrote."""
        _, size, count = struct.unpack_from("<BII", data)
        pairs = struct.unpack_from(f"<{2 * count}q", data, 9 + size)
        registers = HyperLogLog.unpack(data[9 : 9 + size])
        return SetDigest(registers, dict(zip(pairs[::2], pairs[1::2], strict=True)))


def make_set_digest(values: list[Any]) -> bytes:
    """Return the digest of values."""
    digest = SetDigest()
    for value in values:
        code = murmur_code(value)
        digest.registers.add(code)
        digest.add(code)
    digest.trim()
    return digest.pack()


def merge_set_digest(digests: list[bytes]) -> bytes:
    """Return the digest of all that some have seen."""
    merged = SetDigest.unpack(digests[0])
    for data in digests[1:]:
        other = SetDigest.unpack(data)
        merged.registers.merge(other.registers)
        for code, count in other.counts.items():
            merged.add(code, count)
    merged.trim()
    return merged.pack()


def cardinality(digest: bytes) -> int:
    """Return how many elements a set has."""
    return SetDigest.unpack(digest).cardinality()


def jaccard_index(left: bytes, right: bytes) -> float:
    """Return the share of two sets' elements that are in both."""
    return _jaccard(SetDigest.unpack(left), SetDigest.unpack(right))


def _jaccard(left: SetDigest, right: SetDigest) -> float:
    size = min(len(left.counts), len(right.counts))
    if not size:
        return 0.0
    both = left.counts.keys() & right.counts.keys()
    union = heapq.nsmallest(size, left.counts.keys() | right.counts.keys())
    return sum(code in both for code in union) / size


def intersection_cardinality(left: bytes, right: bytes) -> int:
    """Return how many elements two sets share."""
    first, second = SetDigest.unpack(left), SetDigest.unpack(right)
    if len(first.counts) < MAX_HASHES and len(second.counts) < MAX_HASHES:
        return len(first.counts.keys() & second.counts.keys())
    union = HyperLogLog.unpack(first.registers.pack())
    union.merge(second.registers)
    shared = round(_jaccard(first, second) * union.cardinality())
    return min(shared, first.cardinality(), second.cardinality())


def hash_counts(digest: bytes) -> dict[int, int]:
    """Return the hashes that are kept, with their counts."""
    return SetDigest.unpack(digest).counts


def _declare() -> None:
    made = listed(make_set_digest)
    for kind in ("bigint", "double", "varchar(x)", "date"):
        aggregate("make_set_digest", kind, "SetDigest", made)
    aggregate("merge_set_digest", "SetDigest", "SetDigest", listed(merge_set_digest))
    scalar("cardinality", "SetDigest", "bigint", python(cardinality))
    scalar("intersection_cardinality", "SetDigest, SetDigest", "bigint",
           python(intersection_cardinality))  # fmt: skip
    scalar("jaccard_index", "SetDigest, SetDigest", "double", python(jaccard_index))
    scalar("hash_counts", "SetDigest", "map(bigint,smallint)", python(hash_counts))


_declare()
