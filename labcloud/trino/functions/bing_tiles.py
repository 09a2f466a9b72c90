"""Bing tiles: https://trino.io/docs/current/functions/geospatial.html#bing-tiles

A tile is held as the text in which it is shown: `{"x":1,"y":2,"zoom":3}`. The projection is
https://learn.microsoft.com/bingmaps/articles/bing-maps-tile-system
"""

from __future__ import annotations

import json
import math

import shapely

from labcloud.trino.functions.emit import invalid, python
from labcloud.trino.functions.geospatial import EARTH_KM, great_circle_distance, read, write
from labcloud.trino.functions.registry import scalar
from labcloud.trino.types import INTEGER, Field, row

MAX_ZOOM = 23
MAX_LATITUDE = 85.05112878
MAX_TILES = 1_000_000

Tile = tuple[int, int, int]


def _held(tile: Tile) -> str:
    x, y, zoom = tile
    return f'{{"x":{x},"y":{y},"zoom":{zoom}}}'


def _tile(text: str) -> Tile:
    parts = json.loads(text)
    return parts["x"], parts["y"], parts["zoom"]


def _check_zoom(zoom: int) -> None:
    if zoom < 0:
        raise invalid("Zoom level must be > 0")
    if zoom > MAX_ZOOM:
        raise invalid(f"Zoom level must be <= {MAX_ZOOM}")


def _check_place(latitude: float, longitude: float) -> None:
    if not -MAX_LATITUDE <= latitude <= MAX_LATITUDE:
        raise invalid(f"Latitude must be between -{MAX_LATITUDE} and {MAX_LATITUDE}")
    if not -180 <= longitude <= 180:
        raise invalid("Longitude must be between -180.0 and 180.0")


def _at(latitude: float, longitude: float, zoom: int) -> Tile:
    size = 1 << zoom
    sine = math.sin(math.radians(latitude))
    across = (longitude + 180) / 360
    down = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    x, y = (min(max(int(part * size), 0), size - 1) for part in (across, down))
    return x, y, zoom


def _corner(x: int, y: int, zoom: int) -> tuple[float, float]:
    """Longitude and latitude of a tile's upper left corner."""
    size = 256 << zoom
    across = min(max(x * 256, 0), size) / size - 0.5
    down = 0.5 - min(max(y * 256, 0), size) / size
    latitude = 90 - 360 * math.atan(math.exp(-down * 2 * math.pi)) / math.pi
    return 360 * across, latitude


def _box(tile: Tile) -> shapely.Polygon:
    x, y, zoom = tile
    (west, north), (east, south) = _corner(x, y, zoom), _corner(x + 1, y + 1, zoom)
    corners = [(west, south), (west, north), (east, north), (east, south), (west, south)]
    return shapely.Polygon(corners)


def bing_tile(x: int, y: int, zoom: int) -> str:
    """Return a tile by its numbers."""
    _check_zoom(zoom)
    for number in (x, y):
        if not 0 <= number < 1 << zoom:
            raise invalid(
                f"XY coordinates for a Bing tile at zoom level {zoom} must be within "
                f"[0, {1 << zoom}) range"
            )
    return _held((x, y, zoom))


def bing_tile_of_key(key: str) -> str:
    """Return a tile by its quadkey."""
    if not key:
        raise invalid("QuadKey must not be empty string")
    if len(key) > MAX_ZOOM:
        raise invalid(f"QuadKey must be {MAX_ZOOM} characters or less")
    if set(key) - set("0123"):
        raise invalid(f"Invalid QuadKey digit sequence: {key}")
    x = int("".join(str(int(digit) & 1) for digit in key), 2)
    y = int("".join(str(int(digit) >> 1) for digit in key), 2)
    return _held((x, y, len(key)))


def bing_tile_at(latitude: float, longitude: float, zoom: int) -> str:
    """Return the tile that holds a place."""
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    return _held(_at(latitude, longitude, zoom))


def bing_tiles_around(latitude: float, longitude: float, zoom: int) -> list[str]:
    """Return the tile that holds a place, and those around it."""
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    x, y, _ = _at(latitude, longitude, zoom)
    size = range(1 << zoom)
    return [
        _held((x + i, y + j, zoom))
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if x + i in size and y + j in size
    ]


