"""JSON: documents a line, one document, or an array of them; a custom classifier picks a path.

Source: https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-json
"""

from __future__ import annotations

import json
import re
from typing import Any

from labcloud.engines.glue.crawler.sample import Sample
from labcloud.engines.glue.crawler.schema import Kind, Schema, merge_columns, merge_kinds

DOCUMENTS = 1000
_DECODER = json.JSONDecoder()


def classify(sample: Sample, path: str | None = None) -> Schema | None:
    """Return the schema of JSON, or None where the object is something else.

    `path` is a custom classifier's JsonPath, such as `$.rows[*]`.
    """
    text = sample.data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    if text.lstrip()[:1] not in ("{", "["):
        return None
    documents, used = _documents(text)
    if not documents or (sample.whole and text[used:].strip()):
        return None
    found = [one for document in documents for one in _picked(document, path)]
    if path is None and len(documents) == 1 and isinstance(documents[0], list):
        # Glue's own classifier sees one array: a column `array` that holds the items.
        kind = kind_of(documents[0])
        return Schema(
            "json", {"array": kind}, {"path": None, "names": ["array"]}, 1, used, sample.whole
        )
    rows = [one for one in found if isinstance(one, dict)]
    if not rows:
        return None
    columns: dict[str, Kind] = {}
    for row in rows:
        columns = merge_columns(columns, {k.lower(): kind_of(v) for k, v in row.items()})
    average = used / len(rows)
    names = sorted({name for row in rows for name in row})
    details = {"path": path, "names": names}
    return Schema("json", columns, details, sample.unpacked_size / average, average)


def _documents(text: str) -> tuple[list[Any], int]:
    """Return the documents at the head of a text, and where the last one ends."""
    found: list[Any] = []
    at = used = 0
    while len(found) < DOCUMENTS:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text):
            break
        try:
            document, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(document)
        used = at
    return found, used


_STEP = re.compile(r"\.(\w+)|\['([^']+)'\]|\[(\*|\d+)\]|\.\*")


def _picked(document: Any, path: str | None) -> list[Any]:
    """Return what a JsonPath picks of a document; the operators Glue documents: . [] * and $."""
    found = [document]
    for match in _STEP.finditer((path or "$").strip()[1:]):
        name, quoted, index = match.groups()
        step: list[Any] = []
        for one in found:
            if (key := name or quoted) is not None:
                step += [one[key]] if isinstance(one, dict) and key in one else []
            elif isinstance(one, list):
                step += one if index in ("*", None) else one[int(index) : int(index) + 1]
            elif isinstance(one, dict) and index is None:
                step += one.values()
        found = step
    return found


def kind_of(value: Any) -> Kind:
    """Return the type that Glue infers for a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if -(2**31) <= value < 2**31:
            return "int"
        return "bigint" if -(2**63) <= value < 2**63 else "double"
    if isinstance(value, float):
        return "double"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        inner: Kind = "null"
        for item in value[:DOCUMENTS]:
            inner = merge_kinds(inner, kind_of(item))
        return ["array", inner]
    if not value:
        return "string"  # Hive has no struct without fields
    return ["struct", {k.lower(): kind_of(v) for k, v in value.items()}]
