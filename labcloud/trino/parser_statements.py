"""Athena's statements: which there are, and those on data, EXPLAIN and PREPARE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.parser_base import DEEPEST
from labcloud.trino.parser_hive import HiveError, HiveStatements, not_supported

_UNSUPPORTED = frozenset(
    """ANALYZE CALL COMMENT COMMIT DENY GRANT REFRESH RESET REVOKE ROLLBACK SET START TRUNCATE
    USE""".split()  # noqa: SIM905
)
"""Words that begin statements of Trino's that Athena does not run."""

_UNSUPPORTED_OBJECTS = frozenset(("CATALOG", "FUNCTION", "MATERIALIZED", "ROLE"))
_HIVE_STARTS = frozenset(("ALTER", "CREATE", "DESC", "DESCRIBE", "DROP", "MSCK", "SHOW"))
_STARTS = tuple(
    f"'{word}'"
    for word in (
        "ALTER",
        "CREATE",
        "DEALLOCATE",
        "DELETE",
        "DESC",
        "DESCRIBE",
        "DROP",
        "EXECUTE",
        "EXPLAIN",
        "INSERT",
        "MERGE",
        "MSCK",
        "OPTIMIZE",
        "PREPARE",
        "SHOW",
        "UNLOAD",
        "UPDATE",
        "VACUUM",
        "WITH",
    )
)


