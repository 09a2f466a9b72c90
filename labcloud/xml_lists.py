"""Long lists in rest-xml answers, rendered straight to text.

moto's serializer builds a tree and then its text, 75 µs an entry. A page of a listing has a
thousand, so its flattened lists are rendered here, in a tenth of the time, and put into the
answer that moto makes of the rest.
https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from moto.core.model import ListShape, OperationModel, Shape, StructureShape


def take_lists(operation: OperationModel, result: dict[str, Any]) -> str:
    """Take the flattened lists of structures out of a result and return them as XML elements."""
    shape = operation.output_shape
    if not isinstance(shape, StructureShape):
        return ""
    parts: list[str] = []
    for name, member in shape.members.items():
        if isinstance(member, ListShape) and member.is_flattened and name in result:
            parts += _items(member, name, result.pop(name))
    return "".join(parts)


def put_lists(body: str, lists: str) -> str:
    """Put rendered lists at the end of an XML document's root element."""
    if not lists:
        return body
    if body.endswith("/>"):
        root = body.rpartition("<")[2].split(None, 1)[0].rstrip("/>")
        return f"{body[:-2]}>{lists}</{root}>"
    end = body.rindex("</")
    return body[:end] + lists + body[end:]


def _items(shape: ListShape, name: str, items: Iterable[Any]) -> list[str]:
    named = shape if shape.is_flattened else shape.member
    tag = named.serialization.get("name", name if shape.is_flattened else "member")
    return [f"<{tag}>{_content(shape.member, item)}</{tag}>" for item in items]


def _content(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return "".join(
            _member(member, name, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return escape(str(value))


def _member(shape: Shape, name: str, value: Any) -> str:
    inner = (
        "".join(_items(shape, name, value))
        if isinstance(shape, ListShape)
        else _content(shape, value)
    )
    if isinstance(shape, ListShape) and shape.is_flattened:
        return inner
    tag = shape.serialization.get("name", name)
    return f"<{tag}>{inner}</{tag}>"
