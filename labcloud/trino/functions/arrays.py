"""Array functions: https://trino.io/docs/current/functions/array.html and lambda.html.

Trino's arrays are DuckDB's lists.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable

from labcloud.trino.expr import Expr
from labcloud.trino.functions.emit import invalid
from labcloud.trino.functions.nested import (
    apply,
    bind,
    distinct,
    equal,
    fail,
    fail_with,
    has_null,
    is_plain,
    lambda_of,
    let,
)
from labcloud.trino.functions.registry import Call, scalar, volatile
from labcloud.trino.types import BIGINT, BOOLEAN, INTEGER, VARCHAR, Type, array, duckdb_type

MAX_ENTRIES = 10_000
"""What `sequence` and `repeat` may return."""
MAX_COMBINATION = 5
MAX_COMBINED = 100_000


# ---- access


def _element_at(call: Call) -> str:
    items, index = call.sql(0), call.sql(1)
    if isinstance(call.args[1].value, int) and call.args[1].value != 0:
        return f"list_extract({items}, {index})"
    zero = fail("SQL array indices start at 1", call.result)
    return f"(CASE WHEN {index} = 0 THEN {zero} ELSE list_extract({items}, {index}) END)"


def _matches(call: Call, items: str, value: str) -> str:
    """The list of `element = value`."""
    return f"list_transform({items}, lambda x_: {equal(call, 'x_', value, call.type(0).element)})"


def _contains(call: Call) -> str:
    def arms(items: str, value: str) -> str:
        if not is_plain(call.type(0).element):
            return f"ELSE {let([_matches(call, items, value)], _any)}"
        found = f"list_contains({items}, {value})"
        return f"WHEN {found} THEN TRUE WHEN {has_null(items)} THEN NULL ELSE {found}"

    return bind(call, arms)


def _any(flags: str) -> str:
    return _three_valued(flags, "TRUE", "TRUE", "FALSE")


def _all(flags: str) -> str:
    return _three_valued(flags, "FALSE", "FALSE", "TRUE")


def _none(flags: str) -> str:
    return _three_valued(flags, "TRUE", "FALSE", "TRUE")


def _three_valued(flags: str, decisive: str, decided: str, other: str) -> str:
    return (
        f"CASE WHEN {flags} IS NULL THEN NULL WHEN list_contains({flags}, {decisive}) "
        f"THEN {decided} WHEN {has_null(flags)} THEN NULL ELSE {other} END"
    )


def _match(verdict: Callable[[str], str]) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        return let([f"list_transform({call.sql(0)}, {lambda_of(call, 1).sql})"], verdict)

    return emit


def _position(call: Call) -> str:
    def arms(items: str, value: str) -> str:
        if not is_plain(call.type(0).element):
            items, value = _matches(call, items, value), "TRUE"
        return f"ELSE coalesce(list_position({items}, {value}), 0)::BIGINT"

    return bind(call, arms)


def _remove(call: Call) -> str:
    def arms(items: str, value: str) -> str:
        same = equal(call, "x_", value, call.type(0).element)
        return f"ELSE list_filter({items}, lambda x_: coalesce(NOT {same}, TRUE))"

    return bind(call, arms)


def _extreme(function: str) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        def arms(items: str) -> str:
            found = f"{function}({items})"
            if call.type(0).element.base in ("real", "double"):  # NaN only where all are
                numbers = f"list_filter({items}, lambda x_: NOT isnan(x_))"
                found = f"coalesce({function}({numbers}), {found})"
            return f"WHEN {has_null(items)} THEN NULL ELSE {found}"

        return bind(call, arms)

    return emit


# ---- sets


def _distinct(call: Call) -> str:
    return let([call.sql(0)], distinct)


def _chosen(test: str) -> Callable[[Call], str]:
    """The distinct elements of the first array that are (not) in the second."""

    def arms(left: str, right: str) -> str:
        return (
            f"ELSE list_filter({left}, lambda x_, i_: list_position({left}, x_) = i_ "
            f"AND list_position({right}, x_) {test})"
        )

    return lambda call: bind(call, arms)


def _union(call: Call) -> str:
    return let([f"({call.sql(0)} || {call.sql(1)})"], distinct)


def _overlap(call: Call) -> str:
    def arms(left: str, right: str) -> str:
        shared = f"x_ IS NOT NULL AND list_position({right}, x_) IS NOT NULL"
        return (
            f"WHEN len({left}) = 0 OR len({right}) = 0 THEN FALSE "
            f"WHEN len(list_filter({left}, lambda x_: {shared})) > 0 THEN TRUE "
            f"WHEN {has_null(left)} OR {has_null(right)} THEN NULL ELSE FALSE"
        )

    return bind(call, arms)


def _contains_sequence(call: Call) -> str:
    def arms(items: str, wanted: str) -> str:
        part = f"list_slice({items}, i_, i_ + len({wanted}) - 1)"
        starts = f"range(1, len({items}) - len({wanted}) + 2)"
        hits = f"list_filter({starts}, lambda i_: {part} IS NOT DISTINCT FROM {wanted})"
        return f"ELSE len({wanted}) = 0 OR len({hits}) > 0"

    return bind(call, arms)


def _histogram(call: Call) -> str:
    def arms(items: str) -> str:
        values = f"list_filter({items}, lambda x_: x_ IS NOT NULL)"
        count = f"len(list_filter({items}, lambda x_: x_ = k_))::BIGINT"
        counted = f"map(d_, list_transform(d_, lambda k_: {count}))"
        return f"ELSE list_transform([{distinct(values)}], lambda d_: {counted})[1]"

    return bind(call, arms)


# ---- making and reshaping


def _concat(call: Call) -> str:
    return "(" + " || ".join(argument.sql for argument in call.args) + ")"


def _slice(call: Call) -> str:
    def arms(items: str, start: str, length: str) -> str:
        first = f"(CASE WHEN {start} < 0 THEN len({items}) + {start} + 1 ELSE {start} END)"
        return (
            f"WHEN {start} = 0 THEN {fail('SQL array indices start at 1', call.result)} "
            f"WHEN {length} < 0 "
            f"THEN {fail('length must be greater than or equal to 0', call.result)} "
            f"WHEN {length} = 0 OR {first} < 1 OR {first} > len({items}) THEN [] "
            f"ELSE list_slice({items}, {first}, least({first} - 1 + {length}, len({items})))"
        )

    return bind(call, arms)


def _trim(call: Call) -> str:
    def arms(items: str, size: str) -> str:
        negative = fail_with(f"'size must not be negative: ' || {size}", call.result)
        text = f"'size must not exceed array cardinality ' || len({items}) || ': ' || {size}"
        return (
            f"WHEN {size} < 0 THEN {negative} "
            f"WHEN {size} > len({items}) THEN {fail_with(text, call.result)} "
            f"ELSE list_slice({items}, 1, len({items}) - {size})"
        )

    return bind(call, arms)


def _repeat(call: Call) -> str:
    text = "count argument of repeat function must be"
    large = fail(f"{text} less than or equal to {MAX_ENTRIES}", call.result)
    negative = fail(f"{text} greater than or equal to 0", call.result)

    def build(item: str, count: str) -> str:
        return (
            f"CASE WHEN {count} IS NULL THEN NULL WHEN {count} > {MAX_ENTRIES} THEN {large} "
            f"WHEN {count} < 0 THEN {negative} "
            f"ELSE list_resize([]::{duckdb_type(call.result)}, {count}, {item}) END"
        )

    return let([call.sql(0), call.sql(1)], build)


def _ngrams(call: Call) -> str:
    def arms(items: str, size: str) -> str:
        starts = f"range(1, greatest(len({items}) - {size} + 2, 2))"
        part = f"list_slice({items}, i_, least(i_ + {size} - 1, len({items})))"
        return (
            f"WHEN {size} <= 0 THEN {fail('N must be positive', call.result)} "
            f"ELSE list_transform({starts}, lambda i_: {part})"
        )

    return bind(call, arms)


def combine(count: int, size: int) -> list[list[int]]:
    """Return the combinations of numbers from 1, ordered by their last, then the one before, ….

    Raises INVALID_FUNCTION_ARGUMENT by Trino's limits.
    """
    if size < 0:
        raise invalid(f"combination size must not be negative: {size}")
    if size > MAX_COMBINATION:
        raise invalid(f"combination size must not exceed {MAX_COMBINATION}: {size}")
    if math.comb(count, size) * size > MAX_COMBINED:
        raise invalid("combinations exceed max size")
    chosen = itertools.combinations(range(1, count + 1), size)
    return sorted(map(list, chosen), key=lambda numbers: numbers[::-1])


def _combinations(call: Call) -> str:
    name = call.udf(combine, [BIGINT, INTEGER], array(array(BIGINT)))
    chosen = f"{name}(len(s_), {call.sql(1)})"
    parts = f"list_transform({chosen}, lambda n_: list_select(s_, n_))"
    return f"list_transform([{call.sql(0)}], lambda s_: {parts})[1]"


@volatile
def shuffled(count: int) -> list[int]:
    """Return the numbers from 1 in a random order."""
    return random.sample(range(1, count + 1), count)


def _shuffle(call: Call) -> str:
    order = f"{call.udf(shuffled, [BIGINT], array(BIGINT))}(len(s_))"
    return f"list_transform([{call.sql(0)}], lambda s_: list_select(s_, {order}))[1]"


def _join(call: Call) -> str:
    element = call.type(0).element

    def arms(items: str, separator: str, missing: str = "") -> str:
        texts = f"list_transform({items}, lambda x_: {_as_text(call, 'x_', element)})"
        if missing:
            texts = f"list_transform({texts}, lambda t_: coalesce(t_, {missing}))"
        if call.args[1].constant:
            # array_to_string leaves out NULL, as Trino does without a third argument.
            return f"ELSE coalesce(array_to_string({texts}, {call.sql(1)}), '')"
        known = f"list_filter({texts}, lambda t_: t_ IS NOT NULL)"
        joined = f"list_reduce({known}, lambda s_, t_: s_ || {separator} || t_)"
        return f"WHEN len({known}) = 0 THEN '' ELSE {joined}"

    return bind(call, arms)


def _as_text(call: Call, sql: str, kind: Type) -> str:
    if kind.base in ("varchar", "char"):
        return sql
    from labcloud.trino import casts

    return casts.cast(Expr(sql, kind), VARCHAR, call).sql


def _zip(call: Call) -> str:
    def arms(*lists: str) -> str:
        longest = f"greatest({', '.join(f'len({items})' for items in lists)})"
        fields = ", ".join(f"'f{index}': {items}[i_]" for index, items in enumerate(lists))
        return f"ELSE list_transform(range(1, {longest} + 1), lambda i_: {{{fields}}})"

    return bind(call, arms)


# ---- sequences


def _sequence(call: Call) -> str:
    def arms(first: str, last: str, step: str = "") -> str:
        step = step or _toward(first, last)
        return _steps(call, first, last, step, lambda offset: f"({first} + {offset})::BIGINT")

    return bind(call, arms)


def _sequence_dates(call: Call) -> str:
    def arms(first: str, last: str, step: str = "") -> str:
        def value(offset: str) -> str:
            return f"({first} + ({offset})::INTEGER)"

        low, high = (f"({sql} - DATE '1970-01-01')::BIGINT" for sql in (first, last))
        if not step:
            return _steps(call, low, high, _toward(first, last), value)
        text = "sequence step must be a day interval if start and end values are dates"
        odd = f"WHEN {step} % 86400000 <> 0 THEN {fail(text, call.result)}"
        return f"{odd} {_steps(call, low, high, f'({step} // 86400000)', value)}"

    return bind(call, arms)


def _sequence_times(call: Call) -> str:
    """Timestamps by milliseconds, counted in microseconds or nanoseconds."""
    fine = duckdb_type(call.type(0)) == "TIMESTAMP_NS"
    units, make, factor = (
        ("epoch_ns", "make_timestamp_ns", 1_000_000)
        if fine
        else ("epoch_us", "make_timestamp", 1_000)
    )

    def arms(first: str, last: str, step: str) -> str:
        low, high = f"{units}({first})", f"{units}({last})"
        return _steps(
            call, low, high, f"({step} * {factor})", lambda offset: f"{make}({low} + {offset})"
        )

    return bind(call, arms)


def _sequence_months(call: Call) -> str:
    kind = duckdb_type(call.type(0))

    def arms(first: str, last: str, step: str) -> str:
        count = f"(datesub('month', {first}, {last}) // {step} + 1)"
        value = f"CAST({first} + to_months(CAST(i_ * {step} AS INTEGER)) AS {kind})"
        return (
            f"{_limits(call.result, first, last, step, count)} "
            f"ELSE list_transform(range(0, {count}), lambda i_: {value})"
        )

    return bind(call, arms)


def _toward(first: str, last: str) -> str:
    return f"(CASE WHEN {last} >= {first} THEN 1 ELSE -1 END)"


def _limits(result: Type, first: str, last: str, step: str, count: str) -> str:
    """The arms that refuse a sequence."""
    wrong = (
        "sequence stop value should be greater than or equal to start value if step is greater "
        "than zero otherwise stop should be less than or equal to start"
    )
    long = f"result of sequence function must not have more than {MAX_ENTRIES} entries"
    return (
        f"WHEN {step} = 0 THEN {fail('step must not be zero', result)} "
        f"WHEN ({step} > 0 AND {last} < {first}) OR ({step} < 0 AND {last} > {first}) "
        f"THEN {fail(wrong, result)} WHEN {count} > {MAX_ENTRIES} THEN {fail(long, result)}"
    )


def _steps(call: Call, low: str, high: str, step: str, value: Callable[[str], str]) -> str:
    """The arms for a sequence by fixed steps; `value` makes an element of its offset."""
    count = f"(({high}::HUGEINT - {low}) // {step} + 1)"
    items = f"list_transform(range(0, {count}::BIGINT), lambda i_: {value(f'i_ * {step}')})"
    return f"{_limits(call.result, low, high, step, count)} ELSE {items}"


# ---- lambdas


def _zip_with(call: Call) -> str:
    def build(left: str, right: str) -> str:
        value = apply(lambda_of(call, 2), f"{left}[i_]", f"{right}[i_]")
        longest = f"greatest(len({left}), len({right}))"
        return (
            f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL "
            f"ELSE list_transform(range(1, {longest} + 1), lambda i_: {value}) END"
        )

    return let([call.sql(0), call.sql(1)], build)


def _reduce(call: Call) -> str:
    """The state, then the lambda that makes the result of it."""
    items = call.sql(0)
    folded = f"list_reduce({items}, {lambda_of(call, 2).sql}, {call.sql(1)})"
    return f"(CASE WHEN {items} IS NULL THEN NULL ELSE {apply(lambda_of(call, 3), folded)} END)"


def _sort_by(call: Call) -> str:
    """Sort by a comparator: an element's rank is how many others it puts before it."""
    wrong = fail("Lambda comparator must return either -1, 0, or 1", BOOLEAN)

    def precedes(verdict: str) -> str:
        return (
            f"CASE WHEN {verdict} = -1 THEN TRUE WHEN {verdict} IN (0, 1) THEN FALSE "
            f"ELSE {wrong} END"
        )

    before = let([apply(lambda_of(call, 1), "y_", "x_")], precedes)
    lower = f"list_filter(s_, lambda y_, j_: CASE WHEN j_ = i_ THEN FALSE ELSE {before} END)"
    ranks = f"list_transform(s_, lambda x_, i_: len({lower}))"
    ordered = f"list_select(s_, list_grade_up({ranks}))"
    return f"list_transform([{call.sql(0)}], lambda s_: {ordered})[1]"


