"""Geospatial functions: https://trino.io/docs/current/functions/geospatial.html.

A geometry is held as its text (WKT), which shapely reads; texts are written as Trino writes them.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import shapely
import shapely.geometry.polygon
from shapely.geometry.base import BaseGeometry

from labcloud.trino.functions.aggregates import listed
from labcloud.trino.functions.emit import invalid, nullable, python
from labcloud.trino.functions.registry import aggregate, scalar

EARTH_KM = 6371.01
EARTH_M = EARTH_KM * 1000.0

_KINDS = {
    "Point": ("POINT", "ST_Point"),
    "MultiPoint": ("MULTI_POINT", "ST_MultiPoint"),
    "LineString": ("LINE_STRING", "ST_LineString"),
    "LinearRing": ("LINE_STRING", "ST_LineString"),
    "MultiLineString": ("MULTI_LINE_STRING", "ST_MultiLineString"),
    "Polygon": ("POLYGON", "ST_Polygon"),
    "MultiPolygon": ("MULTI_POLYGON", "ST_MultiPolygon"),
    "GeometryCollection": ("GEOMETRY_COLLECTION", "ST_GeomCollection"),
}
_RING = re.compile(r"\(([^()]+)\)")


# ---- text


@functools.lru_cache(maxsize=4096)
def read(text: str) -> BaseGeometry:
    """Return the geometry of a text. Raises INVALID_FUNCTION_ARGUMENT."""
    try:
        return shapely.from_wkt(text)
    except shapely.GEOSException:
        pass
    try:
        return shapely.from_wkt(_closed(text))
    except shapely.GEOSException:
        raise invalid(f"Invalid WKT: {text}") from None


def _closed(text: str) -> str:
    """A polygon's text whose rings end where they begin, which Trino does not ask for."""

    def close(match: re.Match[str]) -> str:
        points = [point.strip() for point in match[1].split(",")]
        again = [] if points[0] == points[-1] else points[:1]
        return f"({', '.join(points + again)})"

    return _RING.sub(close, text) if "POLYGON" in text.upper() else text


def write(shape: BaseGeometry) -> str:
    """Return a geometry's text as Trino writes it: `POINT (1 2.5)`."""
    name = "LINESTRING" if shape.geom_type == "LinearRing" else shape.geom_type.upper()
    if shape.is_empty:
        return f"{name} EMPTY"
    return f"{name} {_body(shape)}"


def _body(shape: BaseGeometry) -> str:
    if shape.geom_type == "GeometryCollection":
        return f"({', '.join(write(part) for part in shape.geoms)})"
    if hasattr(shape, "geoms"):
        return f"({', '.join(_body(part) for part in shape.geoms)})"
    if shape.geom_type == "Polygon":
        # Outer rings run counterclockwise, inner ones clockwise.
        turned = shapely.geometry.polygon.orient(shape)
        return f"({', '.join(_body(ring) for ring in (turned.exterior, *turned.interiors))})"
    points = (" ".join(_number(value) for value in point) for point in shape.coords)
    return f"({', '.join(points)})"


def _number(value: float) -> str:
    text = repr(float(value) + 0.0)
    return text.removesuffix(".0") if "e" not in text else text.upper().replace("E-0", "E-")


def kind_of(shape: BaseGeometry) -> str:
    """Return a geometry's kind as Trino's messages name it."""
    return _KINDS[shape.geom_type][0]


def _require(function: str, shape: BaseGeometry, *kinds: str, sphere: bool = False) -> None:
    found = kind_of(shape)
    if found in kinds:
        return
    allowed = " or ".join(kinds)
    if sphere:
        raise invalid(
            f"When applied to SphericalGeography inputs, {function} only supports {allowed}. "
            f"Input type is: {found}"
        )
    raise invalid(f"{function} only applies to {allowed}. Input type is: {found}")


_LINES = ("LINE_STRING", "MULTI_LINE_STRING")


# ---- making geometries


