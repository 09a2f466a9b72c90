"""XML: the elements that a custom classifier's row tag names, or those that repeat below the root.

Source: https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-xml
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from typing import Any

from labcloud.engines.glue.crawler.csv_text import kind_of
from labcloud.engines.glue.crawler.sample import Sample
from labcloud.engines.glue.crawler.schema import Kind, Schema, merge_columns, merge_kinds

ROWS = 1000


def classify(sample: Sample, row_tag: str | None = None) -> Schema | None:
    """Return the schema of XML, or None. Without a row tag Glue knows that it is XML, no more."""
    head = sample.data[:200].lstrip().removeprefix(b"\xef\xbb\xbf")
    if not head.startswith((b"<?xml", b"<")) or b"<!DOCTYPE html" in head:
        return None
    rows = _rows(sample, row_tag)
    if not rows:
        return None
    columns: dict[str, Kind] = {}
    for row in rows[:ROWS]:
        kind = _kind(row)
        if isinstance(kind, list) and kind[0] == "struct":
            columns = merge_columns(columns, kind[1])
    if not columns:
        return None
    average = len(sample.data) / len(rows)
    tag = row_tag or rows[0].tag
    return Schema("xml", columns, {"row_tag": tag}, sample.unpacked_size / average, average)


def _rows(sample: Sample, row_tag: str | None) -> list[ElementTree.Element]:
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    rows: list[ElementTree.Element] = []
    depth, seen = 0, Counter[str]()
    try:
        if b"<!ENTITY" in sample.data:  # no entity is ever expanded
            return []
        parser.feed(sample.data)
        for event, element in parser.read_events():
            if event == "start":
                depth += 1
                continue
            depth -= 1
            if (row_tag is None and depth == 1) or element.tag == row_tag:
                rows.append(element)
                seen[element.tag] += 1
    except ElementTree.ParseError:
        if sample.whole:
            return []
    if row_tag is None and rows:
        tag = seen.most_common(1)[0][0]
        rows = [row for row in rows if row.tag == tag]
    return rows


def _kind(element: ElementTree.Element) -> Kind:
    children = list(element)
    if not children and not element.attrib:
        return _scalar(element.text or "")
    fields: dict[str, Kind] = {}
    for name, value in element.attrib.items():
        fields[f"_{name.lower()}"] = _scalar(value)
    counts = Counter(child.tag for child in children)
    for child in children:
        name = child.tag.lower()
        kind = _kind(child)
        if counts[child.tag] > 1:
            kind = ["array", kind]
        fields[name] = merge_kinds(fields[name], kind) if name in fields else kind
    if not children and (element.text or "").strip():
        fields["_value"] = _scalar(element.text or "")
    return ["struct", fields]


def _scalar(text: str) -> Kind:
    kind = kind_of(text)
    return "int" if kind == "bigint" and len(text.strip()) < 10 else kind