def _declare() -> None:
    scalar("element_at", "array(E), bigint", "E", _element_at)
    scalar("cardinality", "array(E)", "bigint", "len({0})")
    scalar("contains", "array(T), T", "boolean", _contains, where="T:comparable")
    scalar("array_position", "array(T), T", "bigint", _position, where="T:comparable")
    scalar("array_remove", "array(E), E", "array(E)", _remove, where="E:comparable")
    scalar("array_max", "array(T)", "T", _extreme("list_max"), where="T:orderable")
    scalar("array_min", "array(T)", "T", _extreme("list_min"), where="T:orderable")
    scalar("array_first", "array(E)", "E", "list_extract({0}, 1)")
    scalar("array_last", "array(E)", "E", "list_extract({0}, -1)")

    two, comparable = "array(E), array(E)", "E:comparable"
    scalar("array_distinct", "array(E)", "array(E)", _distinct, where=comparable)
    scalar("array_intersect", two, "array(E)", _chosen("IS NOT NULL"), where=comparable)
    scalar("array_except", two, "array(E)", _chosen("IS NULL"), where=comparable)
    scalar("array_union", two, "array(E)", _union, where=comparable)
    scalar("arrays_overlap", two, "boolean", _overlap, where=comparable)
    same = "array(T), array(T)"
    scalar("contains_sequence", same, "boolean", _contains_sequence, where="T:comparable")
    scalar("array_histogram", "array(T)", "map(T,bigint)", _histogram, where="T:comparable")

    scalar("concat", "array(E), array(E)", "array(E)", _concat, variadic=True, shown="array(E)")
    scalar("concat", "array(E), E", "array(E)", "({0} || [{1}])")
    scalar("concat", "E, array(E)", "array(E)", "([{0}] || {1})")
    scalar("slice", "array(E), bigint, bigint", "array(E)", _slice)
    scalar("trim_array", "array(E), bigint", "array(E)", _trim)
    scalar("reverse", "array(E)", "array(E)", "list_reverse({0})")
    scalar("shuffle", "array(E)", "array(E)", _shuffle)
    scalar("flatten", "array(array(E))", "array(E)", "flatten({0})")
    scalar("repeat", "T, integer", "array(T)", _repeat)
    scalar("ngrams", "array(T), bigint", "array(array(T))", _ngrams)
    scalar("combinations", "array(T), integer", "array(array(T))", _combinations)
    scalar("array_join", "array(T), varchar", "varchar", _join)
    scalar("array_join", "array(T), varchar, varchar", "varchar", _join)
    for count in range(2, 6):
        names, shown = "TUVWX"[:count], [f"T{index + 1}" for index in range(count)]
        scalar(
            "zip",
            ", ".join(f"array({name})" for name in names),
            f"array(row({','.join(names)}))",
            _zip,
            shown=", ".join(f"array({name})" for name in shown),
            where=", ".join(shown),
        )

    days, months = "interval day to second", "interval year to month"
    times = "timestamp(p), timestamp(p)"
    scalar("sequence", "bigint, bigint", "array(bigint)", _sequence)
    scalar("sequence", "bigint, bigint, bigint", "array(bigint)", _sequence)
    scalar("sequence", "date, date", "array(date)", _sequence_dates)
    scalar("sequence", f"date, date, {days}", "array(date)", _sequence_dates)
    scalar("sequence", f"date, date, {months}", "array(date)", _sequence_months)
    scalar("sequence", f"{times}, {days}", "array(timestamp(p))", _sequence_times)
    scalar("sequence", f"{times}, {months}", "array(timestamp(p))", _sequence_months)

    ascending = "list_sort({0}, 'ASC', 'NULLS LAST')"
    scalar("array_sort", "array(E)", "array(E)", ascending, where="E:orderable")
    scalar("array_sort", "array(T), function(T,T,bigint)", "array(T)", _sort_by)
    scalar("filter", "array(T), function(T,boolean)", "array(T)", "list_filter({0}, {1})")
    mapped = "list_transform({0}, {1})"
    scalar("transform", "array(T), function(T,U)", "array(U)", mapped, where="T, U")
    folds = "array(T), S, function(S,T,S), function(S,R)"
    scalar("reduce", folds, "R", _reduce, where="T, S, R")
    pairs = "array(T), array(U), function(T,U,R)"
    scalar("zip_with", pairs, "array(R)", _zip_with, where="T, U, R")
    for name, verdict in (("all_match", _all), ("any_match", _any), ("none_match", _none)):
        scalar(name, "array(T), function(T,boolean)", "boolean", _match(verdict))


_declare()