def st_geometryfromtext(text: str) -> str:
    """Read WKT."""
    return write(read(text))


def st_linefromtext(text: str) -> str:
    """Read WKT of a line."""
    _require("ST_LineFromText", read(text), "LINE_STRING")
    return write(read(text))


def st_polygon(text: str) -> str:
    """Read WKT of a polygon."""
    _require("ST_Polygon", read(text), "POLYGON")
    return write(read(text))


def st_point(x: float, y: float) -> str:
    """Return a point."""
    return f"POINT ({_number(x)} {_number(y)})"


def st_geomfrombinary(data: bytes) -> str:
    """Read WKB."""
    try:
        return write(shapely.from_wkb(data))
    except shapely.GEOSException:
        raise invalid("Invalid WKB") from None


def st_asbinary(text: str) -> bytes:
    """Return WKB."""
    data: bytes = shapely.to_wkb(read(text), byte_order=1)
    return data


def st_linestring(points: list[str | None]) -> str:
    """Return the line through points."""
    name = "Invalid input to ST_LineString"
    coordinates: list[Any] = []
    for index, text in enumerate(points, 1):
        if text is None:
            raise invalid(f"{name}: null point at index {index}")
        point = read(text)
        if point.geom_type != "Point":
            raise invalid(
                f"ST_LineString takes only an array of valid points, {point.geom_type} was passed"
            )
        if point.is_empty:
            raise invalid(f"{name}: empty point at index {index}")
        if coordinates and coordinates[-1] == point.coords[0]:
            raise invalid(f"{name}: consecutive duplicate points at index {index}")
        coordinates.append(point.coords[0])
    if len(coordinates) < 2:
        return "LINESTRING EMPTY"
    return write(shapely.LineString(coordinates))


@nullable
def st_multipoint(points: list[str | None]) -> str | None:
    """Return the points as one geometry."""
    name, found = "Invalid input to ST_MultiPoint", []
    for index, text in enumerate(points, 1):
        if text is None:
            raise invalid(f"{name}: null at index {index}")
        point = read(text)
        if point.geom_type != "Point":
            raise invalid(f"{name}: geometry is not a point: {point.geom_type} at index {index}")
        if point.is_empty:
            raise invalid(f"{name}: empty point at index {index}")
        found.append(point)
    return write(shapely.MultiPoint(found)) if found else None


def to_spherical_geography(text: str) -> str:
    """Return a geometry as one on the sphere."""
    shape = read(text)
    if not shape.is_empty:
        west, south, east, north = shape.bounds
        for latitude, longitude in ((south, west), (north, east)):
            check_place(latitude, longitude)
    if shape.has_z:
        raise invalid("Cannot convert 3D geometry to a spherical geography")
    return text


def same(text: str) -> str:
    """Return the argument."""
    return text


def from_geojson_geometry(text: str) -> str:
    """Read GeoJSON."""
    try:
        return write(shapely.from_geojson(text))
    except shapely.GEOSException:
        raise invalid(f"Invalid GeoJSON: {text}") from None


@nullable
def to_geojson_geometry(text: str) -> str | None:
    """Return GeoJSON."""
    found = json.loads(shapely.to_geojson(read(text)))
    return json.dumps(found, separators=(",", ":"))


def from_encoded_polyline(text: str) -> str:
    """Read Google's encoded polyline: differences of latitude and longitude, in steps of 1e-5."""
    numbers, value, shift = [0, 0], 0, 0
    for char in text:
        bits = ord(char) - 63
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            numbers.append(numbers[-2] + (~(value >> 1) if value & 1 else value >> 1))
            value = shift = 0
    points = zip(numbers[3::2], numbers[2::2], strict=False)
    line = [(x / 1e5, y / 1e5) for x, y in points]
    return write(shapely.LineString(line)) if len(line) > 1 else "LINESTRING EMPTY"


