"""Which function a call means: overloads, coercions and type variables.

Source: Trino's FunctionBinder, whose texts of errors these are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labcloud.trino import casts, tree
from labcloud.trino.conditionals import as_boolean
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.functions import patterns
from labcloud.trino.functions.patterns import Actual, Binder, Bindings, Pattern
from labcloud.trino.functions.registry import FUNCTIONS, Call, Signature
from labcloud.trino.lambdas import LambdaArgument
from labcloud.trino.types import (
    FUNCTION,
    UNKNOWN,
    Field,
    Type,
    is_comparable,
    is_orderable,
)

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis
    from labcloud.trino.scope import Scope

MAX_ARGUMENTS = 127
_BUILTIN = "system.builtin."


# ---- calls


def call(node: tree.FunctionCall, scope: Scope, analysis: Analysis) -> Expr:
    """Compile a call. Raises FUNCTION_NOT_FOUND, AMBIGUOUS_FUNCTION_CALL, MISSING_OVER, …."""
    name = node.name.removeprefix(_BUILTIN)
    if name == "format":  # takes values of any types
        from labcloud.trino.functions import format as formats

        return formats.format_call(node, scope, analysis)
    arguments = [
        LambdaArgument(one, scope, analysis)
        if isinstance(one, tree.Lambda)
        else analysis.expression(one, scope)
        for one in node.arguments
    ]
    found = resolve(name, arguments, node.at)
    kind = found.signature.kind
    _check_use(node, name, kind)
    made = _prepared(found, name, arguments, analysis, node.at)
    if kind != "scalar":
        _clauses(made, node, scope, analysis)
        _check_clauses(made, node)
    return _emitted(found, made)


def named(name: str, arguments: Sequence[Expr], analysis: Any, at: Position) -> Expr:
    """Return a call of a scalar function, such as `concat` for `||`."""
    found = resolve(name, arguments, at)
    return _emitted(found, _prepared(found, name, arguments, analysis, at))


def _prepared(
    found: Applicable,
    name: str,
    arguments: Sequence[Expr | LambdaArgument],
    analysis: Any,
    at: Position,
) -> Call:
    given = []
    for argument, formal, kind in zip(arguments, found.formals, found.kinds, strict=True):
        if isinstance(argument, LambdaArgument):
            parameters, result = found.binder.function(formal)
            given.append(argument.bound(parameters, result))
        else:
            assert kind is not None
            given.append(casts.coerce(argument, kind, analysis))
    return Call(
        name, given, found.result, at, analysis.udfs, analysis.session, exact=analysis.exact
    )


def _emitted(found: Applicable, made: Call) -> Expr:
    emit = found.signature.emit
    sql = emit.format(*(one.sql for one in made.args)) if isinstance(emit, str) else emit(made)
    if sql.startswith("CASE "):
        sql = f"({sql})"
    return Expr(sql, found.result)


def _clauses(made: Call, node: tree.FunctionCall, scope: Scope, analysis: Analysis) -> None:
    """Compile DISTINCT, ORDER BY, FILTER, IGNORE NULLS and OVER."""
    from labcloud.trino import ordering, windowing

    made.distinct = node.distinct
    if node.order_by:
        made.order_by = ordering.sort_keys(node.order_by, scope, analysis)
    if node.filter is not None:
        condition = analysis.expression(node.filter, scope)
        made.filter = as_boolean(condition, node.filter, "Filter expression").sql
    if node.nulls == "IGNORE":
        made.nulls = "IGNORE"
    if node.window is not None:
        made.window = windowing.over(node, scope, analysis)


def _check_use(node: tree.FunctionCall, name: str, kind: str) -> None:
    """Raise where a clause does not fit the kind of function."""
    if node.window is not None and kind == "scalar":
        raise TrinoError("FUNCTION_NOT_WINDOW", f"Not a window function: {name}", node.at)
    if node.window is None and kind == "window":
        message = f"Window function {_BUILTIN}{name} requires an OVER clause"
        raise TrinoError("MISSING_OVER", message, node.at)
    if kind != "scalar":
        return
    for used, message in (
        (node.distinct, "DISTINCT is not supported for non-aggregation functions"),
        (node.filter is not None, "Filter is only valid for aggregation functions"),
        (bool(node.order_by), "ORDER BY is only valid for aggregation functions"),
    ):
        if used:
            raise TrinoError("FUNCTION_NOT_AGGREGATE", message, node.at)


def _check_clauses(made: Call, node: tree.FunctionCall) -> None:
    if not made.distinct:
        return
    for one in made.args:
        if not is_comparable(one.type):
            message = f"DISTINCT can only be applied to comparable types (actual: {one.type})"
            raise TrinoError("TYPE_MISMATCH", message, node.at)


# ---- overloads


@dataclass(slots=True)
class Applicable:
    """A signature that fits, with its formal types as bound (None for lambdas)."""

    signature: Signature
    formals: list[Pattern]
    kinds: list[Type | None]
    result: Type
    binder: Binder

    @property
    def text(self) -> str:
        """The signature as bound, as Trino prints it."""
        shown = ["<function>" if kind is None else signature_text(kind) for kind in self.kinds]
        return f"({','.join(shown)}):{signature_text(self.result)}"


def resolve(name: str, arguments: Sequence[Expr | LambdaArgument], at: Position) -> Applicable:
    """Return the signature that is meant. Raises FUNCTION_NOT_FOUND, AMBIGUOUS_FUNCTION_CALL."""
    import labcloud.trino.functions  # noqa: F401  declares the functions

    candidates = FUNCTIONS.get(name)
    if candidates is None:
        raise TrinoError("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", at)
    if len(arguments) > MAX_ARGUMENTS:
        message = f"Too many arguments for function call {name}()"
        raise TrinoError("TOO_MANY_ARGUMENTS", message, at)
    actuals: list[Actual] = [
        one if isinstance(one, LambdaArgument) else one.type for one in arguments
    ]
    plain = [one for one in candidates if not _generic(one)]
    generic = [one for one in candidates if _generic(one)]
    for choice, coerces in ((plain, False), (generic, False), (candidates, True)):
        fitting = [found for one in choice if (found := _bind(one, actuals, coerces)) is not None]
        if fitting and coerces:
            fitting = _most_specific(fitting, actuals)
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise TrinoError("AMBIGUOUS_FUNCTION_CALL", _ambiguous(fitting), at)
    raise TrinoError("FUNCTION_NOT_FOUND", _unexpected(name, actuals, candidates), at)


def _generic(signature: Signature) -> bool:
    return bool(_constraints(signature))


def _constraints(signature: Signature) -> list[str]:
    """Return the type variables with what is asked of them."""
    if signature.where:
        return signature.where.split(", ")
    found = [name for one in signature.args for name in patterns.variables(patterns.parse(one))]
    return list(dict.fromkeys(found))


def _formals(signature: Signature, count: int) -> list[Pattern] | None:
    """Return the patterns of so many arguments, or None where it does not take as many."""
    formals = [patterns.parse(one) for one in signature.args]
    if signature.variadic:
        if count < len(formals) - 1:
            return None
        return formals[:-1] + formals[-1:] * (count - len(formals) + 1)
    return formals if len(formals) == count else None


def _bind(signature: Signature, actuals: Sequence[Actual], coerces: bool) -> Applicable | None:
    formals = _formals(signature, len(actuals))
    if formals is None:
        return None
    binder = Binder(formals, actuals, coerces)
    kinds = binder.solve()
    if kinds is None or not _allowed(signature, binder.bound):
        return None
    result = _result(signature, kinds, binder.bound)
    return None if result is None else Applicable(signature, formals, kinds, result, binder)


def _allowed(signature: Signature, bound: Bindings) -> bool:
    for one in _constraints(signature):
        name, _, asked = one.partition(":")
        kind = bound.types.get(name)
        if kind is None or not asked or kind == UNKNOWN:
            continue
        if not (is_orderable(kind) if asked == "orderable" else is_comparable(kind)):
            return False
    return True


def _result(signature: Signature, kinds: list[Type | None], bound: Bindings) -> Type | None:
    if isinstance(signature.result, str):
        return bound.substitute(patterns.parse(signature.result))
    return signature.result([kind or FUNCTION for kind in kinds])


def _most_specific(fitting: list[Applicable], actuals: Sequence[Actual]) -> list[Applicable]:
    """Return those of the signatures to which no other is preferred."""
    chosen: list[Applicable] = []
    for current in fitting:
        for number, other in enumerate(chosen):
            narrower = _narrower(current, other, actuals)
            if narrower:
                chosen[number] = current
            if narrower or _narrower(other, current, actuals):
                break
        else:
            chosen.append(current)
    if len(chosen) == 1 or UNKNOWN not in actuals:
        return chosen
    if any(isinstance(one, LambdaArgument) for one in actuals):
        return chosen
    for_null = [one for one in fitting if _only_nulls_change(one, actuals)]
    chosen = for_null or chosen
    if len({one.result for one in chosen}) == 1:
        return [max(chosen, key=lambda one: one.text)]
    return chosen


def _narrower(one: Applicable, other: Applicable, actuals: Sequence[Actual]) -> bool:
    """Return whether the types that `one` takes would do for the signature of `other`."""
    given = [
        actual if kind is None else kind for kind, actual in zip(one.kinds, actuals, strict=True)
    ]
    return _bind(other.signature, given, coerces=True) is not None


def _only_nulls_change(one: Applicable, actuals: Sequence[Actual]) -> bool:
    return all(actual in (UNKNOWN, kind) for kind, actual in zip(one.kinds, actuals, strict=True))


# ---- texts


def signature_text(kind: Type) -> str:
    """Return a type as signatures print it: no blank behind a comma."""
    if kind.base in ("array", "map"):
        inside = ",".join(signature_text(arg) for arg in kind.args if isinstance(arg, Type))
        return f"{kind.base}({inside})"
    if kind.base == "row":
        inside = ",".join(_field_text(one) for one in kind.fields)
        return f"row({inside})"
    return kind.text


def _field_text(one: Field) -> str:
    text = signature_text(one.type)
    if one.name is None:
        return text
    return f'"{one.name.replace(chr(34), chr(34) * 2)}" {text}'


def _ambiguous(fitting: list[Applicable]) -> str:
    candidates = "".join(f"\t * {text}\n" for text in sorted(one.text for one in fitting))
    return (
        "Could not choose a best candidate operator. Explicit type casts must be added.\n"
        f"Candidates are:\n{candidates}"
    )


def _unexpected(name: str, actuals: Sequence[Actual], candidates: list[Signature]) -> str:
    given = ", ".join(
        "<function>" if isinstance(one, LambdaArgument) else signature_text(one) for one in actuals
    )
    expected = ", ".join(sorted(_declared(one) for one in candidates))
    return f"Unexpected parameters ({given}) for function {name}. Expected: {expected}"


def _declared(signature: Signature) -> str:
    """Return a signature as Trino prints it where none fits."""
    shown = signature.shown if signature.shown is not None else ", ".join(signature.args)
    arguments = re.sub(r",\s*(?=[^()]*\))", ",", shown).lower()
    constraints = ", ".join(_constraints(signature))
    return f"{signature.name}({arguments}) {constraints}".rstrip()
