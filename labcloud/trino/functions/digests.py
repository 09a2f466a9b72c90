"""Summaries of many values: HyperLogLog, t-digest and q-digest, with the bytes they travel as.

HyperLogLog: Heule, Nunkesser and Hall, "HyperLogLog in Practice", 2013, in the sparse and dense
layouts that Trino writes. T-digest: Dunning, "Computing Extremely Accurate Quantiles Using
t-Digests", 2019, merging variant. A q-digest here keeps every value with its weight (layout of our
own), so its quantiles are exact, which is within any accuracy asked for.
"""

from __future__ import annotations

import bisect
import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate


def half_up(value: float) -> int:
    """Round as Java's Math.round does."""
    return math.floor(value + 0.5)


# ---- HyperLogLog

_PREFIX = 26
"""Bits of a hash that the sparse layout keeps; 6 more count the zeros behind them."""
SPARSE_TAG, DENSE_TAG = 2, 3
_ALPHA = {4: 0.673, 5: 0.697, 6: 0.709}
_SPARSE_OVERHEAD, _DENSE_OVERHEAD = 40, 88
"""Bytes of Trino's objects besides their arrays: they decide when sparse becomes dense."""


@dataclass(slots=True)
class HyperLogLog:
    """Registers of 2^bits buckets: `entries` (prefix → zeros) while few, then `values`."""

    bits: int
    entries: dict[int, int] = field(default_factory=dict)
    values: list[int] | None = None

    def add(self, code: int) -> None:
        """Add a hash of 64 bits."""
        if self.values is not None:
            bucket = code >> (64 - self.bits)
            self._raise(bucket, _zeros(code, self.bits) + 1)
            return
        prefix, zeros = code >> (64 - _PREFIX), _zeros(code, _PREFIX)
        if zeros > self.entries.get(prefix, -1):
            self.entries[prefix] = zeros
        if self._outgrown():
            self._spread()

    def merge(self, other: HyperLogLog) -> None:
        """Add what another one has seen. Raises ValueError where the buckets differ in number."""
        if self.bits != other.bits:
            raise ValueError(
                "Cannot merge HLLs with different number of buckets: "
                f"{1 << self.bits} vs {1 << other.bits}"
            )
        if self.values is None and other.values is None:
            for prefix, zeros in other.entries.items():
                self.entries[prefix] = max(zeros, self.entries.get(prefix, -1))
            if self._outgrown():
                self._spread()
            return
        self._spread()
        dense = HyperLogLog(other.bits, dict(other.entries), other.values)
        dense._spread()
        assert dense.values is not None
        for bucket, value in enumerate(dense.values):
            self._raise(bucket, value)

    def cardinality(self) -> int:
        """Return the estimated number of distinct values."""
        if self.values is None:
            total = 1 << _PREFIX
            return half_up(total * math.log(total / (total - len(self.entries))))
        buckets = 1 << self.bits
        empty = self.values.count(0)
        if empty > 0.4 * buckets:
            return half_up(buckets * math.log(buckets / empty))
        alpha = _ALPHA.get(self.bits, 0.7213 / (1 + 1.079 / buckets))
        raw = alpha * buckets * buckets / sum(2.0**-value for value in self.values)
        return half_up(_unbiased(raw, buckets, alpha))

    def _raise(self, bucket: int, value: int) -> None:
        assert self.values is not None
        if value > self.values[bucket]:
            self.values[bucket] = value

    def _outgrown(self) -> bool:
        count = len(self.entries)
        room = 1 if count <= 1 else 1 + 10 * -(-(count - 1) // 10)
        return _SPARSE_OVERHEAD + 4 * room > _DENSE_OVERHEAD + (1 << self.bits) // 2

    def _spread(self) -> None:
        """Become dense."""
        if self.values is not None:
            return
        self.values = [0] * (1 << self.bits)
        rest = _PREFIX - self.bits
        for prefix, zeros in self.entries.items():
            tail = prefix & ((1 << rest) - 1)
            leading = rest - tail.bit_length() if tail else rest + zeros
            self._raise(prefix >> rest, leading + 1)
        self.entries = {}

    def pack(self) -> bytes:
        """Return the bytes that Trino's HyperLogLog casts to."""
        if self.values is None:
            codes = [prefix << 6 | zeros for prefix, zeros in sorted(self.entries.items())]
            return struct.pack(f"<BBH{len(codes)}I", SPARSE_TAG, self.bits, len(codes), *codes)
        base = min(self.values)
        deltas = [value - base for value in self.values]
        over = [(bucket, delta - 15) for bucket, delta in enumerate(deltas) if delta > 15]
        halves = [min(delta, 15) for delta in deltas]
        body = bytes(high << 4 | low for high, low in zip(halves[::2], halves[1::2], strict=True))
        head = struct.pack("<BBB", DENSE_TAG, self.bits, base)
        tail = struct.pack(f"<H{len(over)}H", len(over), *(bucket for bucket, _ in over))
        return head + body + tail + bytes(extra for _, extra in over)

    @staticmethod
    def unpack(data: bytes) -> HyperLogLog:
        """Read what `pack` wrote. Raises ValueError or struct.error where that is no such thing."""
        tag, bits = data[0], data[1]
        if tag == SPARSE_TAG:
            (count,) = struct.unpack_from("<H", data, 2)
            codes = struct.unpack_from(f"<{count}I", data, 4)
            return HyperLogLog(bits, {code >> 6: code & 63 for code in codes})
        if tag != DENSE_TAG or bits > 16:
            raise ValueError("Cannot deserialize HyperLogLog")
        size = 1 << bits
        base, halves = data[2], data[3 : 3 + size // 2]
        values = [base + part for byte in halves for part in (byte >> 4, byte & 15)]
        at = 3 + size // 2
        (count,) = struct.unpack_from("<H", data, at)
        buckets = struct.unpack_from(f"<{count}H", data, at + 2)
        extras = data[at + 2 + 2 * count :]
        for bucket, extra in zip(buckets, extras, strict=True):
            values[bucket] += extra
        return HyperLogLog(bits, {}, values)


def _zeros(code: int, bits: int) -> int:
    """Zeros at the head of a hash behind its first `bits`."""
    rest = 64 - bits
    return rest - (code & ((1 << rest) - 1)).bit_length()


def _unbiased(raw: float, buckets: int, alpha: float) -> float:
    """The raw estimate less its bias, which matters below five times the buckets.

    The paper tabulates the bias from simulations; here it is computed: the cardinality whose
    expected raw estimate is the one seen.
    """
    if raw > 5 * buckets:
        return raw
    low, high = 1.0, raw
    for _ in range(60):
        middle = (low + high) / 2
        if _expected(middle, buckets, alpha) < raw:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _expected(count: float, buckets: int, alpha: float) -> float:
    """The raw estimate for a cardinality by the Poisson model of the registers."""
    rate = count / buckets
    mean = math.exp(-rate)
    for value in range(1, 62):
        chance = math.exp(-rate / 2.0**value) - math.exp(-rate / 2.0 ** (value - 1))
        mean += chance * 2.0**-value
    return alpha * buckets / mean


# ---- t-digest

COMPRESSION = 100.0
_BUFFER = 6 * (2 * int(COMPRESSION) + 10)
"""How many centroids and new values are kept before they are merged."""


@dataclass(slots=True)
class TDigest:
    """Weighted means in order, small near the ends and larger in the middle."""

    means: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    low: float = math.inf
    high: float = -math.inf
    total: float = 0.0
    _merged: bool = True
    _backwards: bool = False

    def add(self, value: float, weight: float = 1.0) -> None:
        """Add a value."""
        if len(self.means) >= _BUFFER:
            self.merge(2 * COMPRESSION)
        self.means.append(value)
        self.weights.append(weight)
        self.total += weight
        self.low, self.high = min(value, self.low), max(value, self.high)
        self._merged = False

    def take(self, other: TDigest) -> None:
        """Add what another one has seen."""
        if len(self.means) + len(other.means) > _BUFFER:
            self.merge(2 * COMPRESSION)
            other.merge(2 * COMPRESSION)
        self.means += other.means
        self.weights += other.weights
        self.total += other.total
        self.low, self.high = min(other.low, self.low), max(other.high, self.high)
        self._merged = False

    def merge(self, compression: float) -> None:
        """Unite neighbours as far as the size of a cluster allows, from alternating ends."""
        if not self.means:
            return
        order = sorted(range(len(self.means)), key=self.means.__getitem__)
        if self._backwards:
            order.reverse()
        size = compression / (4 * math.log(self.total / compression) + 24)

        def limit(quantile: float) -> float:
            return quantile * (1 - quantile) / size

        means, weights = [self.means[order[0]]], [self.weights[order[0]]]
        before, most = 0.0, limit(0.0)
        for index in order[1:]:
            mean, weight = self.means[index], self.weights[index]
            joined = weights[-1] + weight
            quantile = min((before + joined) / self.total, 1.0)
            if joined <= self.total * min(most, limit(quantile)):
                means[-1] += (mean - means[-1]) * weight / joined
                weights[-1] = joined
            else:
                before += weights[-1]
                most = limit(before / self.total)
                means.append(mean)
                weights.append(weight)
        if self._backwards:
            means.reverse()
            weights.reverse()
        self.means, self.weights = means, weights
        self._backwards, self._merged = not self._backwards, True

    def value_at(self, quantile: float) -> float:
        """Return the value at a quantile from 0 to 1; NaN where there is none."""
        if not self._merged:
            self.merge(2 * COMPRESSION)
        if not self.means:
            return math.nan
        if len(self.means) == 1:
            return self.means[0]
        offset, first, last = quantile * self.total, self.weights[0] / 2, self.weights[-1] / 2
        if offset < 1:
            return self.low
        if offset < first:
            return self.low + _part(offset, 1, first) * (self.means[0] - self.low)
        if offset > self.total - 1:
            return self.high
        rest = self.total - offset
        if rest <= last and last > 1:
            return self.high + _part(rest, 1, last) * (self.means[-1] - self.high)
        if offset >= self.total - 1:
            return self.high
        return self._between(offset)

    def _between(self, offset: float) -> float:
        """The value at an offset between the middles of two centroids."""
        ends = accumulate(self.weights)
        middles = [end - weight / 2 for end, weight in zip(ends, self.weights, strict=True)]
        index = bisect.bisect_right(middles, offset) - 1
        if index >= len(self.means) - 1:
            return self.high
        left, right = self.weights[index], self.weights[index + 1]
        distance, span = offset - middles[index], (left + right) / 2
        if left == 1 and distance < 0.5:
            return self.means[index]
        if right == 1 and distance >= left / 2:
            return self.means[index + 1]
        if left == 1:
            distance, span = distance - 0.5, right / 2
        elif right == 1:
            span = left / 2
        return self.means[index] + distance / span * (self.means[index + 1] - self.means[index])

    def pack(self) -> bytes:
        """Return the bytes that Trino's tdigest casts to."""
        self.merge(COMPRESSION)
        count = len(self.means)
        return struct.pack(
            f"<B4di{2 * count}d",
            0,
            self.low,
            self.high,
            COMPRESSION,
            self.total,
            count,
            *self.means,
            *self.weights,
        )

    @staticmethod
    def unpack(data: bytes) -> TDigest:
        """Read what `pack` wrote."""
        _, low, high, _, total, count = struct.unpack_from("<B4di", data)
        numbers = struct.unpack_from(f"<{2 * count}d", data, struct.calcsize("<B4di"))
        return TDigest(list(numbers[:count]), list(numbers[count:]), low, high, total)


def _part(x: float, start: float, end: float) -> float:
    return (x - start) / (end - start)


# ---- q-digest


@dataclass(slots=True)
class QDigest:
    """Values in order, each with its weight."""

    values: Sequence[float]
    weights: Sequence[float]

    @staticmethod
    def of(pairs: Iterable[tuple[float, float]]) -> QDigest:
        """Return the digest of (value, weight)."""
        totals: dict[float, float] = {}
        for value, weight in pairs:
            totals[value] = totals.get(value, 0.0) + weight
        ordered = sorted(totals.items())
        return QDigest([value for value, _ in ordered], [weight for _, weight in ordered])

    def value_at(self, quantile: float) -> float:
        """Return the first value up to which more than the quantile of all weight lies."""
        ends = list(accumulate(self.weights))
        index = bisect.bisect_right(ends, quantile * ends[-1])
        return self.values[min(index, len(self.values) - 1)]

    def quantile_of(self, value: float) -> float | None:
        """Return the share of the weight that lies up to a value; None outside the values."""
        if not self.values or not self.values[0] <= value <= self.values[-1]:
            return None
        index = bisect.bisect_right(self.values, value)
        return sum(self.weights[:index]) / sum(self.weights)

    def pack(self) -> bytes:
        """Return its bytes: whether the values are integers, their number, values, weights."""
        whole = all(isinstance(value, int) for value in self.values)
        count = len(self.values)
        kind = "q" if whole else "d"
        return struct.pack(f"<?I{count}{kind}{count}d", whole, count, *self.values, *self.weights)

    @staticmethod
    def unpack(data: bytes) -> QDigest:
        """Read what `pack` wrote."""
        whole, count = struct.unpack_from("<?I", data)
        kind = "q" if whole else "d"
        numbers = struct.unpack_from(f"<{count}{kind}{count}d", data, 5)
        return QDigest(numbers[:count], numbers[count:])