def to_encoded_polyline(text: str) -> str:
    """Return Google's encoded polyline of a line or of points."""
    shape = read(text)
    _require("encode_polyline", shape, "LINE_STRING", "MULTI_POINT")
    before, encoded = (0, 0), []
    for x, y in shapely.get_coordinates(shape).tolist():
        place = (round(y * 1e5), round(x * 1e5))
        for new, old in zip(place, before, strict=True):
            value = (new - old) << 1
            value = ~value if new < old else value
            while value >= 32:
                encoded.append(chr((32 | value & 31) + 63))
                value >>= 5
            encoded.append(chr(value + 63))
        before = place
    return "".join(encoded)


# ---- measures


def st_area(text: str) -> float:
    """Return the area on the plane."""
    return float(read(text).area)


def st_length(text: str) -> float:
    """Return the length of lines on the plane."""
    shape = read(text)
    _require("ST_Length", shape, *_LINES)
    return float(shape.length)


@nullable
def st_distance(left: str, right: str) -> float | None:
    """Return the distance on the plane."""
    first, second = read(left), read(right)
    return None if first.is_empty or second.is_empty else float(first.distance(second))


def check_place(latitude: float, longitude: float) -> None:
    """Raise INVALID_FUNCTION_ARGUMENT where there is no such place."""
    if not -90 <= latitude <= 90:
        raise invalid("Latitude must be between -90 and 90")
    if not -180 <= longitude <= 180:
        raise invalid("Longitude must be between -180 and 180")


