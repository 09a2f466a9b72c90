"""Aggregates: https://trino.io/docs/current/functions/aggregate.html.

Counts, sums, averages and extremes are DuckDB's own. What DuckDB has not collects its values with
`list` and computes on the list, so that DISTINCT, ORDER BY, FILTER and window frames all work.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from labcloud.trino.errors import quote, raise_sql, udf_error
from labcloud.trino.functions.emit import invalid
from labcloud.trino.functions.maps import first_of_each, grouped
from labcloud.trino.functions.nested import fail, fail_with, lambda_of
from labcloud.trino.functions.registry import Call, aggregate
from labcloud.trino.types import BIGINT, Type, array, duckdb_type, row

MAX_VALUES = 10_000
"""How many values max(x, n) and its kin may keep."""
MAX_TEXT = 1_048_576
"""How many bytes listagg may make."""
LONG = 2**63


def only(call: Call, condition: str) -> Call:
    """Return the call with a further condition in its FILTER."""
    return replace(call, filter=f"({call.filter}) AND {condition}" if call.filter else condition)


def collected(call: Call, *indexes: int) -> str:
    """Return a list of an argument's values, or of {f0, f1, …} for several; no row has a NULL."""
    sqls = [call.sql(index) for index in indexes]
    fields = ", ".join(f"'f{number}': {sql}" for number, sql in enumerate(sqls))
    item = sqls[0] if len(sqls) == 1 else f"{{{fields}}}"
    return only(call, " AND ".join(f"{sql} IS NOT NULL" for sql in sqls)).over("list", item)


def collected_type(call: Call, *indexes: int) -> Type:
    """Return the type of what `collected` makes."""
    kinds = [call.type(index) for index in indexes]
    return array(kinds[0] if len(kinds) == 1 else row(*kinds))


def parameter(call: Call, index: int) -> str:
    """Return an argument that is the same for all rows of a group."""
    if call.args[index].constant:
        return call.sql(index)
    return replace(call, distinct=False, order_by="").over("any_value", call.sql(index))


def listed(
    function: Callable[..., Any], values: tuple[int, ...] = (0,), parameters: tuple[int, ...] = ()
) -> Callable[[Call], str]:
    """Return an `emit` that calls a Python function with collected values, then parameters."""

    def emit(call: Call) -> str:
        kinds = [collected_type(call, *values), *(call.type(index) for index in parameters)]
        name = call.udf(function, kinds, call.result)
        arguments = [collected(call, *values), *(parameter(call, index) for index in parameters)]
        return f"{name}({', '.join(arguments)})"

    return emit


def _native(function: str, cast: bool = False) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        text = call.over(function, *(argument.sql for argument in call.args))
        return f"CAST({text} AS {duckdb_type(call.result)})" if cast else text

    return emit


# ---- sums and averages


def add_up(values: list[int]) -> int:
    """Return the sum of bigints. Raises NUMERIC_VALUE_OUT_OF_RANGE at the first overflow."""
    total = 0
    for value in values:
        if not -LONG <= total + value < LONG:
            text = f"bigint addition overflow: {total} + {value}"
            raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", text)
        total += value
    return total


def _sum_bigint(call: Call) -> str:
    if call.exact:  # the first try overflowed: add one by one, to say at which value
        return listed(add_up)(call)
    return _native("sum", cast=True)(call)


def _sum_decimal(call: Call) -> str:
    return call.over("sum", call.args[0].narrow)


def mean(total: Decimal, count: int) -> Decimal:
    """Return a quotient rounded half up to the digits that the dividend has."""
    with localcontext() as context:
        context.prec = 80
        return (total / count).quantize(total, ROUND_HALF_UP)


