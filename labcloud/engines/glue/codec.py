"""How entities are kept: as JSON text in the form that goes over the wire, times in seconds.

So a page of partitions over HTTP is stored texts put side by side, and a call in process gets
datetimes where botocore's model has timestamps.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from moto.core.model import ListShape, MapShape, Shape, StructureShape

from labcloud.engine import Context
from labcloud.services import model_of

Times = Any
"""Where a shape has timestamps or blobs: True for one, a dict by member, a list or map around."""


def _wire(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} does not go over the wire")


_encode = json.JSONEncoder(separators=(",", ":"), default=_wire).encode


def encode(value: Any) -> str:
    """Return a value as it goes over the wire."""
    return _encode(value)


def now() -> float:
    """Return the cloud's time as stored entities hold it."""
    return round(datetime.now(UTC).timestamp(), 3)


def moment(seconds: float) -> datetime:
    """Return a stored time as boto3 gives it."""
    return datetime.fromtimestamp(seconds, UTC)


@cache
def _times(shape_name: str) -> Times:
    shape = model_of("glue").shape_for(shape_name)
    return _find(shape, ())


def _find(shape: Shape, seen: tuple[str, ...]) -> Times:
    if shape.type_name == "timestamp":
        return "time"
    if shape.type_name == "blob":
        return "blob"
    if shape.name in seen:
        return None
    seen = (*seen, shape.name)
    if isinstance(shape, StructureShape):
        members = {name: _find(member, seen) for name, member in shape.members.items()}
        return {name: found for name, found in members.items() if found} or None
    if isinstance(shape, ListShape):
        return [inner] if (inner := _find(shape.member, seen)) else None
    if isinstance(shape, MapShape):
        return (inner,) if (inner := _find(shape.value, seen)) else None
    return None


def _restore(value: Any, times: Times) -> Any:
    if times is None or value is None:
        return value
    if times == "time":
        return moment(value)
    if times == "blob":
        return base64.b64decode(value)
    if isinstance(times, list):
        return [_restore(item, times[0]) for item in value]
    if isinstance(times, tuple):
        return {key: _restore(item, times[0]) for key, item in value.items()}
    for name, inner in times.items():
        if name in value:
            value[name] = _restore(value[name], inner)
    return value


def plain(text: str) -> dict[str, Any]:
    """Return a stored entity with its times as seconds, as it is changed and kept again."""
    value: dict[str, Any] = json.loads(text)
    return value


def restore(value: dict[str, Any], shape: str) -> dict[str, Any]:
    """Give a stored entity the datetimes that its shape in botocore's model has; in place."""
    restored: dict[str, Any] = _restore(value, _times(shape))
    return restored


def decode(text: str, shape: str) -> dict[str, Any]:
    """Return a stored entity as boto3 gives it; `shape` is its name in botocore's model."""
    return restore(plain(text), shape)


def listing(
    context: Context, member: str, shape: str, texts: Iterable[str], **others: Any
) -> dict[str, Any]:
    """Return a response with a list of stored entities, and its other members.

    Over HTTP the texts go out as they are kept; in process they become dicts.
    """
    others = {name: value for name, value in others.items() if value is not None}
    if "x-amz-target" not in context.headers:
        return {member: [decode(text, shape) for text in texts], **others}
    rest = "".join(f",{encode(name)}:{encode(value)}" for name, value in others.items())
    body = f'{{"{member}":[{",".join(texts)}]{rest}}}'
    return {"ResponseMetadata": {"HTTPBody": body.encode()}}
