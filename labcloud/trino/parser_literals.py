"""Literals: strings, numbers, binaries, intervals."""

from __future__ import annotations

import re

from labcloud.trino import tree
from labcloud.trino.errors import Position
from labcloud.trino.lexer import unquoted
from labcloud.trino.parser_base import Base, number

UNITS = ("DAY", "HOUR", "MINUTE", "MONTH", "SECOND", "YEAR")
"""The fields of an interval."""

_NO_ESCAPE = frozenset("0123456789abcdefABCDEF+'\" ")
_HEX = frozenset("0123456789abcdefABCDEF")
_CODE = r"\+(?P<six>[0-9A-Fa-f]{6})|(?P<four>[0-9A-Fa-f]{4})"
_LARGEST = (1 << 63) - 1


class Literals(Base):
    """Reads literals."""

    def string(self) -> str:
        """Take a string literal. Raises TrinoError."""
        token = self.tokens[self.at]
        if token.kind == "string":
            self.at += 1
            return unquoted(token)
        if token.kind == "unicode":
            return self._unicode()
        raise self.wrong("<string>")

    def sees_string(self, count: int = 0) -> bool:
        """Return whether a string literal comes next, or some tokens further on."""
        return self.ahead(count).kind in ("string", "unicode")

    def string_literal(self) -> tree.StringLiteral:
        """Take a string literal as an expression."""
        at = self.position
        return tree.StringLiteral(self.string(), at=at)

    def _unicode(self) -> str:
        token = self.take()
        escape = "\\"
        if self.accept("UESCAPE"):
            if self.token.kind != "string":
                raise self.wrong("<string>")
            escape = unquoted(self.take())
        if not escape:
            self.refuse("Empty Unicode escape character", token.at)
            return ""
        if len(escape) > 1 or escape in _NO_ESCAPE:
            self.refuse(f"Invalid Unicode escape character: {escape}", token.at)
            return ""
        return self._unescaped(unquoted(token), escape, token.at)

    def _unescaped(self, text: str, escape: str, at: Position) -> str:
        mark = re.escape(escape)
        pattern = (
            rf"{mark}(?:{mark}|\+(?P<six>[0-9A-Fa-f]{{6}})|(?P<four>[0-9A-Fa-f]{{4}})|(?P<bad>.?))"
        )

        def plain(match: re.Match[str]) -> str:
            if match["bad"] is not None:
                self._bad_escape(text[match.end("bad") - len(match["bad"]) :], at)
                return ""
            code = match["six"] or match["four"]
            return self._character(code, at) if code else escape

        return re.sub(pattern, plain, text, flags=re.DOTALL)

    def _bad_escape(self, rest: str, at: Position) -> None:
        digits = rest[1:] if rest.startswith("+") else rest
        read = re.match(r"[0-9A-Fa-f]*", digits)
        assert read is not None
        if read.group() or not digits or rest.startswith("+"):
            self.refuse(f"Incomplete escape sequence: {read.group()}", at)
        else:
            self.refuse(f"Invalid hexadecimal digit: {digits[0]}", at)

    def _character(self, code: str, at: Position) -> str:
        value = int(code, 16)
        if value > 0x10FFFF:
            self.refuse(f"Invalid escaped character: {code}", at)
            return ""
        if 0xD800 <= value <= 0xDFFF:
            self.refuse(
                f"Invalid escaped character: {code}. Escaped character is a surrogate. "
                "Use '\\+123456' instead.",
                at,
            )
            return ""
        return chr(value)

    def binary_literal(self) -> tree.Expression:
        """Take X'CAFE'."""
        token = self.take()
        digits = re.sub(r"[ \r\n\t]", "", unquoted(token)).upper()
        value = b""
        if not _HEX.issuperset(digits):
            self.refuse("Binary literal can only contain hexadecimal digits", token.at)
        elif len(digits) % 2:
            self.refuse("Binary literal must contain an even number of digits", token.at)
        else:
            value = bytes.fromhex(digits)
        return tree.BinaryLiteral(value, at=token.at)

    def number_literal(self) -> tree.Expression:
        """Take a number, or a minus and a number."""
        at = self.position
        sign = "-" if self.accept("-") else ""
        token = self.take()
        if token.kind == "integer":
            value = number(token.text)
            if value - bool(sign) > _LARGEST:
                self.refuse(f"Invalid numeric literal: {sign}{token.text}", at)
            return tree.LongLiteral(-value if sign else value, at=at)
        text = sign + token.text.replace("_", "")
        if token.kind == "decimal":
            return tree.DecimalLiteral(text, at=at)
        return tree.DoubleLiteral(float(text), at=at)

    # ---- intervals

    def sees_interval(self) -> bool:
        """Return whether INTERVAL begins a literal here; it can be a name, too.

        `INTERVAL '1' week` is a literal of a type named interval, with an alias.
        """
        if self.words[self.at] != "INTERVAL":
            return False
        string = 2 if self.words[self.at + 1] in ("+", "-") else 1
        return self.sees_string(string) and (
            self.words[self._after_string(self.at + string)] in UNITS
        )

    def _after_string(self, index: int) -> int:
        return index + (3 if self.words[index + 1] == "UESCAPE" else 1)

    def interval(self) -> tree.Expression:
        """Read INTERVAL -'1-6' YEAR TO MONTH. Raises TrinoError."""
        at = self.expect("INTERVAL").at
        negative = self.accept("-")
        if not negative:
            self.accept("+")
        value = self.string()
        start = self.expect_any(*UNITS).lower()
        end = None
        is_unit = self.words[self.at + 1] in UNITS
        if self.sees("TO") and (is_unit or not self.may_be_aliased(at)):
            self.at += 1
            end = self.expect_any(*UNITS).lower()
        return tree.IntervalLiteral(value, negative, start, end, at=at)
