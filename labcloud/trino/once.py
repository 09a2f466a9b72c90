"""SQL in which an expression that is needed several times is written, and evaluated, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from zlib import crc32

from labcloud.trino.expr import Expr

_SIMPLE = re.compile(
    r"""\(?(
        "?\w+"?(\."?\w+"?)*                   # a column, a lambda's parameter
        | -?\d+ | CAST\(-?\d+\ AS\ \w+\)
        | (DATE\ |TIMESTAMP\ )?'[^']{0,60}'
    )\)?""",
    re.VERBOSE,
)


def once(sqls: Sequence[str], build: Callable[..., str]) -> str:
    """Return what `build` makes of names for expressions, so that nested calls add up only.

    Columns and literals stand for themselves. Where `build` repeats a name, a lambda binds the
    others; what is in its list DuckDB evaluates once. A lambda's body may hold no subquery,
    aggregate or window function, so nothing is written into one.
    """
    bound: dict[str, str] = {}
    names = []
    for sql in sqls:
        name = sql if _SIMPLE.fullmatch(sql) else f"v{crc32(sql.encode()):08x}_"
        names.append(name)
        if name != sql:
            bound[name] = sql
    body = build(*names)
    if not bound:
        return body
    if "lambda" not in body and all(body.count(name) <= 1 for name in bound):
        for name, sql in bound.items():
            body = body.replace(name, sql)
        return body
    if len(bound) == 1:
        [(name, sql)] = bound.items()
        return f"list_transform([{sql}], lambda {name}: {body})[1]"
    row = f"r{crc32(body.encode()):08x}_"
    for name in bound:
        body = body.replace(name, f"{row}.{name}")
    fields = ", ".join(f"'{name}': {sql}" for name, sql in bound.items())
    return f"list_transform([{{{fields}}}], lambda {row}: {body})[1]"


def bind(args: Sequence[Expr], build: Callable[[list[Expr]], str]) -> str:
    """Return what `build` makes of expressions that may be repeated freely; see `once`."""

    def named(*names: str) -> str:
        return build([replace(arg, sql=name) for arg, name in zip(args, names, strict=True)])

    return once([arg.sql for arg in args], named)