def great_circle_distance(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return kilometres on the Earth's surface (Vincenty's formula on a sphere)."""
    check_place(latitude, longitude)
    check_place(other_latitude, other_longitude)
    one, two = math.radians(latitude), math.radians(other_latitude)
    turn = math.radians(longitude) - math.radians(other_longitude)
    across = math.cos(two) * math.sin(turn)
    along = math.cos(one) * math.sin(two) - math.sin(one) * math.cos(two) * math.cos(turn)
    below = math.sin(one) * math.sin(two) + math.cos(one) * math.cos(two) * math.cos(turn)
    return math.atan2(math.sqrt(across * across + along * along), below) * EARTH_KM


def _metres(start: Any, end: Any) -> float:
    return great_circle_distance(start[1], start[0], end[1], end[0]) * 1000


@nullable
def sphere_distance(left: str, right: str) -> float | None:
    """Return metres between two points on the Earth."""
    first, second = read(left), read(right)
    if first.is_empty or second.is_empty:
        return None
    for shape in (first, second):
        _require("ST_Distance", shape, "POINT", sphere=True)
    return _metres(first.coords[0], second.coords[0])


@nullable
def sphere_length(text: str) -> float | None:
    """Return metres along lines on the Earth."""
    shape = read(text)
    if shape.is_empty:
        return None
    _require("ST_Length", shape, *_LINES, sphere=True)
    return sum(
        _metres(start, end)
        for line in _parts(shape)
        for start, end in zip(line.coords, line.coords[1:], strict=False)
    )


@nullable
def sphere_area(text: str) -> float | None:
    """Return square metres on the Earth: each ring by its spherical excess."""
    shape = read(text)
    if shape.is_empty:
        return None
    _require("ST_Area", shape, "POLYGON", "MULTI_POLYGON", sphere=True)
    total = sum(
        abs(_excess(polygon.exterior)) - sum(abs(_excess(ring)) for ring in polygon.interiors)
        for polygon in _parts(shape)
    )
    return abs(total * EARTH_M * EARTH_M)


def _excess(ring: BaseGeometry) -> float:
    """A ring's spherical excess, corrected by a full turn where it goes around a pole.

    Source: https://www.movable-type.co.uk/scripts/latlong.html
    """
    points = [(math.radians(x), math.radians(y)) for x, y in ring.coords[:-1]]
    if len(points) < 3:
        raise invalid("Polygon is not valid: a loop contains less then 3 vertices.")
    excess = turned = 0.0
    for (x, y), (u, v) in zip([points[-1], *points], points, strict=False):
        if (x, y) == (u, v):
            raise invalid("Polygon is not valid: it has two identical consecutive vertices")
        low, high = math.tan(y / 2), math.tan(v / 2)
        excess += 2 * math.atan2(math.tan((u - x) / 2) * (low + high), 1 + low * high)
        turned += (u - x + 3 * math.pi) % (2 * math.pi) - math.pi
    around_pole = abs(turned) > math.pi
    return abs(excess) - 2 * math.pi if around_pole else excess


# ---- relations of two


def _relation(method: str) -> Callable[[str, str], bool]:
    def related(left: str, right: str) -> bool:
        return bool(getattr(read(left), method)(read(right)))

    related.__qualname__ = f"st_{method}"
    return related


def st_relate(left: str, right: str, pattern: str) -> bool:
    """Return whether two geometries relate as a DE-9IM pattern says."""
    return bool(shapely.relate_pattern(read(left), read(right), pattern))


# ---- new geometries from old ones


def overlay(shape: BaseGeometry) -> str:
    """Return the text of what two geometries make: parts by dimension, then from the lowest."""
    kinds: list[list[BaseGeometry]] = [[], [], []]
    for part in _leaves(shape):
        kinds[int(shapely.get_dimensions(part))].append(_from_lowest(part))
    groups = [sorted(parts, key=_lowest) for parts in kinds if parts]
    if not groups:
        return "MULTIPOLYGON EMPTY"
    made = [parts[0] if len(parts) == 1 else _together(parts) for parts in groups]
    return write(made[0] if len(made) == 1 else shapely.GeometryCollection(made))


def _leaves(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in _parts(shape):
        if hasattr(part, "geoms"):
            yield from _leaves(part)
        elif not part.is_empty:
            yield part


def _together(parts: list[BaseGeometry]) -> BaseGeometry:
    makers = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    return makers[parts[0].geom_type](parts)


def _lowest(shape: BaseGeometry) -> tuple[float, float]:
    x, y = (shape.exterior if shape.geom_type == "Polygon" else shape).coords[0][:2]
    return y, x


def _from_lowest(shape: BaseGeometry) -> BaseGeometry:
    """A polygon whose rings begin at their lowest point, of several at the leftmost."""
    if shape.geom_type != "Polygon":
        return shape
    turned = shapely.geometry.polygon.orient(shape)
    rings = [_rotated(ring, _least(ring.coords)) for ring in (turned.exterior, *turned.interiors)]
    return shapely.Polygon(rings[0], rings[1:])


def _least(points: Any) -> Any:
    return min(points, key=lambda point: (point[1], point[0]))


def _rotated(ring: BaseGeometry, first: Any) -> list[Any]:
    points = list(ring.coords)[:-1]
    at = points.index(first)
    return [*points[at:], *points[:at], first]


def _binary(method: str) -> Callable[[str, str], str]:
    def combined(left: str, right: str) -> str:
        try:
            return overlay(getattr(read(left), method)(read(right)))
        except shapely.GEOSException:  # of invalid geometries
            first, second = shapely.make_valid(read(left)), shapely.make_valid(read(right))
            return overlay(getattr(first, method)(second))

    combined.__qualname__ = f"st_{method}"
    return combined


def st_union(left: str, right: str) -> str:
    """Return what at least one of two geometries holds."""
    return overlay(shapely.union_all([read(left), read(right)]))


@nullable
def geometry_union(texts: list[str | None]) -> str | None:
    """Return what at least one geometry holds; NULL for none."""
    shapes = [read(text) for text in texts if text is not None]
    return overlay(shapely.union_all(shapes)) if texts else None


def convex_hull(texts: list[str]) -> str:
    """Return the convex hull of all."""
    return _hull(shapely.GeometryCollection([read(text) for text in texts]))


def _hull(shape: BaseGeometry) -> str:
    """The convex hull's text: it begins at the first point that is a corner of it."""
    hull = shape.convex_hull
    if hull.geom_type != "Polygon":
        return write(hull)
    ring = shapely.geometry.polygon.orient(hull).exterior
    corners = set(ring.coords)
    points = (tuple(point) for point in shapely.get_coordinates(shape).tolist())
    first = next((point for point in points if point in corners), ring.coords[0])
    return write(shapely.Polygon(_rotated(ring, first)))


