"""An expression that has been typed: DuckDB's SQL for it, and what Trino says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labcloud.trino.types import Type


class _NotConstant:
    def __repr__(self) -> str:
        return "NOT_CONSTANT"


NOT_CONSTANT = _NotConstant()


@dataclass(frozen=True, slots=True)
class LambdaBody:
    """A compiled lambda: names of its parameters in DuckDB's SQL, its body, its result's type."""

    parameters: tuple[str, ...]
    body: str
    result: Type

    @property
    def sql(self) -> str:
        """The lambda as DuckDB writes it."""
        return f"lambda {', '.join(self.parameters)}: {self.body}"


@dataclass(frozen=True, slots=True)
class Expr:
    """A typed expression.

    `sql` stands alone: it is a literal, a name, a call, or in brackets. `value` is the Python value
    of a literal that is known before the query runs (str, int, Decimal, float, bool, bytes, None).
    `raw` is the same value in a narrower decimal of DuckDB's own choice, of so many `digits`:
    faster to reckon with.
    """

    sql: str
    type: Type
    value: Any = NOT_CONSTANT
    lambda_: LambdaBody | None = None
    raw: str | None = None
    digits: int = 0

    @property
    def narrow(self) -> str:
        """The SQL for further decimal arithmetic: `raw` where there is one."""
        return self.raw or self.sql

    @property
    def constant(self) -> bool:
        """Whether the value is known before the query runs."""
        return self.value is not NOT_CONSTANT