def _average_decimal(call: Call) -> str:
    """sum / count, rounded half away from zero, in whole units of the last digit."""
    precision, scale = call.type(0).precision, call.type(0).scale
    value = call.args[0].narrow
    total, count = call.over("sum", value), call.over("count", value)
    kind = duckdb_type(call.result)
    if precision + scale > 28:  # the sum times 10^scale may not fit 38 digits
        name = call.udf(mean, [Type("decimal", (38, scale)), BIGINT], call.result)
        return f"{name}({total}, nullif({count}, 0))"
    units = f"CAST({total} * {10**scale} AS HUGEINT)" if scale else f"CAST({total} AS HUGEINT)"
    half = f"(CASE WHEN {total} < 0 THEN -{count} ELSE {count} END)"
    rounded = f"(2 * {units} + {half}) // nullif(2 * {count}, 0)"
    if not scale:
        return f"CAST({rounded} AS {kind})"
    step = f"CAST({Decimal(1).scaleb(-scale):f} AS DECIMAL({scale},{scale}))"
    return f"CAST(CAST({rounded} AS DECIMAL(38,0)) * {step} AS {kind})"


def _average_interval(call: Call) -> str:
    return f"CAST(round({call.over('avg', call.sql(0))}) AS {duckdb_type(call.result)})"


def _geometric_mean(call: Call) -> str:
    value = call.sql(0)
    other = f"WHEN {value} = 0 THEN '-inf' WHEN {value} IS NOT NULL THEN 'nan'"
    log = f"CASE WHEN {value} > 0 THEN ln({value}) {other} END"
    text = call.over("avg", f"CAST({log} AS DOUBLE)")
    return f"CAST(exp({text}) AS {duckdb_type(call.result)})"


# ---- extremes


def _extreme(function: str) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        text = call.over(function, call.sql(0))
        if call.type(0).base not in ("real", "double"):
            return text
        # Trino's extremes are NaN only where all values are.
        numbers = only(call, f"NOT isnan({call.sql(0)})").over(function, call.sql(0))
        return f"coalesce({numbers}, {text})"

    return emit


def _limited(call: Call, index: int, positive: str, most: str) -> str:
    """The argument n, or an error."""
    count = parameter(call, index)
    value = call.args[index].value
    if isinstance(value, int) and 0 < value <= MAX_VALUES:
        return count
    found = fail_with(
        f"{quote(f'{most} less than or equal to {MAX_VALUES}; found ')} || {count}", BIGINT
    )
    return (
        f"(CASE WHEN {count} <= 0 THEN {fail(positive, BIGINT)} "
        f"WHEN {count} > {MAX_VALUES} THEN {found} ELSE {count} END)"
    )


def _extremes(function: str) -> Callable[[Call], str]:
    text = f"second argument of {function}_n must be"
    order = "DESC" if function == "max" else "ASC"

    def emit(call: Call) -> str:
        count = _limited(call, 1, f"{text} positive", text)
        return f"list_slice(list_sort({collected(call, 0)}, '{order}'), 1, {count})"

    return emit


def _extreme_by(function: str) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        # In a struct, since the value of the row that counts may be NULL.
        return f"({call.over(function, f'{{v: {call.sql(0)}}}', call.sql(1))}).v"

    return emit


def _extremes_by(name: str) -> Callable[[Call], str]:
    text = f"third argument of {name} must be"
    order = "DESC" if name == "max_by" else "ASC"

    def emit(call: Call) -> str:
        count = _limited(call, 2, f"{text} a positive integer", text)
        pair = f"{{'k': {call.sql(1)}, 'v': {call.sql(0)}}}"
        pairs = only(call, f"{call.sql(1)} IS NOT NULL").over("list", pair)
        keys = "list_transform(p_, lambda e_: e_.k)"
        first = f"list_select(p_, list_slice(list_grade_up({keys}, '{order}'), 1, {count}))"
        return f"list_transform([{pairs}], lambda p_: list_transform({first}, lambda e_: e_.v))[1]"

    return emit


# ---- collections


