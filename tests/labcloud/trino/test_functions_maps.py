"""Map functions, with the values of https://trino.io/docs/current/functions/map.html."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]

AB = "MAP(ARRAY['a', 'b'], ARRAY[1, 2])"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("MAP()", "{}"),
        (AB, "{a=1, b=2}"),
        (f"cardinality({AB})", "2"),
        (f"element_at({AB}, 'b')", "2"),
        (f"element_at({AB}, 'z')", None),
        (f"{AB}['a']", "1"),
        (f"map_keys({AB})", "[a, b]"),
        (f"map_values({AB})", "[1, 2]"),
        (f"map_entries({AB})", "[{field0=a, field1=1}, {field0=b, field1=2}]"),
        ("map_from_entries(ARRAY[(1, 'x'), (2, NULL)])", "{1=x, 2=null}"),
        ("multimap_from_entries(ARRAY[(1, 'x'), (2, 'y'), (1, 'z')])", "{1=[x, z], 2=[y]}"),
        (f"map_concat({AB}, MAP(ARRAY['b'], ARRAY[9]))", "{a=1, b=9}"),
        (f"map_concat({AB}, CAST(NULL AS map(varchar, integer)))", None),
        (f"map_filter({AB}, (k, v) -> v > 1)", "{b=2}"),
        ("map_filter(MAP(), (k, v) -> true)", "{}"),
        (f"transform_keys({AB}, (k, v) -> k || CAST(v AS varchar))", "{a1=1, b2=2}"),
        (f"transform_values({AB}, (k, v) -> v * 10)", "{a=10, b=20}"),
        (f"transform_values({AB}, (k, v) -> MAP(ARRAY[k], ARRAY[v]))", "{a={a=1}, b={b=2}}"),
        (
            f"map_zip_with({AB}, MAP(ARRAY['b', 'c'], ARRAY[5, 6]), (k, x, y) -> (x, y))",
            "{a={field0=1, field1=null}, b={field0=2, field1=5}, c={field0=null, field1=6}}",
        ),
        (f"{AB} = MAP(ARRAY['b', 'a'], ARRAY[2, 1])", "true"),
        (f"{AB} = MAP(ARRAY['a', 'b'], ARRAY[1, NULL])", None),
        ("MAP(ARRAY[ARRAY[1]], ARRAY['x'])[ARRAY[1]]", "x"),
        ("MAP(ARRAY[1], ARRAY[NULL])[1]", None),
    ],
)
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("MAP(ARRAY[1, 1], ARRAY[2, 3])", "Duplicate map keys (1) are not allowed"),
        (
            "MAP(ARRAY[DATE '2020-01-01', DATE '2020-01-01'], ARRAY[2, 3])",
            "Duplicate map keys (2020-01-01) are not allowed",
        ),
        ("MAP(ARRAY[1], ARRAY[2, 3])", "Key and value arrays must be the same length"),
        ("MAP(ARRAY[NULL], ARRAY[2])", "map key cannot be null"),
        ("map_from_entries(ARRAY[(1, 2), (1, 3)])", "Duplicate map keys (1) are not allowed"),
        ("map_from_entries(ARRAY[NULL, (1, 3)])", "map entry cannot be null"),
        ("map_from_entries(ARRAY[(NULL, 2)])", "map key cannot be null"),
        (f"transform_keys({AB}, (k, v) -> 'x')", "Duplicate map keys (x) are not allowed"),
        (f"transform_keys({AB}, (k, v) -> NULL)", "map key cannot be null"),
        (f"{AB}['z']", "Key not present in map: z"),
    ],
)
def test_run_time_errors(error_of: Callable[[str], str], expression: str, message: str) -> None:
    assert error_of(f"SELECT {expression}") == f"INVALID_FUNCTION_ARGUMENT: {message}"


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("MAP()", "map(unknown, unknown)"),
        ("MAP(ARRAY[1], ARRAY['a'])", "map(integer, varchar(1))"),
        (f"map_entries({AB})", "array(row(varchar(1), integer))"),
        (f"map_concat({AB}, MAP(ARRAY['xy'], ARRAY[BIGINT '1']))", "map(varchar(2), bigint)"),
        (f"transform_values({AB}, (k, v) -> 1.5)", "map(varchar(1), decimal(2,1))"),
    ],
)
def test_types(types_of: Callable[[str], list[str]], expression: str, kind: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]


def test_maps_in_tables(ask: Ask) -> None:
    sql = (
        "SELECT map_filter(m, (k, v) -> v > n), element_at(m, k) "
        "FROM (VALUES (MAP(ARRAY['x', 'y'], ARRAY[1, 5]), 2, 'x'), (NULL, 1, 'y')) t(m, n, k) "
        "ORDER BY n"
    )
    assert ask(sql) == [[None, None], ["{y=5}", "1"]]
