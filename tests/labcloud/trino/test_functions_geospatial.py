"""Geospatial functions: https://trino.io/docs/current/functions/geospatial.html."""

from __future__ import annotations

from collections.abc import Callable

import pytest

SQUARE = "ST_GeometryFromText('POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))')"
LINE = "ST_GeometryFromText('LINESTRING (0 0, 3 4, 6 8)')"


def g(text: str) -> str:
    return f"ST_GeometryFromText('{text}')"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("ST_AsText(ST_Point(1, 2.5))", "POINT (1 2.5)"),
        ("ST_AsText(ST_Point(-0.0, 1e10))", "POINT (0 10000000000)"),
        (f"ST_AsText({g('polygon((0 0,1 0,1 1,0 0))')})", "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        (f"ST_AsText({g('POLYGON ((1 1, 4 1, 1 4))')})", "POLYGON ((1 1, 4 1, 1 4, 1 1))"),
        (f"ST_AsText({g('MULTIPOINT (1 2, 3 4)')})", "MULTIPOINT ((1 2), (3 4))"),
        (f"ST_AsText({g('POINT EMPTY')})", "POINT EMPTY"),
        (
            f"ST_AsText({g('GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))')})",
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))",
        ),
        ("ST_AsText(ST_GeomFromBinary(ST_AsBinary(ST_Point(1, 2))))", "POINT (1 2)"),
        (
            "ST_AsText(ST_LineString(ARRAY[ST_Point(1, 2), ST_Point(3, 4)]))",
            "LINESTRING (1 2, 3 4)",
        ),
        ("ST_AsText(ST_MultiPoint(ARRAY[ST_Point(1, 2)]))", "MULTIPOINT ((1 2))"),
        ("ST_X(ST_Point(1, 2))", "1.0"),
        (f"ST_X({g('POINT EMPTY')})", None),
        (f"ST_Area({SQUARE})", "4.0"),
        (f"ST_Length({LINE})", "10.0"),
        (f"ST_Distance({SQUARE}, ST_Point(5, 6))", "5.0"),
        (f"ST_Distance({SQUARE}, {g('POINT EMPTY')})", None),
        (f"ST_Contains({SQUARE}, ST_Point(1, 1))", "true"),
        (f"ST_Contains({SQUARE}, ST_Point(2, 2))", "false"),
        (f"ST_Intersects({SQUARE}, ST_Point(2, 2))", "true"),
        (f"ST_Touches({SQUARE}, ST_Point(2, 2))", "true"),
        (f"ST_Within(ST_Point(1, 1), {SQUARE})", "true"),
        (f"ST_Disjoint({SQUARE}, ST_Point(9, 9))", "true"),
        (f"ST_Crosses({LINE}, {g('LINESTRING (0 8, 6 0)')})", "true"),
        (f"ST_Overlaps({SQUARE}, {g('POLYGON ((1 1, 1 3, 3 3, 3 1, 1 1))')})", "true"),
        (f"ST_Equals({g('LINESTRING (0 0, 2 2)')}, {g('LINESTRING (2 2, 0 0)')})", "true"),
        (f"ST_Relate({SQUARE}, ST_Point(1, 1), '0********')", "true"),
        (f"ST_AsText(ST_Centroid({SQUARE}))", "POINT (1 1)"),
        (f"ST_AsText(ST_Envelope({LINE}))", "POLYGON ((0 0, 6 0, 6 8, 0 8, 0 0))"),
        (f"transform(ST_EnvelopeAsPts({LINE}), p -> ST_AsText(p))", "[POINT (0 0), POINT (6 8)]"),
        (f"ST_AsText(ST_ExteriorRing({SQUARE}))", "LINESTRING (0 0, 2 0, 2 2, 0 2, 0 0)"),
        (f"ST_AsText({SQUARE})", "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"),
        (f"ST_AsText(ST_Boundary({SQUARE}))", "MULTILINESTRING ((0 0, 2 0, 2 2, 0 2, 0 0))"),
        (f"ST_AsText(ST_Boundary({LINE}))", "MULTIPOINT ((0 0), (6 8))"),
        ("ST_AsText(ST_Boundary(ST_Point(1, 2)))", "MULTIPOINT EMPTY"),
        (
            f"ST_AsText(ST_ConvexHull({g('LINESTRING (1 1, 1 9, 2 2)')}))",
            "POLYGON ((1 1, 2 2, 1 9, 1 1))",
        ),
        (
            f"ST_AsText(ST_Difference({g('POLYGON ((1 1, 1 4, 4 4, 4 1))')}, "
            f"{g('POLYGON ((2 2, 2 5, 5 5, 5 2))')}))",
            "POLYGON ((1 1, 4 1, 4 2, 2 2, 2 4, 1 4, 1 1))",
        ),
        (
            f"ST_AsText(ST_Intersection({g('POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))')}, "
            f"{g('LINESTRING (0 0, 1 -1, 1 2)')}))",
            "GEOMETRYCOLLECTION (POINT (0 0), LINESTRING (1 0, 1 1))",
        ),
        ("ST_AsText(ST_Intersection(ST_Point(1, 1), ST_Point(2, 2)))", "MULTIPOLYGON EMPTY"),
        (
            f"transform(ST_Points({g('POLYGON ((8 4, 3 9, 5 6, 8 4))')}), p -> ST_X(p))",
            "[8.0, 5.0, 3.0, 8.0]",
        ),
        (f"ST_AsText(ST_StartPoint({LINE}))", "POINT (0 0)"),
        (f"ST_AsText(ST_EndPoint({LINE}))", "POINT (6 8)"),
        (f"ST_AsText(ST_PointN({LINE}, 2))", "POINT (3 4)"),
        (f"ST_PointN({LINE}, 9) IS NULL", "true"),
        (f"ST_NumPoints({LINE})", "3"),
        (f"ST_NumPoints({SQUARE})", "4"),
        (f"ST_NumGeometries({g('MULTIPOINT (1 2, 3 4)')})", "2"),
        (f"ST_AsText(ST_GeometryN({g('MULTIPOINT (1 2, 3 4)')}, 2))", "POINT (3 4)"),
        (f"ST_NumInteriorRing({SQUARE})", "0"),
        (f"ST_XMin({LINE})", "0.0"),
        (f"ST_YMax({LINE})", "8.0"),
        (f"ST_Dimension({SQUARE})", "2"),
        (f"ST_CoordDim({SQUARE})", "2"),
        (f"ST_GeometryType({SQUARE})", "ST_Polygon"),
        (f"ST_GeometryType({g('GEOMETRYCOLLECTION EMPTY')})", "ST_GeomCollection"),
        (f"ST_IsClosed({LINE})", "false"),
        (f"ST_IsEmpty({g('POINT EMPTY')})", "true"),
        (f"ST_IsSimple({LINE})", "true"),
        (f"ST_IsValid({g('POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))')})", "false"),
        (f"ST_IsRing({g('LINESTRING (0 0, 1 1, 1 0, 0 0)')})", "true"),
        (f"line_locate_point({LINE}, ST_Point(3, 4))", "0.5"),
        (f"ST_AsText(line_interpolate_point({LINE}, 0.5))", "POINT (3 4)"),
        (f"cardinality(ST_Points({LINE}))", "3"),
        (
            f"ST_AsText(ST_Intersection({SQUARE}, {g('LINESTRING (1 1, 5 1)')}))",
            "LINESTRING (1 1, 2 1)",
        ),
        ("ST_AsText(ST_Union(ST_Point(1, 2), ST_Point(3, 4)))", "MULTIPOINT ((1 2), (3 4))"),
        ("ST_Area(ST_Buffer(ST_Point(0, 0), 1)) BETWEEN 3.1 AND 3.15", "true"),
        ("round(great_circle_distance(36.12, -86.67, 33.94, -118.40), 2)", "2886.45"),
        (
            "round(ST_Distance(to_spherical_geography(ST_Point(-71.0882, 42.3607)), "
            "to_spherical_geography(ST_Point(-74.1197, 40.6976))), 2)",
            "312822.18",
        ),
        ("ST_AsText(to_geometry(to_spherical_geography(ST_Point(1, 2))))", "POINT (1 2)"),
        (
            "to_geojson_geometry(to_spherical_geography(ST_Point(1, 2)))",
            '{"type":"Point","coordinates":[1.0,2.0]}',
        ),
        ("bing_tile_quadkey(bing_tile(3, 5, 3))", "213"),
        ("bing_tile_zoom_level(bing_tile('213'))", "3"),
        ("bing_tile_coordinates(bing_tile_at(30.12, 60, 15))", "{x=21845, y=13506}"),
        ("cardinality(bing_tiles_around(30.12, 60, 1))", "4"),
    ],
)
def test_values(
    ask: Callable[[str], list[list[str | None]]], expression: str, value: str | None
) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