def _map_agg(call: Call) -> str:
    pair = f"{{'k': {call.sql(0)}, 'v': {call.sql(1)}}}"
    return first_of_each(only(call, f"{call.sql(0)} IS NOT NULL").over("list", pair), call.result)


def _multimap_agg(call: Call) -> str:
    pair = f"{{'k': {call.sql(0)}, 'v': {call.sql(1)}}}"
    return grouped(only(call, f"{call.sql(0)} IS NOT NULL").over("list", pair), call.result)


def _map_union(call: Call) -> str:
    entries = (
        f"list_transform(map_entries({call.sql(0)}), lambda e_: {{'k': e_.key, 'v': e_.value}})"
    )
    every = only(call, f"{call.sql(0)} IS NOT NULL").over("list", entries)
    return first_of_each(f"flatten({every})", call.result)


def _reduce(call: Call) -> str:
    return f"list_reduce({collected(call, 0)}, {lambda_of(call, 2).sql}, {parameter(call, 1)})"


def _listagg(call: Call) -> str:
    """The values, in order, with the separator between them; at most `MAX_TEXT` bytes."""
    if len(call.args) > 2:
        return listed(join_some, (0,), tuple(range(1, len(call.args))))(call)
    text = call.over("string_agg", call.sql(0), call.sql(1))
    limit = raise_sql("EXCEEDED_FUNCTION_MEMORY_LIMIT", quote(_TOO_LONG), "VARCHAR")
    return f"(CASE WHEN strlen({text}) > {MAX_TEXT} THEN {limit} ELSE {text} END)"


_TOO_LONG = (
    f"Concatenated string has the length in bytes larger than the maximum output length {MAX_TEXT}"
)


def join_some(texts: list[str], separator: str, fails: bool, filler: str, with_count: bool) -> str:
    """Return texts joined up to `MAX_TEXT` bytes, then the filler and how many are left out.

    Raises EXCEEDED_FUNCTION_MEMORY_LIMIT where there are more and `fails`.
    """
    size, gap = 0, len(separator.encode())
    for index, text in enumerate(texts):
        size += len(text.encode()) + (gap if index else 0)
        if size <= MAX_TEXT:
            continue
        if fails:
            raise udf_error("EXCEEDED_FUNCTION_MEMORY_LIMIT", _TOO_LONG)
        count = f"({len(texts) - index})" if with_count else ""
        return separator.join([*texts[:index], filler + count])
    return separator.join(texts)


def most_frequent(values: list[Any], buckets: int, capacity: int) -> dict[Any, int]:
    """Return the most frequent values with their counts, by the space-saving algorithm.

    Source: Metwally, Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements
    in Data Streams", 2005. Raises INVALID_FUNCTION_ARGUMENT.
    """
    if buckets < 2:
        raise invalid("approx_most_frequent bucket count must be greater than one")
    counts: dict[Any, int] = {}
    for value in values:
        if value in counts or len(counts) < capacity:
            counts[value] = counts.get(value, 0) + 1
        else:
            rarest = min(counts, key=counts.__getitem__)
            counts[value] = counts.pop(rarest) + 1
    return dict(heapq.nlargest(buckets, counts.items(), key=lambda item: item[1]))


def _most_frequent(values: list[Any], buckets: int, capacity: int) -> dict[str, list[Any]]:
    found = most_frequent(values, buckets, capacity)
    return {"key": list(found), "value": list(found.values())}


def bucketed(points: list[tuple[float, float]], buckets: int) -> dict[float, float]:
    """Return a histogram of weighted values with at most so many buckets.

    While there are too many, the two neighbours whose union loses least are united.
    Source: Ben-Haim and Tom-Tov, "A Streaming Parallel Decision Tree Algorithm", 2010.
    Raises INVALID_FUNCTION_ARGUMENT.
    """
    if buckets < 2:
        raise invalid("numeric_histogram bucket count must be greater than one")
    weights: dict[float, float] = {}
    for value, weight in points:
        weights[value] = weights.get(value, 0.0) + weight
    bins = sorted(weights.items())
    while len(bins) > buckets:
        index = min(range(len(bins) - 1), key=lambda i: _loss(bins[i], bins[i + 1]))
        (v, w), (x, y) = bins[index : index + 2]
        bins[index : index + 2] = [((v * w + x * y) / (w + y), w + y)]
    return dict(bins)


