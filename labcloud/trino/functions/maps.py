"""Map functions: https://trino.io/docs/current/functions/map.html.

Trino's maps are DuckDB's MAPs. A key must not be NULL or occur twice: DuckDB refuses both, but with
texts of its own, so that is tested before.
"""

from __future__ import annotations

from collections.abc import Callable

from labcloud.trino.functions.nested import (
    apply,
    bind,
    distinct,
    fail,
    fail_with,
    has_null,
    lambda_of,
    let,
)
from labcloud.trino.functions.registry import Call, scalar
from labcloud.trino.types import Type, duckdb_type


def checked(keys: str, values: str, result: Type) -> str:
    """Return arms of a CASE that make a map of lists of keys and values, or refuse them."""
    twice = f"list_filter({keys}, lambda k_, i_: list_position({keys}, k_) <> i_)[1]"
    text = f"'Duplicate map keys (' || CAST({twice} AS VARCHAR) || ') are not allowed'"
    return (
        f"WHEN {has_null(keys)} THEN {fail('map key cannot be null', result)} "
        f"{_decided(keys, result)}"
        f"WHEN len(list_distinct({keys})) < len({keys}) THEN {fail_with(text, result)} "
        f"ELSE CAST(map({keys}, {values}) AS {duckdb_type(result)})"
    )


def _decided(keys: str, result: Type) -> str:
    """The arm that refuses keys with a NULL inside, or nothing for keys that cannot have one."""
    test = _undecided("k_", result.key)
    if not test:
        return ""
    bad = f"list_filter({keys}, lambda k_: {test})"
    shown = f"'map key cannot be indeterminate: ' || {_shown(f'{bad}[1]', result.key)}"
    return f"WHEN len({bad}) > 0 THEN {fail_with(shown, result)} "


def _undecided(sql: str, kind: Type, depth: int = 0) -> str:
    """Whether a value holds NULL at any depth; empty for what cannot."""
    if kind.base == "array":
        name = f"y{depth}_"
        inner = _undecided(name, kind.element, depth + 1)
        test = f"{name} IS NULL" + (f" OR {inner}" if inner else "")
        return f"len(list_filter({sql}, lambda {name}: {test})) > 0"
    if kind.base == "row":
        tests = []
        for index, part in enumerate(kind.fields):
            name = f"struct_extract({sql}, 'f{index}')"
            inner = _undecided(name, part.type, depth)
            tests.append(f"{name} IS NULL" + (f" OR {inner}" if inner else ""))
        return f"({' OR '.join(tests)})"
    return ""


def _shown(sql: str, kind: Type) -> str:
    """The text of a key in an error: rows as their values in brackets."""
    if kind.base != "row":
        return f"replace(CAST({sql} AS VARCHAR), 'NULL', 'null')"
    parts = (
        f"coalesce(CAST(struct_extract({sql}, 'f{i}') AS VARCHAR), 'null')"
        for i in range(len(kind.fields))
    )
    return f"'[' || concat_ws(', ', {', '.join(parts)}) || ']'"


def first_of_each(entries: str, result: Type) -> str:
    """Return a map of a list of {k, v}: of equal keys the first counts; NULL makes NULL."""

    def build(pairs: str) -> str:
        keys = f"list_transform({pairs}, lambda e_: e_.k)"
        kept = f"list_filter({pairs}, lambda e_, i_: list_position(n_, e_.k) = i_)"
        return (
            f"list_transform([{keys}], lambda n_: CASE WHEN {pairs} IS NULL THEN NULL "
            f"ELSE CAST(map_from_entries(CASE WHEN len(list_distinct(n_)) = len(n_) THEN {pairs} "
            f"ELSE {kept} END) AS {duckdb_type(result)}) END)[1]"
        )

    return let([entries], build)


def grouped(entries: str, result: Type) -> str:
    """Return a map of a list of {k, v}: each key with the list of its values; NULL makes NULL."""

    def build(pairs: str) -> str:
        keys = distinct(f"list_transform({pairs}, lambda e_: e_.k)")
        values = (
            f"list_transform(list_filter({pairs}, lambda e_: e_.k IS NOT DISTINCT FROM k_), "
            "lambda e_: e_.v)"
        )
        made = f"CAST(map(n_, list_transform(n_, lambda k_: {values})) AS {duckdb_type(result)})"
        return (
            f"CASE WHEN {pairs} IS NULL THEN NULL "
            f"ELSE list_transform([{keys}], lambda n_: {made})[1] END"
        )

    return let([entries], build)


def _map(call: Call) -> str:
    def arms(keys: str, values: str) -> str:
        uneven = fail("Key and value arrays must be the same length", call.result)
        return (
            f"WHEN len({keys}) <> len({values}) THEN {uneven} {checked(keys, values, call.result)}"
        )

    return bind(call, arms)


