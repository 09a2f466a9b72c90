"""Types as they are written: Trino's notation, and Hive's in statements of Hive's."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.errors import Position
from labcloud.trino.lexer import unquoted
from labcloud.trino.parser_literals import UNITS, Literals


class Types(Literals):
    """Reads types."""

    def type(self) -> tree.TypeNode:
        """Read a type. Raises TrinoError."""
        self.enter()
        found = self._type()
        count = 0
        while self.accept("ARRAY"):
            count += 1
            self.not_too_long(count)
            if self.accept("["):
                self.integer()
                self.expect("]")
            found = tree.TypeNode("array", (found,), at=found.at)
        self.leave()
        return found

    def _type(self) -> tree.TypeNode:
        at = self.position
        word, after = self.words[self.at], self.words[self.at + 1]
        if word == "ROW" and after == "(":
            self.at += 1
            return tree.TypeNode("row", self.bracketed(self._field), at=at)
        if word == "STRUCT" and after == "<" and (self.hive or self.hive_types):
            self.at += 1
            return tree.TypeNode("row", self._angled(self._hive_field), at=at)
        if word == "INTERVAL" and after in UNITS:
            return self._interval_type(at)
        if word == "DOUBLE" and after == "PRECISION":
            self.at += 2
            return tree.TypeNode("double", at=at)
        written = self.token.text
        base = self.type_name()
        arguments = self._arguments(word)
        if word in ("TIME", "TIMESTAMP") and len(arguments) < 2:
            base += self._zone()
        return tree.TypeNode(base, arguments, written, at=at)

    def type_name(self) -> str:
        """Take a type's name. Raises TrinoError."""
        if not self.is_identifier():
            raise self.wrong("<type>")
        return self.identifier().value.lower()

    def _interval_type(self, at: Position) -> tree.TypeNode:
        self.at += 1
        base = f"interval {self.expect_any(*UNITS).lower()}"
        if self.accept("TO"):
            base += f" to {self.expect_any(*UNITS).lower()}"
        return tree.TypeNode(base, at=at)

    def _zone(self) -> str:
        word, after = self.words[self.at : self.at + 2]
        # Properties or a wrapper can follow a type, too.
        if word not in ("WITH", "WITHOUT") or not (after == "TIME" or self.undecided):
            return ""
        self.expect(word, "TIME", "ZONE")
        return " with time zone" if word == "WITH" else ""

    def _arguments(self, word: str) -> tuple[Any, ...]:
        if self.words[self.at] == "(":
            return self.bracketed(self._argument)
        if word == "ARRAY" and self.sees("<"):
            return self._angled(self.type)
        if word == "MAP" and self.accept("<"):
            key = self.type()
            self.expect(",")
            value = self.type()
            self.expect(">")
            return key, value
        return ()

    def _argument(self) -> Any:
        if self.token.kind == "integer":
            return self.integer()
        if not self.is_identifier():
            raise self.wrong("<integer>", "<type>")
        return self.type()

    def _angled(self, read: Any) -> tuple[Any, ...]:
        """Read < one, or more of a struct >; Trino's array has one."""
        self.expect("<")
        found = (read(),) if read == self.type else self.many(read)
        self.expect(">")
        return found

    def _hive_field(self) -> tuple[str, tree.TypeNode]:
        """Read `name: type` of a struct; Hive lets every word be a name here."""
        token = self.token
        if token.kind not in ("word", "digits", "backquoted"):
            raise self.wrong("<identifier>")
        self.at += 1
        name = unquoted(token) if token.kind == "backquoted" else token.text
        self.expect(":")
        kind = self.type()
        if self.accept("COMMENT"):
            self.string()
        return name.lower(), kind

    def _field(self) -> tuple[str | None, tree.TypeNode]:
        """Read a row's field: `name type`, or a type alone."""
        if not self._field_has_name():
            return None, self.type()
        name = self.identifier()
        return name.value if name.delimited else name.value.lower(), self.type()

    def _field_has_name(self) -> bool:
        if not (self.is_identifier() and self.follows_identifier()):
            return False
        word, after, third = self.words[self.at : self.at + 3]
        if (word, after) == ("DOUBLE", "PRECISION") or (word == "INTERVAL" and after in UNITS):
            return False
        if (after, third) == ("WITHOUT", "TIME"):
            return word not in ("TIME", "TIMESTAMP")
        return after != "ARRAY" or third in ("(", "<")
