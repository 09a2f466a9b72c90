"""What all parts of the parser share: tokens taken, expected, and the error where none fits."""

from __future__ import annotations

from typing import NoReturn

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.lexer import RESERVED, Token, tokens, unquoted

DEEPEST = 500
"""Nested brackets beyond which Trino's own parser overflows its stack."""


class Base:
    """Tokens and a place among them."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = tokens(sql)
        self.at = 0
        self.depth = 0
        self.parameters = 0
        self.hive = False
        """Whether backquoted identifiers are allowed: Hive's statements."""

    # ---- tokens

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    @property
    def position(self) -> Position:
        """Where the next token stands."""
        return self.tokens[self.at].at

    def ahead(self, count: int = 1) -> Token:
        """Return a token further on."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Return the next token and go on."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def sees(self, *words: str) -> bool:
        """Return whether the next tokens are these words or signs."""
        return all(
            self.tokens[min(self.at + n, len(self.tokens) - 1)].upper == word
            for n, word in enumerate(words)
        )

    def sees_any(self, *words: str) -> bool:
        """Return whether the next token is one of these words or signs."""
        return self.token.upper in words and self.token.upper != ""

    def accept(self, *words: str) -> bool:
        """Take these words or signs if they come next."""
        if self.sees(*words):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> Token:
        """Take these words or signs. Raises TrinoError where others come."""
        token = self.token
        for word in words:
            token = self.token
            if token.upper != word:
                self.wrong(f"'{word}'")
            self.take()
        return token

    def wrong(self, *expected: str) -> NoReturn:
        """Raise Trino's error for the next token."""
        self.wrong_at(self.token, *expected)

    def wrong_at(self, token: Token, *expected: str) -> NoReturn:
        """Raise Trino's error for a token."""
        if token.kind == "digits":
            raise TrinoError(
                "SYNTAX_ERROR",
                "identifiers must not start with a digit; surround the identifier with double quotes",
                token.at,
            )
        if token.kind == "backquoted":
            raise TrinoError(
                "SYNTAX_ERROR",
                "backquoted identifiers are not supported; use double quotes to quote identifiers",
                token.at,
            )
        text = token.text
        raise TrinoError(
            "SYNTAX_ERROR",
            f"mismatched input '{text}'. Expecting: {', '.join(sorted(set(expected)))}",
            token.at,
        )

    # ---- identifiers

    def is_identifier(self, token: Token | None = None) -> bool:
        """Return whether a token is an identifier."""
        token = token or self.token
        if token.kind == "word":
            return token.upper not in RESERVED
        return token.kind == "quoted" or (token.kind == "backquoted" and self.hive)

    def identifier(self) -> tree.Identifier:
        """Take an identifier."""
        token = self.token
        if not self.is_identifier(token):
            self.wrong("<identifier>")
        self.take()
        if token.kind == "word":
            return tree.Identifier(token.text, at=token.at)
        value = unquoted(token)
        if not value:
            raise TrinoError(
                "SYNTAX_ERROR", "Zero-length delimited identifier not allowed", token.at
            )
        return tree.Identifier(value, True, at=token.at)

    def name(self) -> tuple[tree.Identifier, ...]:
        """Take a qualified name."""
        parts = [self.identifier()]
        while self.accept("."):
            parts.append(self.identifier())
        return tuple(parts)

    def identifiers(self) -> tuple[tree.Identifier, ...]:
        """Take (a, b, …)."""
        self.expect("(")
        found = [self.identifier()]
        while self.accept(","):
            found.append(self.identifier())
        if not self.sees(")"):
            self.wrong("')'", "','")
        self.take()
        return tuple(found)

    def string(self) -> str:
        """Take a string literal."""
        if self.token.kind != "string":
            self.wrong("<string>")
        return unquoted(self.take())

    def integer(self) -> int:
        """Take a whole number."""
        if self.token.kind != "integer":
            self.wrong("<integer>")
        return int(self.take().text.replace("_", ""), 0)

    # ---- depth

    def enter(self) -> None:
        """Go one level of nesting down. Raises TrinoError where it is too deep."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise TrinoError(
                "STACK_OVERFLOW", "statement is too large (stack overflow while parsing)"
            )

    def leave(self) -> None:
        """Come back from a level of nesting."""
        self.depth -= 1
