"""The functions of SQL/JSON: JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT, JSON_ARRAY."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.parser_calls import SPECIAL, Calls

_ENCODINGS = ("UTF8", "UTF16", "UTF32")
_AFTER_KEY = frozenset((":", ".", "(", "[", "+", "-", "*", "/", "%", "||", "->"))


class JsonCalls(Calls):
    """Reads the functions of SQL/JSON."""

    # ---- functions with a path

    def _json_path(self) -> tree.Expression:
        token = self.take()
        function = token.upper
        self.expect("(")
        value = self.expression()
        options: list[tuple[str, Any]] = []
        if (given := self._encoding()) is not None:
            options.append(("input_format", given))
        self.expect(",")
        path = self.string_literal()
        if self.accept("AS"):
            self.identifier()
        if self.accept("PASSING"):
            options.append(("passing", self.many(self._passed)))
        if function == "JSON_EXISTS":
            self._exists_options(options)
        else:
            self._value_options(function, options)
        self.close()
        return tree.JsonPathCall(function, value, path, tuple(options), at=token.at)

    def _encoding(self) -> str | None:
        """Take FORMAT JSON [ENCODING …]; return the encoding, or "JSON"."""
        if not self.accept("FORMAT"):
            return None
        self.expect("JSON")
        return self.expect_any(*_ENCODINGS) if self.accept("ENCODING") else "JSON"

    def _passed(self) -> tuple[tree.Expression, str, bool]:
        value = self.expression()
        is_json = self._encoding() is not None
        self.expect("AS")
        name = self.identifier()
        return value, name.value if name.delimited else name.value.upper(), is_json

    def _exists_options(self, options: list[tuple[str, Any]]) -> None:
        if self.sees(")"):
            return
        word = self.expect_any("ERROR", "FALSE", "TRUE", "UNKNOWN")
        self.expect("ON", "ERROR")
        options.append(("on_error", word))

    def _value_options(self, function: str, options: list[tuple[str, Any]]) -> None:
        if self.accept("RETURNING"):
            options.append(("returning", self.type()))
            if function == "JSON_QUERY" and (given := self._encoding()) is not None:
                options.append(("returning_format", given))
        if function == "JSON_QUERY":
            self._wrapping(options)
        seen = ""
        while not self.sees(")") and seen != "ERROR":
            behaviour = self._behaviour(function)
            self.expect("ON")
            seen = self.expect_any("ERROR", *(() if seen else ("EMPTY",)))
            options.append((f"on_{seen.lower()}", behaviour))

    def _wrapping(self, options: list[tuple[str, Any]]) -> None:
        word = ""
        if self.accept("WITHOUT"):
            word = "WITHOUT"
        elif self.accept("WITH"):
            word = "UNCONDITIONAL"
            if self.sees_any("CONDITIONAL", "UNCONDITIONAL"):
                word = self.take().upper
        if word:
            self.accept("ARRAY")
            self.expect("WRAPPER")
            options.append(("wrapper", word))
        if self.sees_any("KEEP", "OMIT"):
            options.append(("quotes", self.take().upper))
            self.expect("QUOTES")
            if self.accept("ON"):
                self.expect("SCALAR", "STRING")

    def _behaviour(self, function: str) -> Any:
        if function == "JSON_VALUE":
            word = self.expect_any("DEFAULT", "ERROR", "NULL")
            return ("DEFAULT", self.expression()) if word == "DEFAULT" else word
        word = self.expect_any("EMPTY", "ERROR", "NULL")
        return f"EMPTY {self.expect_any('ARRAY', 'OBJECT')}" if word == "EMPTY" else word

    # ---- constructors

    def _json_object(self) -> tree.Expression:
        token = self.take()
        self.expect("(")
        entries: Any = ()
        absent = unique = False
        if not self.sees(")") and not self._sees_returning():
            entries = self.many(self._member)
            absent = self._on_null() is True
            if self.sees_any("WITH", "WITHOUT"):
                unique = self.take().upper == "WITH"
                self.expect("UNIQUE")
                self.accept("KEYS")
        returning = self._returning()
        self.close(*(() if entries else ("RETURNING",)))
        return tree.JsonConstructor("JSON_OBJECT", entries, absent, unique, returning, at=token.at)

    def _member(self) -> tuple[tree.Expression, tree.Expression, bool]:
        after = self.words[self.at + 1]
        is_word = self.sees("KEY") and not (
            after in _AFTER_KEY or (after == "VALUE" and self.words[self.at + 2] != "VALUE")
        )
        if is_word:
            self.at += 1
        key = self.reading_on(self.expression)
        if (is_word or not self.accept(":")) and not self.accept("VALUE"):
            raise self.wrong("'VALUE'", *(() if is_word else ("':'",)))
        return key, *self._json_value()

    def _json_value(self) -> tuple[tree.Expression, bool]:
        value = self.expression()
        return value, self._encoding() is not None

    def _json_array(self) -> tree.Expression:
        token = self.take()
        self.expect("(")
        entries: list[Any] = []
        absent = True
        if not self.sees(")") and not self._sees_returning():
            entries = [(None, *item) for item in self.many(self._json_value)]
            absent = self._on_null() is not False
        returning = self._returning()
        self.close(",")
        return tree.JsonConstructor(
            "JSON_ARRAY", tuple(entries), absent, False, returning, at=token.at
        )

    def _on_null(self) -> bool | None:
        """Take ABSENT ON NULL (True) or NULL ON NULL (False)."""
        if not self.sees_any("ABSENT", "NULL"):
            return None
        word = self.take().upper
        self.expect("ON", "NULL")
        return word == "ABSENT"

    def _sees_returning(self) -> bool:
        """Return whether RETURNING begins a clause; it can be a column, too."""
        return self.sees("RETURNING") and self.follows_identifier()

    def _returning(self) -> tree.TypeNode | None:
        if not self.accept("RETURNING"):
            return None
        kind = self.type()
        self._encoding()
        return kind


SPECIAL |= {
    "JSON_ARRAY": JsonCalls._json_array,
    "JSON_EXISTS": JsonCalls._json_path,
    "JSON_OBJECT": JsonCalls._json_object,
    "JSON_QUERY": JsonCalls._json_path,
    "JSON_VALUE": JsonCalls._json_path,
}
