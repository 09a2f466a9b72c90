"""Approximate aggregates and the sketches behind them.

https://trino.io/docs/current/functions/hyperloglog.html, qdigest.html, tdigest.html, and
approx_distinct, approx_percentile and checksum of aggregate.html. A sketch is a BLOB.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from labcloud.trino.errors import udf_error
from labcloud.trino.functions.aggregates import listed, parameter
from labcloud.trino.functions.binary import murmur3, xxhash64
from labcloud.trino.functions.digests import HyperLogLog, QDigest, TDigest, half_up
from labcloud.trino.functions.emit import invalid, nullable, python
from labcloud.trino.functions.registry import Call, aggregate, scalar
from labcloud.trino.types import BIGINT, DOUBLE, array

DISTINCT_ERROR = 0.023
"""Standard error of approx_distinct where none is given: 2048 buckets."""
SET_BITS = 12
"""approx_set has 4096 buckets."""
LOWEST_ERROR, HIGHEST_ERROR = 0.0040625, 0.26000
EXACT_FROM = 10_240
"""From so many distinct values approx_distinct counts them: five times the usual buckets, where
the registers' own error is larger than anything that hashing them in Python is worth."""
_PRIME = 0x9E3779B185EBCA87
_MASK = 2**64 - 1


# ---- hashing


