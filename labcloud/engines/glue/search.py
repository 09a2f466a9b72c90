"""SearchTables: tables of all databases by what they say of themselves.

String filters compare tokens: the field is split at punctuation, and a token must equal the value.
Source: https://docs.aws.amazon.com/glue/latest/webapi/API_SearchTables.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request
from labcloud.engines.glue.paging import key_of, token_of

PAGE = 100
Table = dict[str, Any]

_TIMES = {"CreateTime", "UpdateTime", "LastAccessTime", "LastAnalyzedTime"}
_FIELDS = {
    name.lower(): name
    for name in (
        "Name", "DatabaseName", "Description", "Owner", "CreatedBy", "TableType", "CatalogId",
        "ViewOriginalText", "ViewExpandedText", "Retention", "VersionId", *_TIMES,
    )
}  # fmt: skip
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}


class SearchOperations(GlueBase):
    """SearchTables."""

    def search_tables(self, request: Request, context: Context) -> Answer:
        """Return a page of the tables that satisfy every filter and hold the text."""
        scope = self.scope(request, context)
        tests = [_test(one) for one in request.get("Filters") or ()]
        if text := request.get("SearchText"):
            tests.append(_text_test(text))
        with self.store.read() as db:
            rows = db.execute(
                "SELECT body FROM tables WHERE scope = ? ORDER BY db, name", (scope,)
            ).fetchall()
        found = [
            (table, body)
            for (body,) in rows
            if all(test(table := codec.plain(body)) for test in tests or [lambda _: True])
        ]
        _sort(found, request.get("SortCriteria") or [])
        start = key_of(request.get("NextToken"), int) or 0
        size = request.get("MaxResults") or PAGE
        token = token_of(start + size) if len(found) > start + size else None
        texts = [body for _, body in found[start : start + size]]
        return codec.listing(context, "TableList", "Table", texts, NextToken=token)


def _tokens(text: str) -> set[str]:
    return {token for token in re.split(r"[\s\-:#/.,;_=|()\[\]{}]+", text.lower()) if token}


def _field(table: Table, key: str) -> Any:
    """Return a table's field, storage detail or parameter by the key of a filter."""
    name = _FIELDS.get(key.lower())
    if name is not None:
        return table.get(name)
    storage = table.get("StorageDescriptor") or {}
    if key.lower() == "location":
        return storage.get("Location")
    for parameters in (
        table.get("Parameters"),
        storage.get("Parameters"),
        (storage.get("SerdeInfo") or {}).get("Parameters"),
    ):
        for parameter, value in (parameters or {}).items():
            if parameter.lower() == key.lower():
                return value
    return None


def _test(one: dict[str, Any]) -> Callable[[Table], bool]:
    key, value = one.get("Key"), one.get("Value")
    if not key or value is None:
        raise errors.invalid("Filter must have a key and a value.")
    if _FIELDS.get(key.lower()) in _TIMES:
        compare = _COMPARE[one.get("Comparator", "EQUALS")]
        wanted = _seconds(value)
        return lambda table: (at := _field(table, key)) is not None and compare(int(at), wanted)
    exact = value.lower()

    def test(table: Table) -> bool:
        held = str(_field(table, key) or "").lower()
        return held == exact or exact in _tokens(held)

    return test


def _seconds(text: str) -> int:
    try:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            seconds = float(text)
            return int(seconds / 1000 if seconds > 1e11 else seconds)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise errors.invalid(f"Invalid time: {text}") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _text_test(text: str) -> Callable[[Table], bool]:
    """Return the test for a search text: its words, or in quotes a whole value."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        exact = text[1:-1].lower()
        return lambda table: exact in (value.lower() for value in _values(table))
    words = _tokens(text)

    def test(table: Table) -> bool:
        held = "\n".join(_values(table)).lower()
        return all(word in held for word in words)

    return test


def _values(value: Any) -> list[str]:
    """Return every text in a table: names, descriptions, columns, comments, parameters."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _values(item)] + [
            key for key in value if key.islower()
        ]
    if isinstance(value, list):
        return [text for item in value for text in _values(item)]
    return [value] if isinstance(value, str) else [json.dumps(value)]


def _sort(found: list[tuple[Table, str]], criteria: list[dict[str, Any]]) -> None:
    for one in criteria:
        name = one.get("FieldName", "Name")
        if name.lower() not in _FIELDS:
            raise errors.invalid(f"Invalid sort field: {name}")
        values = [_field(table, name) for table, _ in found]
        numbers = all(isinstance(value, (int, float)) or value is None for value in values)
        missing: Any = 0 if numbers else ""

        def order(pair: tuple[Table, str], name: str = name, missing: Any = missing) -> Any:
            value = _field(pair[0], name)
            return missing if value is None else value

        found.sort(key=order, reverse=one.get("Sort") == "DESC")
