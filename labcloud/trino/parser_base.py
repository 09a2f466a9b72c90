"""What all parts of the parser share: tokens taken or expected, and the error where none fits.

Trino's parser is made by ANTLR, which looks as far ahead as it must; where nothing fits it reports
the token that no continuation of the statement allows. This parser decides by a few tokens, never
reads a token twice, and so meets the same token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.lexer import RESERVED, Token, tokens, unquoted

DEEPEST = 400
"""Levels of nesting beyond which a statement is too large."""

LONGEST = 2_500
"""Operators in a row (`a + b + c …`), each of which is one level more of the tree."""

AFTER_PRIMARY = ("'.'", "'['")
AFTER_VALUE = ("'%'", "'*'", "'+'", "'-'", "'/'", "'AT'", "'||'", "'AND'", "'OR'", "<predicate>")

QUERY_STARTS = frozenset(("SELECT", "WITH", "VALUES", "TABLE"))
_QUERY_GOES_ON = frozenset((")", "UNION", "INTERSECT", "EXCEPT", "ORDER"))

Item = TypeVar("Item")


class Base:
    """The tokens and a place among them."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = tokens(sql)
        self.words = [token.upper for token in self.tokens]
        # Looking some tokens ahead never leaves the list.
        self.words += [""] * 4
        self.at = 0
        self.depth = 0
        self.parameters = 0
        self.hive = False
        """Whether this is read as a statement of Hive's, which has backquoted identifiers."""
        self.hive_types = False
        """Whether struct<…> is a type."""
        self.undecided = 0
        """How many decisions of Trino's parser wait for the end of what is being read here."""
        self.item: Position | None = None
        """Where the item of SELECT begins whose first part is being read."""
        self.later: TrinoError | None = None
        """What Trino's tree builder refuses: it sees only statements that parse."""
        self._value_ends = -1
        self._queries: dict[int, bool] = {}
        self._closings: dict[int, int] | None = None

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
        at = self.at
        return self.words[at : at + len(words)] == list(words)

    def sees_any(self, *words: str) -> bool:
        """Return whether the next token is one of these words or signs."""
        return self.words[self.at] in words

    def accept(self, word: str) -> bool:
        """Take a word or sign if it comes next."""
        if self.words[self.at] == word:
            self.at += 1
            return True
        return False

    def accept_all(self, *words: str) -> bool:
        """Take these words or signs if they all come next."""
        if self.sees(*words):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> Token:
        """Take these words or signs and return the last. Raises TrinoError where others come."""
        for word in words:
            if self.words[self.at] != word:
                raise self.wrong(f"'{word}'")
            self.at += 1
        return self.tokens[self.at - 1]

    def expect_any(self, *words: str) -> str:
        """Take one of these words and return it. Raises TrinoError where another comes."""
        word = self.words[self.at]
        if word not in words:
            raise self.wrong(*(f"'{one}'" for one in words))
        self.at += 1
        return word

    def many(self, read: Callable[[], Item]) -> tuple[Item, ...]:
        """Read one or more, with commas between."""
        found = [read()]
        while self.accept(","):
            found.append(read())
        return tuple(found)

    def bracketed(self, read: Callable[[], Item]) -> tuple[Item, ...]:
        """Read ( one or more, with commas between )."""
        self.expect("(")
        found = self.many(read)
        self.close(",")
        return found

    def close(self, *others: str) -> None:
        """Take the closing bracket; `others` might come, too."""
        if not self.accept(")"):
            raise self.wrong("')'", *(f"'{other}'" for other in others))

    # ---- errors

    def wrong(self, *expected: str) -> TrinoError:
        """Return Trino's error for the next token."""
        if self._value_ends == self.at:
            expected += AFTER_VALUE + AFTER_PRIMARY
        shown = ", ".join(sorted(set(expected)))
        token = self.token
        text = f"mismatched input '{token.text}'. Expecting: {shown}"
        return TrinoError("SYNTAX_ERROR", text, token.at)

    def refuse(self, message: str, at: Position) -> None:
        """Note what Trino says of a statement that parses; the first such error is raised."""
        if self.later is None:
            self.later = TrinoError("SYNTAX_ERROR", message, at)

    def may_be_aliased(self, at: Position) -> bool:
        """Return whether what begins at a place could have an alias behind it.

        Inside of an expression that Trino's parser has not made up its mind on it has none.
        """
        return not self.undecided or at == self.item

    def value_ends(self) -> None:
        """Note that an expression ends here: an operator would fit, too."""
        self._value_ends = self.at

    # ---- identifiers

    def is_identifier(self, index: int | None = None) -> bool:
        """Return whether a token (the next one) is an identifier, be it a refused one."""
        token = self.tokens[min(self.at if index is None else index, len(self.tokens) - 1)]
        if token.kind == "word":
            return token.upper not in RESERVED
        return token.kind in ("quoted", "backquoted", "digits")

    def follows_identifier(self, count: int = 1) -> bool:
        """Return whether a token further on is an identifier."""
        return self.is_identifier(self.at + count)

    def identifier(self) -> tree.Identifier:
        """Take an identifier. Raises TrinoError for another token, and for refused identifiers."""
        token = self.tokens[self.at]
        kind = token.kind
        if not self.is_identifier():
            raise self.wrong("<identifier>")
        self.at += 1
        if kind == "word":
            return tree.Identifier(token.text, at=token.at)
        if kind == "digits" and not self.hive:
            raise TrinoError("SYNTAX_ERROR", _DIGITS_FIRST, token.at)
        if kind == "backquoted" and not self.hive:
            raise TrinoError("SYNTAX_ERROR", _BACKQUOTED, token.at)
        if kind == "digits":
            return tree.Identifier(token.text, at=token.at)
        value = unquoted(token)
        if not value:
            raise TrinoError("SYNTAX_ERROR", _ZERO_LENGTH, token.at)
        return tree.Identifier(value, True, at=token.at)

    def name(self) -> tuple[tree.Identifier, ...]:
        """Take a qualified name."""
        parts = [self.identifier()]
        while self.accept("."):
            parts.append(self.identifier())
        return tuple(parts)

    def dotted(self) -> str:
        """Take a function's name, in lower case."""
        return ".".join(part.value.lower() for part in self.name())

    def identifiers(self) -> tuple[tree.Identifier, ...]:
        """Take (a, b, …)."""
        return self.bracketed(self.identifier)

    def integer(self) -> int:
        """Take a whole number. Raises TrinoError."""
        if self.token.kind != "integer":
            raise self.wrong("<integer>")
        return number(self.take().text)

    # ---- looking ahead

    def opens_query(self, index: int) -> bool:
        """Return whether the bracket at a token holds a query.

        `((SELECT 1) UNION SELECT 2)` does, `((SELECT 1) + 1)` and `((SELECT 1) x)` do not.
        """
        if self.words[index] != "(":
            return False
        if index not in self._queries:
            self._look_into(index)
        return self._queries[index]

    def holds_bracketed_query(self, index: int) -> bool:
        """Return whether the bracket at a token holds a query in brackets and nothing else."""
        if self.words[index + 1] != "(" or not self.opens_query(index + 1):
            return False
        return self.words[self.closing(index + 1) + 1] == ")"

    def _look_into(self, first: int) -> None:
        """Find which brackets of a run `(((…` hold queries, from the innermost outward."""
        inner = first
        while self.words[inner] == "(":
            inner += 1
        found = self._starts_query(inner)
        for index in range(inner - 1, first - 1, -1):
            self._queries[index] = found
            found = found and index > first and self._query_goes_on(self.closing(index) + 1)

    def closing(self, index: int) -> int:
        """Return where the bracket at a token closes; the last token where it never does."""
        if self._closings is None:
            self._closings = {}
            opened = []
            for at, word in enumerate(self.words):
                if word == "(":
                    opened.append(at)
                elif word == ")" and opened:
                    self._closings[opened.pop()] = at
        return self._closings.get(index, len(self.tokens) - 1)

    def _starts_query(self, index: int) -> bool:
        word = self.words[index]
        # TABLE(f(…)) is a relation.
        return word in QUERY_STARTS and not (word == "TABLE" and self.words[index + 1] == "(")

    def _query_goes_on(self, index: int) -> bool:
        """Return whether what follows a bracketed query at a token makes it part of a query."""
        last = len(self.tokens) - 1
        if index >= last:
            return True
        return self.words[index] in _QUERY_GOES_ON or self.limits_rows(index)

    def limits_rows(self, index: int | None = None) -> bool:
        """Return whether OFFSET, LIMIT or FETCH begins a clause here; each can be a name, too."""
        index = self.at if index is None else index
        word, after = self.words[index], self.words[index + 1]
        if word == "FETCH":
            return after in ("FIRST", "NEXT")
        if word not in ("LIMIT", "OFFSET"):
            return False
        kind = self.tokens[min(index + 1, len(self.tokens) - 1)].kind
        return kind == "integer" or after == "?" or (word == "LIMIT" and after == "ALL")

    def forget_queries(self) -> None:
        """Forget which brackets hold queries: the tokens are others now."""
        self._queries = {}
        self._closings = None

    # ---- depth

    def enter(self) -> None:
        """Go one level of nesting down. Raises TrinoError where it is too deep."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise too_large()

    def not_too_long(self, count: int) -> None:
        """Check how many operators follow on each other. Raises TrinoError."""
        if count > LONGEST:
            raise too_large()

    def leave(self) -> None:
        """Come back from a level of nesting."""
        self.depth -= 1


def is_mismatch(error: TrinoError) -> bool:
    """Return whether an error is that of a token that does not fit."""
    return "mismatched input" in error.message


def too_large() -> TrinoError:
    """Return Trino's error for a statement that its parser's stack does not hold."""
    text = "statement is too large (stack overflow while parsing)"
    return TrinoError("SYNTAX_ERROR", text, (1, 1))


def number(text: str) -> int:
    """Return the value of `12`, `1_000`, `0xFF`, `0o17`, `0b101`."""
    digits = text.replace("_", "").lower()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
    if base != 10:
        return int(digits[2:], base)
    # Python refuses to read more than 4,300 digits; no such number fits a bigint.
    return int(digits) if len(digits) <= 4_300 else 1 << 64


_DIGITS_FIRST = (
    "identifiers must not start with a digit; surround the identifier with double quotes"
)
_BACKQUOTED = "backquoted identifiers are not supported; use double quotes to quote identifiers"
_ZERO_LENGTH = "Zero-length delimited identifier not allowed"