def to_bytes(value: Any) -> bytes:
    """Return the bytes of a value that Trino hashes: 8 for what it holds as a long."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    if isinstance(value, float):
        return struct.pack("<d", value)
    if (number := _as_long(value)) is not None:
        return (number & _MASK).to_bytes(8, "little")
    return repr(value).encode()


def _as_long(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return int(value.scaleb(-int(value.as_tuple().exponent)))
    if isinstance(value, datetime):
        delta = value - datetime(1970, 1, 1, tzinfo=value.tzinfo)
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days
    if isinstance(value, time):
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return (seconds * 1_000_000 + value.microsecond) * 1_000_000
    return None


def xx_code(value: Any) -> int:
    """Return xxHash64 of a value, as approx_distinct and checksum use it."""
    return int.from_bytes(xxhash64(to_bytes(value)), "big")


def murmur_code(value: Any) -> int:
    """Return the first half of MurmurHash3 of a value, as approx_set uses it."""
    return int.from_bytes(murmur3(to_bytes(value))[:8], "little")


def checksum(values: list[Any]) -> bytes:
    """Return a sum of hashes that does not depend on the order; NULL counts, too."""
    total = sum(1 if value is None else xx_code(value) for value in values)
    return (total * _PRIME & _MASK).to_bytes(8, "little")


def _checksum(call: Call) -> str:
    name = call.udf(checksum, [array(call.type(0))], call.result)
    return f"{name}({call.over('list', call.sql(0))})"


# ---- HyperLogLog


def bits_for(error: float) -> int:
    """Return how many bits number the buckets for a standard error.

    Raises INVALID_FUNCTION_ARGUMENT.
    """
    if not LOWEST_ERROR <= error <= HIGHEST_ERROR:
        raise invalid(
            f"Max standard error must be in [{LOWEST_ERROR}, {HIGHEST_ERROR}]: {float(error)}"
        )
    return math.ceil(math.log2((1.04 / error) ** 2))


def count_distinct(values: list[Any], error: float) -> int:
    """Return the estimate of HyperLogLog for a list of distinct values."""
    sketch = HyperLogLog(bits_for(error))
    for value in values:
        sketch.add(xx_code(value))
    return sketch.cardinality()


def check_error(count: int, error: float) -> int:
    """Return a count. Raises INVALID_FUNCTION_ARGUMENT for an error out of range."""
    bits_for(error)
    return count


def _approx_distinct(call: Call) -> str:
    error = parameter(call, 1) if len(call.args) > 1 else str(DISTINCT_ERROR)
    value = call.sql(0)
    exact = call.over("count", value if call.distinct else f"DISTINCT {value}")
    items = call.over("list", value if call.distinct else f"DISTINCT {value}")
    estimate = call.udf(count_distinct, [array(call.type(0)), DOUBLE], BIGINT)
    counted = exact
    if len(call.args) > 1:
        counted = f"{call.udf(check_error, [BIGINT, DOUBLE], BIGINT)}({exact}, {error})"
    return (
        f"(CASE WHEN {exact} = 0 OR {exact} > {EXACT_FROM} THEN {counted} "
        f"ELSE {estimate}(list_filter({items}, lambda x_: x_ IS NOT NULL), {error}) END)"
    )


def approx_set(values: list[Any]) -> bytes:
    """Return the HyperLogLog of values."""
    sketch = HyperLogLog(SET_BITS)
    for value in values:
        sketch.add(murmur_code(value))
    return sketch.pack()


def empty_set() -> bytes:
    """Return the HyperLogLog of nothing."""
    return HyperLogLog(SET_BITS).pack()


def empty_set_within(error: float) -> bytes:
    """Return the HyperLogLog of nothing for a standard error."""
    return HyperLogLog(bits_for(error)).pack()


def merge_sets(sketches: list[bytes]) -> bytes:
    """Return the HyperLogLog of all that some have seen."""
    merged: HyperLogLog | None = None
    for data in sketches:
        sketch = HyperLogLog.unpack(data)
        if merged is None:
            merged = sketch
            continue
        try:
            merged.merge(sketch)
        except ValueError as error:
            raise udf_error("GENERIC_INTERNAL_ERROR", str(error)) from None
    assert merged is not None
    return merged.pack()


def cardinality(sketch: bytes) -> int:
    """Return what a HyperLogLog estimates."""
    return HyperLogLog.unpack(sketch).cardinality()


# ---- percentiles


def _digest(pairs: Iterable[tuple[float, float]]) -> TDigest:
    digest = TDigest()
    for value, weight in pairs:
        digest.add(float(value), float(weight))
    return digest


def _percentile(digest: TDigest, percentile: float, whole: bool) -> float:
    if not 0 <= percentile <= 1:
        raise invalid("Percentile must be between 0 and 1")
    value = digest.value_at(percentile)
    return half_up(value) if whole else value


def _weighted(points: list[dict[str, Any]]) -> list[tuple[float, float]]:
    for point in points:
        if point["f1"] < 1:
            raise invalid("percentile weight must be >= 1")
    return [(point["f0"], point["f1"]) for point in points]


def percentile(values: list[float], at: float) -> float:
    """Return the value at a percentile, whole where the values are."""
    whole = isinstance(values[0], int)
    return _percentile(_digest((value, 1.0) for value in values), at, whole)


def percentiles(values: list[float], at: list[float]) -> list[float]:
    """Return the values at percentiles."""
    whole, digest = isinstance(values[0], int), _digest((value, 1.0) for value in values)
    return [_percentile(digest, one, whole) for one in at]


def weighted_percentile(points: list[dict[str, Any]], at: float) -> float:
    """Return the value at a percentile of {f0: value, f1: weight}."""
    return _percentile(_digest(_weighted(points)), at, isinstance(points[0]["f0"], int))


def weighted_percentiles(points: list[dict[str, Any]], at: list[float]) -> list[float]:
    """Return the values at percentiles of {f0: value, f1: weight}."""
    whole, digest = isinstance(points[0]["f0"], int), _digest(_weighted(points))
    return [_percentile(digest, one, whole) for one in at]


def tdigest(values: list[float]) -> bytes:
    """Return the t-digest of values."""
    for value in values:
        if not math.isfinite(value):
            raise invalid(f"value must be finite; was {_java(value)}")
    return _digest((value, 1.0) for value in values).pack()


def weighted_tdigest(points: list[dict[str, float]]) -> bytes:
    """Return the t-digest of {f0: value, f1: weight}."""
    for point in points:
        if not math.isfinite(point["f0"]):
            raise invalid(f"value must be finite; was {_java(point['f0'])}")
        if not math.isfinite(point["f1"]):
            raise invalid(f"weight must be finite, was {_java(point['f1'])}")
        if point["f1"] < 1:
            raise invalid(f"weight must be >= 1, was {_java(point['f1'])}")
    return _digest((point["f0"], point["f1"]) for point in points).pack()


def _java(value: float) -> str:
    """A double as Java prints the usual ones."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def merge_tdigests(digests: list[bytes]) -> bytes:
    """Return the t-digest of all that some have seen."""
    merged = TDigest.unpack(digests[0])
    for data in digests[1:]:
        merged.take(TDigest.unpack(data))
    return merged.pack()


def tdigest_value(digest: bytes, quantile: float) -> float:
    """Return a t-digest's value at a quantile."""
    if not 0 <= quantile <= 1:
        raise udf_error("GENERIC_INTERNAL_ERROR", "quantiles should be in [0, 1] range")
    return TDigest.unpack(digest).value_at(quantile)


def tdigest_values(digest: bytes, quantiles: list[float]) -> list[float]:
    """Return a t-digest's values at quantiles."""
    if quantiles != sorted(quantiles):
        raise invalid("percentiles must be sorted in increasing order")
    return [tdigest_value(digest, quantile) for quantile in quantiles]


def qdigest(values: list[float]) -> bytes:
    """Return the q-digest of values."""
    return QDigest.of((value, 1.0) for value in values).pack()


