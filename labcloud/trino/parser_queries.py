"""Queries: SELECT and what is around it, relations, windows."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.lexer import NUMBERS
from labcloud.trino.parser_expressions import EXPRESSION, FRAMES, QUERY
from labcloud.trino.parser_patterns import Patterns

AFTER_QUERY = ("'EXCEPT'", "'FETCH'", "'INTERSECT'", "'LIMIT'", "'OFFSET'", "'ORDER'", "'UNION'")
AFTER_ITEMS = ("','", "'FROM'", "'GROUP'", "'HAVING'", "'WHERE'", "'WINDOW'")
"""What may follow the items of SELECT, for messages."""

_RELATION = ("'('", "'LATERAL'", "'TABLE'", "'UNNEST'", "<identifier>")
_JOINS = ("CROSS", "FULL", "INNER", "JOIN", "LEFT", "NATURAL", "RIGHT")
_AFTER_RELATION = tuple(f"'{word}'" for word in (*_JOINS, "AS", "TABLESAMPLE"))


class Queries(Patterns):
    """Reads queries."""

    def query(self) -> tree.Query:
        """Read a query, with its WITH. Raises TrinoError."""
        self.enter()
        at = self.position
        with_ = self._with() if self.sees("WITH") else None
        found = self._without_with(with_, at)
        self.leave()
        return found

    def _with(self) -> tree.With:
        at = self.take().at
        recursive = self.accept("RECURSIVE")
        return tree.With(recursive, self.many(self._with_query), at=at)

    def _with_query(self) -> tree.WithQuery:
        name = self.identifier()
        columns = self.identifiers() if self.sees("(") else None
        if not self.accept("AS"):
            raise self.wrong("'AS'", *(() if columns else ("'('",)))
        return tree.WithQuery(name, self.query_in_brackets(), columns, at=name.at)

    def _without_with(self, with_: tree.With | None, at: Position) -> tree.Query:
        body = self._set_operation()
        order_by = self.sort_items() if self.sees("ORDER") else ()
        offset = limit = None
        fetch = ties = False
        # A word that was meant as an alias is gone by now.
        offset_at = self.position
        if self.accept("OFFSET"):
            offset = self._row_count()
            if self.sees_any("ROW", "ROWS"):
                self.at += 1
        limit_at = self.position
        if self.accept("LIMIT"):
            limit = None if self.accept("ALL") else self._row_count("'ALL'")
        elif self.accept("FETCH"):
            fetch = True
            limit, ties = self._fetch()
        plain = with_ is None and not order_by and offset is limit is None
        if isinstance(body, tree.Query) and plain:
            return body
        return tree.Query(
            body,
            with_,
            order_by,
            offset,
            limit,
            ties,
            fetch,
            limit_at=limit_at,
            offset_at=offset_at,
            at=at,
        )

    def _row_count(self, *others: str) -> Any:
        if self.sees("?"):
            return self.parameter()
        if self.token.kind != "integer":
            raise self.wrong("'?'", "<integer>", *others)
        return self.integer()

    def _fetch(self) -> tuple[Any, bool]:
        self.expect_any("FIRST", "NEXT")
        limit = 1 if self.sees_any("ROW", "ROWS") else self._row_count("'ROW'", "'ROWS'")
        self.expect_any("ROW", "ROWS")
        if self.expect_any("ONLY", "WITH") == "ONLY":
            return limit, False
        self.expect("TIES")
        return limit, True

    def _set_operation(self) -> tree.Node:
        left = self._intersect()
        count = 0
        while self.sees_any("UNION", "EXCEPT"):
            token = self.take()
            distinct = self._set_quantifier()
            left = tree.SetOperation(token.upper, left, self._intersect(), distinct, at=token.at)
            count += 1
            self.not_too_long(count)
        return left

    def _intersect(self) -> tree.Node:
        left = self._primary_query()
        count = 0
        while self.sees("INTERSECT"):
            at = self.take().at
            distinct = self._set_quantifier()
            left = tree.SetOperation("INTERSECT", left, self._primary_query(), distinct, at=at)
            count += 1
            self.not_too_long(count)
        return left

    def _set_quantifier(self) -> bool:
        if self.accept("ALL"):
            return False
        self.accept("DISTINCT")
        return True

    def _primary_query(self) -> tree.Node:
        at = self.position
        word = self.words[self.at]
        if word == "SELECT":
            return self._specification()
        if self.accept("TABLE"):
            return tree.Table(self.name(), at=at)
        if self.accept("VALUES"):
            return tree.Values(self.expressions(), at=at)
        if self.accept("("):
            self.enter()
            inner = self._without_with(None, self.position)
            self.leave()
            self.query_ends(")")
            self.at += 1
            return inner
        raise self.wrong("'('", "'SELECT'", "'TABLE'", "'VALUES'")

    def query_ends(self, word: str) -> None:
        """Raise Trino's error where a query goes on though it should end with a word."""
        if not self.sees(word):
            raise self.wrong(f"'{word}'", *AFTER_ITEMS, *AFTER_QUERY)

    # ---- SELECT

    def _specification(self) -> tree.QuerySpecification:
        at = self.take().at
        distinct = self.set_quantifier()
        items = self.many(self._select_item)
        from_ = self._from(at) if self.accept("FROM") else None
        where = self.expression() if self.accept("WHERE") else None
        group_by = self._group_by() if self.accept("GROUP") else None
        having = self.expression() if self.accept("HAVING") else None
        windows: tuple[Any, ...] = ()
        if self.sees("WINDOW"):
            self.at += 1
            windows = self.many(self._window_definition)
        return tree.QuerySpecification(
            items, distinct, from_, where, group_by, having, windows, at=at
        )

    def _select_item(self) -> tree.Node:
        at = self.position
        if self.accept("*"):
            return tree.AllColumns(at=at)
        found = self._item(at)
        if isinstance(found, tree.AllColumns):
            return found
        return tree.SingleColumn(found, self._alias(), at=at)

    def _item(self, at: Position) -> tree.Expression | tree.AllColumns:
        word = self.words[self.at]
        if word in ("+", "NOT") or (word == "-" and self.ahead().kind not in NUMBERS):
            return self.expression()
        if not self._may_begin_item():
            raise self.wrong("'*'", EXPRESSION)
        # Whether it is `primary.*` Trino knows only behind the primary expression.
        self.item = at
        found: tree.Expression = self.reading_on(lambda: self.primary(is_item=True))
        self.item = None
        if not self.accept("."):
            return self.expression(self.value(0, found), at)
        if not self.accept("*"):
            raise self.wrong("'*'", "<identifier>")
        aliases: tuple[tree.Identifier, ...] = ()
        if self.accept("AS"):
            aliases = self.identifiers()
        return tree.AllColumns(found, aliases, at=at)

    def _may_begin_item(self) -> bool:
        return self.token.kind not in ("unknown", "end") and not self.sees_any(",", ")", "FROM")

    def _alias(self, relation: bool = False) -> tree.Identifier | None:
        if self.accept("AS"):
            return self.identifier()
        if self.is_identifier() and not self._begins_clause(relation):
            return self.identifier()
        return None

    def _begins_clause(self, relation: bool) -> bool:
        """Return whether a word that could be an alias (of a relation) begins a clause instead."""
        word, after = self.words[self.at], self.words[self.at + 1]
        if word == "WINDOW":
            return self.follows_identifier() and not self._is_alias_before_clause(relation)
        if word == "TABLESAMPLE":
            return relation and after in ("BERNOULLI", "SYSTEM")
        if word == "MATCH_RECOGNIZE" and relation:
            return after == "(" and not (
                self.follows_identifier(2) and self.words[self.at + 3] in (",", ")")
            )
        return self.limits_rows()

    def _is_alias_before_clause(self, relation: bool) -> bool:
        """Return whether WINDOW is an alias: what follows begins a clause, and no window's name."""
        self.at += 1
        found = self._begins_clause(relation) and self.words[self.at + 1] != "AS"
        self.at -= 1
        return found

    def _from(self, at: Position) -> tree.Node:
        left = self.relation()
        while self.accept(","):
            left = tree.Join("IMPLICIT", left, self.relation(), at=at)
        return left

    # ---- GROUP BY

    def _group_by(self) -> tree.GroupBy:
        self.expect("BY")
        at = self.position
        distinct = self.set_quantifier()
        return tree.GroupBy(self.many(self._grouping_element), distinct, at=at)

    def _grouping_element(self) -> tuple[str, tuple[Any, ...]]:
        if self.accept_all("GROUPING", "SETS"):
            return "sets", self.bracketed(self._grouping_set)
        if self.sees_any("CUBE", "ROLLUP"):
            word = self.take().upper.lower()
            if self.accept_all("(", ")"):
                return word, ()
            return word, self.bracketed(self._grouping_set)
        return "simple", self._grouping_set()

    def _grouping_set(self) -> tuple[tree.Expression, ...]:
        """Read `(a, b)`, `()` or one expression, which may begin with a bracket, too."""
        if not self.sees("("):
            return (self.expression(),)
        if self.accept_all("(", ")"):
            return ()
        start, at = self.at, self.position
        bracket = self.reading_on(self._bracket)
        found = self.expression(self.value(0, self._postfix(bracket, at)), at)
        whole = self.at - 1 == self.closing(start)
        if whole and isinstance(found, tree.Row) and found.at == at:
            return found.items
        return (found,)

    # ---- ordering, windows

    def sort_items(self) -> tuple[tree.SortItem, ...]:
        """Read ORDER BY and its keys. Raises TrinoError."""
        self.expect("ORDER", "BY")
        return self.many(self._sort_item)

    def _sort_item(self) -> tree.SortItem:
        at = self.position
        key = self.expression()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        written = self.accept("NULLS")
        first = written and self.expect_any("FIRST", "LAST") == "FIRST"
        return tree.SortItem(key, not descending, first, written, at=at)

    def _window_definition(self) -> tuple[tree.Identifier, tree.WindowSpecification]:
        name = self.identifier()
        self.expect("AS", "(")
        return name, self._window_specification()

    def window(self) -> tree.WindowSpecification | tree.Identifier:
        """Read what stands behind OVER. Raises TrinoError."""
        if self.accept("("):
            return self._window_specification()
        if self.is_identifier():
            return self.identifier()
        raise self.wrong("'('", "<identifier>")

    def _window_specification(self) -> tree.WindowSpecification:
        at = self.position
        existing = None
        if self.is_identifier() and not self._begins_specification():
            existing = self.identifier()
        partition = self.partition_by()
        order_by = self.sort_items() if self.sees("ORDER") else ()
        frame = self._frame() if self.sees_any(*FRAMES) else None
        if not self.accept(")"):
            extra = () if frame else ("'GROUPS'", "'MEASURES'", "'RANGE'", "'ROWS'")
            raise self.wrong("')'", *extra, *(("','",) if order_by or partition else ("'ORDER'",)))
        return tree.WindowSpecification(existing, partition, order_by, frame, at=at)

    def _begins_specification(self) -> bool:
        """Return whether a word that could name a window begins a clause of one."""
        word, after = self.words[self.at], self.words[self.at + 1]
        if word == "PARTITION":
            return after == "BY"
        return word in FRAMES and after not in (")", "ORDER", "PARTITION", *FRAMES)

    def _frame(self) -> tree.WindowFrame:
        at = self.position
        measures = self.frame_measures()
        unit = self.expect_any("GROUPS", "RANGE", "ROWS")
        end = None
        if self.accept("BETWEEN"):
            start = self._bound()
            self.expect("AND")
            end = self._bound()
        else:
            start = self._bound()
        return tree.WindowFrame(unit, start, end, self.frame_pattern(measures), at=at)

    def _bound(self) -> tree.FrameBound:
        at = self.position
        if self.sees("UNBOUNDED") and self.words[self.at + 1] in ("PRECEDING", "FOLLOWING"):
            self.at += 1
            return tree.FrameBound(f"UNBOUNDED {self.take().upper}", at=at)
        if self.accept_all("CURRENT", "ROW"):
            return tree.FrameBound("CURRENT ROW", at=at)
        value = self.expression()
        return tree.FrameBound(self.expect_any("FOLLOWING", "PRECEDING"), value, at=at)

    # ---- relations

    def relation(self) -> tree.Node:
        """Read a relation with its joins. Raises TrinoError."""
        at = self.position
        left = self._sampled()
        count = 0
        while self.words[self.at] in _JOINS:
            left = self._join(left, at)
            count += 1
            self.not_too_long(count)
        return left

    def _join(self, left: tree.Node, at: Position) -> tree.Node:
        if self.accept("CROSS"):
            self.expect("JOIN")
            return tree.Join("CROSS", left, self._sampled(), at=at)
        natural = self.accept("NATURAL")
        kind = self._join_kind()
        if natural:
            return tree.Join(kind, left, self._sampled(), natural=True, at=at)
        right = self._joined()
        if self.accept("ON"):
            return tree.Join(kind, left, right, on=self.expression(), at=at)
        if self.accept("USING"):
            return tree.Join(kind, left, right, using=self.identifiers(), at=at)
        raise self.wrong("'ON'", "'USING'", *_AFTER_RELATION)

    def _join_kind(self) -> str:
        kind = "INNER"
        if self.sees_any("INNER", "LEFT", "RIGHT", "FULL"):
            kind = self.take().upper
            if kind != "INNER":
                self.accept("OUTER")
        self.expect("JOIN")
        return kind

    def _joined(self) -> tree.Node:
        """Read a join's right side: it takes the joins that come before its own condition."""
        self.enter()
        at = self.position
        found = self._sampled()
        while self.words[self.at] in _JOINS:
            found = self._join(found, at)
        self.leave()
        return found

    def _sampled(self) -> tree.Node:
        at = self.position
        found = self._recognized(at)
        if not self.accept("TABLESAMPLE"):
            return found
        method = self.expect_any("BERNOULLI", "SYSTEM")
        self.expect("(")
        percentage = self.expression()
        self.close()
        return tree.SampledRelation(found, method, percentage, at=at)

    def _recognized(self, at: Position) -> tree.Node:
        found = self._aliased(self._primary_relation(), at)
        if self.sees("MATCH_RECOGNIZE"):
            return self._aliased(self.match_recognize(found), at)
        return found

    def _aliased(self, relation: tree.Node, at: Position) -> tree.Node:
        alias = self._alias(relation=True)
        if alias is None:
            return relation
        columns = self.identifiers() if self.sees("(") else None
        return tree.AliasedRelation(relation, alias, columns, at=at)

    def _primary_relation(self) -> tree.Node:
        at = self.position
        if self.sees("("):
            return self._bracketed_relation(at)
        if self.accept("UNNEST"):
            items = self.bracketed(self.expression)
            return tree.Unnest(items, self.accept_all("WITH", "ORDINALITY"), at=at)
        if self.sees("LATERAL", "("):
            self.at += 1
            return tree.Lateral(self.query_in_brackets(), at=at)
        if self.accept("TABLE"):
            return self._table_function(at)
        if self.accept("JSON_TABLE"):
            self.expect("(")
            raise TrinoError("NOT_SUPPORTED", "JSON_TABLE is not yet supported", at)
        if not self.is_identifier():
            raise self.wrong(*_RELATION)
        return tree.Table(self.name(), self._version(), at=at)

    def _version(self) -> tuple[str, tree.Expression] | None:
        if not self.accept("FOR"):
            return None
        kind = self.expect_any("SYSTEM_TIME", "SYSTEM_VERSION", "TIMESTAMP", "VERSION")
        self.expect("AS", "OF")
        return "VERSION" if kind.endswith("VERSION") else "TIMESTAMP", self.value()

    def _bracketed_relation(self, at: Position) -> tree.Node:
        self.enter()
        if self.opens_query(self.at):
            self.at += 1
            # In two brackets it could yet be a relation.
            query = self.reading_on(self.query) if self.sees("(") else self.query()
            self.query_ends(")")
            found: tree.Node = tree.TableSubquery(query, at=at)
        else:
            self.at += 1
            if not (self.is_identifier() or self.sees_any("(", "TABLE", "UNNEST")):
                raise self.wrong(*_RELATION, QUERY)
            found = self.relation()
        if not self.accept(")"):
            raise self.wrong("')'", *_AFTER_RELATION)
        self.leave()
        return found

    # ---- table functions

    def _table_function(self, at: Position) -> tree.Node:
        self.expect("(")
        name = self.dotted()
        self.expect("(")
        arguments: tuple[tuple[tree.Identifier | None, Any], ...] = ()
        if not self.sees(")") and not self.sees("COPARTITION", "("):
            arguments = self.many(self._table_argument)
        if self.accept("COPARTITION"):
            self.many(lambda: self.bracketed(self.name))
        self.close(",")
        self.close()
        return tree.TableFunction(name, arguments, at=at)

    def _table_argument(self) -> tuple[tree.Identifier | None, Any]:
        label = None
        if self.is_identifier() and self.words[self.at + 1] == "=>":
            label = self.identifier()
            self.at += 1
        if self.sees("TABLE"):
            return label, self._whole_table()
        if self.sees("DESCRIPTOR", "("):
            self.at += 1
            return label, self.bracketed(self._descriptor_field)
        return label, self.expression()

    def _descriptor_field(self) -> tree.Identifier:
        name = self.identifier()
        if not self.sees_any(",", ")"):
            self.type()
        return name

    def _whole_table(self) -> tree.Node:
        at = self.expect("TABLE").at
        if self.opens_query(self.at):
            found: tree.Node = tree.TableSubquery(self.query_in_brackets(), at=at)
        else:
            self.expect("(")
            place = self.position
            found = tree.Table(self.name(), at=place)
            self.close(".")
        found = self._aliased_argument(found, at)
        if self.accept("PARTITION"):
            self.expect("BY")
            self._one_or_bracketed(self.expression)
        if self.sees_any("PRUNE", "KEEP"):
            self.at += 1
            self.expect("WHEN", "EMPTY")
        if self.accept("ORDER"):
            self.expect("BY")
            self._one_or_bracketed(self._sort_item)
        return found

    def _aliased_argument(self, relation: tree.Node, at: Position) -> tree.Node:
        begins = (("PARTITION", "BY"), ("PRUNE", "WHEN"), ("KEEP", "WHEN"))
        if any(self.sees(*words) for words in begins):
            return relation
        return self._aliased(relation, at)

    def _one_or_bracketed(self, read: Any) -> None:
        if self.accept_all("(", ")"):
            return
        if self.sees("("):
            self.bracketed(read)
        else:
            read()