def bing_tiles_within(latitude: float, longitude: float, zoom: int, radius: float) -> list[str]:
    """Return the tiles that cover a circle of a radius in kilometres."""
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    if radius < 0:
        raise invalid("Radius must be >= 0")
    if radius > 1000:
        raise invalid("Radius must be <= 1,000 km")
    angle = math.degrees(radius / EARTH_KM)
    north, south = min(latitude + angle, MAX_LATITUDE), max(latitude - angle, -MAX_LATITUDE)
    ratio = math.sin(radius / EARTH_KM) / max(math.cos(math.radians(latitude)), 1e-12)
    turn = math.degrees(math.asin(ratio)) if ratio < 1 else 180.0
    top, bottom = _at(north, longitude, zoom)[1], _at(south, longitude, zoom)[1]
    size = 1 << zoom
    x, y, _ = _at(latitude, longitude, zoom)
    left = math.floor((longitude - turn + 180) / 360 * size)
    right = math.floor((longitude + turn + 180) / 360 * size)
    width = min(right - left + 1, size)
    count = width * (bottom - top + 1)
    if count > MAX_TILES:
        raise invalid(
            "The number of tiles covering input rectangle exceeds the limit of 1M. Number of "
            f"tiles: {count}. Radius: {radius:.1f} km. Zoom level: {zoom}."
        )
    found = []
    for column in range(left, left + width):
        for line in range(top, bottom + 1):
            tile = (column % size, line, zoom)
            if column % size == x or line == y or _reaches(tile, latitude, longitude, radius):
                found.append(_held(tile))
    return found


def _reaches(tile: Tile, latitude: float, longitude: float, radius: float) -> bool:
    """Whether a corner of a tile lies within the radius."""
    x, y, zoom = tile
    corners = (_corner(x + i, y + j, zoom) for i in (0, 1) for j in (0, 1))
    return any(great_circle_distance(latitude, longitude, v, u) <= radius for u, v in corners)


def bing_tile_coordinates(text: str) -> dict[str, int]:
    """Return a tile's x and y."""
    x, y, _ = _tile(text)
    return {"f0": x, "f1": y}


def bing_tile_zoom_level(text: str) -> int:
    """Return a tile's zoom level."""
    return _tile(text)[2]


def bing_tile_quadkey(text: str) -> str:
    """Return a tile's quadkey."""
    x, y, zoom = _tile(text)
    digits = (str((y >> i & 1) * 2 + (x >> i & 1)) for i in range(zoom - 1, -1, -1))
    return "".join(digits)


def bing_tile_polygon(text: str) -> str:
    """Return a tile's outline."""
    return write(_box(_tile(text)))


def geometry_to_bing_tiles(text: str, zoom: int) -> list[str]:
    """Return the tiles that cover a geometry."""
    _check_zoom(zoom)
    shape = read(text)
    if shape.is_empty:
        return []
    west, south, east, north = shape.bounds
    for value, most, name in (
        (max(abs(south), abs(north)), MAX_LATITUDE, "Latitude"),
        (max(abs(west), abs(east)), 180.0, "Longitude"),
    ):
        if value > most:
            span = f"[{-most:.2f}, {most:.2f}]"
            raise invalid(f"{name} span for the geometry must be in {span} range")
    (left, top, _), (right, bottom, _) = _at(north, west, zoom), _at(south, east, zoom)
    if (right - left + 1) * (bottom - top + 1) > MAX_TILES:
        raise invalid(
            "The number of tiles covering input rectangle exceeds the limit of 1M. "
            f"Number of tiles: {(right - left + 1) * (bottom - top + 1)}."
        )
    tiles = ((x, y, zoom) for x in range(left, right + 1) for y in range(top, bottom + 1))
    return [_held(tile) for tile in tiles if _box(tile).intersects(shape)]


def _declare() -> None:
    place = "double, double, integer"
    scalar("bing_tile", "integer, integer, integer", "BingTile", python(bing_tile))
    scalar("bing_tile", "varchar", "BingTile", python(bing_tile_of_key))
    scalar("bing_tile_at", place, "BingTile", python(bing_tile_at))
    scalar("bing_tiles_around", place, "array(BingTile)", python(bing_tiles_around))
    within = python(bing_tiles_within)
    scalar("bing_tiles_around", f"{place}, double", "array(BingTile)", within)
    named = row(Field("x", INTEGER), Field("y", INTEGER))
    coordinates = python(bing_tile_coordinates)
    scalar("bing_tile_coordinates", "BingTile", lambda kinds: named, coordinates)
    scalar("bing_tile_zoom_level", "BingTile", "tinyint", python(bing_tile_zoom_level))
    scalar("bing_tile_quadkey", "BingTile", "varchar", python(bing_tile_quadkey))
    scalar("bing_tile_polygon", "BingTile", "Geometry", python(bing_tile_polygon))
    tiles = python(geometry_to_bing_tiles)
    scalar("geometry_to_bing_tiles", "Geometry, integer", "array(BingTile)", tiles)


_declare()