def weighted_qdigest(points: list[dict[str, float]]) -> bytes:
    """Return the q-digest of {f0: value, f1: weight}."""
    for point in points:
        if point["f1"] <= 0:
            raise invalid(f"Percentile weight must be > 0, was {point['f1']}")
    return QDigest.of((point["f0"], float(point["f1"])) for point in points).pack()


def accurate_qdigest(points: list[dict[str, float]], accuracy: float) -> bytes:
    """Return the q-digest of {f0: value, f1: weight} for an accuracy, which it always has."""
    if not 0 < accuracy < 1:
        text = "Percentile accuracy must be exclusively between 0 and 1, was"
        raise invalid(f"{text} {_java(accuracy)}")
    return weighted_qdigest(points)


def merge_qdigests(digests: list[bytes]) -> bytes:
    """Return the q-digest of all that some have seen."""
    parts = [QDigest.unpack(data) for data in digests]
    pairs = (pair for part in parts for pair in zip(part.values, part.weights, strict=True))
    return QDigest.of(pairs).pack()


def qdigest_value(digest: bytes, quantile: float) -> float:
    """Return a q-digest's value at a quantile."""
    if not 0 <= quantile <= 1:
        raise udf_error("GENERIC_INTERNAL_ERROR", "quantile must be between [0,1]")
    return QDigest.unpack(digest).value_at(quantile)


def qdigest_values(digest: bytes, quantiles: list[float]) -> list[float]:
    """Return a q-digest's values at quantiles."""
    if quantiles != sorted(quantiles):
        raise udf_error("GENERIC_INTERNAL_ERROR", "quantiles must be sorted in increasing order")
    return [qdigest_value(digest, quantile) for quantile in quantiles]


@nullable
def qdigest_quantile(digest: bytes, value: float) -> float | None:
    """Return the quantile at which a value lies; NULL outside the digest's values."""
    return QDigest.unpack(digest).quantile_of(value)


def _percentile_of(many: bool, weighted: bool) -> Callable[[Call], str]:
    if weighted:
        return listed(weighted_percentiles if many else weighted_percentile, (0, 1), (2,))
    return listed(percentiles if many else percentile, (0,), (1,))


def _qdigest_agg(call: Call) -> str:
    if len(call.args) == 1:
        return listed(qdigest)(call)
    if len(call.args) == 2:
        return listed(weighted_qdigest, (0, 1))(call)
    return listed(accurate_qdigest, (0, 1), (2,))(call)


def _declare() -> None:
    aggregate("approx_distinct", "T", "bigint", _approx_distinct, where="T:comparable")
    aggregate("approx_distinct", "T, double", "bigint", _approx_distinct, where="T:comparable")
    aggregate("checksum", "T", "varbinary", _checksum, where="T:comparable")
    for kind in ("bigint", "double", "varchar(x)"):
        aggregate("approx_set", kind, "HyperLogLog", listed(approx_set))
    aggregate("merge", "HyperLogLog", "HyperLogLog", listed(merge_sets))
    scalar("empty_approx_set", "", "HyperLogLog", python(empty_set))
    scalar("empty_approx_set", "double", "HyperLogLog", python(empty_set_within))
    scalar("cardinality", "HyperLogLog", "bigint", python(cardinality))

    for kind in ("bigint", "double", "real"):
        for many, at, result in (
            (False, "double", kind),
            (True, "array(double)", f"array({kind})"),
        ):
            plain, weighted = _percentile_of(many, False), _percentile_of(many, True)
            aggregate("approx_percentile", f"{kind}, {at}", result, plain)
            aggregate("approx_percentile", f"{kind}, double, {at}", result, weighted)
        digest = f"qdigest({kind})"
        for more in ("", ", bigint", ", bigint, double"):
            aggregate("qdigest_agg", f"{kind}{more}", digest, _qdigest_agg)
        scalar("value_at_quantile", f"{digest}, double", kind, python(qdigest_value))
        lists = f"{digest}, array(double)"
        scalar("values_at_quantiles", lists, f"array({kind})", python(qdigest_values))
        scalar("quantile_at_value", f"{digest}, {kind}", "double", python(qdigest_quantile))
    aggregate("merge", "qdigest(T)", "qdigest(T)", listed(merge_qdigests))
    aggregate("tdigest_agg", "double", "tdigest", listed(tdigest))
    aggregate("tdigest_agg", "double, double", "tdigest", listed(weighted_tdigest, (0, 1)))
    aggregate("merge", "tdigest", "tdigest", listed(merge_tdigests))
    scalar("value_at_quantile", "tdigest, double", "double", python(tdigest_value))
    values = python(tdigest_values)
    scalar("values_at_quantiles", "tdigest, array(double)", "array(double)", values)


_declare()
