"""Types with variables, as signatures have them, and how they bind to the types of arguments.

Source: Trino's SignatureBinder.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from labcloud.trino.errors import TrinoError
from labcloud.trino.functions.emit import UNBOUNDED, bounded
from labcloud.trino.functions.registry import split
from labcloud.trino.lambdas import LambdaArgument
from labcloud.trino.types import (
    UNKNOWN,
    VARCHAR,
    Type,
    can_coerce,
    common_super_type,
    row,
)

ROUNDS = 4
"""How often Trino's solver goes over the arguments before it gives up."""
Actual = Type | LambdaArgument

_SMALLEST: dict[str, tuple[int, ...]] = {"decimal": (1, 0)}
_SPELLED = {
    name.lower(): name
    for name in ("HyperLogLog", "P4HyperLogLog", "Geometry", "SphericalGeography")
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A type in a signature.

    `args` holds numbers, names of numbers (varchar(x)), or patterns. `fixed` is the type that a
    pattern without variables is.
    """

    base: str
    args: tuple[int | str | Pattern, ...] = ()
    variable: bool = False
    fixed: Type | None = None

    @property
    def numbers(self) -> bool:
        """Whether the pattern names a type's length or digits."""
        return any(isinstance(arg, str) for arg in self.args)

    @property
    def inside(self) -> tuple[Pattern, ...]:
        """The patterns of the types inside."""
        return tuple(arg for arg in self.args if isinstance(arg, Pattern))


@functools.cache
def parse(text: str) -> Pattern:
    """Read a type in a signature's notation."""
    text = text.strip()
    if re.fullmatch("[A-Z]", text):
        return Pattern(text, variable=True)
    head, bracket, rest = text.partition("(")
    if not bracket:
        return _fixed(Pattern(_SPELLED.get(text.lower(), text)))
    inside, _, tail = rest.rpartition(")")
    args = tuple(_argument(part) for part in split(inside))
    return _fixed(Pattern(head.strip() + tail, args))


def _argument(text: str) -> int | str | Pattern:
    if text.isdigit():
        return int(text)
    return text if re.fullmatch("[a-z]", text) else parse(text)


def _fixed(pattern: Pattern) -> Pattern:
    if pattern.numbers or pattern.base == "function":
        return pattern
    if any(inner.fixed is None for inner in pattern.inside):
        return pattern
    kind = Bindings().substitute(pattern)
    return Pattern(pattern.base, pattern.args, fixed=kind)


def variables(pattern: Pattern) -> list[str]:
    """Return the names of a pattern's type variables, in order."""
    if pattern.variable:
        return [pattern.base]
    return [name for inner in pattern.inside for name in variables(inner)]


class Mismatch(Exception):
    """An argument's type does not fit."""


@dataclass(slots=True)
class Bindings:
    """What a signature's variables stand for."""

    types: dict[str, Type] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def substitute(self, pattern: Pattern) -> Type | None:
        """Return the type of a pattern; None while a variable in it is unbound."""
        if pattern.fixed is not None:
            return pattern.fixed
        if pattern.variable:
            return self.types.get(pattern.base)
        if pattern.base == "row":
            kinds = [self.substitute(inner) for inner in pattern.inside]
            return None if None in kinds else row(*(kind for kind in kinds if kind))
        args: list[int | Type] = []
        for arg in pattern.args:
            found = (
                arg
                if isinstance(arg, int)
                else self.numbers.get(arg)
                if isinstance(arg, str)
                else self.substitute(arg)
            )
            if found is None:
                return None
            args.append(found)
        if pattern.base == "varchar" and args and isinstance(args[0], int):
            return bounded(args[0])
        return Type(pattern.base, tuple(args))


@dataclass(slots=True)
class Binder:
    """Binds the patterns of a signature to actual types, exactly or by coercion."""

    formals: Sequence[Pattern]
    actuals: Sequence[Actual]
    coerces: bool
    bound: Bindings = field(default_factory=Bindings)

    def solve(self) -> list[Type | None] | None:
        """Return the formal types as bound, None for functions; None where they do not fit."""
        try:
            self._iterate()
            return [
                self._settled(formal, actual)
                for formal, actual in zip(self.formals, self.actuals, strict=True)
            ]
        except Mismatch:
            return None

    def _iterate(self) -> None:
        for _ in range(ROUNDS):
            before = dict(self.bound.types), dict(self.bound.numbers)
            for formal, actual in zip(self.formals, self.actuals, strict=True):
                self._unify(formal, actual)
            if before == (self.bound.types, self.bound.numbers):
                return
        message = f"SignatureBinder.iterativeSolve does not converge after {ROUNDS} iterations"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)

    def _settled(self, formal: Pattern, actual: Actual) -> Type | None:
        if isinstance(actual, LambdaArgument):
            kinds, result = self.function(formal)
            self._check(actual.body(kinds).type, result)
            return None
        kind = self.bound.substitute(formal)
        if kind is None:
            raise Mismatch
        self._check(actual, kind)
        return kind

    def _check(self, actual: Type, wanted: Type) -> None:
        if actual != wanted and not (self.coerces and can_coerce(actual, wanted)):
            raise Mismatch

    def function(self, formal: Pattern) -> tuple[list[Type], Type]:
        """Return the types of a function's parameters and of its result, as bound."""
        kinds = [self.bound.substitute(inner) for inner in formal.inside]
        if None in kinds:
            raise Mismatch
        *parameters, result = [kind for kind in kinds if kind is not None]
        return parameters, result

    def _unify(self, formal: Pattern, actual: Actual) -> None:
        if isinstance(actual, LambdaArgument):
            self._unify_lambda(formal, actual)
        elif formal.base == "function":
            raise Mismatch
        elif formal.variable:
            self._bind_type(formal.base, actual)
        elif formal.fixed is not None:
            self._check(actual, formal.fixed)
        elif formal.numbers:
            self._bind_numbers(formal, actual)
        else:
            self._unify_inside(formal, actual)

    def _unify_lambda(self, formal: Pattern, actual: LambdaArgument) -> None:
        if formal.base != "function":
            raise Mismatch
        *parameters, result = formal.inside
        kinds = [self.bound.substitute(inner) for inner in parameters]
        if None not in kinds:
            self._unify(result, actual.body([kind for kind in kinds if kind is not None]).type)

    def _bind_type(self, name: str, actual: Type) -> None:
        known = self.bound.types.get(name)
        if known is None or known == actual:
            self.bound.types[name] = actual
            return
        common = common_super_type(known, actual) if self.coerces else None
        if common is None:
            raise Mismatch
        self.bound.types[name] = common

    def _bind_numbers(self, formal: Pattern, actual: Type) -> None:
        kind: Type | None = actual
        if actual.base != formal.base:
            smallest = Type(formal.base, _SMALLEST.get(formal.base, (0,)))
            kind = common_super_type(actual, smallest) if self.coerces else None
        if kind is None or kind.base != formal.base:
            raise Mismatch
        known = self.bound.substitute(formal)
        if known is not None and self.coerces:
            kind = common_super_type(known, kind)
            assert kind is not None
        args = (UNBOUNDED,) if kind == VARCHAR else kind.args
        for name, number in zip(formal.args, args, strict=True):
            assert isinstance(number, int)
            if isinstance(name, int):
                continue
            assert isinstance(name, str)
            if not self.coerces and self.bound.numbers.get(name, number) != number:
                raise Mismatch
            self.bound.numbers[name] = number

    def _unify_inside(self, formal: Pattern, actual: Type) -> None:
        if actual == UNKNOWN and self.coerces:
            for inner in formal.inside:
                self._unify(inner, UNKNOWN)
            return
        kinds = [
            arg if isinstance(arg, Type) else arg.type
            for arg in actual.args
            if not isinstance(arg, int)
        ]
        if actual.base != formal.base or len(kinds) != len(formal.inside):
            raise Mismatch
        for inner, kind in zip(formal.inside, kinds, strict=True):
            self._unify(inner, kind)
