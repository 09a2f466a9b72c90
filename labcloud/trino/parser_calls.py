"""Calls of functions, and the forms that have a syntax of their own: CASE, CAST, TRIM …."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labcloud.trino import tree
from labcloud.trino.errors import Position
from labcloud.trino.parser_expressions import EXPRESSION, Expressions

_EXTRACTED = tuple(
    """YEAR QUARTER MONTH WEEK DAY DAY_OF_MONTH DAY_OF_WEEK DOW DAY_OF_YEAR DOY YEAR_OF_WEEK YOW
    HOUR MINUTE SECOND TIMEZONE_MINUTE TIMEZONE_HOUR""".split()  # noqa: SIM905
)
_BARE_TRIM = (
    "The 'trim' function must have specification, char or both arguments when it takes FROM"
)
_NORMAL_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


class Calls(Expressions):
    """Reads calls and special forms."""

    def special(self) -> tree.Expression | None:
        """Read the form that the next word begins; None if it is a name here."""
        read = SPECIAL.get(self.words[self.at])
        return None if read is None else read(self)

    # ---- calls

    def call(self) -> tree.Expression:
        """Read a function's call. Raises TrinoError."""
        at = self.position
        processing = None
        if self.words[self.at] in ("RUNNING", "FINAL") and self.follows_identifier():
            processing = self.take().upper
        first = self.at
        name = self.dotted()
        if not self.sees("("):
            raise self.wrong("'('", "'.'")
        index = self.at
        written = "".join(token.text for token in self.tokens[first:index])
        self.at += 1
        label = None
        if self.is_identifier() and self.words[self.at + 1] == ".":
            if self.words[self.at + 2] == "*":
                label = self.identifier()
                self.at += 1
            elif not self.follows_identifier(2):
                self.at += 2
                raise self.wrong("'*'", "<identifier>")
        if self.accept("*"):
            self.close()
            details = {"star": True, "label": label, "written": written}
            return self._clauses(name, (), details, processing, at)
        arguments, details = self._arguments_of_call(index)
        return self._clauses(name, arguments, details | {"written": written}, processing, at)

    def _arguments_of_call(self, index: int) -> tuple[tuple[tree.Expression, ...], dict[str, Any]]:
        """Read arguments and ORDER BY, and the closing bracket."""
        arguments: tuple[tree.Expression, ...] = ()
        order_by: tuple[tree.SortItem, ...] = ()
        distinct = False
        if not self.sees_any(")", "ORDER"):
            distinct = self.set_quantifier()
            if self.tokens[self.at].upper in (",", ")") and self.at == index + 1:
                raise self.wrong("')'", "'*'", "'ALL'", "'DISTINCT'", "'ORDER'", EXPRESSION)
            arguments = self.expressions()
        if self.words[self.at] == "ORDER":
            order_by = self.sort_items()
        self.close(*(() if order_by else (",", "ORDER")))
        return arguments, {"distinct": distinct, "order_by": order_by}

    def _clauses(
        self,
        name: str,
        arguments: tuple[tree.Expression, ...],
        details: dict[str, Any],
        processing: str | None,
        at: Position,
    ) -> tree.Expression:
        """Read what may follow a call's brackets, and return the call."""
        words = self.words
        filter_ = self._filter()
        nulls = None
        window = None
        if words[self.at] in ("IGNORE", "RESPECT") and (
            words[self.at + 1] == "NULLS" or not self.may_be_aliased(at)
        ):
            nulls = self.take().upper
            self.expect("NULLS")
            self.expect("OVER")
            self.at -= 1
        if words[self.at] == "OVER" and (nulls or self.begins_window(self.at, at)):
            self.at += 1
            window = self.window()
        call = tree.FunctionCall(
            name,
            arguments,
            filter=filter_,
            window=window,
            nulls=nulls,
            processing=processing,
            at=at,
            **details,
        )
        form = _FORMS.get(name)
        return call if form is None else form(self, call)

    def _filter(self) -> tree.Expression | None:
        if not self.sees("FILTER", "("):
            return None
        if self.words[self.at + 2] != "WHERE" and not self.undecided:
            return None  # left, as an alias
        self.at += 2
        self.expect("WHERE")
        found = self.expression()
        self.close()
        return found

    # ---- what Trino's tree builder makes of some calls

    def _form(self, call: tree.FunctionCall, right_count: bool, message: str) -> bool:
        """Check a call that becomes a form; note what Trino refuses."""
        name = call.name
        checks = (
            (not right_count, message),
            (call.window is not None, f"OVER clause not valid for '{name}' function"),
            (call.distinct, f"DISTINCT not valid for '{name}' function"),
            (call.nulls is not None, f"Null treatment clause not valid for '{name}' function"),
            (
                call.processing is not None,
                f"Running or final semantics not valid for '{name}' function",
            ),
            (call.filter is not None, f"FILTER not valid for '{name}' function"),
        )
        wrong = next((text for bad, text in checks if bad), None)
        if wrong is not None:
            self.refuse(wrong, call.at)
        return wrong is None

    def _if(self, call: tree.FunctionCall) -> tree.Expression:
        given = call.arguments
        text = "Invalid number of arguments for 'if' function"
        if not self._form(call, len(given) in (2, 3), text):
            return call
        return tree.If(*given, at=call.at)

    def _nullif(self, call: tree.FunctionCall) -> tree.Expression:
        given = call.arguments
        text = "Invalid number of arguments for 'nullif' function"
        if not self._form(call, len(given) == 2, text):
            return call
        return tree.NullIf(*given, at=call.at)

    def _coalesce(self, call: tree.FunctionCall) -> tree.Expression:
        text = "The 'coalesce' function must have at least two arguments"
        if not self._form(call, len(call.arguments) > 1, text):
            return call
        return tree.Coalesce(call.arguments, at=call.at)

    def _try(self, call: tree.FunctionCall) -> tree.Expression:
        text = "The 'try' function must have exactly one argument"
        if not self._form(call, len(call.arguments) == 1, text):
            return call
        return tree.Try(call.arguments[0], at=call.at)

    def _format(self, call: tree.FunctionCall) -> tree.Expression:
        text = "The 'format' function must have at least two arguments"
        self._form(call, len(call.arguments) > 1, text)
        return call

    # ---- forms with a syntax of their own

    def _null(self) -> tree.Expression:
        return tree.NullLiteral(at=self.take().at)

    def _boolean(self) -> tree.Expression:
        token = self.take()
        return tree.BooleanLiteral(token.upper == "TRUE", at=token.at)

    def _case(self) -> tree.Expression:
        at = self.take().at
        operand = None if self.sees("WHEN") else self.expression()
        if not self.sees("WHEN"):
            raise self.wrong("'WHEN'")
        whens = []
        while self.sees("WHEN"):
            place = self.take().at
            condition = self.expression()
            self.expect("THEN")
            whens.append(tree.WhenClause(condition, self.expression(), at=place))
        default = self.expression() if self.accept("ELSE") else None
        if not self.accept("END"):
            raise self.wrong("'END'", *(() if default else ("'ELSE'", "'WHEN'")))
        if operand is None:
            return tree.SearchedCase(tuple(whens), default, at=at)
        return tree.SimpleCase(operand, tuple(whens), default, at=at)

    def _cast(self) -> tree.Expression | None:
        token = self.token
        if token.upper == "TRY_CAST" and self.words[self.at + 1] != "(":
            return None
        self.at += 1
        self.expect("(")
        # TRY_CAST could yet be a function's name.
        safe = token.upper == "TRY_CAST"
        value = self.reading_on(self.expression) if safe else self.expression()
        if safe and self.sees_any(",", ")", "ORDER"):
            return self._rest_of_call(token.text, value, token.at)
        self.expect("AS")
        kind = self.type()
        self.close()
        return tree.Cast(value, kind, safe, at=token.at)

    def _exists(self) -> tree.Expression:
        at = self.take().at
        return tree.Exists(self.query_in_brackets(), at=at)

    def _row(self) -> tree.Expression | None:
        # With clauses behind it, and without arguments, it is a function's call.
        if self.words[self.at + 1] != "(" or self.words[self.at + 2] in (")", "DISTINCT", "*"):
            return None
        at = self.take().at
        items = self.reading_on(lambda: self.bracketed(self.expression))
        return tree.Row(items, at=at)

    def _array(self) -> tree.Expression | None:
        if self.words[self.at + 1] != "[":
            return None
        at = self.take().at
        self.at += 1
        if self.sees("]"):
            return self.array_items(at)
        # Until the first element ends, it could be an index into a column named array.
        first = self._first_element()
        items = (first, *self.expressions()) if self.accept(",") else (first,)
        if not self.accept("]"):
            raise self.wrong("']'", "','")
        return tree.Array(items, at=at)

    def _first_element(self) -> tree.Expression:
        if self.sees("NOT"):
            return self.expression()
        start = self.position
        return self.expression(self.reading_on(self.value), start)

    def _interval(self) -> tree.Expression | None:
        return self.interval() if self.sees_interval() else None

    def _double(self) -> tree.Expression | None:
        if self.words[self.at + 1] != "PRECISION" or not self.sees_string(2):
            return None
        at = self.take().at
        self.at += 1
        return tree.GenericLiteral("double", self.string(), at=at)

    def _extract(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        written = self.token.text
        field = self.identifier().value.lower()
        if written.upper() not in _EXTRACTED:
            valid = ", ".join(_EXTRACTED)
            self.refuse(f"Invalid EXTRACT field {written}, valid fields are: {valid}", at)
        self.expect("FROM")
        value = self.value()
        self.close()
        return tree.Extract(field, value, at=at)

    def _trim(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        found: tree.Expression = self.reading_on(lambda: self._trimmed(at))
        self.close()
        return found

    def _trimmed(self, at: Position) -> tree.Expression:
        where = None
        if self._sees_trim_specification():
            where = self.take().upper
            if self.accept("FROM"):
                return tree.Trim(where, self.value(), at=at)
        elif self.accept("FROM"):
            self.refuse(_BARE_TRIM, at)
            return tree.Trim("BOTH", self.value(), at=at)
        first = self.value()
        if self.accept("FROM"):
            return tree.Trim(where or "BOTH", self.value(), first, at=at)
        if where is not None:
            raise self.wrong("'FROM'")
        if self.accept(","):
            return tree.Trim("BOTH", first, self.value(), at=at)
        if not self.sees(")"):
            raise self.wrong("')'", "','", "'FROM'")
        return tree.Trim("BOTH", first, at=at)

    def _sees_trim_specification(self) -> bool:
        """Return whether BOTH, LEADING or TRAILING is meant; each can be a column, too."""
        if self.words[self.at] not in ("BOTH", "LEADING", "TRAILING"):
            return False
        after = self.ahead()
        return after.kind != "sign" or after.upper in ("(", "[", "?", "+", "-")

    def _position(self) -> tree.Expression | None:
        if not self._may_be_value():
            return None
        _, written, _, at, *_ = self.take()
        self.at += 1
        start = self.position
        needle = self.reading_on(self.value)
        if self.accept("IN"):
            source = self.value()
            self.close()
            return tree.FunctionCall("strpos", (source, needle), at=at)
        return self._plain_call(written, needle, start, at)

    def _substring(self) -> tree.Expression | None:
        if not self._may_be_value():
            return None
        _, written, _, at, *_ = self.take()
        self.at += 1
        start = self.position
        value = self.reading_on(self.value)
        if not self.accept("FROM"):
            return self._plain_call(written, value, start, at)
        arguments = [value, self.value()]
        if self.accept("FOR"):
            arguments.append(self.value())
        self.close()
        return tree.FunctionCall("substr", tuple(arguments), at=at)

    def _may_be_value(self) -> bool:
        """Return whether a bracket with a value follows, not what only a call may have."""
        if self.words[self.at + 1] != "(":
            return False
        word, after = self.words[self.at + 2 : self.at + 4]
        return word not in (")", "*", "DISTINCT", "ALL", "ORDER", "NOT") and not (
            after == "." and self.words[self.at + 4] == "*"
        )

    def _plain_call(
        self, name: str, value: tree.Expression, start: Position, at: Position
    ) -> tree.Expression:
        """Go on reading a call whose first argument begins with `value`."""
        return self._rest_of_call(name, self.expression(value, start), at)

    def _rest_of_call(self, name: str, first: tree.Expression, at: Position) -> tree.Expression:
        """Go on reading a call behind its first argument."""
        arguments = [first]
        while self.accept(","):
            arguments.append(self.expression())
        order_by = self.sort_items() if self.sees("ORDER") else ()
        self.close(",", "ORDER")
        details = {"order_by": order_by, "written": name}
        return self._clauses(name.lower(), tuple(arguments), details, None, at)

    def _normalize(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        value = self.value()
        form = tree.StringLiteral("NFC", at=at)
        if self.accept(","):
            place = self.position
            form = tree.StringLiteral(self.expect_any(*_NORMAL_FORMS), at=place)
        self.close()
        return tree.FunctionCall("normalize", (value, form), written='"normalize"', at=at)

    def _current(self) -> tree.Expression:
        token = self.take()
        precision = None
        if token.upper != "CURRENT_DATE" and self.accept("("):
            precision = self.integer()
            self.close()
        return tree.CurrentTime(token.upper.lower(), precision, at=token.at)

    def _current_name(self) -> tree.Expression:
        token = self.take()
        return tree.CurrentName(token.upper.lower(), at=token.at)

    def _grouping(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        columns = () if self.sees(")") else self.many(self._qualified)
        self.close(",", ".")
        return tree.GroupingOperation(columns, at=at)

    def _qualified(self) -> tree.Expression:
        parts = self.name()
        found: tree.Expression = parts[0]
        for part in parts[1:]:
            found = tree.DereferenceExpression(found, part, at=parts[0].at)
        return found

    def _listagg(self) -> tree.Expression:
        at = self.take().at
        self.expect("(")
        distinct = self.set_quantifier()
        value = self.expression()
        separator = self.string() if self.accept(",") else ""
        overflow = "ERROR"
        if self.accept("ON"):
            self.expect("OVERFLOW")
            overflow = self._overflow()
        self.close()
        self.expect("WITHIN", "GROUP", "(")
        order = self.sort_items()
        self.close(",")
        return tree.ListAgg(value, separator, distinct, overflow, order, self._filter(), at=at)

    def _overflow(self) -> str:
        if self.expect_any("ERROR", "TRUNCATE") == "ERROR":
            return "ERROR"
        filler = self.string() if self.sees_string() else "..."
        word = self.expect_any("WITH", "WITHOUT")
        self.expect("COUNT")
        return f"TRUNCATE {word} COUNT {filler}"


_FORMS: dict[str, Callable[[Any, tree.FunctionCall], tree.Expression]] = {
    "coalesce": Calls._coalesce,
    "format": Calls._format,
    "if": Calls._if,
    "nullif": Calls._nullif,
    "try": Calls._try,
}

SPECIAL: dict[str, Callable[[Any], tree.Expression | None]] = {
    "ARRAY": Calls._array,
    "CASE": Calls._case,
    "CAST": Calls._cast,
    "CURRENT_CATALOG": Calls._current_name,
    "CURRENT_DATE": Calls._current,
    "CURRENT_PATH": Calls._current_name,
    "CURRENT_SCHEMA": Calls._current_name,
    "CURRENT_TIME": Calls._current,
    "CURRENT_TIMESTAMP": Calls._current,
    "CURRENT_USER": Calls._current_name,
    "DOUBLE": Calls._double,
    "EXISTS": Calls._exists,
    "EXTRACT": Calls._extract,
    "FALSE": Calls._boolean,
    "GROUPING": Calls._grouping,
    "INTERVAL": Calls._interval,
    "LISTAGG": Calls._listagg,
    "LOCALTIME": Calls._current,
    "LOCALTIMESTAMP": Calls._current,
    "NORMALIZE": Calls._normalize,
    "NULL": Calls._null,
    "POSITION": Calls._position,
    "ROW": Calls._row,
    "SUBSTRING": Calls._substring,
    "TRIM": Calls._trim,
    "TRUE": Calls._boolean,
    "TRY_CAST": Calls._cast,
}
"""The words that begin a form; what reads it returns None where the word is only a name."""
