"""Signatures' types: patterns with variables, bound to the types of arguments.

Source: Trino's SignatureBinder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from labcloud.trino.functions.registry import Signature, split
from labcloud.trino.types import (
    Field,
    Type,
    can_coerce,
    common_super_type,
    is_comparable,
    is_orderable,
    widened,
)

_VARIABLE = re.compile(r"[A-Z]\d?")
_PARTS = re.compile(r"([A-Za-z][\w ]*?)\s*\((.*)\)\s*(with time zone)?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A type in a signature: a variable, or a base with patterns, numbers or names of numbers."""

    base: str
    args: tuple[Pattern | int | str, ...] = ()
    variable: bool = False


@lru_cache(maxsize=4096)
def pattern(text: str) -> Pattern:
    """Return the pattern that a signature's text means: `array(E)`, `decimal(p,s)`."""
    text = text.strip()
    if _VARIABLE.fullmatch(text):
        return Pattern(text, variable=True)
    match = _PARTS.fullmatch(text)
    if match is None:
        return Pattern(text)
    base, inside, zone = match.groups()
    if zone:
        base = f"{base} {zone}"
    return Pattern(base, tuple(_argument(base, part) for part in split(inside)))


def _argument(base: str, text: str) -> Pattern | int | str:
    if text.isdigit():
        return int(text)
    if base in ("array", "map", "function", "row", "qdigest"):
        return pattern(text)
    return text


@dataclass(slots=True)
class Binding:
    """What variables stand for: types, and lengths or digits."""

    types: dict[str, Type] = field(default_factory=dict)
    numbers: dict[str, int | None] = field(default_factory=dict)


def bind(wanted: Pattern, given: Type, binding: Binding, coerce: bool) -> bool:
    """Bind the variables of a pattern to a type; return whether it fits.

    `coerce` lets arguments become wider types.
    """
    if wanted.variable:
        return _bind_variable(wanted.base, given, binding, coerce)
    if given.base == "unknown":
        return coerce
    if wanted.base != given.base:
        if not coerce or wanted.base in ("array", "map", "row", "function"):
            return False
        wider = widened(given, Type(wanted.base))
        if wider is None:
            return _coerces_plainly(given, wanted)
        if wanted.args and not wider.args:
            return False
        given = wider if wanted.args else Type(wanted.base)
    return _bind_arguments(wanted, given, binding, coerce)


def _coerces_plainly(given: Type, wanted: Pattern) -> bool:
    return not wanted.args and can_coerce(given, Type(wanted.base))


def _bind_variable(name: str, given: Type, binding: Binding, coerce: bool) -> bool:
    known = binding.types.get(name)
    if known is None or known == given:
        binding.types[name] = given
        return True
    if not coerce:
        return False
    common = common_super_type(known, given)
    if common is None:
        return False
    binding.types[name] = common
    return True


def _bind_arguments(wanted: Pattern, given: Type, binding: Binding, coerce: bool) -> bool:
    if not wanted.args:
        # A base alone takes any length of it: "varchar" takes varchar(3) by coercion.
        return not given.args or coerce or wanted.base in ("timestamp", "time")
    if wanted.base in ("array", "map", "qdigest"):
        return len(wanted.args) == len(given.args) and all(
            isinstance(p, Pattern) and isinstance(t, Type) and bind(p, t, binding, coerce)
            for p, t in zip(wanted.args, given.args, strict=True)
        )
    if wanted.base == "row":
        return len(wanted.args) == len(given.fields) and all(
            isinstance(p, Pattern) and bind(p, f.type, binding, coerce)
            for p, f in zip(wanted.args, given.fields, strict=True)
        )
    return _bind_numbers(wanted, given, binding, coerce)


def _bind_numbers(wanted: Pattern, given: Type, binding: Binding, coerce: bool) -> bool:
    numbers = list(given.args) if given.args else [None] * len(wanted.args)
    if len(numbers) != len(wanted.args):
        return False
    for name, value in zip(wanted.args, numbers, strict=True):
        number = value if isinstance(value, int) else None
        if isinstance(name, int):
            if number != name and not (coerce and number is not None and number <= name):
                return False
            continue
        assert isinstance(name, str)
        if name in binding.numbers and binding.numbers[name] != number:
            if not coerce:
                return False
            known = binding.numbers[name]
            number = None if known is None or number is None else max(known, number)
        binding.numbers[name] = number
    return True


def bound(wanted: Pattern, binding: Binding) -> Type | None:
    """Return the type that a pattern is once its variables are bound; None while one is free."""
    if wanted.variable:
        return binding.types.get(wanted.base)
    if wanted.base in ("array", "map", "qdigest"):
        inner = [bound(p, binding) for p in wanted.args if isinstance(p, Pattern)]
        if any(kind is None for kind in inner):
            return None
        return Type(wanted.base, tuple(kind for kind in inner if kind is not None))
    if wanted.base == "row":
        fields = [bound(p, binding) for p in wanted.args if isinstance(p, Pattern)]
        if any(kind is None for kind in fields):
            return None
        return Type("row", tuple(Field(None, kind) for kind in fields if kind is not None))
    numbers = [n if isinstance(n, int) else binding.numbers.get(str(n), 0) for n in wanted.args]
    if wanted.base == "decimal" and numbers == [0, 0]:
        return Type("decimal", (1, 0))
    if any(number is None for number in numbers):
        return Type(wanted.base)  # an unbounded varchar
    return Type(wanted.base, tuple(number for number in numbers if number is not None))


def constrained(signature: Signature, binding: Binding) -> bool:
    """Return whether the types bound are comparable or orderable where the signature asks it."""
    for part in signature.where.split(","):
        name, _, wanted = part.strip().partition(":")
        kind = binding.types.get(name)
        if kind is None or kind.base == "unknown":
            continue
        if wanted == "comparable" and not is_comparable(kind):
            return False
        if wanted == "orderable" and not is_orderable(kind):
            return False
    return True


def shown(signature: Signature) -> str:
    """Return a signature as Trino prints it: `cardinality(map(k,v)) K, V`."""
    arguments = signature.shown if signature.shown is not None else ", ".join(signature.args)
    variables = signature.where or ", ".join(
        dict.fromkeys(
            name for argument in signature.args for name in re.findall(r"\b[A-Z]\d?\b", argument)
        )
    )
    text = f"{signature.name}({arguments.lower()})"
    return f"{text} {variables}" if variables else text
