"""Expressions, in the precedence of SqlBase.g4."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.lexer import Token, unicode_text, unquoted
from labcloud.trino.parser_types import Types

COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
EXPRESSION = "<expression>"


class Expressions(Types):
    """Reads expressions."""

    if TYPE_CHECKING:

        def query(self) -> tree.Query: ...
        def window(self) -> tree.WindowSpecification | tree.Identifier: ...
        def sort_items(self) -> tuple[tree.SortItem, ...]: ...

    def expression(self) -> tree.Expression:
        """Read an expression."""
        self.enter()
        found = self._or()
        self.leave()
        return found

    def _or(self) -> tree.Expression:
        return self._chain("OR", self._and)

    def _and(self) -> tree.Expression:
        return self._chain("AND", self._not)

    def _chain(self, word: str, read: Any) -> tree.Expression:
        at = self.position
        terms = [read()]
        while self.accept(word):
            terms.append(read())
        return terms[0] if len(terms) == 1 else tree.Logical(word, tuple(terms), at=at)

    def _not(self) -> tree.Expression:
        if self.sees("NOT"):
            at = self.take().at
            self.enter()
            value = self._not()
            self.leave()
            return tree.Not(value, at=at)
        return self._predicate(self.value())

    # ---- predicates

    def _predicate(self, left: tree.Expression) -> tree.Expression:
        token = self.token
        at = token.at
        if token.upper in COMPARISONS:
            return self._comparison(left)
        negated = self.sees("NOT") and self.ahead().upper in ("BETWEEN", "IN", "LIKE")
        if negated:
            self.take()
        found: tree.Expression
        if self.accept("BETWEEN"):
            low = self.value()
            self.expect("AND")
            found = tree.Between(left, low, self.value(), at=at)
        elif self.accept("IN"):
            found = self._in(left, at)
        elif self.accept("LIKE"):
            pattern = self.value()
            escape = self.value() if self.accept("ESCAPE") else None
            found = tree.Like(left, pattern, escape, at=at)
        elif self.sees("IS"):
            return self._is(left)
        elif self.sees("NOT"):
            self.take()
            self.wrong("'BETWEEN'", "'IN'", "'LIKE'")
        else:
            return left
        return tree.Not(found, at=at) if negated else found

    def _comparison(self, left: tree.Expression) -> tree.Expression:
        token = self.take()
        operator = "<>" if token.upper == "!=" else token.upper
        if self.sees_any("ALL", "ANY", "SOME") and self.ahead().upper == "(":
            quantifier = self.take().upper
            self.expect("(")
            query = self.query()
            self.expect(")")
            return tree.QuantifiedComparison(operator, quantifier, left, query, at=token.at)
        return tree.Comparison(operator, left, self.value(), at=token.at)

    def _in(self, left: tree.Expression, at: Position) -> tree.Expression:
        self.expect("(")
        if self.starts_query():
            found = self.either(self._in_query, self._in_items)
        else:
            found = self._in_items()
        if isinstance(found, tree.Query):
            return tree.InSubquery(left, found, at=at)
        return tree.InList(left, found, at=at)

    def _in_query(self) -> Any:
        query = self.query()
        self.expect(")")
        return query

    def _in_items(self) -> Any:
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        if not self.sees(")"):
            self.wrong("')'", "','")
        self.take()
        return tuple(items)

    def _is(self, left: tree.Expression) -> tree.Expression:
        at = self.take().at
        negated = self.accept("NOT")
        if self.accept("NULL"):
            return tree.IsNotNull(left, at=at) if negated else tree.IsNull(left, at=at)
        if not self.sees("DISTINCT"):
            self.wrong("'DISTINCT'", "'NULL'", *(() if negated else ("'NOT'",)))
        self.take()
        self.expect("FROM")
        found = tree.Comparison("IS DISTINCT FROM", left, self.value(), at=at)
        return tree.Not(found, at=at) if negated else found

    # ---- values

    def value(self) -> tree.Expression:
        """Read a value expression: what stands on a side of a comparison."""
        left = self._sum()
        while self.sees("||"):
            at = self.take().at
            left = tree.Concat(left, self._sum(), at=at)
        return left

    def _sum(self) -> tree.Expression:
        left = self._product()
        while self.sees_any("+", "-"):
            token = self.take()
            left = tree.ArithmeticBinary(token.text, left, self._product(), at=token.at)
        return left

    def _product(self) -> tree.Expression:
        left = self._unary()
        while self.sees_any("*", "/", "%"):
            token = self.take()
            left = tree.ArithmeticBinary(token.text, left, self._unary(), at=token.at)
        return left

    def _unary(self) -> tree.Expression:
        token = self.token
        if token.upper in ("-", "+"):
            if token.upper == "-" and self.ahead().kind in ("integer", "decimal", "double"):
                return self._zoned()
            self.take()
            self.enter()
            value = self._unary()
            self.leave()
            return tree.ArithmeticUnary(token.text, value, at=token.at)
        return self._zoned()

    def _zoned(self) -> tree.Expression:
        found = self._postfix()
        while self.sees("AT"):
            at = self.position
            self.take()
            self.expect("TIME", "ZONE")
            zone: tree.Expression
            if self.sees("INTERVAL"):
                zone = self._interval()
            elif self.token.kind == "string":
                zone = tree.StringLiteral(self.string(), at=at)
            else:
                self.wrong("'INTERVAL'", "<string>")
            found = tree.AtTimeZone(found, zone, at=found.at)
        return found

    def _postfix(self) -> tree.Expression:
        found = self._primary()
        while True:
            if self.sees("["):
                self.take()
                index = self.value()
                if not self.sees("]"):
                    self.wrong("']'")
                self.take()
                found = tree.Subscript(found, index, at=found.at)
            elif self.sees(".") and not self.sees(".", "*"):
                self.take()
                found = tree.DereferenceExpression(found, self.identifier(), at=found.at)
            else:
                return found

    # ---- primary

    def _primary(self) -> tree.Expression:
        token = self.token
        kind = token.kind
        if kind in ("integer", "decimal", "double") or token.upper == "-":
            return self._number()
        if kind == "string":
            self.take()
            return tree.StringLiteral(unquoted(token), at=token.at)
        if kind == "unicode":
            return self._unicode()
        if kind == "binary":
            return self._binary()
        if token.upper == "?":
            self.take()
            self.parameters += 1
            return tree.Parameter(self.parameters - 1, at=token.at)
        if token.upper == "(":
            return self._bracket()
        if token.upper == "[":
            self.take()
            return self._array(token.at)
        if kind == "word":
            special = _SPECIAL.get(token.upper)
            if special is not None and (found := special(self)) is not None:
                return found
        if self.is_identifier():
            return self._named()
        self.wrong(EXPRESSION)

    def _number(self) -> tree.Expression:
        at = self.position
        sign = "-" if self.accept("-") else ""
        token = self.take()
        text = token.text.replace("_", "")
        if token.kind == "integer":
            value = int(text, 0) if text[:2].lower() in ("0x", "0b", "0o") else int(text)
            if value - (sign == "-") > 2**63 - 1:
                raise TrinoError("SYNTAX_ERROR", f"Invalid numeric literal: {sign}{token.text}", at)
            return tree.LongLiteral(-value if sign else value, at=at)
        if token.kind == "decimal":
            return tree.DecimalLiteral(f"{sign}{text}", at=at)
        return tree.DoubleLiteral(float(f"{sign}{text}"), at=at)

    def _unicode(self) -> tree.Expression:
        token = self.take()
        escape = "\\"
        if self.accept("UESCAPE"):
            escape = self.string()
            if len(escape) != 1 or escape in "+\"' " or escape in "0123456789abcdefABCDEF":
                raise TrinoError("SYNTAX_ERROR", "Invalid Unicode escape character", token.at)
        return tree.StringLiteral(unicode_text(unquoted(token), escape, token.at), at=token.at)

    def _binary(self) -> tree.Expression:
        token = self.take()
        digits = "".join(unquoted(token).split())
        if any(c not in "0123456789abcdefABCDEF" for c in digits):
            raise TrinoError(
                "SYNTAX_ERROR",
                "Binary literal can only contain hexadecimal digits",
                token.at,
            )
        if len(digits) % 2:
            raise TrinoError(
                "SYNTAX_ERROR", "Binary literal must contain an even number of digits", token.at
            )
        return tree.BinaryLiteral(bytes.fromhex(digits), at=token.at)

    # ---- brackets

    def starts_query(self, at: int | None = None) -> bool:
        """Return whether a query may begin at a token: SELECT, WITH, VALUES, TABLE, brackets."""
        index = self.at if at is None else at
        while self.tokens[index].upper == "(":
            index += 1
        return self.tokens[index].upper in ("SELECT", "WITH", "VALUES", "TABLE")

    def either(self, first: Any, second: Any) -> Any:
        """Read one or the other; the error is that of whoever came further."""
        start, parameters, depth = self.at, self.parameters, self.depth
        try:
            return first()
        except TrinoError as error:
            if error.name != "SYNTAX_ERROR":
                raise
            reached = error
        self.at, self.parameters, self.depth = start, parameters, depth
        try:
            return second()
        except TrinoError as error:
            if error.name == "SYNTAX_ERROR" and (reached.at or (0, 0)) >= (error.at or (0, 0)):
                raise reached from None
            raise

    def _bracket(self) -> tree.Expression:
        if self._is_lambda():
            return self._lambda()
        if self.starts_query(self.at + 1):
            if self.ahead().upper == "(":
                found: tree.Expression = self.either(self._subquery, self._row_or_expression)
                return found
            return self._subquery()
        return self._row_or_expression()

    def _subquery(self) -> tree.Expression:
        at = self.expect("(").at
        query = self.query()
        self.expect(")")
        return tree.SubqueryExpression(query, at=at)

    def _row_or_expression(self) -> tree.Expression:
        at = self.expect("(").at
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        if not self.sees(")"):
            self.wrong("')'", "','", *_AFTER_VALUE)
        self.take()
        return items[0] if len(items) == 1 else tree.Row(tuple(items), at=at)

    def _is_lambda(self) -> bool:
        index = self.at + 1
        if self.tokens[index].upper == ")":
            return self.tokens[index + 1].upper == "->"
        while self.is_identifier(self.tokens[index]):
            following = self.tokens[index + 1].upper
            if following == ")":
                return self.tokens[index + 2].upper == "->"
            if following != ",":
                return False
            index += 2
        return False

    def _lambda(self) -> tree.Expression:
        at = self.position
        if self.accept("("):
            names = []
            while not self.sees(")"):
                names.append(self.identifier())
                self.accept(",")
            self.expect(")")
        else:
            names = [self.identifier()]
        self.expect("->")
        return tree.Lambda(tuple(names), self.expression(), at=at)

    def _array(self, at: Position) -> tree.Expression:
        items = []
        if not self.sees("]"):
            items.append(self.expression())
            while self.accept(","):
                items.append(self.expression())
        if not self.sees("]"):
            self.wrong("']'", "','")
        self.take()
        return tree.Array(tuple(items), at=at)

    # ---- names and calls

    def _named(self) -> tree.Expression:
        if self.ahead().upper == "->":
            return self._lambda()
        if self.ahead().kind == "string" and self.token.kind in ("word", "quoted"):
            return self._typed_literal()
        start = self.at
        processing = None
        if self.sees_any("RUNNING", "FINAL") and self.is_identifier(self.ahead()):
            processing = self.take().upper
        if self._is_call():
            return self._call(processing)
        self.at = start
        name = self.identifier()
        return name

    def _is_call(self) -> bool:
        index = self.at
        while self.is_identifier(self.tokens[index]):
            following = self.tokens[index + 1].upper
            if following == "(":
                return True
            if following != ".":
                return False
            index += 2
        return False

    def _typed_literal(self) -> tree.Expression:
        at = self.position
        kind = self.identifier().value.lower()
        value = self.string()
        if kind == "decimal":
            return tree.GenericLiteral("decimal", value, at=at)
        return tree.GenericLiteral(kind, value, at=at)

    def _call(self, processing: str | None) -> tree.Expression:
        at = self.position
        name = ".".join(part.value.lower() for part in self.name())
        self.expect("(")
        label, star, distinct = None, False, False
        arguments: list[tree.Expression] = []
        order_by: tuple[tree.SortItem, ...] = ()
        if self.is_identifier() and self.ahead().upper == "." and self.ahead(2).upper == "*":
            label = self.identifier()
            self.at += 2
            star = True
        elif self.accept("*"):
            star = True
        elif not self.sees(")"):
            if self.accept("DISTINCT"):
                distinct = True
            else:
                self.accept("ALL")
            if self.sees("ORDER") and not distinct:
                order_by = self.sort_items()
            else:
                arguments.append(self.expression())
                while self.accept(","):
                    arguments.append(self.expression())
                if self.sees("ORDER"):
                    order_by = self.sort_items()
        if not self.sees(")"):
            expected = ("')'",) if star else ("')'", "','", "'ORDER'", *_AFTER_VALUE)
            self.wrong(*expected)
        self.take()
        return self._call_clauses(
            tree.FunctionCall(
                name,
                tuple(arguments),
                distinct,
                order_by,
                star=star,
                processing=processing,
                label=label,
                at=at,
            )
        )

    def _call_clauses(self, call: tree.FunctionCall) -> tree.Expression:
        if call.name == "try" and len(call.arguments) == 1 and not call.distinct:
            return tree.Try(call.arguments[0], at=call.at)
        if self.sees("WITHIN", "GROUP"):
            self.at += 2
            self.expect("(")
            order = self.sort_items()
            self.expect(")")
            call = replace(call, order_by=order)
        if self.sees("FILTER", "("):
            self.at += 2
            self.expect("WHERE")
            condition = self.expression()
            self.expect(")")
            call = replace(call, filter=condition)
        if self.sees_any("IGNORE", "RESPECT") and self.ahead().upper == "NULLS":
            word = self.take().upper
            self.take()
            call = replace(call, nulls=word)
        if self.accept("OVER"):
            call = replace(call, window=self.window())
        return call

    # ---- forms with syntax of their own

    def _null(self) -> tree.Expression:
        return tree.NullLiteral(at=self.take().at)

    def _true(self) -> tree.Expression:
        return tree.BooleanLiteral(True, at=self.take().at)

    def _false(self) -> tree.Expression:
        return tree.BooleanLiteral(False, at=self.take().at)

    def _case(self) -> tree.Expression:
        at = self.take().at
        operand = None if self.sees("WHEN") else self.expression()
        whens = []
        if not self.sees("WHEN"):
            self.wrong("'WHEN'", *_AFTER_VALUE)
        while self.sees("WHEN"):
            place = self.take().at
            condition = self.expression()
            if not self.sees("THEN"):
                self.wrong("'THEN'", *_AFTER_VALUE)
            self.take()
            whens.append(tree.WhenClause(condition, self.expression(), at=place))
        default = self.expression() if self.accept("ELSE") else None
        if not self.sees("END"):
            self.wrong("'END'", *(() if default else ("'ELSE'", "'WHEN'")), *_AFTER_VALUE)
        self.take()
        if operand is None:
            return tree.SearchedCase(tuple(whens), default, at=at)
        return tree.SimpleCase(operand, tuple(whens), default, at=at)

    def _cast(self) -> tree.Expression | None:
        if self.ahead().upper != "(":
            return None if self.sees("TRY_CAST") else self._after("(")
        token = self.take()
        self.expect("(")
        value = self.expression()
        if not self.sees("AS"):
            self.wrong("'AS'", *_AFTER_VALUE)
        self.take()
        kind = self.type()
        self.expect(")")
        return tree.Cast(value, kind, token.upper == "TRY_CAST", at=token.at)

    def _after(self, word: str) -> tree.Expression:
        self.take()
        self.expect(word)
        raise AssertionError("unreachable")

    def _exists(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        query = self.query()
        self.expect(")")
        return tree.Exists(query, at=at)

    def _row(self) -> tree.Expression | None:
        if self.ahead().upper != "(":
            return None
        at = self.take().at
        self.expect("(")
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        if not self.sees(")"):
            self.wrong("')'", "','")
        self.take()
        return tree.Row(tuple(items), at=at)

    def _array_word(self) -> tree.Expression | None:
        if self.ahead().upper != "[":
            return None
        at = self.take().at
        self.take()
        return self._array(at)

    def _interval(self) -> tree.Expression:
        at = self.take().at
        negative = self.accept("-")
        if not negative:
            self.accept("+")
        value = self.string()
        start = self._unit()
        end = self._unit() if self.accept("TO") else None
        return tree.IntervalLiteral(value, negative, start, end, at=at)

    def _interval_word(self) -> tree.Expression | None:
        after = self.ahead()
        if after.kind == "string" or (after.upper in ("+", "-") and self.ahead(2).kind == "string"):
            return self._interval()
        return None

    def _unit(self) -> str:
        if not self.sees_any(*UNITS):
            self.wrong(*(f"'{unit}'" for unit in UNITS))
        return self.take().upper.lower()

    def _extract(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        field = self.identifier().value.lower()
        self.expect("FROM")
        value = self.value()
        self.expect(")")
        return tree.Extract(field, value, at=at)

    def _trim(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        where = self.take().upper if self.sees_any("BOTH", "LEADING", "TRAILING") else None
        if where is not None and self.accept("FROM"):
            source = self.value()
            self.expect(")")
            return tree.Trim(where, source, at=at)
        first = self.value()
        if self.accept("FROM"):
            source = self.value()
            self.expect(")")
            return tree.Trim(where or "BOTH", source, first, at=at)
        if where is None and self.accept(","):
            characters = self.value()
            self.expect(")")
            return tree.Trim("BOTH", first, characters, at=at)
        if where is not None:
            self.wrong("'FROM'")
        self.expect(")")
        return tree.Trim("BOTH", first, at=at)

    def _position(self) -> tree.Expression | None:
        if self.ahead().upper != "(":
            return None
        start = self.at
        at = self.take().at
        self.take()
        try:
            needle = self.value()
            if not self.sees("IN"):
                self.at = start
                return None
        except TrinoError:
            self.at = start
            return None
        self.take()
        source = self.value()
        self.expect(")")
        return tree.FunctionCall("strpos", (source, needle), at=at)

    def _substring(self) -> tree.Expression | None:
        if self.ahead().upper != "(":
            return None
        start = self.at
        at = self.take().at
        self.take()
        value = self.value()
        if not self.sees("FROM"):
            self.at = start
            return None
        self.take()
        arguments = [value, self.value()]
        if self.accept("FOR"):
            arguments.append(self.value())
        self.expect(")")
        return tree.FunctionCall("substr", tuple(arguments), at=at)

    def _normalize(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        value = self.value()
        form = "NFC"
        if self.accept(","):
            if not self.sees_any("NFC", "NFD", "NFKC", "NFKD"):
                self.wrong("'NFC'", "'NFD'", "'NFKC'", "'NFKD'")
            form = self.take().upper
        self.expect(")")
        return tree.FunctionCall("normalize", (value, tree.StringLiteral(form, at=at)), at=at)

    def _current(self) -> tree.Expression:
        token = self.take()
        precision = None
        if token.upper not in ("CURRENT_DATE",) and self.sees("("):
            self.take()
            precision = self.integer()
            self.expect(")")
        return tree.CurrentTime(token.upper.lower(), precision, at=token.at)

    def _current_name(self) -> tree.Expression:
        token = self.take()
        return tree.CurrentName(token.upper.lower(), at=token.at)

    def _grouping(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        columns = []
        if not self.sees(")"):
            columns.append(self._qualified())
            while self.accept(","):
                columns.append(self._qualified())
        self.expect(")")
        return tree.GroupingOperation(tuple(columns), at=at)

    def _qualified(self) -> tree.Expression:
        parts = self.name()
        found: tree.Expression = parts[0]
        for part in parts[1:]:
            found = tree.DereferenceExpression(found, part, at=parts[0].at)
        return found

    def _if(self) -> tree.Expression | None:
        return self._own_call(2, 3, lambda a, at: tree.If(*a, at=at))

    def _coalesce(self) -> tree.Expression | None:
        return self._own_call(2, None, lambda a, at: tree.Coalesce(tuple(a), at=at))

    def _nullif(self) -> tree.Expression | None:
        return self._own_call(2, 2, lambda a, at: tree.NullIf(*a, at=at))

    def _own_call(self, least: int, most: int | None, make: Any) -> tree.Expression | None:
        """Read IF(…), COALESCE(…), NULLIF(…): plain calls to the grammar, forms to the tree."""
        if self.ahead().upper != "(":
            return None
        token = self.token
        call = self._call(None)
        if not isinstance(call, tree.FunctionCall):
            return call
        count = len(call.arguments)
        word = token.upper
        if count < least or (most is not None and count > most):
            texts = {
                "IF": "Invalid number of arguments for 'if' function",
                "NULLIF": "Invalid number of arguments for 'nullif' function",
                "COALESCE": "The 'coalesce' function must have at least two arguments",
            }
            raise TrinoError("SYNTAX_ERROR", texts[word], token.at)
        name = word.lower()
        if call.window is not None:
            raise TrinoError(
                "SYNTAX_ERROR", f"OVER clause not valid for '{name}' function", token.at
            )
        if call.distinct:
            raise TrinoError("SYNTAX_ERROR", f"DISTINCT not valid for '{name}' function", token.at)
        if call.filter is not None:
            raise TrinoError("SYNTAX_ERROR", f"FILTER not valid for '{name}' function", token.at)
        return make(list(call.arguments), token.at)  # type: ignore[no-any-return]

    def _listagg(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        distinct = self.accept("DISTINCT")
        value = self.expression()
        separator, overflow = "", "ERROR"
        if self.accept(","):
            separator = self.string()
        if self.accept("ON", "OVERFLOW"):
            overflow = self._overflow()
        self.expect(")")
        self.expect("WITHIN", "GROUP", "(")
        order = self.sort_items()
        self.expect(")")
        condition = None
        if self.sees("FILTER", "("):
            self.at += 2
            self.expect("WHERE")
            condition = self.expression()
            self.expect(")")
        return tree.ListAgg(value, separator, distinct, overflow, order, condition, at=at)

    def _overflow(self) -> str:
        if self.accept("ERROR"):
            return "ERROR"
        self.expect("TRUNCATE")
        filler = self.string() if self.token.kind == "string" else "..."
        if not self.sees_any("WITH", "WITHOUT"):
            self.wrong("'WITH'", "'WITHOUT'")
        word = self.take().upper
        self.expect("COUNT")
        return f"TRUNCATE {word} COUNT {filler}"

    # ---- SQL/JSON

    def _json_path(self) -> tree.Expression:
        token = self.take()
        self.expect("(")
        value = self.expression()
        options: list[tuple[str, Any]] = []
        if self.accept("FORMAT", "JSON"):
            options.append(("input_format", "JSON"))
        self.expect(",")
        place = self.position
        path = tree.StringLiteral(self.string(), at=place)
        if self.accept("PASSING"):
            options.append(("passing", self._passing()))
        if self.accept("RETURNING"):
            options.append(("returning", self.type()))
            if self.accept("FORMAT", "JSON"):
                self._encoding()
        self._json_options(token, options)
        self.expect(")")
        return tree.JsonPathCall(token.upper, value, path, tuple(options), at=token.at)

    def _format_json(self) -> bool:
        """Read FORMAT JSON, if it stands here."""
        if not self.accept("FORMAT", "JSON"):
            return False
        self._encoding()
        return True

    def _encoding(self) -> None:
        if self.accept("ENCODING"):
            self.take()

    def _passing(self) -> tuple[tuple[tree.Expression, str, bool], ...]:
        found = []
        while True:
            value = self.expression()
            as_json = self._format_json()
            self.expect("AS")
            name = self.identifier()
            shown = name.value if name.delimited else name.value.upper()
            found.append((value, shown, as_json))
            if not self.accept(","):
                return tuple(found)

    def _json_options(self, token: Token, options: list[tuple[str, Any]]) -> None:
        while not self.sees(")"):
            if self.accept("WITHOUT"):
                self.accept("ARRAY")
                self.expect("WRAPPER")
                options.append(("wrapper", "WITHOUT"))
            elif self.accept("WITH"):
                word = (
                    self.take().upper
                    if self.sees_any("CONDITIONAL", "UNCONDITIONAL")
                    else "UNCONDITIONAL"
                )
                self.accept("ARRAY")
                self.expect("WRAPPER")
                options.append(("wrapper", word))
            elif self.sees_any("KEEP", "OMIT"):
                word = self.take().upper
                self.expect("QUOTES")
                if self.accept("ON", "SCALAR", "TEXT"):
                    self.accept("STRING")
                self.accept("ON", "SCALAR", "STRING")
                options.append(("quotes", word))
            else:
                behaviour = self._behaviour(token)
                self.expect("ON")
                if not self.sees_any("EMPTY", "ERROR"):
                    self.wrong("'EMPTY'", "'ERROR'")
                options.append((f"on_{self.take().upper.lower()}", behaviour))

    def _behaviour(self, token: Token) -> Any:
        if self.accept("DEFAULT"):
            return ("DEFAULT", self.expression())
        for words in (("NULL",), ("ERROR",), ("TRUE",), ("FALSE",), ("UNKNOWN",)):
            if self.accept(*words):
                return words[0]
        if self.accept("EMPTY"):
            if not self.sees_any("ARRAY", "OBJECT"):
                self.wrong("'ARRAY'", "'OBJECT'")
            return f"EMPTY {self.take().upper}"
        self.wrong("')'", "'DEFAULT'", "'ERROR'", "'NULL'")

    def _json_object(self) -> tree.Expression:
        token = self.take()
        self.expect("(")
        entries: list[tuple[tree.Expression | None, tree.Expression, bool]] = []
        while not self.sees_any(")", "NULL", "ABSENT", "WITH", "WITHOUT", "RETURNING"):
            entries.append(self._member())
            if not self.accept(","):
                break
        absent = unique = False
        if self.accept("NULL", "ON", "NULL") or (absent := self.accept("ABSENT", "ON", "NULL")):
            pass
        if self.accept("WITH", "UNIQUE") or self.accept("WITHOUT", "UNIQUE"):
            unique = self.tokens[self.at - 2].upper == "WITH"
            self.accept("KEYS")
        returning = self._returning()
        self.expect(")")
        return tree.JsonConstructor(
            "JSON_OBJECT", tuple(entries), absent, unique, returning, at=token.at
        )

    def _member(self) -> tuple[tree.Expression, tree.Expression, bool]:
        if self.sees("KEY") and not self.ahead().upper == ":":
            self.take()
            key = self.expression()
            self.expect("VALUE")
        else:
            key = self.value()
            if not self.accept(":"):
                self.expect("VALUE")
        value = self.expression()
        return key, value, self._format_json()

    def _json_array(self) -> tree.Expression:
        token = self.take()
        self.expect("(")
        entries: list[tuple[tree.Expression | None, tree.Expression, bool]] = []
        while not self.sees_any(")", "ABSENT", "RETURNING") and not self.sees("NULL", "ON", "NULL"):
            entries.append((None, self.expression(), self._format_json()))
            if not self.accept(","):
                break
        absent = not self.accept("NULL", "ON", "NULL")
        if absent:
            self.accept("ABSENT", "ON", "NULL")
        returning = self._returning()
        self.expect(")")
        return tree.JsonConstructor(
            "JSON_ARRAY", tuple(entries), absent, False, returning, at=token.at
        )

    def _returning(self) -> tree.TypeNode | None:
        if not self.accept("RETURNING"):
            return None
        kind = self.type()
        if self.accept("FORMAT", "JSON"):
            self._encoding()
        return kind


_AFTER_VALUE = (
    "'%'",
    "'*'",
    "'+'",
    "'-'",
    "'.'",
    "'/'",
    "'AND'",
    "'AT'",
    "'OR'",
    "'['",
    "'||'",
    "<predicate>",
)

_SPECIAL: dict[str, Any] = {
    "NULL": Expressions._null,
    "TRUE": Expressions._true,
    "FALSE": Expressions._false,
    "CASE": Expressions._case,
    "CAST": Expressions._cast,
    "TRY_CAST": Expressions._cast,
    "EXISTS": Expressions._exists,
    "ROW": Expressions._row,
    "ARRAY": Expressions._array_word,
    "INTERVAL": Expressions._interval_word,
    "EXTRACT": Expressions._extract,
    "TRIM": Expressions._trim,
    "POSITION": Expressions._position,
    "SUBSTRING": Expressions._substring,
    "NORMALIZE": Expressions._normalize,
    "CURRENT_DATE": Expressions._current,
    "CURRENT_TIME": Expressions._current,
    "CURRENT_TIMESTAMP": Expressions._current,
    "LOCALTIME": Expressions._current,
    "LOCALTIMESTAMP": Expressions._current,
    "CURRENT_USER": Expressions._current_name,
    "CURRENT_CATALOG": Expressions._current_name,
    "CURRENT_SCHEMA": Expressions._current_name,
    "CURRENT_PATH": Expressions._current_name,
    "GROUPING": Expressions._grouping,
    "IF": Expressions._if,
    "COALESCE": Expressions._coalesce,
    "NULLIF": Expressions._nullif,
    "LISTAGG": Expressions._listagg,
    "JSON_VALUE": Expressions._json_path,
    "JSON_QUERY": Expressions._json_path,
    "JSON_EXISTS": Expressions._json_path,
    "JSON_OBJECT": Expressions._json_object,
    "JSON_ARRAY": Expressions._json_array,
}