class Statements(HiveStatements):
    """Reads statements."""

    def statement(self) -> tree.Node:
        """Read one statement. Raises TrinoError."""
        self.enter()
        word = self.words[self.at]
        if word in ("SELECT", "WITH", "VALUES", "TABLE", "("):
            found: tree.Node = self.query()
        elif word in _HIVE_STARTS and not self._is_trinos():
            found = self._hive_statement()
        elif (read := _READERS.get(word)) is not None:
            found = read(self, self.position)
        elif word in _UNSUPPORTED and self.token.kind == "word":
            raise not_supported()
        else:
            raise self.wrong(*_STARTS, "<query>")
        self.leave()
        return found

    def _is_trinos(self) -> bool:
        """Return whether only Trino's grammar has a statement: a view, or a table from a query."""
        word, after = self.words[self.at : self.at + 2]
        if word != "CREATE":
            return False
        return after in ("OR", "VIEW", "PROTECTED") or (after == "TABLE" and self._is_ctas())

    def _is_ctas(self) -> bool:
        """Return whether CREATE TABLE makes its table from a query."""
        index = self.at + (5 if self.words[self.at + 2] == "IF" else 2)
        while self.is_identifier(index) or self.words[index] == ".":
            if self.words[index] == "COMMENT" and self.words[index - 1] != ".":
                break
            index += 1
        if self.words[index] == "(":
            index = self.closing(index) + 1
        if self.words[index] == "COMMENT":
            index += 2
        if index >= len(self.tokens):
            return False
        return self.words[index] == "AS" or (
            self.words[index] == "WITH" and self.words[index + 1] != "SERDEPROPERTIES"
        )

    def _hive_statement(self) -> tree.Node:
        """Read a statement by Hive's grammar, or else by Trino's."""
        start, depth = self.token.start, self.depth
        self.use(True, start)
        try:
            return self._whole(self._data_definition())
        except HiveError:
            raise
        except TrinoError as error:
            if self.depth > DEEPEST:
                raise
            refused = error
        self.depth = depth
        self.use(False, start)
        found = self._whole(self._data_definition())
        # Trino's own CREATE TABLE, and its schemas with properties, are none of Athena's.
        if isinstance(found, tree.CreateTable | tree.CreateDatabase):
            raise refused
        return found

    def _whole(self, found: tree.Node) -> tree.Node:
        if self.token.kind != "end" and not self.sees(";"):
            raise self.wrong("<EOF>")
        return found

    def _data_definition(self) -> tree.Node:
        at = self.position
        word, after = self.words[self.at : self.at + 2]
        if word in ("CREATE", "DROP", "ALTER") and after in _UNSUPPORTED_OBJECTS:
            raise not_supported()
        if word == "CREATE":
            return self._create(at)
        if word == "MSCK":
            if not self.hive:
                raise self.wrong(*_STARTS, "<query>")
            return self.repair(at)
        readers = {
            "ALTER": self.alter,
            "DESC": self.describe,
            "DESCRIBE": self.describe,
            "DROP": self.drop,
            "SHOW": self.show,
        }
        return readers[word](at)

    def _create(self, at: Position) -> tree.Node:
        self.take()
        word = self.words[self.at]
        hives = ("DATABASE", "EXTERNAL") if self.hive else ()
        allowed = ("OR", "SCHEMA", "TABLE", "VIEW", *hives)
        if word not in allowed:
            raise self.wrong(*(f"'{one}'" for one in allowed))
        self.at += 1
        if word in ("DATABASE", "SCHEMA"):
            return self.create_database(at)
        if word == "EXTERNAL":
            self.expect("TABLE")
        return self.create_table(at, word == "EXTERNAL")

    # ---- views and tables from queries

    def _create_trinos(self, at: Position) -> tree.Node:
        self.take()
        if self.accept("TABLE"):
            return self._create_table_as(at)
        replace = self.accept("OR")
        if replace:
            self.expect("REPLACE")
        if self.accept("PROTECTED"):
            self.expect("MULTI", "DIALECT")
        if self.sees_any("FUNCTION", "MATERIALIZED", "TABLE"):
            raise not_supported()
        self.expect("VIEW")
        name = self.name()
        comment = self.string() if self.accept("COMMENT") else None
        if self.accept("SECURITY"):
            self.expect_any("DEFINER", "INVOKER")
        if not self.accept("AS"):
            raise self.wrong("'.'", "'AS'", "'COMMENT'", "'SECURITY'")
        start = self.token.start
        query = self.query()
        return tree.CreateView(name, query, self._text_since(start), replace, comment, at=at)

    def _create_table_as(self, at: Position) -> tree.Node:
        missing = self.if_not_exists()
        name = self.name()
        if self.sees("("):
            self.identifiers()
        if self.accept("COMMENT"):
            self.string()
        properties = self.with_properties() if self.accept("WITH") else ()
        self.expect("AS")
        # A bracket could be the statement's own.
        query = self.reading_on(self.query) if self.sees("(") else self.query()
        with_data = True
        if self.accept("WITH"):
            with_data = not self.accept("NO")
            self.expect("DATA")
        return tree.CreateTableAsSelect(name, query, properties, missing, with_data, at=at)

    def _text_since(self, start: int) -> str:
        return self.sql[start : self.tokens[self.at - 1].end]

    # ---- data

    def _insert(self, at: Position) -> tree.Node:
        self.take()
        self.expect("INTO")
        name = self.name()
        columns = None
        if self.sees("(") and self.follows_identifier():
            columns = self.identifiers()
        return tree.Insert(name, self.query(), columns, at=at)

    def _unload(self, at: Position) -> tree.Node:
        self.take()
        query = self.query_in_brackets()
        self.expect("TO")
        location = self.string()
        properties = self.with_properties() if self.accept("WITH") else ()
        return tree.Unload(query, location, properties, at=at)

    def _target(self) -> tree.Table:
        at = self.position
        return tree.Table(self.name(), at=at)

    def _where(self) -> tree.Expression | None:
        return self.expression() if self.accept("WHERE") else None

    def _delete(self, at: Position) -> tree.Node:
        self.take()
        self.expect("FROM")
        target = self._target()
        return tree.Delete(target, self._where(), at=at)

    def _update(self, at: Position) -> tree.Node:
        self.take()
        target = self._target()
        self.expect("SET")
        changes = self.many(self._change)
        return tree.Update(target, changes, self._where(), at=at)

    def _change(self) -> tuple[tree.Identifier, tree.Expression]:
        name = self.identifier()
        self.expect("=")
        return name, self.expression()

    def _merge(self, at: Position) -> tree.Node:
        self.take()
        self.expect("INTO")
        target = self._target()
        alias = None
        if self.accept("AS") or self.is_identifier():
            alias = self.identifier()
        self.expect("USING")
        source = self.relation()
        self.expect("ON")
        condition = self.expression()
        if not self.sees("WHEN"):
            raise self.wrong("'WHEN'")
        cases = []
        while self.sees("WHEN"):
            cases.append(self._merge_case())
        return tree.Merge(target, alias, source, condition, tuple(cases), at=at)

    def _merge_case(self) -> tree.MergeCase:
        at = self.take().at
        matched = not self.accept("NOT")
        self.expect("MATCHED")
        condition = self.expression() if self.accept("AND") else None
        self.expect("THEN")
        if not matched:
            self.expect("INSERT")
            names = self.identifiers() if self.sees("(") else ()
            self.expect("VALUES")
            items = self.bracketed(self.expression)
            return tree.MergeCase(False, "INSERT", condition, names, items, at=at)
        if self.expect_any("DELETE", "UPDATE") == "DELETE":
            return tree.MergeCase(True, "DELETE", condition, at=at)
        self.expect("SET")
        changes = self.many(self._change)
        columns = tuple(name for name, _ in changes)
        values = tuple(value for _, value in changes)
        return tree.MergeCase(True, "UPDATE", condition, columns, values, at=at)

    def _optimize(self, at: Position) -> tree.Node:
        self.take()
        name = self.name()
        self.expect("REWRITE", "DATA", "USING", "BIN_PACK")
        return tree.Optimize(name, self._where(), at=at)

    def _vacuum(self, at: Position) -> tree.Node:
        self.take()
        return tree.Vacuum(self.name(), at=at)

    # ---- PREPARE, EXECUTE, EXPLAIN

    def _prepare(self, at: Position) -> tree.Node:
        self.take()
        name = self.identifier()
        self.expect("FROM")
        start = self.token.start
        statement = self.statement()
        return tree.Prepare(name, statement, self._text_since(start), at=at)

    def _execute(self, at: Position) -> tree.Node:
        self.take()
        if self.sees("IMMEDIATE") and self.sees_string(1):
            self.at += 1
            text = self.string()
            return tree.ExecuteImmediate(text, self._using(), at=at)
        name = self.identifier()
        return tree.Execute(name, self._using(), at=at)

    def _using(self) -> tuple[tree.Expression, ...]:
        return self.expressions() if self.accept("USING") else ()

    def _deallocate(self, at: Position) -> tree.Node:
        self.take()
        self.expect("PREPARE")
        return tree.Deallocate(self.identifier(), at=at)

    def _explain(self, at: Position) -> tree.Node:
        self.take()
        analyze = self.accept("ANALYZE")
        verbose = analyze and self.accept("VERBOSE")
        options: dict[str, str] = {}
        # Athena's EXPLAIN ANALYZE takes a format, too.
        if self.sees("(") and self.words[self.at + 1] in ("FORMAT", "TYPE"):
            options = dict(self.bracketed(self._explain_option))
        start = self.token.start
        statement = self.statement()
        text = self._text_since(start)
        kind, form = options.get("TYPE"), options.get("FORMAT")
        return tree.Explain(statement, text, analyze, verbose, kind, form, at=at)

    def _explain_option(self) -> tuple[str, str]:
        if self.expect_any("FORMAT", "TYPE") == "FORMAT":
            return "FORMAT", self.expect_any("GRAPHVIZ", "JSON", "TEXT")
        return "TYPE", self.expect_any("DISTRIBUTED", "IO", "LOGICAL", "VALIDATE")


_READERS: dict[str, Callable[[Any, Position], tree.Node]] = {
    "CREATE": Statements._create_trinos,
    "DEALLOCATE": Statements._deallocate,
    "DELETE": Statements._delete,
    "EXECUTE": Statements._execute,
    "EXPLAIN": Statements._explain,
    "INSERT": Statements._insert,
    "MERGE": Statements._merge,
    "OPTIMIZE": Statements._optimize,
    "PREPARE": Statements._prepare,
    "UNLOAD": Statements._unload,
    "UPDATE": Statements._update,
    "VACUUM": Statements._vacuum,
}
