"""Queries: SELECT and what is around it, relations, windows, MATCH_RECOGNIZE."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.parser_expressions import _AFTER_VALUE, Expressions

AFTER_ITEM = (
    "','",
    "'EXCEPT'",
    "'FETCH'",
    "'FROM'",
    "'GROUP'",
    "'HAVING'",
    "'INTERSECT'",
    "'LIMIT'",
    "'OFFSET'",
    "'ORDER'",
    "'UNION'",
    "'WHERE'",
    "'WINDOW'",
    "<EOF>",
)
"""What may follow a SELECT's item, for messages."""


class Queries(Expressions):
    """Reads queries."""

    def query(self) -> tree.Query:
        """Read a query, with its WITH."""
        self.enter()
        at = self.position
        with_ = self._with() if self.sees("WITH") else None
        found = self._without_with(with_, at)
        self.leave()
        return found

    def _with(self) -> tree.With:
        at = self.take().at
        recursive = self.accept("RECURSIVE")
        queries = [self._with_query()]
        while self.accept(","):
            queries.append(self._with_query())
        return tree.With(recursive, tuple(queries), at=at)

    def _with_query(self) -> tree.WithQuery:
        at = self.position
        name = self.identifier()
        columns = self.identifiers() if self.sees("(") else None
        if not self.sees("AS"):
            self.wrong("'AS'", *(() if columns else ("'('",)))
        self.take()
        self.expect("(")
        query = self.query()
        self.expect(")")
        return tree.WithQuery(name, query, columns, at=at)

    def _without_with(self, with_: tree.With | None, at: Any) -> tree.Query:
        body = self._set_operation()
        order_by = self.sort_items() if self.sees("ORDER") else ()
        offset = limit = None
        ties = fetch = False
        offset_at = self.position
        if self.accept("OFFSET"):
            offset = self._row_count()
            self.accept("ROWS") or self.accept("ROW")
        limit_at = self.position
        if self.accept("LIMIT"):
            limit = None if self.accept("ALL") else self._row_count()
            offset_at = self.position if offset is None else offset_at
            if offset is None and self.accept("OFFSET"):
                offset = self._row_count()
                self.accept("ROWS") or self.accept("ROW")
        elif self.accept("FETCH"):
            fetch = True
            if not (self.accept("FIRST") or self.accept("NEXT")):
                self.wrong("'FIRST'", "'NEXT'")
            limit = 1 if self.sees_any("ROW", "ROWS") else self._row_count()
            if not (self.accept("ROWS") or self.accept("ROW")):
                self.wrong("'ROW'", "'ROWS'")
            if self.accept("WITH", "TIES"):
                ties = True
            elif not self.accept("ONLY"):
                self.wrong("'ONLY'", "'WITH'")
        if (
            isinstance(body, tree.Query)
            and with_ is None
            and not order_by
            and offset is None
            and limit is None
        ):
            return body
        return tree.Query(
            body, with_, order_by, offset, limit, ties, fetch, limit_at, offset_at, at=at
        )

    def _row_count(self) -> Any:
        if self.sees("?"):
            at = self.take().at
            self.parameters += 1
            return tree.Parameter(self.parameters - 1, at=at)
        return self.integer()

    def _set_operation(self) -> tree.Node:
        left = self._intersect()
        while self.sees_any("UNION", "EXCEPT"):
            token = self.take()
            distinct = self._set_quantifier()
            left = tree.SetOperation(token.upper, left, self._intersect(), distinct, at=token.at)
        return left

    def _intersect(self) -> tree.Node:
        left = self._primary_query()
        while self.sees("INTERSECT"):
            token = self.take()
            distinct = self._set_quantifier()
            left = tree.SetOperation(
                "INTERSECT", left, self._primary_query(), distinct, at=token.at
            )
        return left

    def _set_quantifier(self) -> bool:
        if self.accept("ALL"):
            return False
        self.accept("DISTINCT")
        return True

    def _primary_query(self) -> tree.Node:
        at = self.position
        if self.sees("SELECT"):
            return self._specification()
        if self.accept("TABLE"):
            return tree.Table(self.name(), at=at)
        if self.accept("VALUES"):
            rows = [self.expression()]
            while self.accept(","):
                rows.append(self.expression())
            return tree.Values(tuple(rows), at=at)
        if self.accept("("):
            self.enter()
            inner = self._without_with(None, self.position)
            self.leave()
            self.expect(")")
            return inner
        self.wrong("'('", "'SELECT'", "'TABLE'", "'VALUES'")

    # ---- SELECT

    def _specification(self) -> tree.QuerySpecification:
        at = self.take().at
        distinct = False
        if self.accept("DISTINCT"):
            distinct = True
        else:
            self.accept("ALL")
        items = [self._select_item(first=True)]
        while self.accept(","):
            items.append(self._select_item(first=False))
        from_ = self._from() if self.accept("FROM") else None
        where = self.expression() if self.accept("WHERE") else None
        group_by = self._group_by() if self.sees("GROUP") else None
        having = self.expression() if self.accept("HAVING") else None
        windows: tuple[Any, ...] = ()
        if self.sees("WINDOW") and self.is_identifier(self.ahead()) and self.ahead(2).upper == "AS":
            self.take()
            windows = self._windows()
        return tree.QuerySpecification(
            tuple(items), distinct, from_, where, group_by, having, windows, at=at
        )

    def _select_item(self, first: bool) -> tree.Node:
        at = self.position
        if self.accept("*"):
            return tree.AllColumns(at=at)
        if self._is_quotation_mark():
            self.wrong("'*'", "'ALL'", "'DISTINCT'", "<expression>")
        found = self._item_expression(first)
        if self.sees(".", "*"):
            self.at += 2
            aliases: tuple[tree.Identifier, ...] = ()
            if self.sees("AS", "("):
                self.take()
                aliases = self.identifiers()
            return tree.AllColumns(found, aliases, at=at)
        alias = None
        if self.accept("AS"):
            alias = self.identifier()
        elif self.is_identifier() and not self._begins_window_clause():
            alias = self.identifier()
        return tree.SingleColumn(found, alias, at=at)

    def _begins_window_clause(self) -> bool:
        return (
            self.sees("WINDOW") and self.is_identifier(self.ahead()) and self.ahead(2).upper == "AS"
        )

    def _is_quotation_mark(self) -> bool:
        return self.token.kind == "unknown"

    def _item_expression(self, first: bool) -> tree.Expression:
        token = self.token
        starts = token.upper in ("FROM", "WHERE", "GROUP", ",", ")", "AS") or token.kind == "end"
        if starts:
            extra = ("'ALL'", "'DISTINCT'") if first else ()
            self.wrong("'*'", "<expression>", *extra)
        return self.expression()

    def _from(self) -> tree.Node:
        at = self.position
        left = self.relation()
        while self.accept(","):
            left = tree.Join("IMPLICIT", left, self.relation(), at=at)
        return left

    def _group_by(self) -> tree.GroupBy:
        at = self.take().at
        if not self.sees("BY"):
            self.wrong("'BY'")
        self.take()
        distinct = self.accept("DISTINCT")
        if not distinct:
            self.accept("ALL")
        elements = [self._grouping_element()]
        while self.accept(","):
            elements.append(self._grouping_element())
        return tree.GroupBy(tuple(elements), distinct, at=at)

    def _grouping_element(self) -> tuple[str, tuple[Any, ...]]:
        if self.accept("GROUPING", "SETS"):
            return "sets", self._sets()
        if self.sees("CUBE"):
            self.take()
            return "cube", self._sets()
        if self.sees("ROLLUP"):
            self.take()
            return "rollup", self._sets()
        if self.sees("("):
            simple: tuple[str, tuple[Any, ...]] = self.either(
                self._grouping_list, self._grouping_one
            )
            return simple
        return self._grouping_one()

    def _grouping_one(self) -> tuple[str, tuple[Any, ...]]:
        return "simple", (self.expression(),)

    def _grouping_list(self) -> tuple[str, tuple[Any, ...]]:
        found = self._set()
        if not (
            self.sees_any(
                ",", ")", "HAVING", "WINDOW", "ORDER", "OFFSET", "LIMIT", "FETCH", "UNION",
                "INTERSECT", "EXCEPT", ";", "WITH",
            )
            or self.token.kind == "end"
        ):  # fmt: skip
            self.wrong("<expression>")
        return "simple", found

    def _sets(self) -> tuple[Any, ...]:
        self.expect("(")
        found = []
        while not self.sees(")"):
            found.append(self._set())
            if not self.accept(","):
                break
        self.expect(")")
        return tuple(found)

    def _set(self) -> tuple[tree.Expression, ...]:
        if not self.sees("("):
            return (self.expression(),)
        self.take()
        items = []
        if not self.sees(")"):
            items.append(self.expression())
            while self.accept(","):
                items.append(self.expression())
        self.expect(")")
        return tuple(items)

    # ---- ordering, windows

    def sort_items(self) -> tuple[tree.SortItem, ...]:
        """Read ORDER BY and its keys."""
        self.expect("ORDER")
        if not self.sees("BY"):
            self.wrong("'BY'")
        self.take()
        items = [self._sort_item()]
        while self.accept(","):
            items.append(self._sort_item())
        return tuple(items)

    def _sort_item(self) -> tree.SortItem:
        at = self.position
        key = self.expression()
        ascending = True
        if self.accept("DESC"):
            ascending = False
        else:
            self.accept("ASC")
        nulls_first = False
        if self.sees("NULLS"):
            self.take()
            if not self.sees_any("FIRST", "LAST"):
                self.wrong("'FIRST'", "'LAST'")
            nulls_first = self.take().upper == "FIRST"
        return tree.SortItem(key, ascending, nulls_first, at=at)

    def _windows(self) -> tuple[Any, ...]:
        found = []
        while True:
            name = self.identifier()
            self.expect("AS")
            self.expect("(")
            found.append((name, self._window_specification()))
            if not self.accept(","):
                return tuple(found)

    def window(self) -> tree.WindowSpecification | tree.Identifier:
        """Read what stands after OVER."""
        if not self.sees("("):
            if self.is_identifier():
                return self.identifier()
            self.wrong("'('", "<identifier>")
        self.take()
        return self._window_specification()

    def _window_specification(self) -> tree.WindowSpecification:
        at = self.position
        existing = None
        if self.is_identifier() and not (
            (self.sees("PARTITION") and self.ahead().upper == "BY")
            or (self.sees_any("RANGE", "ROWS", "GROUPS", "MEASURES"))
        ):
            existing = self.identifier()
        partition: list[tree.Expression] = []
        if self.accept("PARTITION", "BY"):
            partition.append(self.expression())
            while self.accept(","):
                partition.append(self.expression())
        order_by = self.sort_items() if self.sees("ORDER") else ()
        frame = self._frame() if self.sees_any("RANGE", "ROWS", "GROUPS") else None
        if not self.sees(")"):
            self.wrong("')'", "'GROUPS'", "'ORDER'", "'PARTITION'", "'RANGE'", "'ROWS'")
        self.take()
        return tree.WindowSpecification(existing, tuple(partition), order_by, frame, at=at)

    def _frame(self) -> tree.WindowFrame:
        token = self.take()
        if self.accept("BETWEEN"):
            start = self._bound()
            self.expect("AND")
            return tree.WindowFrame(token.upper, start, self._bound(), at=token.at)
        return tree.WindowFrame(token.upper, self._bound(), at=token.at)

    def _bound(self) -> tree.FrameBound:
        at = self.position
        if self.accept("UNBOUNDED"):
            if not self.sees_any("PRECEDING", "FOLLOWING"):
                self.wrong("'FOLLOWING'", "'PRECEDING'")
            return tree.FrameBound(f"UNBOUNDED {self.take().upper}", at=at)
        if self.accept("CURRENT", "ROW"):
            return tree.FrameBound("CURRENT ROW", at=at)
        value = self.expression()
        if not self.sees_any("PRECEDING", "FOLLOWING"):
            self.wrong("'FOLLOWING'", "'PRECEDING'", *_AFTER_VALUE)
        return tree.FrameBound(self.take().upper, value, at=at)

    # ---- relations

    def relation(self) -> tree.Node:
        """Read a relation with its joins."""
        at = self.position
        left = self._sampled()
        while True:
            if self.accept("CROSS"):
                self.expect("JOIN")
                left = tree.Join("CROSS", left, self._sampled(), at=at)
            elif self.accept("NATURAL"):
                kind = self._join_kind()
                left = tree.Join(kind, left, self._sampled(), natural=True, at=at)
            elif self.sees_any("JOIN", "INNER", "LEFT", "RIGHT", "FULL"):
                left = self._join(left, self._join_kind(), at)
            else:
                return left

    def _join_kind(self) -> str:
        kind = "INNER"
        if self.sees_any("INNER", "LEFT", "RIGHT", "FULL"):
            kind = self.take().upper
            if kind != "INNER":
                self.accept("OUTER")
        if not self.sees("JOIN"):
            self.wrong("'JOIN'", *(() if kind == "INNER" else ("'OUTER'",)))
        self.take()
        return kind

    def _join(self, left: tree.Node, kind: str, at: Any) -> tree.Node:
        right = self._join_right()
        if self.accept("ON"):
            return tree.Join(kind, left, right, on=self.expression(), at=at)
        if self.accept("USING"):
            return tree.Join(kind, left, right, using=self.identifiers(), at=at)
        self.wrong(
            "'CROSS'",
            "'FULL'",
            "'INNER'",
            "'JOIN'",
            "'LEFT'",
            "'NATURAL'",
            "'ON'",
            "'RIGHT'",
            "'USING'",
        )

    def _join_right(self) -> tree.Node:
        """Read the right side: a relation, whose own joins come first where two ON follow."""
        start, parameters = self.at, self.parameters
        simple = self._sampled()
        if self.sees_any("ON", "USING"):
            return simple
        self.at, self.parameters = start, parameters
        return self.relation()

    def _sampled(self) -> tree.Node:
        at = self.position
        found = self._recognized()
        if self.sees("TABLESAMPLE"):
            self.take()
            if not self.sees_any("BERNOULLI", "SYSTEM"):
                self.wrong("'BERNOULLI'", "'SYSTEM'")
            method = self.take().upper
            self.expect("(")
            percentage = self.expression()
            self.expect(")")
            return tree.SampledRelation(found, method, percentage, at=at)
        return found

    def _recognized(self) -> tree.Node:
        at = self.position
        found = self._aliased(self._primary_relation(), at)
        if self.sees("MATCH_RECOGNIZE", "("):
            return self._aliased(self._match_recognize(found), at)
        return found

    def _aliased(self, relation: tree.Node, at: Any) -> tree.Node:
        if self.accept("AS"):
            alias = self.identifier()
        elif self.is_identifier() and not self._begins_clause():
            alias = self.identifier()
        else:
            return relation
        columns = self.identifiers() if self.sees("(") else None
        return tree.AliasedRelation(relation, alias, columns, at=at)

    def _begins_clause(self) -> bool:
        """Return whether a word that could be an alias begins what comes after a relation."""
        word, after = self.token.upper, self.ahead()
        if word == "MATCH_RECOGNIZE":
            return after.upper == "("
        if word == "TABLESAMPLE":
            return after.upper in ("BERNOULLI", "SYSTEM")
        if word == "LIMIT":
            return after.kind == "integer" or after.upper in ("ALL", "?")
        if word == "OFFSET":
            return after.kind == "integer" or after.upper == "?"
        if word == "FETCH":
            return after.upper in ("FIRST", "NEXT")
        if word == "WINDOW":
            return self._begins_window_clause()
        return False

    def _primary_relation(self) -> tree.Node:
        at = self.position
        if self.accept("("):
            return self._bracketed()
        if self.sees("UNNEST"):
            self.take()
            self.expect("(")
            items = [self.expression()]
            while self.accept(","):
                items.append(self.expression())
            self.expect(")")
            return tree.Unnest(tuple(items), self.accept("WITH", "ORDINALITY"), at=at)
        if self.sees("LATERAL", "("):
            self.at += 2
            query = self.query()
            self.expect(")")
            return tree.Lateral(query, at=at)
        if self.sees("TABLE", "("):
            return self._table_function(at)
        if not self.is_identifier():
            self.wrong("'('", "'LATERAL'", "'TABLE'", "'UNNEST'", "<identifier>")
        return tree.Table(self.name(), self._version(), at=at)

    def _version(self) -> tuple[str, tree.Expression] | None:
        if not self.sees("FOR"):
            return None
        self.take()
        if not self.sees_any("TIMESTAMP", "VERSION", "SYSTEM_TIME", "SYSTEM_VERSION"):
            self.wrong("'TIMESTAMP'", "'VERSION'")
        kind = self.take().upper.removeprefix("SYSTEM_").replace("TIME", "TIMESTAMP")
        kind = "TIMESTAMP" if kind.startswith("TIMESTAMP") else "VERSION"
        self.expect("AS", "OF")
        return kind, self.value()

    def _bracketed(self) -> tree.Node:
        self.enter()
        if self.starts_query():
            if self.sees("("):
                found: tree.Node = self.either(self._subquery_relation, self._inner_relation)
            else:
                found = self._subquery_relation()
        else:
            found = self._inner_relation()
        self.leave()
        return found

    def _subquery_relation(self) -> tree.Node:
        at = self.position
        query = self.query()
        self.expect(")")
        return tree.TableSubquery(query, at=at)

    def _inner_relation(self) -> tree.Node:
        found = self.relation()
        self.expect(")")
        return found

    def _table_function(self, at: Any) -> tree.Node:
        self.at += 2
        name = ".".join(part.value.lower() for part in self.name())
        self.expect("(")
        arguments: list[tuple[tree.Identifier | None, Any]] = []
        while not self.sees(")"):
            label = None
            if self.is_identifier() and self.ahead().upper == "=>":
                label = self.identifier()
                self.take()
            arguments.append((label, self._table_argument()))
            if not self.accept(","):
                break
        self.expect(")")
        self.expect(")")
        return tree.TableFunction(name, tuple(arguments), at=at)

    def _table_argument(self) -> Any:
        if self.sees("TABLE", "("):
            self.at += 2
            if self.starts_query():
                return self._subquery_relation()
            place = self.position
            found = tree.Table(self.name(), at=place)
            self.expect(")")
            return found
        if self.accept("DESCRIPTOR"):
            return self.identifiers()
        return self.expression()

    # ---- MATCH_RECOGNIZE

    def _match_recognize(self, relation: tree.Node) -> tree.Node:
        at = self.take().at
        self.expect("(")
        partition: list[tree.Expression] = []
        if self.accept("PARTITION", "BY"):
            partition.append(self.expression())
            while self.accept(","):
                partition.append(self.expression())
        order_by = self.sort_items() if self.sees("ORDER") else ()
        measures = self._measures() if self.accept("MEASURES") else ()
        rows = self._rows_per_match()
        skip = self._after_match()
        if not (self.accept("INITIAL") or self.accept("SEEK")):
            pass
        self.expect("PATTERN", "(")
        pattern = self._pattern()
        self.expect(")")
        subsets = self._subsets() if self.accept("SUBSET") else ()
        definitions: list[tuple[tree.Identifier, tree.Expression]] = []
        self.expect("DEFINE")
        while True:
            name = self.identifier()
            self.expect("AS")
            definitions.append((name, self.expression()))
            if not self.accept(","):
                break
        self.expect(")")
        return tree.PatternRecognition(
            relation,
            tuple(partition),
            order_by,
            measures,
            rows,
            skip,
            pattern,
            subsets,
            tuple(definitions),
            at=at,
        )

    def _measures(self) -> tuple[tuple[tree.Expression, tree.Identifier], ...]:
        found = []
        while True:
            value = self.expression()
            self.expect("AS")
            found.append((value, self.identifier()))
            if not self.accept(","):
                return tuple(found)

    def _rows_per_match(self) -> str:
        if self.accept("ONE", "ROW", "PER", "MATCH"):
            return "ONE"
        if not self.accept("ALL", "ROWS", "PER", "MATCH"):
            return "ONE"
        if self.accept("SHOW", "EMPTY", "MATCHES"):
            return "ALL SHOW EMPTY"
        if self.accept("OMIT", "EMPTY", "MATCHES"):
            return "ALL OMIT EMPTY"
        if self.accept("WITH", "UNMATCHED", "ROWS"):
            return "ALL WITH UNMATCHED"
        return "ALL SHOW EMPTY"

    def _after_match(self) -> tuple[Any, ...]:
        if not self.accept("AFTER", "MATCH"):
            return ("PAST LAST ROW",)
        self.expect("SKIP")
        if self.accept("PAST", "LAST", "ROW"):
            return ("PAST LAST ROW",)
        self.expect("TO")
        if self.accept("NEXT", "ROW"):
            return ("NEXT ROW",)
        if self.accept("FIRST"):
            return ("FIRST", self.identifier())
        self.accept("LAST")
        return ("LAST", self.identifier())

    def _subsets(self) -> tuple[Any, ...]:
        found = []
        while True:
            name = self.identifier()
            self.expect("=")
            found.append((name, self.identifiers()))
            if not self.accept(","):
                return tuple(found)

    def _pattern(self) -> tuple[Any, ...]:
        options = [self._pattern_sequence()]
        while self.accept("|"):
            options.append(self._pattern_sequence())
        return options[0] if len(options) == 1 else ("alt", *options)

    def _pattern_sequence(self) -> tuple[Any, ...]:
        parts = []
        while not self.sees_any(")", "|", ",", "-}") and self.token.kind != "end":
            parts.append(self._quantified())
        if not parts:
            self.wrong("'$'", "'('", "'PERMUTE'", "'^'", "'{-'", "<identifier>")
        return parts[0] if len(parts) == 1 else ("concat", *parts)

    def _quantified(self) -> tuple[Any, ...]:
        part = self._pattern_primary()
        low: int
        high: int | None
        if self.accept("*"):
            low, high = 0, None
        elif self.accept("+"):
            low, high = 1, None
        elif self.accept("?"):
            low, high = 0, 1
        elif self.accept("{"):
            low, high = self._repetition()
        else:
            return part
        return ("quant", part, low, high, not self.accept("?"))

    def _repetition(self) -> tuple[int, int | None]:
        low = 0 if self.sees(",") else self.integer()
        if self.accept("}"):
            return low, low
        self.expect(",")
        high = None if self.sees("}") else self.integer()
        self.expect("}")
        return low, high

    def _pattern_primary(self) -> tuple[Any, ...]:
        if self.accept("^"):
            return ("start",)
        if self.accept("$"):
            return ("end",)
        if self.accept("{-"):
            inner = self._pattern()
            self.expect("-}")
            return ("exclude", inner)
        if self.sees("PERMUTE", "("):
            self.at += 2
            parts = [self._pattern()]
            while self.accept(","):
                parts.append(self._pattern())
            self.expect(")")
            return ("permute", *parts)
        if self.accept("("):
            if self.accept(")"):
                return ("empty",)
            inner = self._pattern()
            self.expect(")")
            return inner
        return ("var", self.identifier())
