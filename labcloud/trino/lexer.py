"""A statement's tokens, by the lexer rules of Trino's grammar (SqlBase.g4)."""

from __future__ import annotations

import re
from typing import NamedTuple

from labcloud.trino.errors import Position

RESERVED = frozenset(
    """ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE
    CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE
    DELETE DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FOR FROM FULL GROUP
    GROUPING HAVING IN INNER INSERT INTERSECT INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT
    JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE
    NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN TRIM TRUE
    UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH""".split()  # noqa: SIM905
)
"""Words that are no identifiers. Source: https://trino.io/docs/current/language/reserved.html"""

NUMBERS = frozenset(("integer", "decimal", "double"))
"""The kinds of a number's token."""

# Of two rules the one that matches more text wins, and the earlier one where both match the same.
_TOKEN = re.compile(
    r"""
    (?P<space>[ \r\n\t]+|--[^\r\n]*\r?\n?)
  | (?P<unicode>[Uu]&'(?:[^']|'')*')
  | (?P<binary>[Xx]'[^']*')
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<double>\d+(?:\.\d*)?[Ee][+-]?\d+|\.\d+[Ee][+-]?\d+)
  | (?P<decimal>\d(?:_?\d)*\.(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)
  | (?P<integer>0[Xx](?:_?[0-9A-Fa-f])+|0[Oo](?:_?[0-7])+|0[Bb](?:_?[01])+|\d(?:_?\d)*)
  | (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<backquoted>`(?:[^`]|``)*`)
  | (?P<sign><>|!=|<=|>=|\|\||->|=>|\{-|-\}|[-+*/%=<>().,;\[\]{}?|$^:])
  | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_HIVE_STRING = re.compile(r"'(?:[^'\\]|\\.)*'" + "|" + r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_DIGITS = re.compile(r"\d[A-Za-z0-9_]+", re.ASCII)


class Token(NamedTuple):
    """One token: its kind, its text as written, where it stands, and that as offsets.

    `upper` is a word in capitals, a sign itself, and "" for everything else. An identifier that
    begins with a digit is of kind "digits", what no rule knows "unknown", the last one "end".
    """

    kind: str
    text: str
    upper: str
    at: Position
    start: int
    end: int


def tokens(sql: str, hive: bool = False) -> list[Token]:
    """Return the tokens of a statement, ended by one of kind "end".

    Hive's strings stand in either quotes, with escapes by backslashes.
    """
    found: list[Token] = []
    line, line_start, offset, size = 1, 0, 0, len(sql)
    match_at = _TOKEN.match
    last_comment_end = sql.rfind("*/")
    while offset < size:
        match = match_at(sql, offset)
        assert match is not None
        kind = match.lastgroup or ""
        end = match.end()
        if hive and sql[offset] in "'\"":
            string = _HIVE_STRING.match(sql, offset)
            kind, end = ("string", string.end()) if string else ("unknown", offset + 1)
        elif kind == "sign" and last_comment_end >= offset + 2 and sql.startswith("/*", offset):
            kind, end = "space", sql.index("*/", offset + 2) + 2
        elif kind in NUMBERS:
            kind, end = _number(sql, kind, offset, end)
        text = sql[offset:end]
        if kind != "space":
            upper = text.upper() if kind == "word" else text if kind == "sign" else ""
            found.append(Token(kind, text, upper, (line, offset - line_start + 1), offset, end))
        if "\n" in text:
            line += text.count("\n")
            line_start = offset + text.rindex("\n") + 1
        offset = end
    found.append(Token("end", "<EOF>", "", (line, size - line_start + 1), size, size))
    return found


def _number(sql: str, kind: str, start: int, end: int) -> tuple[str, int]:
    """Return the kind and the end of what begins as a number: `5x` is one (bad) identifier."""
    longer = _DIGITS.match(sql, start)
    return ("digits", longer.end()) if longer and longer.end() > end else (kind, end)


_HIVE_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|[0-3][0-7]{2}|.)", re.DOTALL)
_HIVE_NAMED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


def hive_text(token: Token) -> str:
    """Return what a string of Hive's holds.

    Source: Hive's BaseSemanticAnalyzer.unescapeSQLString.
    """

    def plain(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if len(code) == 3:
            return chr(int(code, 8))
        # What LIKE reads itself keeps its backslash.
        return "\\" + code if code in "%_" else _HIVE_NAMED.get(code, code)

    return _HIVE_ESCAPE.sub(plain, token.text[1:-1])


def unquoted(token: Token) -> str:
    """Return what a string or a quoted identifier holds."""
    mark = token.text[-1]
    inside = token.text[token.text.index(mark) + 1 : -1]
    return inside.replace(mark * 2, mark)
