"""LazySimpleSerDe: delimited text, as Hive and Athena read it.

A value that is no number for a number's column is NULL; fields that a line lacks are NULL, those
it has too many are left out; quotes mean nothing.
Source: https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from labcloud.engines.athena.tables.convert import fit_text
from labcloud.engines.athena.tables.lines import lines
from labcloud.engines.athena.tables.scan import Part, Reading, Source
from labcloud.trino.errors import quote
from labcloud.trino.types import VARCHAR, Type, array, duckdb_type

_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a text is taken apart: the delimiters by level, what is NULL, and what escapes.

    `split` and `plain` are the names of functions, where there is an escape character: one splits
    and leaves the escapes, the other takes them out.
    """

    delimiters: list[str]
    null: str
    escape: str = ""
    split: str = ""
    plain: str = ""

    def items(self, sql: str, level: int) -> str:
        """Return SQL of the parts of a text, escapes still in them."""
        delimiter = quote(self.delimiters[level])
        if not self.escape:
            return f"string_split({sql}, {delimiter})"
        return f"{self.split}({sql}, {delimiter}, {quote(self.escape)})"

    def text(self, sql: str) -> str:
        """Return SQL of a text without its escapes."""
        return f"{self.plain}({sql}, {quote(self.escape)})" if self.escape else sql


def read(source: Source) -> Reading:
    """Return how DuckDB reads delimited text."""
    rules = _rules(source)
    split = rules.items("line", 0)
    parts = []
    for relation, files in lines(source.files, header_lines(source), source.work.spill):
        columns = {
            number: from_text(
                f"list_extract(fields, {number + 1})", source.columns[number][1], rules, 1
            )
            for number in source.used
        }
        fields = f"(SELECT {split} AS fields, file_index FROM {relation})"
        parts.append(Part(fields if source.used else relation, columns, files))
    return Reading(parts, sum(file.size for file in source.files))


def delimiters_of(serde: dict[str, str]) -> Rules:
    """Return how the properties of a LazySimpleSerDe take text apart; functions are not set."""
    delimiters = [
        character(serde.get("field.delim") or serde.get("serialization.format") or "\x01"),
        character(
            serde.get("collection.delim") or serde.get("colelction.delim") or "\x02"
        ),  # Hive's own misspelling is in many catalogs
        character(serde.get("mapkey.delim") or "\x03"),
        *"\x04\x05\x06\x07\x08",
    ]
    null = serde.get("serialization.null.format", "\\N")
    return Rules(delimiters, null, character(serde.get("escape.delim") or ""))


def _rules(source: Source) -> Rules:
    rules = delimiters_of(source.serde)
    if not rules.escape:
        return rules
    split = source.work.udf(split_escaped, [VARCHAR] * 3, array(VARCHAR))
    plain = source.work.udf(unescaped, [VARCHAR] * 2, VARCHAR)
    return replace(rules, split=split, plain=plain)


def header_lines(source: Source) -> int:
    """Return how many lines to leave out at the head of each file."""
    text = source.parameters.get("skip.header.line.count") or source.serde.get(
        "skip.header.line.count", "0"
    )
    return max(0, int(text)) if text.strip().lstrip("-").isdigit() else 0


def character(text: str) -> str:
    """Return a delimiter from the catalog's text: a character, `\\t`, `\\001`, or its number."""
    if len(text) > 1 and text.startswith("\\"):
        named = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\\\": "\\"}
        if text in named:
            return named[text]
        digits = text[1:].removeprefix("u")
        if digits.isdigit():
            return chr(int(digits, 16 if text[1] == "u" else 8))
    if text.isdigit():
        return chr(int(text))
    return text[:1]


def split_escaped(line: str, delimiter: str, escape: str) -> list[str]:
    """Return the parts of a text between delimiters that are not escaped."""
    fields, start, at = [], 0, 0
    while at < len(line):
        if line[at] == escape:
            at += 1
        elif line[at] == delimiter:
            fields.append(line[start:at])
            start = at + 1
        at += 1
    return [*fields, line[start:]]


def unescaped(text: str, escape: str) -> str:
    """Return a text without its escapes; an escaped n or r is the end of a line, as Hive writes."""
    if escape not in text:
        return text
    found, at = [], 0
    while at < len(text):
        char = text[at]
        if char == escape and at + 1 < len(text):
            at += 1
            char = {"n": "\n", "r": "\r"}.get(text[at], text[at])
        found.append(char)
        at += 1
    return "".join(found)


def from_text(sql: str, kind: Type, rules: Rules, level: int) -> str:
    """Return SQL of a value of type `kind` read from the text `sql`, as LazySimpleSerDe does.

    `level` is how deep it is nested: which delimiter separates its items.
    """
    text = f"nullif({sql}, {quote(rules.null)})"
    base = kind.base
    if base in ("varchar", "char"):
        return fit_text(rules.text(text), kind)
    if base == "varbinary":
        return f"COALESCE(TRY(from_base64({text})), encode({text}))"
    if base in ("array", "map", "row"):
        return _collection(text, kind, rules, level)
    return scalar_from_text(text, kind)


def scalar_from_text(text: str, kind: Type) -> str:
    """Return SQL of a number, boolean, date or timestamp read from text; NULL where it is none."""
    base, target = kind.base, duckdb_type(kind)
    if base in ("tinyint", "smallint", "integer", "bigint"):
        return (
            f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+') "
            f"THEN TRY_CAST({text} AS {target}) END"
        )
    if base == "boolean":
        return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if base == "date":
        return f"TRY_CAST(left(trim({text}), 10) AS DATE)"
    if base == "timestamp":
        return f"date_trunc('milliseconds', TRY_CAST({text} AS TIMESTAMP))"
    return f"TRY_CAST({text} AS {target})"


def _collection(text: str, kind: Type, rules: Rules, level: int) -> str:
    items = rules.items(text, level)
    if kind.base == "row":
        fields = ", ".join(
            f"'f{i}': " + from_text(f"list_extract({items}, {i + 1})", f.type, rules, level + 1)
            for i, f in enumerate(kind.fields)
        )
        return f"CASE WHEN {text} IS NOT NULL THEN {{{fields}}} END"
    name = f"t{next(_names)}"
    if kind.base == "array":
        inner = from_text(name, kind.element, rules, level + 1)
        body = f"list_transform({items}, lambda {name}: {inner})"
        return f"CASE WHEN {text} = '' THEN [] ELSE {body} END"
    halves = rules.items(name, level + 1)
    key = from_text(f"list_extract({halves}, 1)", kind.key, rules, level + 2)
    value = from_text(f"list_extract({halves}, 2)", kind.value, rules, level + 2)
    # Hive leaves out a key that is NULL.
    entries = (
        f"list_filter(list_transform({items}, lambda {name}: {{'k': {key}, 'v': {value}}}), "
        f"lambda {name}: {name}.k IS NOT NULL)"
    )
    return (
        f"CASE WHEN {text} = '' THEN MAP {{}} WHEN {text} IS NOT NULL "
        f"THEN map_from_entries({entries}) END"
    )