def _loss(left: tuple[float, float], right: tuple[float, float]) -> float:
    weight = left[1] + right[1]
    return weight * (left[0] - right[0]) ** 2 * (left[1] * right[1]) / (weight * weight)


def numeric_histogram(values: list[float], buckets: int) -> dict[float, float]:
    """Return the histogram of values that weigh 1."""
    return bucketed([(value, 1.0) for value in values], buckets)


def weighted_histogram(points: list[dict[str, float]], buckets: int) -> dict[float, float]:
    """Return the histogram of {f0: value, f1: weight}."""
    return bucketed([(point["f0"], point["f1"]) for point in points], buckets)


# ---- statistics


def _finite(function: str) -> Callable[[Call], str]:
    """A statistic that is NULL where it comes out as no number."""

    def emit(call: Call) -> str:
        text = call.over(function, *(f"CAST({a.sql} AS DOUBLE)" for a in call.args))
        return f"CAST(CASE WHEN isfinite({text}) THEN {text} END AS {duckdb_type(call.result)})"

    return emit


def _moment(call: Call, least: int, value: str) -> str:
    """A statistic of at least so many values that is NaN where they do not vary."""
    number = f"CAST({call.sql(0)} AS DOUBLE)"
    count, spread = call.over("count", call.sql(0)), call.over("var_pop", number)
    return (
        f"CASE WHEN {count} < {least} THEN NULL WHEN {spread} = 0 THEN CAST('nan' AS DOUBLE) "
        f"ELSE {value} END"
    )


def _skewness(call: Call) -> str:
    """DuckDB's is of a sample, Trino's of the population."""
    sample = call.over("skewness", f"CAST({call.sql(0)} AS DOUBLE)")
    n = f"CAST({call.over('count', call.sql(0))} AS DOUBLE)"
    return f"({_moment(call, 3, f'{sample} * ({n} - 2) / sqrt({n} * ({n} - 1))')})"


def _kurtosis(call: Call) -> str:
    return f"({_moment(call, 4, call.over('kurtosis', f'CAST({call.sql(0)} AS DOUBLE)'))})"


def _entropy(call: Call) -> str:
    """log2 of the total less the mean log2 of the counts, weighted by the counts."""
    count = call.sql(0)
    text = fail("Entropy count argument must be non-negative", BIGINT)
    checked = f"CASE WHEN {count} < 0 THEN {text} ELSE {count} END"
    total = call.over("sum", f"CAST({checked} AS DOUBLE)")
    logs = call.over("sum", f"CASE WHEN {count} > 0 THEN {count} * ln({count}) ELSE 0 END")
    value = f"greatest((ln({total}) - {logs} / {total}) / ln(2), 0)"
    return f"(CASE WHEN {total} > 0 THEN {value} ELSE 0 END::DOUBLE)"


def _count(call: Call) -> str:
    if not call.distinct:
        return _native("count")(call)
    from labcloud.trino import ordering

    return call.over("count", ordering.comparable(call.args[0]))


def _count_if(call: Call) -> str:
    return call.over("count", f"CASE WHEN {call.sql(0)} THEN 1 END")