def _from_entries(call: Call) -> str:
    def arms(entries: str) -> str:
        keys = f"list_transform({entries}, lambda e_: e_.f0)"
        values = f"list_transform({entries}, lambda e_: e_.f1)"
        null = fail("map entry cannot be null", call.result)
        made = let([keys, values], lambda k, v: f"CASE {checked(k, v, call.result)} END")
        return f"WHEN {has_null(entries)} THEN {null} ELSE {made}"

    return bind(call, arms)


def _multimap_from_entries(call: Call) -> str:
    def arms(entries: str) -> str:
        keys = f"list_transform({entries}, lambda e_: e_.f0)"
        pairs = f"list_transform({entries}, lambda e_: {{'k': e_.f0, 'v': e_.f1}})"
        return (
            f"WHEN {has_null(entries)} THEN {fail('map entry cannot be null', call.result)} "
            f"WHEN {has_null(keys)} THEN {fail('map key cannot be null', call.result)} "
            f"ELSE {grouped(pairs, call.result)}"
        )

    return bind(call, arms)


def _entries(call: Call) -> str:
    pair = "{'f0': e_.key, 'f1': e_.value}"
    return f"list_transform(map_entries({call.sql(0)}), lambda e_: {pair})"


def _concat(call: Call) -> str:
    def arms(*maps: str) -> str:
        return f"ELSE map_concat({', '.join(maps)})"

    return bind(call, arms)


def _filter(call: Call) -> str:
    test = apply(lambda_of(call, 1), "e_.key", "e_.value")
    kept = f"list_filter(map_entries({call.sql(0)}), lambda e_: {test})"
    return f"map_from_entries({kept})"


def _changed(keys: bool) -> Callable[[Call], str]:
    """transform_keys and transform_values."""

    def emit(call: Call) -> str:
        new = f"list_transform(map_entries(m_), lambda e_: {apply(lambda_of(call, 1), *_ENTRY)})"

        def build(made: str) -> str:
            pair = (made, "map_values(m_)") if keys else ("map_keys(m_)", made)
            return f"CASE WHEN m_ IS NULL THEN NULL {checked(*pair, call.result)} END"

        return f"list_transform([{call.sql(0)}], lambda m_: {let([new], build)})[1]"

    return emit


_ENTRY = ("e_.key", "e_.value")


def _zip_with(call: Call) -> str:
    def build(left: str, right: str) -> str:
        keys = distinct(f"(map_keys({left}) || map_keys({right}))")
        found = (f"map_extract_value({side}, k_)" for side in (left, right))
        value = apply(lambda_of(call, 2), "k_", *found)
        kind = duckdb_type(call.result)
        made = f"CAST(map(n_, list_transform(n_, lambda k_: {value})) AS {kind})"
        return (
            f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL "
            f"ELSE list_transform([{keys}], lambda n_: {made})[1] END"
        )

    return let([call.sql(0), call.sql(1)], build)


def _declare() -> None:
    comparable = "K:comparable, V"
    empty = "MAP([]::INTEGER[], []::INTEGER[])"
    scalar("map", "array(K), array(V)", "map(K,V)", _map, where=comparable)
    scalar("map", "", "map(unknown,unknown)", empty)
    scalar("cardinality", "map(K,V)", "bigint", "cardinality({0})::BIGINT", where="K, V")
    element = "map_extract_value({0}, {1})"
    scalar("element_at", "map(K,V), K", "V", element, where="K, V")
    scalar("map_keys", "map(K,V)", "array(K)", "map_keys({0})", where="K, V")
    scalar("map_values", "map(K,V)", "array(V)", "map_values({0})", where="K, V")
    scalar("map_entries", "map(K,V)", "array(row(K,V))", _entries, where="K, V")
    entries = "array(row(K,V))"
    scalar("map_from_entries", entries, "map(K,V)", _from_entries, where=comparable)
    scalar(
        "multimap_from_entries",
        entries,
        "map(K,array(V))",
        _multimap_from_entries,
        where=comparable,
    )
    scalar("map_concat", "map(K,V)", "map(K,V)", _concat, variadic=True, where="K, V")
    scalar("map_filter", "map(K,V), function(K,V,boolean)", "map(K,V)", _filter, where="K, V")
    scalar(
        "transform_keys",
        "map(J,V), function(J,V,K)",
        "map(K,V)",
        _changed(True),
        shown="map(K1,V), function(K1,V,K2)",
        where="K1, K2, V",
    )
    scalar(
        "transform_values",
        "map(K,U), function(K,U,V)",
        "map(K,V)",
        _changed(False),
        shown="map(K,V1), function(K,V1,V2)",
        where="K, V1, V2",
    )
    scalar(
        "map_zip_with",
        "map(K,U), map(K,V), function(K,U,V,W)",
        "map(K,W)",
        _zip_with,
        shown="map(K,V1), map(K,V2), function(K,V1,V2,V3)",
        where="K, V1, V2, V3",
    )


_declare()