@nullable
def st_buffer(text: str, distance: float) -> str | None:
    """Return what lies within a distance."""
    if math.isnan(distance):
        raise invalid("distance is NaN")
    if distance < 0:
        raise invalid("distance is negative")
    shape = read(text)
    if distance == 0:
        return text
    return None if shape.is_empty else write(shape.buffer(distance, quad_segs=24))


def st_centroid(text: str) -> str:
    """Return the centre of mass."""
    shape = read(text)
    _require(
        "ST_Centroid",
        shape,
        "POINT",
        "MULTI_POINT",
        *_LINES,
        "POLYGON",
        "MULTI_POLYGON",
    )
    return "POINT EMPTY" if shape.is_empty else write(shape.centroid)


def st_convexhull(text: str) -> str:
    """Return the smallest convex geometry around one."""
    shape = read(text)
    return text if shape.is_empty or shape.geom_type == "Point" else _hull(shape)


def st_boundary(text: str) -> str:
    """Return the boundary."""
    shape = read(text)
    if kind_of(shape) in ("POLYGON", "MULTI_POLYGON"):
        rings = [ring for part in _parts(shape) for ring in (part.exterior, *part.interiors)]
        return write(shapely.MultiLineString(rings))
    found = shape.boundary
    return "MULTIPOINT EMPTY" if found is None or found.is_empty else write(found)


def st_envelope(text: str) -> str:
    """Return the bounding box as a polygon."""
    shape = read(text)
    if shape.is_empty:
        return "POLYGON EMPTY"
    west, south, east, north = shape.bounds
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return write(shapely.Polygon(corners))


@nullable
def st_envelopeaspts(text: str) -> list[str] | None:
    """Return the lower left and the upper right corner of the bounding box."""
    shape = read(text)
    if shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    return [st_point(west, south), st_point(east, north)]


def simplify_geometry(text: str, tolerance: float) -> str:
    """Return a simpler geometry."""
    if math.isnan(tolerance):
        raise invalid("distanceTolerance is NaN")
    if tolerance < 0:
        raise invalid("distanceTolerance is negative")
    return text if tolerance == 0 else write(read(text).simplify(tolerance))


@nullable
def geometry_nearest_points(left: str, right: str) -> dict[str, str] | None:
    """Return the two points at which geometries are nearest."""
    first, second = read(left), read(right)
    if first.is_empty or second.is_empty:
        return None
    near = shapely.shortest_line(first, second).coords
    return {"f0": st_point(*near[0][:2]), "f1": st_point(*near[1][:2])}


# ---- parts and properties


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    yield from (shape.geoms if hasattr(shape, "geoms") else [shape])


@nullable
def st_exteriorring(text: str) -> str | None:
    """Return a polygon's outer ring."""
    shape = read(text)
    _require("ST_ExteriorRing", shape, "POLYGON")
    return None if shape.is_empty else write(shape.exterior)


@nullable
def st_interiorrings(text: str) -> list[str] | None:
    """Return a polygon's inner rings."""
    shape = read(text)
    _require("ST_InteriorRings", shape, "POLYGON")
    return None if shape.is_empty else [write(ring) for ring in shape.interiors]


@nullable
def st_interiorringn(text: str, index: int) -> str | None:
    """Return one of a polygon's inner rings, from 1."""
    shape = read(text)
    _require("ST_InteriorRingN", shape, "POLYGON")
    rings = list(shape.interiors)
    return write(rings[index - 1]) if 1 <= index <= len(rings) else None


@nullable
def st_numinteriorring(text: str) -> int | None:
    """Return how many inner rings a polygon has."""
    shape = read(text)
    _require("ST_NumInteriorRing", shape, "POLYGON")
    return None if shape.is_empty else len(shape.interiors)


