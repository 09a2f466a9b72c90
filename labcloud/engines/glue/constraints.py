"""What botocore's model asks of a request beyond types: lengths, ranges, enumerations, patterns.

AWS Glue refuses with ValidationException, in the words that all of AWS's Java services use:
"1 validation error detected: Value '…' at 'maxResults' failed to satisfy constraint: Member must
have value less than or equal to 1000".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any, TypeVar

import boto3
from moto.core.model import ListShape, MapShape, Shape, StructureShape

from labcloud.engine import REGION, Context, method_name
from labcloud.errors import AWSError
from labcloud.services import model_of, operation_model, operations

Kind = TypeVar("Kind", bound=type)
_Found = Iterator[tuple[Any, str, str]]
_Check = Callable[[Any, str], _Found]
_Rules = list[tuple[Callable[[Any], bool], str]]

_LINE = "\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF"
"""How the model writes "any character"; a printable text needs no further look."""


def checked(kind: Kind) -> Kind:
    """Let every operation of an engine check its request first. A decorator for the class."""
    for operation in operations("glue"):
        name = method_name(operation)
        method = getattr(kind, name, None)
        if method is not None:
            setattr(kind, name, _checking(operation, method))
    return kind


def _checking(operation: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def run(self: Any, request: dict[str, Any], context: Context) -> Any:
        check_region(context.region)
        check(operation, request)
        return method(self, request, context)

    return run


def check_region(region: str) -> None:
    """Raise `InvalidRegion` for a name that no Region of AWS Glue has."""
    if region != REGION and region not in _regions():
        raise AWSError("InvalidRegion", f"There is no AWS Region named '{region}'.")


@cache
def _regions() -> frozenset[str]:
    session = boto3.session.Session()
    names = (
        session.get_available_regions("glue", one) for one in session.get_available_partitions()
    )
    return frozenset(name for some in names for name in some)


def check(operation: str, request: dict[str, Any]) -> None:
    """Raise ValidationException where a request breaks its model's constraints."""
    shape = operation_model("glue", operation).input_shape
    if shape is None or (checker := _checker(shape.name)) is None:
        return
    found = list(checker(request, ""))
    if not found:
        return
    sentences = "; ".join(
        f"Value '{_shown(value)}' at '{path}' failed to satisfy constraint: {rule}"
        for value, path, rule in found
    )
    plural = "s" if len(found) > 1 else ""
    raise AWSError(
        "ValidationException", f"{len(found)} validation error{plural} detected: {sentences}"
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(str(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={item}" for name, item in value.items()) + "}"
    return str(value)


@cache
def _checker(shape_name: str) -> _Check | None:
    """Return what checks values of a shape; None where nothing can be wrong with them."""
    return _make(model_of("glue").shape_for(shape_name), frozenset())


def _make(shape: Shape, seen: frozenset[str]) -> _Check | None:
    if shape.name in seen:
        return lambda value, path: _late(shape.name, value, path)
    inner = seen | {shape.name}
    if isinstance(shape, StructureShape):
        return _structure(shape, inner)
    if isinstance(shape, ListShape):
        return _list(shape, _make(shape.member, inner))
    if isinstance(shape, MapShape):
        return _map(shape, _make(shape.key, inner), _make(shape.value, inner))
    if shape.type_name == "string":
        return _string(shape)
    if shape.type_name in ("integer", "long", "double", "float"):
        return _number(shape)
    return None


def _late(shape_name: str, value: Any, path: str) -> _Found:
    checker = _checker(shape_name)
    if checker is not None:
        yield from checker(value, path)


def _structure(shape: StructureShape, seen: frozenset[str]) -> _Check | None:
    made = {name: _make(member, seen) for name, member in shape.members.items()}
    checks = {name: check for name, check in made.items() if check is not None}
    if not checks:
        return None

    def run(value: Any, path: str) -> _Found:
        for name, item in value.items():
            if item is not None and (check := checks.get(name)) is not None:
                yield from check(item, f"{path}.{_lower(name)}" if path else _lower(name))

    return run


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _list(shape: ListShape, check: _Check | None) -> _Check | None:
    sizes = _sizes(shape, "length")
    if check is None and not sizes:
        return None
    simple = not isinstance(shape.member, (StructureShape, ListShape, MapShape))

    def run(value: Any, path: str) -> _Found:
        yield from _broken(sizes, len(value), value, path)
        for number, item in enumerate(value, 1):
            for found, where, rule in _of(check, item, f"{path}.{number}.member"):
                if simple:
                    yield value, path, f"Member must satisfy constraint: [{rule}]"
                    return
                yield found, where, rule

    return run


def _map(shape: MapShape, key: _Check | None, value: _Check | None) -> _Check | None:
    sizes = _sizes(shape, "length")
    if key is None and value is None and not sizes:
        return None
    simple = not isinstance(shape.value, (StructureShape, ListShape, MapShape))

    def run(given: Any, path: str) -> _Found:
        yield from _broken(sizes, len(given), given, path)
        for name, item in given.items():
            for _, _, rule in _of(key, name, path):
                yield given, path, f"Map keys must satisfy constraint: [{rule}]"
                return
            for found, where, rule in _of(value, item, f"{path}.{name}.member"):
                if simple:
                    yield given, path, f"Map value must satisfy constraint: [{rule}]"
                    return
                yield found, where, rule

    return run


def _of(check: _Check | None, value: Any, path: str) -> _Found:
    if check is not None and value is not None:
        yield from check(value, path)


def _broken(rules: _Rules, size: Any, value: Any, path: str) -> _Found:
    for broken, rule in rules:
        if broken(size):
            yield value, path, rule


def _sizes(shape: Shape, what: str) -> _Rules:
    rules: _Rules = []
    if (least := shape.metadata.get("min")) is not None:
        rules.append(
            (
                lambda size: size < least,
                f"Member must have {what} greater than or equal to {least}",
            )
        )
    if (most := shape.metadata.get("max")) is not None:
        rules.append(
            (lambda size: size > most, f"Member must have {what} less than or equal to {most}")
        )
    return rules


def _number(shape: Shape) -> _Check | None:
    rules = _sizes(shape, "value")
    if not rules:
        return None

    def run(value: Any, path: str) -> _Found:
        yield from _broken(rules, value, value, path)

    return run


def _string(shape: Shape) -> _Check | None:
    allowed = shape.metadata.get("enum")
    if allowed:
        rule = f"Member must satisfy enum value set: [{', '.join(allowed)}]"

        def run_enum(value: Any, path: str) -> _Found:
            if value not in allowed:
                yield value, path, rule

        return run_enum
    rules = _sizes(shape, "length")
    pattern = shape.metadata.get("pattern")
    any_character = pattern is not None and _LINE in pattern
    fits = _compiled(pattern) if pattern else None
    if not rules and fits is None:
        return None

    def run(value: Any, path: str) -> _Found:
        yield from _broken(rules, len(value), value, path)
        if fits is None or (any_character and value.isprintable()) or fits.fullmatch(value):
            return
        yield value, path, f"Member must satisfy regular expression pattern: {pattern}"

    return run


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""Compile Java's notation; its surrogate pairs stand for characters beyond \uFFFF."""
    python = pattern.replace("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\U00010000-\\U0010FFFF")
    return re.compile(python.replace(r"\p{L}\p{N}\p{P}", r"\S"))
