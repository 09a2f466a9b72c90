"""CSV, as Glue's built-in classifier and custom CSV classifiers see it.

Built in: a comma, pipe, tab, semicolon or Ctrl-A separates two columns or more; a header is there
when all its values are names and a row below holds something else than text.
Source: https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html and
https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-csv
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from labcloud.engines.glue.crawler.sample import Sample
from labcloud.engines.glue.crawler.schema import Kind, Schema, merge_kinds

DELIMITERS = ",|\t;\x01"
ROWS = 1000
"""Rows that types are inferred from."""

LONGEST_NAME = 150

_BIGINT = re.compile(r"[+-]?\d{1,18}")
_DOUBLE = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?")


def classify(sample: Sample) -> Schema | None:
    """Return the schema of text that the built-in classifier takes for CSV, or None."""
    text = decoded(sample)
    if text is None:
        return None
    for delimiter in DELIMITERS:
        rows = rows_of(text, delimiter, '"', sample.whole)
        if len(rows) >= 2 and _regular(rows):
            return _schema(sample, rows, delimiter, '"', None, {})
    return None


def classify_custom(sample: Sample, classifier: dict[str, Any]) -> Schema | None:
    """Return the schema of text that fits a custom CSV classifier, or None."""
    text = decoded(sample)
    if text is None:
        return None
    delimiter = classifier.get("Delimiter") or _likeliest(text, sample.whole)
    quote = classifier.get("QuoteSymbol") or '"'
    rows = rows_of(text, delimiter, quote, sample.whole)
    given = classifier.get("Header") or []
    alone = classifier.get("AllowSingleColumn", False)
    if not rows or (len(rows[0]) < 2 and not alone) or (given and len(given) != len(rows[0])):
        return None
    header = {"PRESENT": True, "ABSENT": False}.get(classifier.get("ContainsHeader") or "")
    return _schema(sample, rows, delimiter, quote, header, classifier)


def decoded(sample: Sample) -> str | None:
    """Return the text of a sample, or None where it is not text."""
    data = sample.data if sample.whole else sample.data[: sample.data.rfind(b"\n") + 1]
    data = data.removeprefix(b"\xef\xbb\xbf") or sample.data
    if b"\x00" in data[:4096]:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1") if _mostly_text(data) else None


def _mostly_text(data: bytes) -> bool:
    head = data[:4096]
    odd = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\x01")
    return odd <= len(head) // 100


def rows_of(text: str, delimiter: str, quote: str, whole: bool) -> list[list[str]]:
    """Return the first rows of delimited text."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > ROWS:
                break
    except csv.Error:
        return []
    return rows


def _likeliest(text: str, whole: bool) -> str:
    found = [d for d in DELIMITERS if _regular(rows_of(text, d, '"', whole))]
    return found[0] if found else ","


def _regular(rows: list[list[str]]) -> bool:
    """Return whether rows look like a table: two columns or more, nearly all of equal number."""
    if not rows or len(rows[0]) < 2:
        return False
    width = len(rows[0])
    return sum(1 for row in rows if len(row) == width) >= 0.9 * len(rows)


def kind_of(value: str) -> Kind:
    """Return the type that Glue infers for one value of a CSV file."""
    text = value.strip()
    if not text:
        return "null"
    if _BIGINT.fullmatch(text):
        return "bigint"
    if _DOUBLE.fullmatch(text):
        return "double"
    return "boolean" if text.lower() in ("true", "false") else "string"


def _kinds(rows: list[list[str]], width: int) -> list[Kind]:
    kinds: list[Kind] = ["null"] * width
    for row in rows:
        for number, value in enumerate(row[:width]):
            if kinds[number] != "string":
                kinds[number] = merge_kinds(kinds[number], kind_of(value))
    return kinds


def _has_header(rows: list[list[str]], kinds: list[Kind]) -> bool:
    """Return whether the first row names the columns, by the rules of Glue's documentation."""
    first = rows[0]
    names = [name.strip() for name in first]
    named = all(names[:-1]) and all(len(name) < LONGEST_NAME for name in names)
    as_text = all(kind_of(name) in ("string", "null") for name in names)
    distinct = len({name.lower() for name in names}) == len(names)
    differs = any(kind not in ("string", "null") for kind in kinds)
    return named and as_text and distinct and differs and len(rows) > 1


def _schema(
    sample: Sample,
    rows: list[list[str]],
    delimiter: str,
    quote: str,
    header: bool | None,
    classifier: dict[str, Any],
) -> Schema:
    width = len(rows[0])
    kinds = _kinds(rows[1:], width)
    if header is None:
        header = _has_header(rows, kinds)
    if not header:
        kinds = _kinds(rows, width)
    names = classifier.get("Header") or (rows[0] if header else [])
    if datatypes := classifier.get("CustomDatatypes"):
        kinds = [_CUSTOM.get(kind.upper(), "string") for kind in datatypes[:width]]
        kinds += ["string"] * (width - len(kinds))
    columns = dict(zip(column_names(names, width), kinds, strict=True))
    lines = max(1, len(rows))
    seen = len(sample.data) if len(rows) <= ROWS else _bytes_of(sample.data, lines)
    average = seen / lines
    quoted = any(line.lstrip().startswith(quote) for line in decoded_lines(sample)[:20])
    details = {
        "delimiter": delimiter,
        "header": header,
        "quoted": quoted,
        "quote": quote,
        "serde": classifier.get("Serde"),
    }
    records = sample.unpacked_size / average - (1 if header else 0)
    return Schema("csv", columns, details, max(0.0, records), average)


def decoded_lines(sample: Sample) -> list[str]:
    """Return the first lines of a sample as text."""
    return sample.data[:65536].decode(errors="replace").splitlines()


def _bytes_of(data: bytes, lines: int) -> int:
    """Return how many bytes the first lines take."""
    at = 0
    for _ in range(lines):
        at = data.find(b"\n", at) + 1
        if at == 0:
            return len(data)
    return at


def column_names(names: list[str], width: int) -> list[str]:
    """Return lower-case names, col0, col1, … where there are none; a name twice gets a number."""
    found: list[str] = []
    for number in range(width):
        name = names[number].strip().lower() if number < len(names) else ""
        name = re.sub(r"\s+", " ", name) or f"col{number}"
        while name in found:
            name = f"{name}_{number}"
        found.append(name)
    return found


_CUSTOM = {
    "BINARY": "binary",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL": "decimal",
    "DOUBLE": "double",
    "FLOAT": "float",
    "INT": "int",
    "LONG": "bigint",
    "SHORT": "smallint",
    "STRING": "string",
    "TIMESTAMP": "timestamp",
}