def st_numgeometries(text: str) -> int:
    """Return how many geometries one consists of."""
    shape = read(text)
    return 0 if shape.is_empty else len(list(_parts(shape)))


@nullable
def st_geometryn(text: str, index: int) -> str | None:
    """Return one of a collection's geometries, from 1."""
    shape = read(text)
    parts = [] if shape.is_empty else list(_parts(shape))
    return write(parts[index - 1]) if 1 <= index <= len(parts) else None


@nullable
def st_geometries(text: str) -> list[str] | None:
    """Return a collection's geometries."""
    shape = read(text)
    return None if shape.is_empty else [write(part) for part in _parts(shape)]


@nullable
def st_points(text: str) -> list[str] | None:
    """Return a geometry's vertices, those of rings against the order of their text."""
    shape = read(text)
    if shape.is_empty:
        return None
    return [st_point(*point[:2]) for part in _leaves(shape) for point in _vertices(part)]


def _vertices(shape: BaseGeometry) -> list[Any]:
    if shape.geom_type != "Polygon":
        return list(shape.coords)
    rings = (shape.exterior, *shape.interiors)
    return [point for ring in rings for point in list(ring.coords)[::-1]]


def st_numpoints(text: str) -> int:
    """Return how many vertices a geometry has; a polygon's ring counts its first point once."""
    count = 0
    for part in _parts(read(text)):
        if part.geom_type in ("Point", "LineString"):
            count += int(shapely.get_num_coordinates(part))
        elif part.geom_type == "Polygon" and not part.is_empty:
            count += sum(len(ring.coords) - 1 for ring in (part.exterior, *part.interiors))
        elif part.geom_type != "Polygon":
            count += st_numpoints(write(part))
    return count


@nullable
def st_pointn(text: str, index: int) -> str | None:
    """Return one of a line's points, from 1."""
    shape = read(text)
    _require("ST_PointN", shape, "LINE_STRING")
    points = shape.coords
    return st_point(*points[index - 1][:2]) if 1 <= index <= len(points) else None


def _end(function: str, index: int) -> Callable[[str], str | None]:
    def end(text: str) -> str | None:
        shape = read(text)
        _require(function, shape, "LINE_STRING")
        return None if shape.is_empty else st_point(*shape.coords[index][:2])

    end.__qualname__ = function
    return nullable(end)


def _coordinate(function: str, index: int) -> Callable[[str], float | None]:
    def coordinate(text: str) -> float | None:
        shape = read(text)
        _require(function, shape, "POINT")
        return None if shape.is_empty else float(shape.coords[0][index])

    coordinate.__qualname__ = function
    return nullable(coordinate)


def _bound(function: str, index: int) -> Callable[[str], float | None]:
    def bound(text: str) -> float | None:
        shape = read(text)
        return None if shape.is_empty else float(shape.bounds[index])

    bound.__qualname__ = function
    return nullable(bound)


def st_coorddim(text: str) -> int:
    """Return how many coordinates a point has."""
    return 3 if read(text).has_z else 2


def st_dimension(text: str) -> int:
    """Return 0 for points, 1 for lines, 2 for areas."""
    return max(int(shapely.get_dimensions(read(text))), 0)


def st_geometrytype(text: str) -> str:
    """Return the kind in SQL/MM's words."""
    return _KINDS[read(text).geom_type][1]


def st_isclosed(text: str) -> bool:
    """Return whether lines end where they begin."""
    shape = read(text)
    _require("ST_IsClosed", shape, *_LINES)
    return all(line.is_closed for line in _parts(shape))


def st_isempty(text: str) -> bool:
    """Return whether there is no point in a geometry."""
    return bool(read(text).is_empty)


def st_issimple(text: str) -> bool:
    """Return whether a geometry does not cross or touch itself."""
    shape = read(text)
    return bool(shape.is_empty or (shape.is_simple and shape.is_valid))


def st_isvalid(text: str) -> bool:
    """Return whether a geometry is well formed."""
    return bool(read(text).is_valid)


