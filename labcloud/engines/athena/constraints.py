"""What the API's model allows a member to be: lengths, ranges, patterns, enumerations.

Source: botocore's model of Amazon Athena; the sentences were measured on the service (errors.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from labcloud.engines.athena.errors import invalid
from labcloud.services import operation_model


def check(operation: str, request: dict[str, Any]) -> None:
    """Raise InvalidRequestException where a member of a request breaks its constraints."""
    shape = operation_model("athena", operation).input_shape
    if shape is None:
        return
    found = list(_violations(shape, request, ""))
    if found:
        errors = "errors" if len(found) > 1 else "error"
        raise invalid(f"{len(found)} validation {errors} detected: {'; '.join(found)}")


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            inner = f"{path}.{_camel(name)}" if path else _camel(name)
            yield from _violations(member, value.get(name), inner)
        return
    if shape.type_name == "list":
        for number, item in enumerate(value, 1):
            yield from _violations(shape.member, item, f"{path}.{number}.member")
    for rule in _broken(shape, value):
        yield f"Value at '{path}' failed to satisfy constraint: {rule}"


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


_UPPER = {"MaxQueryResults": 100_000}
"""Upper limits that the service itself states in other words than the model's."""


def _broken(shape: Any, value: Any) -> Iterator[str]:
    rules = shape.metadata
    least, most = rules.get("min"), _UPPER.get(shape.name, rules.get("max"))
    size, what = _size(shape, value)
    if least is not None and size < least:
        yield f"Member must have {what} greater than or equal to {least}"
    if most is not None and size > most:
        yield f"Member must have {what} less than or equal to {most}"
    if shape.type_name != "string":
        return
    if "enum" in rules and value not in rules["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"
    if "pattern" in rules and not _pattern(rules["pattern"]).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {rules['pattern']}"


def _size(shape: Any, value: Any) -> tuple[int, str]:
    if shape.type_name in ("integer", "long"):
        return int(value), "value"
    return (len(value) if isinstance(value, str | list) else 0), "length"


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern of the model; surrogate pairs in its classes are whole characters here."""
    return re.compile(text.replace(r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff"))