def test_aggregates(ask: Callable[[str], list[list[str | None]]]) -> None:
    points = "(VALUES ST_Point(0, 0), ST_Point(2, 0), ST_Point(0, 2), NULL) v(p)"
    sql = f"SELECT ST_Area(convex_hull_agg(p)), ST_NumPoints(geometry_union_agg(p)) FROM {points}"
    assert ask(sql) == [["2.0", "3"]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (g("PONT (1 2)"), "Invalid WKT: PONT (1 2)"),
        (f"ST_X({SQUARE})", "ST_X only applies to POINT. Input type is: POLYGON"),
        (
            f"ST_Length({SQUARE})",
            "ST_Length only applies to LINE_STRING or MULTI_LINE_STRING. Input type is: POLYGON",
        ),
        (
            "ST_LineFromText('POINT (1 2)')",
            "ST_LineFromText only applies to LINE_STRING. Input type is: POINT",
        ),
        ("ST_Buffer(ST_Point(1, 2), -1)", "distance is negative"),
        ("ST_Buffer(ST_Point(1, 2), nan())", "distance is NaN"),
        ("great_circle_distance(100, 1, 1, 1)", "Latitude must be between -90 and 90"),
        ("great_circle_distance(1, 200, 1, 1)", "Longitude must be between -180 and 180"),
        ("ST_GeomFromBinary(X'00')", "Invalid WKB"),
        ("bing_tile(1, 1, 30)", "Zoom level must be <= 23"),
        (
            "bing_tile(9, 1, 3)",
            "XY coordinates for a Bing tile at zoom level 3 must be within [0, 8) range",
        ),
        ("bing_tile('')", "QuadKey must not be empty string"),
    ],
)
def test_errors(error_of: Callable[[str], str], expression: str, message: str) -> None:
    assert error_of(f"SELECT {expression}") == f"INVALID_FUNCTION_ARGUMENT: {message}"
