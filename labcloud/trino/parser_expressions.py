"""Expressions, with the precedence of SqlBase.g4."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.lexer import NUMBERS
from labcloud.trino.parser_base import QUERY_STARTS, is_mismatch
from labcloud.trino.parser_types import Types

COMPARISONS = frozenset(("=", "<>", "!=", "<", "<=", ">", ">="))
EXPRESSION = "<expression>"
QUERY = "<query>"

_ENDS = (",", ")")
_LITERALS = NUMBERS | {"string"}
_BINDS = {"||": 1, "+": 2, "-": 2, "*": 3, "/": 3, "%": 3}
_NEGATABLE = ("BETWEEN", "IN", "LIKE")
_BEGIN_OPERAND = frozenset(("(", "[", "?", "+", "-"))
FRAMES = ("GROUPS", "MEASURES", "RANGE", "ROWS")
"""What begins a window's frame."""


class Expressions(Types):
    """Reads expressions."""

    if TYPE_CHECKING:

        def query(self) -> tree.Query: ...
        def window(self) -> tree.WindowSpecification | tree.Identifier: ...
        def sort_items(self) -> tuple[tree.SortItem, ...]: ...
        def special(self) -> tree.Expression | None: ...
        def call(self) -> tree.Expression: ...

    def expression(
        self, value: tree.Expression | None = None, at: Position | None = None
    ) -> tree.Expression:
        """Read an expression, or the rest of one that began at `at` with `value`."""
        token = self.tokens[self.at]
        if value is None and self.words[self.at + 1] in _ENDS and token.kind in _LITERALS:
            return self._primary()
        self.enter()
        at = at or token.at
        found = self._conjunction(value, at)
        if self.words[self.at] == "OR":
            terms = [found]
            while self.accept("OR"):
                terms.append(self._conjunction(None, self.position))
            found = tree.Logical("OR", tuple(terms), at=at)
        self.value_ends()
        self.depth -= 1
        return found

    def expressions(self) -> tuple[tree.Expression, ...]:
        """Read one or more expressions, with commas between."""
        return self.many(self.expression)

    def _conjunction(self, value: tree.Expression | None, at: Position) -> tree.Expression:
        found = self._negation() if value is None else self._predicate(value)
        if self.words[self.at] != "AND":
            return found
        terms = [found]
        while self.accept("AND"):
            terms.append(self._negation())
        return tree.Logical("AND", tuple(terms), at=at)

    def _negation(self) -> tree.Expression:
        if self.words[self.at] != "NOT":
            return self._predicate(self.value())
        places = []
        while self.words[self.at] == "NOT":
            places.append(self.take().at)
            self.enter()
        found = self._predicate(self.value())
        for place in reversed(places):
            found = tree.Not(found, at=place)
        self.depth -= len(places)
        return found

    # ---- predicates

    def _predicate(self, left: tree.Expression) -> tree.Expression:
        word = self.words[self.at]
        if word in COMPARISONS:
            return self._comparison(left)
        if word == "IS":
            return self._is(left)
        at = self.position
        negated = self.accept("NOT")
        word = self.words[self.at]
        if word not in _NEGATABLE:
            if negated:
                raise self.wrong(*(f"'{one}'" for one in _NEGATABLE))
            return left
        self.at += 1
        found: tree.Expression
        if word == "BETWEEN":
            low = self.value()
            self.expect("AND")
            found = tree.Between(left, low, self.value(), at=at)
        elif word == "IN" and not negated:
            found = self._or_else(self.at - 1, lambda: self._in(left, at))
        elif word == "IN":
            found = self._in(left, at)
        else:
            pattern = self.value()
            escape = self.value() if self.accept("ESCAPE") else None
            found = tree.Like(left, pattern, escape, at=at)
        return tree.Not(found, at=at) if negated else found

    def _comparison(self, left: tree.Expression) -> tree.Expression:
        token = self.take()
        operator = "<>" if token.upper == "!=" else token.upper
        if self.words[self.at] in ("ALL", "ANY", "SOME") and self._holds_table(self.at + 1):
            quantifier = self.take().upper
            if self.words[self.at + 1] == "WITH":
                query = self.query_in_brackets()
            else:
                # ANY could be a column that ends the expression.
                query = self._or_else(self.at, self.query_in_brackets)
            return tree.QuantifiedComparison(operator, quantifier, left, query, at=token.at)
        return tree.Comparison(operator, left, self.value(), at=token.at)

    def _holds_table(self, index: int) -> bool:
        """Return whether a bracket holds a query, not a scalar subquery in brackets of its own."""
        return self.opens_query(index) and not self.holds_bracketed_query(index)

    def query_in_brackets(self) -> tree.Query:
        """Read (query)."""
        self.expect("(")
        if not (self.words[self.at] in QUERY_STARTS or self.sees("(")):
            raise self.wrong(QUERY)
        query = self.query()
        self.close()
        return query

    def _or_else(self, index: int, read: Callable[[], Any]) -> Any:
        """Read what Trino's parser would rather not enter than report an error in.

        Where it looks ahead to choose between entering and leaving an expression, and meets an
        error, it leaves: what is reported is the token where it left.
        """
        undecided = self.undecided
        try:
            return read()
        except TrinoError as error:
            if undecided or not is_mismatch(error):
                raise
            self.at = index
            self._value_ends = index
            raise self.wrong() from None

    def _in(self, left: tree.Expression, at: Position) -> tree.Expression:
        if self._holds_table(self.at):
            return tree.InSubquery(left, self.query_in_brackets(), at=at)
        self.expect("(")
        if self.sees(")"):
            raise self.wrong(EXPRESSION, QUERY)
        items = self.expressions()
        self.close(",")
        return tree.InList(left, items, at=at)

    def _is(self, left: tree.Expression) -> tree.Expression:
        at = self.take().at
        negated = self.accept("NOT")
        if self.accept("NULL"):
            return tree.IsNotNull(left, at=at) if negated else tree.IsNull(left, at=at)
        if not self.accept("DISTINCT"):
            raise self.wrong("'DISTINCT'", "'NULL'", *(() if negated else ("'NOT'",)))
        self.expect("FROM")
        found = tree.Comparison("IS DISTINCT FROM", left, self.value(), at=at)
        return tree.Not(found, at=at) if negated else found

    # ---- values

    def value(self, binds: int = 0, left: tree.Expression | None = None) -> tree.Expression:
        """Read what stands on a side of a comparison: operators that bind closer than `binds`.

        `left` is its first part, where that has been read.
        """
        left = self._unary() if left is None else self._zoned(left)
        words, operators = self.words, 0
        while (mine := _BINDS.get(words[self.at], 0)) > binds:
            token = self.take()
            right = self.value(mine)
            if mine == 1:
                left = tree.Concat(left, right, at=token.at)
            else:
                left = tree.ArithmeticBinary(token.text, left, right, at=token.at)
            operators += 1
            self.not_too_long(operators)
        self.value_ends()
        return left

    def _unary(self) -> tree.Expression:
        signs = []
        while self.words[self.at] in ("-", "+") and not self._is_negative_number():
            signs.append(self.take())
            self.enter()
        found = self._zoned(self.primary())
        for sign in reversed(signs):
            found = tree.ArithmeticUnary(sign.text, found, at=sign.at)
        self.depth -= len(signs)
        return found

    def _is_negative_number(self) -> bool:
        return self.words[self.at] == "-" and self.ahead().kind in NUMBERS

    def _zoned(self, found: tree.Expression) -> tree.Expression:
        count = 0
        # AT can be an alias, unless an earlier decision rules that out.
        while self.words[self.at] == "AT" and (self.undecided or self.words[self.at + 1] == "TIME"):
            at = self.take().at
            self.expect("TIME", "ZONE")
            zone: tree.Expression
            if self.words[self.at] == "INTERVAL":
                zone = self.interval()
            elif self.sees_string():
                zone = self.string_literal()
            else:
                raise self.wrong("'INTERVAL'", "<string>")
            found = tree.AtTimeZone(found, zone, at=at)
            count += 1
            self.not_too_long(count)
        return found

    def primary(self, is_item: bool = False) -> tree.Expression:
        """Read a primary expression with its subscripts and fields.

        `is_item` is whether it could be `primary.*` of SELECT.
        """
        at = self.position
        return self._postfix(self._primary(), at, is_item)

    def _postfix(
        self, found: tree.Expression, at: Position, is_item: bool = False
    ) -> tree.Expression:
        words, count = self.words, 0
        while True:
            word = words[self.at]
            count += 1
            self.not_too_long(count)
            if word == "[":
                self.at += 1
                index = self.value()
                if not self.accept("]"):
                    raise self.wrong("']'")
                found = tree.Subscript(found, index, at=at)
            elif word == "." and self._is_dereference(is_item):
                self.at += 1
                found = tree.DereferenceExpression(found, self.identifier(), at=at)
            else:
                return found

    def _is_dereference(self, is_item: bool) -> bool:
        """Return whether a dot is followed by a field.

        A dot that neither a field nor `*` follows does not fit. It is the dot that Trino reports,
        unless an earlier decision waits for what comes: then it is what follows.
        """
        if self.words[self.at + 1] == "*" and is_item:
            return False
        return self.follows_identifier() or self.undecided > 0

    def _primary(self) -> tree.Expression:
        token = self.tokens[self.at]
        kind, word = token.kind, token.upper
        if kind in NUMBERS or word == "-":
            return self.number_literal()
        if kind in ("string", "unicode"):
            return self.string_literal()
        if kind == "binary":
            return self.binary_literal()
        if kind == "word":
            if self.words[self.at + 1] == "(" and not self._is_entered(self.at + 1):
                return self.identifier()
            found = self.special()
            if found is not None:
                return found
        elif word == "(":
            return self._bracket()
        elif word == "[":
            self.at += 1
            return self.array_items(token.at)
        elif word == "?":
            return self.parameter()
        if self.is_identifier():
            return self._named()
        raise self.wrong(EXPRESSION)

    def parameter(self) -> tree.Parameter:
        """Take a question mark."""
        at = self.take().at
        self.parameters += 1
        return tree.Parameter(self.parameters - 1, at=at)

    def reading_on(self, read: Callable[[], Any]) -> Any:
        """Read what one of Trino's decisions waits for the end of."""
        self.undecided += 1
        found = read()
        self.undecided -= 1
        return found

    # ---- brackets

    def _bracket(self) -> tree.Expression:
        at = self.position
        if self.opens_query(self.at):
            return tree.SubqueryExpression(self._bracketed_query(), at=at)
        if self._is_lambda():
            return self._lambda()
        self.at += 1
        if self.sees(")"):
            raise self.wrong(EXPRESSION, QUERY, "<identifier>")
        first = self.reading_on(self.expression)
        if self.accept(")"):
            return first  # type: ignore[no-any-return]
        if not self.accept(","):
            raise self.wrong("')'", "','")
        items = (first, *self.expressions())
        self.close(",")
        return tree.Row(items, at=at)

    def _bracketed_query(self) -> tree.Query:
        if self.words[self.at + 1] in QUERY_STARTS:
            return self.query_in_brackets()
        found: tree.Query = self.reading_on(self.query_in_brackets)
        return found

    def _is_lambda(self) -> bool:
        words, index = self.words, self.at + 1
        if words[index] == ")":
            return True
        while self.is_identifier(index):
            following = words[index + 1]
            if following == ")":
                return words[index + 2] == "->"
            if following != ",":
                return False
            index += 2
        return False

    def _lambda(self) -> tree.Expression:
        at = self.position
        names: tuple[tree.Identifier, ...] = ()
        if self.accept("("):
            if not self.accept(")"):
                names = self.many(self.identifier)
                self.close()
        else:
            names = (self.identifier(),)
        self.expect("->")
        return tree.Lambda(names, self.expression(), at=at)

    def array_items(self, at: Position) -> tree.Expression:
        """Read the elements of an array whose bracket has been taken."""
        items = () if self.sees("]") else self.expressions()
        if not self.accept("]"):
            raise self.wrong("']'", "','", *(() if items else (EXPRESSION,)))
        return tree.Array(items, at=at)

    # ---- names

    def _named(self) -> tree.Expression:
        after = self.words[self.at + 1]
        if after == "->":
            return self._lambda()
        if self.sees_string(1):
            return self._typed_literal()
        if self._is_call(self.at):
            return self.call()
        at = self.position
        if after == "OVER" and self.begins_window(self.at + 1, at):
            name = self.identifier()
            self.at += 1
            return tree.WindowOperation(name, self.window(), at=at)
        return self.identifier()

    def _is_entered(self, index: int) -> bool:
        """Return whether Trino's parser enters a call's bracket; see `_or_else`.

        What follows a name in brackets could also be a query, so long as only brackets came.
        """
        if self.undecided or not self.is_identifier(index - 1):
            return True
        first = index + 1
        if self.words[first] in (")", "*", "DISTINCT", "ORDER"):
            return True
        while self.words[first] == "(":
            first += 1
        if first > index + 1 and self.words[first] in QUERY_STARTS | {")"}:
            return True
        return self.begins_expression(first)

    def begins_expression(self, index: int) -> bool:
        """Return whether a token can be an expression's first."""
        token = self.tokens[min(index, len(self.tokens) - 1)]
        if token.kind == "sign":
            return token.upper in _BEGIN_OPERAND
        if token.kind == "word":
            return self.is_identifier(index) or token.upper in _BEGINS_EXPRESSION
        return token.kind not in ("end", "unknown")

    def _is_call(self, index: int) -> bool:
        """Return whether a qualified name at a token is a function's: a bracket follows."""
        words = self.words
        if words[index] in ("RUNNING", "FINAL") and self.is_identifier(index + 1):
            index += 1
        while self.is_identifier(index):
            following = words[index + 1]
            if following == "(":
                return self._is_entered(index + 1)
            if following != ".":
                return False
            index += 2
        return False

    def begins_window(self, index: int, at: Position) -> bool:
        """Return whether OVER at a token has a window behind it; else it is an alias.

        `at` is where the call begins.
        """
        if self.words[index + 1] != "(":
            return self.is_identifier(index + 1) or not self.may_be_aliased(at)
        if self.undecided:
            return True
        # An alias could have columns in brackets: names with commas between.
        word, after = self.words[index + 2 : index + 4]
        if not self.is_identifier(index + 2):
            return word in (")", "ORDER")
        if word == "PARTITION" and after == "BY":
            return True
        if word in FRAMES and (after == "BETWEEN" or self.begins_expression(index + 3)):
            return True
        return after in (")", "ORDER", "PARTITION", *FRAMES)

    def _typed_literal(self) -> tree.Expression:
        name = self.identifier()
        kind = name.value.lower()
        if kind == "x" and not name.delimited:
            text = "Spaces are not allowed between 'X' and the starting quote of a binary literal"
            self.refuse(text, name.at)
        return tree.GenericLiteral(kind, self.string(), at=name.at)

    def set_quantifier(self) -> bool:
        """Take DISTINCT or ALL; return whether it was DISTINCT. ALL can be a column's name, too."""
        if self.accept("DISTINCT"):
            return True
        if self.words[self.at] == "ALL":
            self.at += self.words[self.at + 1] == "*" or self.begins_expression(self.at + 1)
        return False


_BEGINS_EXPRESSION = frozenset(
    """CASE CAST CURRENT_CATALOG CURRENT_DATE CURRENT_PATH CURRENT_SCHEMA CURRENT_TIME
    CURRENT_TIMESTAMP CURRENT_USER CUBE EXISTS EXTRACT FALSE GROUPING JSON_ARRAY JSON_EXISTS
    JSON_OBJECT JSON_QUERY JSON_VALUE LISTAGG LOCALTIME LOCALTIMESTAMP NORMALIZE NOT NULL ROLLUP
    TRIM TRUE""".split()  # noqa: SIM905
)
