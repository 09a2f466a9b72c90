"""Types as they are written: Trino's notation and Hive's."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.lexer import unquoted
from labcloud.trino.parser_base import Base


class Types(Base):
    """Reads types."""

    def type(self) -> tree.TypeNode:
        """Read a type."""
        self.enter()
        found = self._type()
        self.leave()
        while self.sees("ARRAY") and not self.sees("ARRAY", "<"):
            self.take()
            found = tree.TypeNode("array", (found,), at=found.at)
        return found

    def _type(self) -> tree.TypeNode:
        at = self.position
        word = self.token.upper
        if word in ("ROW", "STRUCT") and self.ahead().upper in ("(", "<"):
            return self._row_type(at)
        if word == "INTERVAL":
            self.take()
            start = self.take().upper.lower()
            self.expect("TO")
            return tree.TypeNode(f"interval {start} to {self.take().upper.lower()}", at=at)
        if word == "DOUBLE" and self.ahead().upper == "PRECISION":
            self.at += 2
            return tree.TypeNode("double", at=at)
        if not self.is_identifier():
            self.wrong("<type>")
        base = self.identifier().value.lower()
        args = self._arguments(base)
        if base in ("time", "timestamp"):
            if self.accept("WITH", "TIME", "ZONE"):
                base = f"{base} with time zone"
            else:
                self.accept("WITHOUT", "TIME", "ZONE")
        return tree.TypeNode(base, args, at=at)

    def _arguments(self, base: str) -> tuple[Any, ...]:
        if self.sees("<") and base in ("array", "map"):
            self.take()
            inside = [self.type()]
            while self.accept(","):
                inside.append(self.type())
            self._close()
            return tuple(inside)
        if not self.accept("("):
            return ()
        found: list[Any] = []
        while True:
            found.append(self.integer() if self.token.kind == "integer" else self.type())
            if not self.accept(","):
                break
        self.expect(")")
        return tuple(found)

    def _close(self) -> None:
        """Take one `>`; `>>` are two tokens already, `>=` cannot be."""
        self.expect(">")

    def _row_type(self, at: tuple[int, int]) -> tree.TypeNode:
        hive = self.ahead().upper == "<"
        self.at += 2
        fields: list[tuple[Any, tree.TypeNode]] = []
        while True:
            fields.append(self._hive_field() if hive else self._field())
            if not self.accept(","):
                break
        if hive:
            self._close()
        else:
            self.expect(")")
        return tree.TypeNode("row", tuple(fields), at=at)

    def _hive_field(self) -> tuple[Any, tree.TypeNode]:
        token = self.take()
        if token.kind not in ("word", "quoted", "backquoted"):
            self.wrong_at(token, "<identifier>")
        name = token.text if token.kind == "word" else unquoted(token)
        self.expect(":")
        kind = self.type()
        if self.accept("COMMENT"):
            self.string()
        return name.lower(), kind

    def _field(self) -> tuple[Any, tree.TypeNode]:
        """Read a row's field: `name type` or a type alone."""
        start = self.at
        if self.is_identifier() and not self.sees_any("INTERVAL"):
            following = self.ahead()
            if self.is_identifier(following) or following.upper in ("ROW", "INTERVAL"):
                if not (self.sees("DOUBLE", "PRECISION")):
                    name = self.identifier()
                    kind = name.value if name.delimited else name.value.lower()
                    return kind, self.type()
        self.at = start
        return None, self.type()