@nullable
def geometry_invalid_reason(text: str) -> str | None:
    """Return what is wrong with a geometry; NULL for nothing."""
    reason = shapely.is_valid_reason(read(text))
    if reason == "Valid Geometry":
        return None
    place = re.fullmatch(r"(.*?)\[(\S+) (\S+)\]", reason)
    if place is None:
        return str(reason)
    return f"{place[1]} at or near ({float(place[2])} {float(place[3])})"


def st_isring(text: str) -> bool:
    """Return whether a line is closed and simple."""
    shape = read(text)
    _require("ST_IsRing", shape, "LINE_STRING")
    return bool(shape.is_closed and shape.is_simple)


@nullable
def line_locate_point(line: str, point: str) -> float | None:
    """Return where on a line the point nearest to another lies, from 0 to 1."""
    shape, place = read(line), read(point)
    if shape.is_empty or place.is_empty:
        return None
    if kind_of(shape) not in _LINES:
        text = "First argument to line_locate_point must be a LineString or a MultiLineString."
        raise invalid(f"{text} Got: {shape.geom_type}")
    if place.geom_type != "Point":
        text = "Second argument to line_locate_point must be a Point."
        raise invalid(f"{text} Got: {place.geom_type}")
    return float(shapely.line_locate_point(shape, place) / shape.length)


@nullable
def line_interpolate_point(line: str, fraction: float) -> str | None:
    """Return the point at a fraction of a line's length."""
    found = _interpolated(line, fraction, 1)
    return found[0] if found else None


@nullable
def line_interpolate_points(line: str, step: float) -> list[str] | None:
    """Return the points at each step of a line's length."""
    return _interpolated(line, step, int(1 / step) if 0 < step < 1 else 1)


def _interpolated(line: str, fraction: float, count: int) -> list[str] | None:
    shape = read(line)
    if shape.is_empty:
        return None
    _require("line_interpolate_point", shape, "LINE_STRING")
    if not 0 <= fraction <= 1:
        raise invalid("fraction must be between 0 and 1")
    places = [fraction * number for number in range(1, count + 1)]
    return [_along(shape, place) for place in places]


def _along(line: BaseGeometry, fraction: float) -> str:
    """The point at a fraction of a line's length."""
    points = [tuple(point[:2]) for point in line.coords]
    if fraction == 0:
        return st_point(*points[0])
    passed = 0.0
    for (x, y), (u, v) in itertools.pairwise(points):
        part = math.dist((x, y), (u, v)) / line.length
        if fraction < passed + part:
            share = (fraction - passed) / part
            return st_point(x + (u - x) * share, y + (v - y) * share)
        passed += part
    return st_point(*points[-1])


def _declare_making() -> None:
    geometry, sphere = "Geometry", "SphericalGeography"
    for name, args, result, function in (
        ("st_geometryfromtext", "varchar", geometry, st_geometryfromtext),
        ("st_linefromtext", "varchar", geometry, st_linefromtext),
        ("st_polygon", "varchar", geometry, st_polygon),
        ("st_point", "double, double", geometry, st_point),
        ("st_geomfrombinary", "varbinary", geometry, st_geomfrombinary),
        ("st_asbinary", geometry, "varbinary", st_asbinary),
        ("st_astext", geometry, "varchar", same),
        ("st_linestring", f"array({geometry})", geometry, st_linestring),
        ("st_multipoint", f"array({geometry})", geometry, st_multipoint),
        ("to_spherical_geography", geometry, sphere, to_spherical_geography),
        ("to_geometry", sphere, geometry, same),
        ("from_geojson_geometry", "varchar", sphere, from_geojson_geometry),
        ("to_geojson_geometry", sphere, "varchar", to_geojson_geometry),
        ("from_encoded_polyline", "varchar", geometry, from_encoded_polyline),
        ("to_encoded_polyline", geometry, "varchar", to_encoded_polyline),
    ):
        scalar(name, args, result, "{0}" if function is same else python(function))