def _declare_sums() -> None:
    day, month = "interval day to second", "interval year to month"
    aggregate("count", "", "bigint", lambda call: call.over("count", "*"))
    aggregate("count", "T", "bigint", _count)
    aggregate("count_if", "boolean", "bigint", _count_if)
    aggregate("sum", "bigint", "bigint", _sum_bigint)
    aggregate("sum", "decimal(p,s)", "decimal(38,s)", _sum_decimal)
    aggregate("avg", "bigint", "double", _native("avg"))
    aggregate("avg", "decimal(p,s)", "decimal(p,s)", _average_decimal)
    for kind in ("double", "real"):
        aggregate("sum", kind, kind, _native("sum", cast=kind == "real"))
        aggregate("avg", kind, kind, _native("avg", cast=kind == "real"))
    for kind in (day, month):
        aggregate("sum", kind, kind, _native("sum", cast=True))
        aggregate("avg", kind, kind, _average_interval)
    for kind, result in (("bigint", "double"), ("double", "double"), ("real", "real")):
        aggregate("geometric_mean", kind, result, _geometric_mean)


def _declare_choices() -> None:
    for name in ("max", "min"):
        aggregate(name, "E", "E", _extreme(name), where="E:orderable")
        aggregate(name, "E, bigint", "array(E)", _extremes(name), where="E:orderable")
        by = f"{name}_by"
        aggregate(by, "V, K", "V", _extreme_by(f"arg_{name}"), where="K:orderable, V")
        many = _extremes_by(by)
        aggregate(by, "V, K, bigint", "array(V)", many, where="K:orderable, V")
    aggregate("arbitrary", "T", "T", _native("any_value"))
    aggregate("any_value", "T", "T", _native("any_value"))
    for name in ("bool_and", "every"):
        aggregate(name, "boolean", "boolean", _native("bool_and"))
    aggregate("bool_or", "boolean", "boolean", _native("bool_or"))
    for name in ("and", "or", "xor"):
        aggregate(f"bitwise_{name}_agg", "bigint", "bigint", _native(f"bit_{name}"))


def _declare_collections() -> None:
    aggregate("array_agg", "T", "array(T)", _native("list"))
    aggregate("map_agg", "K, V", "map(K,V)", _map_agg, where="K:comparable, V")
    lists = "map(K,array(V))"
    aggregate("multimap_agg", "K, V", lists, _multimap_agg, where="K:comparable, V")
    aggregate("map_union", "map(K,V)", "map(K,V)", _map_union, where="K:comparable, V")
    counts = _native("histogram", cast=True)
    aggregate("histogram", "K", "map(K,bigint)", counts, where="K:comparable")
    folds = "T, S, function(S,T,S), function(S,S,S)"
    aggregate("reduce_agg", folds, "S", _reduce, where="T, S")
    aggregate("listagg", "varchar(x), varchar(y)", "varchar", _listagg)
    long = "varchar(x), varchar(y), boolean, varchar(z), boolean"
    aggregate("listagg", long, "varchar", _listagg)
    for kind in ("bigint", "varchar"):
        top = listed(most_frequent, (1,), (0, 2))
        aggregate("approx_most_frequent", f"bigint, {kind}, bigint", f"map({kind},bigint)", top)
    for kind in ("double", "real"):
        bins = f"map({kind},{kind})"
        plain, weighted = (
            listed(numeric_histogram, (1,), (0,)),
            listed(weighted_histogram, (1, 2), (0,)),
        )
        aggregate("numeric_histogram", f"bigint, {kind}", bins, plain)
        aggregate("numeric_histogram", f"bigint, {kind}, double", bins, weighted)


def _declare_statistics() -> None:
    spreads = ("stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop")
    for kind in ("bigint", "double"):
        for name in spreads:
            aggregate(name, kind, "double", _native(name))
        aggregate("skewness", kind, "double", _skewness)
        aggregate("kurtosis", kind, "double", _kurtosis)
    for name in ("corr", "covar_samp", "covar_pop", "regr_slope", "regr_intercept"):
        for kind in ("double", "real"):
            aggregate(name, f"{kind}, {kind}", kind, _finite(name))
    aggregate("entropy", "bigint", "double", _entropy)


_declare_sums()
_declare_choices()
_declare_collections()
_declare_statistics()
