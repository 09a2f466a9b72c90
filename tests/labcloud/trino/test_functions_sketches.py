"""HyperLogLog, digests and percentiles: https://trino.io/docs/current/functions/hyperloglog.html
and its neighbours."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from labcloud.trino.functions.digests import HyperLogLog, QDigest, TDigest
from labcloud.trino.functions.sketches import murmur_code, xx_code

Ask = Callable[[str], list[list[str | None]]]


@pytest.mark.parametrize(
    ("expression", "source", "value"),
    [
        ("cardinality(approx_set(x))", "(VALUES 'a', 'b', 'a') v(x)", "2"),
        ("cardinality(approx_set(x))", "(VALUES 1e0, 2e0) v(x)", "2"),
        ("approx_set(x)", "(SELECT 1 AS x WHERE false) v", None),
        ("cardinality(empty_approx_set())", "(VALUES 1) v(x)", "0"),
        (
            "cardinality(CAST(CAST(approx_set(x) AS varbinary) AS HyperLogLog))",
            "(VALUES 1, 2) v(x)",
            "2",
        ),
        ("approx_distinct(x)", "(VALUES 1, 1, 2, NULL) v(x)", "2"),
        ("approx_distinct(x)", "(VALUES NULL) v(x)", "0"),
        ("approx_distinct(x, 0.1)", "(VALUES DATE '2020-01-01') v(x)", "1"),
        ("approx_distinct(x)", "(VALUES ARRAY[1], ARRAY[2]) v(x)", "2"),
        ("approx_percentile(x, 0.5)", "(VALUES 10, 20, 30, 40) v(x)", "30"),
        ("approx_percentile(x, 0.5)", "(VALUES 10e0, 20e0, 30e0, 40e0) v(x)", "30.0"),
        ("approx_percentile(x, ARRAY[0.0, 1.0])", "(VALUES 10, 20, 30, 40) v(x)", "[10, 40]"),
        ("approx_percentile(x, w, 0.5)", "(VALUES (10, 1), (20, 5), (30, 1)) v(x, w)", "20"),
        ("approx_percentile(x, 0.5)", "(SELECT 1 AS x WHERE false) v", None),
        ("approx_percentile(x, 0.5)", "unnest(sequence(1, 99)) v(x)", "50"),
        ("value_at_quantile(qdigest_agg(x), 0.5)", "(VALUES 1, 2, 3) v(x)", "2"),
        ("value_at_quantile(qdigest_agg(x), 0.5)", "(VALUES 1e0, 2e0) v(x)", "2.0"),
        (
            "values_at_quantiles(qdigest_agg(x, 2), ARRAY[0.1, 0.9])",
            "(VALUES 1, 2, 3) v(x)",
            "[1, 3]",
        ),
        ("value_at_quantile(tdigest_agg(x), 0.5)", "(VALUES 1e0, 2e0, 3e0) v(x)", "2.0"),
        (
            "value_at_quantile(merge(d), 1.0)",
            "(SELECT tdigest_agg(x) AS d FROM (VALUES 1e0, 9e0) v(x)) t",
            "9.0",
        ),
        ("typeof(qdigest_agg(x))", "(VALUES 1) v(x)", "qdigest(bigint)"),
        ("typeof(tdigest_agg(x))", "(VALUES 1e0) v(x)", "tdigest"),
        ("typeof(checksum(x))", "(VALUES 1) v(x)", "varbinary"),
        ("checksum(x) = checksum(x + 0)", "(VALUES 1, 2, NULL) v(x)", "true"),
        ("jaccard_index(make_set_digest(x), make_set_digest(x))", "(VALUES 1, 2) v(x)", "1.0"),
        (
            "intersection_cardinality(make_set_digest(x), make_set_digest(x + 1))",
            "(VALUES 1, 2) v(x)",
            "1",
        ),
        ("cardinality(make_set_digest(x))", "(VALUES 1, 2, 2) v(x)", "2"),
    ],
)
def test_values(ask: Ask, expression: str, source: str, value: str | None) -> None:
    assert ask(f"SELECT {expression} FROM {source}") == [[value]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("approx_distinct(x, 0.9)", "Max standard error must be in [0.0040625, 0.26]: 0.9"),
        ("approx_percentile(x, 1.5)", "Percentile must be between 0 and 1"),
        ("qdigest_agg(x, 0)", "Percentile weight must be > 0, was 0"),
        (
            "qdigest_agg(x, 1, 2.0)",
            "Percentile accuracy must be exclusively between 0 and 1, was 2.0",
        ),
        ("tdigest_agg(nan())", "value must be finite; was NaN"),
        ("tdigest_agg(1e0, 0e0)", "weight must be >= 1, was 0.0"),
    ],
)
def test_errors(error_of: Callable[[str], str], expression: str, message: str) -> None:
    error = error_of(f"SELECT {expression} FROM (VALUES 1) v(x)")
    assert error == f"INVALID_FUNCTION_ARGUMENT: {message}"


@pytest.mark.parametrize("count", [1, 100, 261, 262, 2000, 30_000])
def test_registers_estimate_within_their_error_and_travel(count: int) -> None:
    sketch = HyperLogLog(11)
    for value in range(count):
        sketch.add(murmur_code(value))
    assert abs(sketch.cardinality() - count) <= 3 * 0.023 * count
    assert (sketch.values is None) == (count <= 261)
    again = HyperLogLog.unpack(sketch.pack())
    assert again.cardinality() == sketch.cardinality()
    again.merge(sketch)
    assert again.cardinality() == sketch.cardinality()


def test_merged_registers_are_those_of_the_union() -> None:
    parts = [HyperLogLog(8) for _ in range(3)]
    whole = HyperLogLog(8)
    for value in range(900):
        for sketch in (whole, parts[value % 3]):
            sketch.add(xx_code(value))
    merged = parts[0]
    for part in parts[1:]:
        merged.merge(part)
    assert merged.pack() == whole.pack()


def test_quantiles_of_a_tdigest_are_near() -> None:
    source = random.Random(7)
    values = [source.gauss(0, 1) for _ in range(20_000)]
    digest = TDigest()
    for value in values:
        digest.add(value)
    values.sort()
    for quantile in (0.001, 0.01, 0.25, 0.5, 0.9, 0.999):
        rank = sum(value <= digest.value_at(quantile) for value in values) / len(values)
        assert abs(rank - quantile) < 0.01
    again = TDigest.unpack(digest.pack())
    assert len(again.means) < 300
    assert again.value_at(0) == values[0] and again.value_at(1) == values[-1]


def test_a_qdigest_keeps_integers_whole() -> None:
    digest = QDigest.unpack(QDigest.of([(2**60 + 1, 1.0), (5, 2.0)]).pack())
    assert digest.value_at(1) == 2**60 + 1
    assert digest.quantile_of(5) == pytest.approx(2 / 3)
    assert digest.quantile_of(4) is None