def _declare_measures() -> None:
    geometry, sphere = "Geometry", "SphericalGeography"
    places = "double, double, double, double"
    scalar("great_circle_distance", places, "double", python(great_circle_distance))
    scalar("st_area", geometry, "double", python(st_area))
    scalar("st_area", sphere, "double", python(sphere_area))
    scalar("st_length", geometry, "double", python(st_length))
    scalar("st_length", sphere, "double", python(sphere_length))
    scalar("st_distance", f"{geometry}, {geometry}", "double", python(st_distance))
    scalar("st_distance", f"{sphere}, {sphere}", "double", python(sphere_distance))
    scalar("line_locate_point", f"{geometry}, {geometry}", "double", python(line_locate_point))
    for name, index in (("XMin", 0), ("YMin", 1), ("XMax", 2), ("YMax", 3)):
        scalar(f"st_{name.lower()}", geometry, "double", python(_bound(f"ST_{name}", index)))
    for index, name in enumerate("XY"):
        place = python(_coordinate(f"ST_{name}", index))
        scalar(f"st_{name.lower()}", geometry, "double", place)


def _declare_pairs() -> None:
    two = "Geometry, Geometry"
    for name in ("contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches",
                 "within"):  # fmt: skip
        scalar(f"st_{name}", two, "boolean", python(_relation(name)))
    scalar("st_relate", f"{two}, varchar", "boolean", python(st_relate))
    for name, method in (
        ("st_difference", "difference"),
        ("st_intersection", "intersection"),
        ("st_symdifference", "symmetric_difference"),
    ):
        scalar(name, two, "Geometry", python(_binary(method)))
    scalar("st_union", two, "Geometry", python(st_union))
    nearest = python(geometry_nearest_points)
    scalar("geometry_nearest_points", two, "row(Geometry,Geometry)", nearest)
    scalar("geometry_union", "array(Geometry)", "Geometry", python(geometry_union))
    aggregate("geometry_union_agg", "Geometry", "Geometry", listed(geometry_union))
    aggregate("convex_hull_agg", "Geometry", "Geometry", listed(convex_hull))


def _declare_parts() -> None:
    geometry, many = "Geometry", "array(Geometry)"
    for function, args, result in (
        (st_buffer, "Geometry, double", geometry),
        (st_centroid, geometry, geometry),
        (st_convexhull, geometry, geometry),
        (st_boundary, geometry, geometry),
        (st_envelope, geometry, geometry),
        (st_envelopeaspts, geometry, many),
        (simplify_geometry, "Geometry, double", geometry),
        (st_exteriorring, geometry, geometry),
        (st_interiorrings, geometry, many),
        (st_interiorringn, "Geometry, integer", geometry),
        (st_numinteriorring, geometry, "bigint"),
        (st_numgeometries, geometry, "integer"),
        (st_geometryn, "Geometry, integer", geometry),
        (st_geometries, geometry, many),
        (st_points, geometry, many),
        (st_numpoints, geometry, "bigint"),
        (st_pointn, "Geometry, integer", geometry),
        (st_coorddim, geometry, "tinyint"),
        (st_dimension, geometry, "tinyint"),
        (st_geometrytype, geometry, "varchar"),
        (st_isclosed, geometry, "boolean"),
        (st_isempty, geometry, "boolean"),
        (st_issimple, geometry, "boolean"),
        (st_isvalid, geometry, "boolean"),
        (st_isring, geometry, "boolean"),
        (geometry_invalid_reason, geometry, "varchar"),
        (line_interpolate_point, "Geometry, double", geometry),
        (line_interpolate_points, "Geometry, double", many),
    ):
        scalar(function.__name__, args, result, python(function))
    scalar("st_startpoint", geometry, geometry, python(_end("ST_StartPoint", 0)))
    scalar("st_endpoint", geometry, geometry, python(_end("ST_EndPoint", -1)))


_declare_making()
_declare_measures()
_declare_pairs()
_declare_parts()
