"""Trino's tokens. Source: SqlBase.g4, the lexer rules."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from labcloud.trino.errors import Position, TrinoError

RESERVED = frozenset(
    """ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE
    CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE
    DELETE DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL
    GROUP GROUPING HAVING IN INNER INSERT INTERSECT INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT
    JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE
    NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN TRIM TRUE
    UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH""".split()  # noqa: SIM905
)
"""Words that are no identifiers. Source: https://trino.io/docs/current/language/reserved.html"""

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\r\n]*\r?\n?|/\*.*?\*/)
  | (?P<unicode>[Uu]&'(?:[^']|'')*')
  | (?P<binary>[Xx]'(?:[^']|'')*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<backquoted>`(?:[^`]|``)*`)
  | (?P<double>(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)[Ee][+-]?\d+)
  | (?P<decimal>\d(?:_?\d)*\.(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)
  | (?P<integer>0[Xx](?:_?[0-9A-Fa-f])+|0[Oo](?:_?[0-7])+|0[Bb](?:_?[01])+|\d(?:_?\d)*)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign><>|!=|<=|>=|\|\||->|=>|\{-|-\}|[-+*/%=<>().,;\[\]{}?|$^:@!])
    """,
    re.VERBOSE | re.DOTALL,
)
_DIGIT_IDENTIFIER = re.compile(r"\d[A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text as written, where it stands, and that as an offset.

    `upper` is a word's text in capitals, a sign's own text, and "" for everything else.
    """

    kind: str
    text: str
    upper: str
    at: Position
    start: int
    end: int


def tokens(sql: str) -> list[Token]:
    """Return the tokens of a statement, ended by one of kind "end"."""
    starts = [0, *(m.end() for m in re.finditer(r"\n", sql))]
    found: list[Token] = []
    at = 0

    def position(offset: int) -> Position:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None:
            found.append(Token("unknown", sql[at], "", position(at), at, at + 1))
            at += 1
            continue
        kind = match.lastgroup or ""
        end = match.end()
        if kind in ("integer", "decimal", "double") and (word := _DIGIT_IDENTIFIER.match(sql, at)):
            if word.end() > end:
                kind, end = "digits", word.end()
        if kind != "space":
            text = sql[at:end]
            upper = text.upper() if kind == "word" else text if kind == "sign" else ""
            found.append(Token(kind, text, upper, position(at), at, end))
        at = end
    found.append(Token("end", "<EOF>", "", position(len(sql)), len(sql), len(sql)))
    return found


def unquoted(token: Token) -> str:
    """Return what a quoted identifier or string holds."""
    mark = token.text[-1]
    inside = token.text[token.text.index(mark) + 1 : -1]
    return inside.replace(mark * 2, mark)


def unicode_text(text: str, escape: str, at: Position) -> str:
    """Return the text of U&'…' with its escapes read. Raises TrinoError."""
    found, index = "", 0
    while index < len(text):
        char = text[index]
        if char != escape:
            found, index = found + char, index + 1
            continue
        if text.startswith(escape, index + 1):
            found, index = found + escape, index + 2
            continue
        long = text.startswith("+", index + 1)
        start, digits = (index + 2, 6) if long else (index + 1, 4)
        code = text[start : start + digits]
        if len(code) < digits or not re.fullmatch(r"[0-9A-Fa-f]+", code):
            raise TrinoError("SYNTAX_ERROR", f"Incomplete escape sequence: {code}", at)
        value = int(code, 16)
        if value > 0x10FFFF or 0xD800 <= value <= 0xDFFF:
            raise TrinoError("SYNTAX_ERROR", f"Invalid escaped character: {code}", at)
        found, index = found + chr(value), start + digits
    return found
