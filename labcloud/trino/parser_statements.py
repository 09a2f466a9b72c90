"""Athena's statements beside queries: DML, Hive DDL, SHOW, EXPLAIN, PREPARE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labcloud.trino import tree
from labcloud.trino.errors import Position
from labcloud.trino.parser_queries import Queries

Properties = tuple[tuple[str, str], ...]


class Statements(Queries):
    """Reads statements."""

    def statement(self) -> tree.Node:
        """Read one statement."""
        word = self.token.upper
        if word in ("SELECT", "WITH", "VALUES", "TABLE", "("):
            return self.query()
        reader = _READERS.get(word)
        if reader is None:
            self.wrong(*(f"'{known}'" for known in _READERS), "'SELECT'", "'VALUES'", "'WITH'")
        return reader(self, self.position)

    def hive_name(self) -> tuple[tree.Identifier, ...]:
        """Read a table's name in a statement of Hive's, where backquotes may be used."""
        self.hive = True
        found = self.name()
        return tuple(
            part
            for one in found
            for part in (
                [tree.Identifier(x, True, at=one.at) for x in one.value.split(".")]
                if one.delimited and "." in one.value and len(found) == 1
                else [one]
            )
        )

    def text_since(self, start: int) -> str:
        """Return the statement's text from an offset to where reading stands."""
        return self.sql[start : self.tokens[self.at - 1].end]

    # ---- CREATE

    def _create(self, at: Position) -> tree.Node:
        self.take()
        if self.sees_any("DATABASE", "SCHEMA"):
            return self._create_database(at)
        if self.sees("OR", "REPLACE") or self.sees("VIEW") or self.sees("PROTECTED"):
            return self._create_view(at)
        external = self.accept("EXTERNAL")
        if not self.sees("TABLE"):
            self.wrong("'DATABASE'", "'EXTERNAL'", "'OR'", "'SCHEMA'", "'TABLE'", "'VIEW'")
        self.take()
        missing = self._if_not_exists()
        name = self.hive_name()
        if not external and self._is_ctas():
            return self._ctas(name, missing, at)
        return self._create_table(name, external, missing, at)

    def _if_not_exists(self) -> bool:
        if self.sees("IF") and self.ahead().upper == "NOT":
            self.at += 2
            self.expect("EXISTS")
            return True
        return False

    def _if_exists(self) -> bool:
        if self.sees("IF", "EXISTS"):
            self.at += 2
            return True
        return False

    def _is_ctas(self) -> bool:
        return self.sees_any("WITH", "AS")

    def _ctas(self, name: Any, missing: bool, at: Position) -> tree.Node:
        properties = self._with_properties() if self.accept("WITH") else ()
        self.expect("AS")
        self.hive = False
        query = self.query()
        data = True
        if self.accept("WITH", "NO", "DATA"):
            data = False
        else:
            self.accept("WITH", "DATA")
        return tree.CreateTableAsSelect(name, query, properties, missing, data, at=at)

    def _with_properties(self) -> tuple[tuple[str, tree.Expression], ...]:
        self.expect("(")
        found = []
        while True:
            name = self.identifier().value
            self.expect("=")
            found.append((name, self.expression()))
            if not self.accept(","):
                break
        if not self.sees(")"):
            self.wrong("')'", "','")
        self.take()
        return tuple(found)

    def _create_database(self, at: Position) -> tree.Node:
        self.take()
        self.hive = True
        missing = self._if_not_exists()
        name = self.identifier()
        comment = self.string() if self.accept("COMMENT") else None
        location = self.string() if self.accept("LOCATION") else None
        properties: Properties = ()
        if self.accept("WITH"):
            self.expect("DBPROPERTIES")
            properties = self.properties()
        return tree.CreateDatabase(name, missing, comment, location, properties, at=at)

    def properties(self) -> Properties:
        """Read ('key'='value', …)."""
        self.expect("(")
        found = []
        while True:
            key = self.string()
            self.expect("=")
            found.append((key, self.string()))
            if not self.accept(","):
                break
        if not self.sees(")"):
            self.wrong("')'", "','")
        self.take()
        return tuple(found)

    def _create_view(self, at: Position) -> tree.Node:
        replace = self.accept("OR", "REPLACE")
        self.accept("PROTECTED")
        self.accept("MULTI", "DIALECT")
        self.expect("VIEW")
        name = self.hive_name()
        self.hive = False
        comment = self.string() if self.accept("COMMENT") else None
        if self.accept("SECURITY"):
            self.take()
        self.expect("AS")
        start = self.token.start
        query = self.query()
        return tree.CreateView(name, query, self.text_since(start), replace, comment, at=at)

    def _create_table(self, name: Any, external: bool, missing: bool, at: Position) -> tree.Node:
        self.hive = True
        if not self.sees("("):
            self.wrong("'('", *(() if external else ("'AS'", "'WITH'")))
        columns = self._columns()
        clauses: dict[str, Any] = {}
        while (reader := self._clause()) is not None:
            reader(clauses)
        return tree.CreateTable(
            name, columns, external=external, if_not_exists=missing, at=at, **clauses
        )

    def _columns(self) -> tuple[tree.ColumnDefinition, ...]:
        self.expect("(")
        found = [self._column()]
        while self.accept(","):
            found.append(self._column())
        if not self.sees(")"):
            self.wrong("')'", "','", "'COMMENT'")
        self.take()
        return tuple(found)

    def column_name(self) -> tree.Identifier:
        """Read a column's name in Hive's DDL, where some reserved words are names, too."""
        return self.identifier()

    def _column(self) -> tree.ColumnDefinition:
        at = self.position
        name = self.column_name()
        kind = self.type()
        nullable = not self.accept("NOT", "NULL")
        comment = self.string() if self.accept("COMMENT") else None
        return tree.ColumnDefinition(name, kind, comment, nullable, at=at)

    def _clause(self) -> Callable[[dict[str, Any]], None] | None:
        if self.accept("COMMENT"):
            return lambda found: found.update(comment=self.string())
        if self.accept("PARTITIONED", "BY"):
            return lambda found: found.update(partitioned_by=self._partitioned_by())
        if self.accept("CLUSTERED", "BY"):
            return lambda found: found.update(clustered_by=self._clustered_by())
        if self.accept("ROW", "FORMAT"):
            return lambda found: found.update(row_format=self._row_format())
        if self.accept("STORED"):
            return self._stored
        if self.sees("WITH"):
            self.take()
            self.expect("SERDEPROPERTIES")
            return self._serde_properties
        if self.accept("LOCATION"):
            return lambda found: found.update(location=self.string())
        if self.accept("TBLPROPERTIES"):
            return lambda found: found.update(properties=self.properties())
        return None

    def _serde_properties(self, found: dict[str, Any]) -> None:
        given = self.properties()
        row_format = found.get("row_format")
        if row_format and row_format[0] == "SERDE":
            found["row_format"] = ("SERDE", row_format[1], given)
        else:
            found["row_format"] = ("DELIMITED", given)

    def _partitioned_by(self) -> tuple[Any, ...]:
        self.expect("(")
        found: list[Any] = []
        while True:
            if self.ahead().upper in (",", ")"):
                found.append(self.identifier())
            elif self.ahead().upper == "(":
                found.append(self._transform())
            else:
                found.append(self._column())
            if not self.accept(","):
                break
        if not self.sees(")"):
            self.wrong("')'", "','")
        self.take()
        return tuple(found)

    def _transform(self) -> tree.Expression:
        at = self.position
        name = self.identifier().value.lower()
        self.expect("(")
        arguments: list[tree.Expression] = []
        while True:
            if self.token.kind == "integer":
                arguments.append(tree.LongLiteral(self.integer()))
            else:
                arguments.append(self.identifier())
            if not self.accept(","):
                break
        self.expect(")")
        return tree.FunctionCall(name, tuple(arguments), at=at)

    def _clustered_by(self) -> tuple[tuple[tree.Identifier, ...], int]:
        columns = self.identifiers()
        self.expect("INTO")
        count = self.integer()
        self.expect("BUCKETS")
        return columns, count

    def _row_format(self) -> tuple[Any, ...]:
        if self.accept("SERDE"):
            name = self.string()
            properties: Properties = ()
            if self.accept("WITH"):
                self.expect("SERDEPROPERTIES")
                properties = self.properties()
            return "SERDE", name, properties
        if not self.sees("DELIMITED"):
            self.wrong("'DELIMITED'", "'SERDE'")
        self.take()
        found: list[tuple[str, str]] = []
        while (key := self._delimiter()) is not None:
            found.append((key, self.string()))
        return "DELIMITED", tuple(found)

    def _delimiter(self) -> str | None:
        for words, key in _DELIMITERS:
            if self.accept(*words):
                return key
        return None

    def _stored(self, found: dict[str, Any]) -> None:
        self.expect("AS")
        if self.accept("INPUTFORMAT"):
            reads = self.string()
            self.expect("OUTPUTFORMAT")
            found["stored_as"] = (reads, self.string())
        else:
            found["stored_as"] = self.identifier().value.upper()

    # ---- DROP, ALTER

    def _drop(self, at: Position) -> tree.Node:
        self.take()
        self.hive = True
        if self.sees_any("DATABASE", "SCHEMA"):
            self.take()
            missing = self._if_exists()
            name = self.identifier()
            cascade = self.accept("CASCADE")
            self.accept("RESTRICT")
            return tree.DropDatabase(name, missing, cascade, at=at)
        if self.accept("VIEW"):
            missing = self._if_exists()
            return tree.DropView(self.hive_name(), missing, at=at)
        if not self.sees("TABLE"):
            self.wrong("'DATABASE'", "'SCHEMA'", "'TABLE'", "'VIEW'")
        self.take()
        missing = self._if_exists()
        return tree.DropTable(self.hive_name(), missing, at=at)

    def _alter(self, at: Position) -> tree.Node:
        self.take()
        self.hive = True
        if self.sees_any("DATABASE", "SCHEMA"):
            self.take()
            name = self.identifier()
            self.expect("SET", "DBPROPERTIES")
            return tree.AlterDatabase(name, self.properties(), at=at)
        if not self.sees("TABLE"):
            self.wrong("'DATABASE'", "'SCHEMA'", "'TABLE'")
        self.take()
        table = self.hive_name()
        action, details = self._alter_action()
        return tree.AlterTable(table, action, tuple(details.items()), at=at)

    def _alter_action(self) -> tuple[str, dict[str, Any]]:
        if self.accept("ADD", "COLUMNS"):
            return "ADD COLUMNS", {"columns": self._columns()}
        if self.accept("REPLACE", "COLUMNS"):
            return "REPLACE COLUMNS", {"columns": self._columns()}
        if self.accept("CHANGE"):
            self.accept("COLUMN")
            return self._change_column()
        if self.accept("DROP", "COLUMN"):
            return "DROP COLUMN", {"name": self.identifier()}
        if self.accept("RENAME", "COLUMN"):
            old = self.identifier()
            self.expect("TO")
            return "RENAME COLUMN", {"old": old, "new": self.identifier()}
        if self.accept("ADD", "PARTITION", "FIELD") or self.accept("DROP", "PARTITION", "FIELD"):
            word = self.tokens[self.at - 3].upper
            item = self._transform() if self.ahead().upper == "(" else self.identifier()
            return f"{word} PARTITION FIELD", {"transform": item}
        if self.accept("ADD"):
            missing = self._if_not_exists()
            return "ADD PARTITION", {"if_not_exists": missing, "partitions": self._partitions()}
        if self.accept("DROP"):
            missing = self._if_exists()
            specs = [self._partition()]
            while self.accept(","):
                specs.append(self._partition())
            return "DROP PARTITION", {"if_exists": missing, "specs": tuple(specs)}
        return self._alter_rest()

    def _alter_rest(self) -> tuple[str, dict[str, Any]]:
        if self.accept("SET", "TBLPROPERTIES"):
            return "SET TBLPROPERTIES", {"properties": self.properties()}
        if self.accept("UNSET", "TBLPROPERTIES"):
            self.expect("(")
            keys = [self.string()]
            while self.accept(","):
                keys.append(self.string())
            self.expect(")")
            return "UNSET TBLPROPERTIES", {"keys": tuple(keys)}
        if self.accept("SET", "LOCATION"):
            return "SET LOCATION", {"location": self.string(), "partition": None}
        if self.accept("RENAME", "TO"):
            return "RENAME TO", {"name": self.hive_name()}
        if self.sees("PARTITION"):
            spec = self._partition()
            if self.accept("SET", "LOCATION"):
                return "SET LOCATION", {"location": self.string(), "partition": spec}
            if self.accept("ADD", "COLUMNS"):
                return "ADD COLUMNS", {"columns": self._columns(), "partition": spec}
            self.expect("RENAME", "TO")
            return "RENAME PARTITION", {"old": spec, "new": self._partition()}
        self.wrong("'ADD'", "'CHANGE'", "'DROP'", "'PARTITION'", "'RENAME'", "'REPLACE'", "'SET'")

    def _change_column(self) -> tuple[str, dict[str, Any]]:
        old = self.identifier()
        column = self._column()
        position: Any = None
        if self.accept("FIRST"):
            position = "FIRST"
        elif self.accept("AFTER"):
            position = ("AFTER", self.identifier())
        return "CHANGE COLUMN", {"old": old, "column": column, "position": position}

    def _partitions(self) -> tuple[Any, ...]:
        found = []
        while self.sees("PARTITION"):
            spec = self._partition()
            found.append((spec, self.string() if self.accept("LOCATION") else None))
            self.accept(",")
        if not found:
            self.wrong("'COLUMNS'", "'IF'", "'PARTITION'")
        return tuple(found)

    def _partition(self) -> Properties:
        self.expect("PARTITION", "(")
        found = []
        while True:
            name = self.identifier().value.lower()
            self.expect("=")
            found.append((name, self._partition_value()))
            if not self.accept(","):
                break
        if not self.sees(")"):
            self.wrong("')'", "','")
        self.take()
        return tuple(found)

    def _partition_value(self) -> str:
        if self.token.kind == "string":
            return self.string()
        if self.sees_any("DATE", "TIMESTAMP") and self.ahead().kind == "string":
            self.take()
            return self.string()
        sign = "-" if self.accept("-") else ""
        if self.token.kind in ("integer", "decimal", "double"):
            return sign + self.take().text
        if self.is_identifier() or self.sees_any("TRUE", "FALSE", "NULL"):
            return self.take().text
        self.wrong("<string>", "<number>")

    # ---- DML

    def _insert(self, at: Position) -> tree.Node:
        self.take()
        self.expect("INTO")
        name = self.hive_name()
        self.hive = False
        columns = None
        if self.sees("(") and not self.starts_query(self.at + 1):
            columns = self.identifiers()
        return tree.Insert(name, self.query(), columns, at=at)

    def _unload(self, at: Position) -> tree.Node:
        self.take()
        self.expect("(")
        query = self.query()
        self.expect(")")
        self.expect("TO")
        location = self.string()
        properties = self._with_properties() if self.accept("WITH") else ()
        return tree.Unload(query, location, properties, at=at)

    def _target(self) -> tree.Table:
        at = self.position
        self.hive = True
        name = self.hive_name()
        self.hive = False
        return tree.Table(name, at=at)

    def _delete(self, at: Position) -> tree.Node:
        self.take()
        self.expect("FROM")
        target = self._target()
        where = self.expression() if self.accept("WHERE") else None
        return tree.Delete(target, where, at=at)

    def _update(self, at: Position) -> tree.Node:
        self.take()
        target = self._target()
        self.expect("SET")
        changes = [self._assignment()]
        while self.accept(","):
            changes.append(self._assignment())
        where = self.expression() if self.accept("WHERE") else None
        return tree.Update(target, tuple(changes), where, at=at)

    def _assignment(self) -> tuple[tree.Identifier, tree.Expression]:
        name = self.identifier()
        self.expect("=")
        return name, self.expression()

    def _merge(self, at: Position) -> tree.Node:
        self.take()
        self.expect("INTO")
        target = self._target()
        alias = None
        if self.accept("AS") or (self.is_identifier() and not self.sees("USING")):
            alias = self.identifier()
        self.expect("USING")
        source = self.relation()
        self.expect("ON")
        condition = self.expression()
        cases = []
        while self.sees("WHEN"):
            cases.append(self._merge_case())
        if not cases:
            self.wrong("'WHEN'")
        return tree.Merge(target, alias, source, condition, tuple(cases), at=at)

    def _merge_case(self) -> tree.MergeCase:
        at = self.take().at
        matched = not self.accept("NOT")
        self.expect("MATCHED")
        condition = self.expression() if self.accept("AND") else None
        self.expect("THEN")
        if matched and self.accept("DELETE"):
            return tree.MergeCase(True, "DELETE", condition, at=at)
        if matched:
            self.expect("UPDATE", "SET")
            changes = [self._assignment()]
            while self.accept(","):
                changes.append(self._assignment())
            columns = tuple(name for name, _ in changes)
            values = tuple(value for _, value in changes)
            return tree.MergeCase(True, "UPDATE", condition, columns, values, at=at)
        self.expect("INSERT")
        names = self.identifiers() if self.sees("(") else ()
        self.expect("VALUES", "(")
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        self.expect(")")
        return tree.MergeCase(False, "INSERT", condition, names, tuple(items), at=at)

    # ---- SHOW, DESCRIBE

    def _show(self, at: Position) -> tree.Node:
        self.take()
        self.hive = True
        if self.sees_any("DATABASES", "SCHEMAS"):
            self.take()
            self.accept("LIKE")
            like = self.string() if self.token.kind == "string" else None
            return tree.Show("DATABASES", (("like", like),), at=at)
        if self.sees_any("TABLES", "VIEWS"):
            return self._show_tables(at)
        if self.accept("COLUMNS"):
            return self._show_columns(at)
        if self.accept("PARTITIONS"):
            return tree.Show("PARTITIONS", (("name", self.hive_name()),), at=at)
        if self.accept("TBLPROPERTIES"):
            name = self.hive_name()
            key = None
            if self.accept("("):
                key = self.string()
                self.expect(")")
            return tree.Show("TBLPROPERTIES", (("name", name), ("property", key)), at=at)
        if self.accept("CREATE"):
            if not self.sees_any("TABLE", "VIEW"):
                self.wrong("'TABLE'", "'VIEW'")
            what = self.take().upper
            return tree.Show(f"CREATE {what}", (("name", self.hive_name()),), at=at)
        if self.accept("FUNCTIONS"):
            like = self.string() if self.accept("LIKE") else None
            return tree.Show("FUNCTIONS", (("like", like),), at=at)
        self.wrong(
            "'COLUMNS'", "'CREATE'", "'DATABASES'", "'FUNCTIONS'", "'PARTITIONS'", "'SCHEMAS'",
            "'TABLES'", "'TBLPROPERTIES'", "'VIEWS'",
        )  # fmt: skip

    def _show_tables(self, at: Position) -> tree.Node:
        what = self.take().upper
        database = None
        if self.accept("IN") or self.accept("FROM"):
            database = self.hive_name()
        self.accept("LIKE")
        like = self.string() if self.token.kind == "string" else None
        return tree.Show(what, (("database", database), ("like", like)), at=at)

    def _show_columns(self, at: Position) -> tree.Node:
        if not (self.accept("FROM") or self.accept("IN")):
            self.wrong("'FROM'", "'IN'")
        name = self.hive_name()
        database = None
        if self.accept("FROM") or self.accept("IN"):
            database = self.identifier()
        return tree.Show("COLUMNS", (("name", name), ("database", database)), at=at)

    def _describe(self, at: Position) -> tree.Node:
        self.take()
        if self.sees_any("INPUT", "OUTPUT") and self.is_identifier(self.ahead()):
            output = self.take().upper == "OUTPUT"
            return tree.DescribeInput(self.identifier(), output, at=at)
        self.hive = True
        if self.sees("VIEW") and self.is_identifier(self.ahead()):
            self.take()
            return tree.Describe(self.hive_name(), view=True, at=at)
        mode = None
        if self.sees_any("EXTENDED", "FORMATTED") and self.is_identifier(self.ahead()):
            mode = self.take().upper
        self.accept("TABLE")
        name = self.hive_name()
        partition = self._partition() if self.sees("PARTITION") else ()
        column = self.identifier() if self.is_identifier() else None
        return tree.Describe(name, mode, partition, column, at=at)

    # ---- PREPARE, EXPLAIN, upkeep

    def _prepare(self, at: Position) -> tree.Node:
        self.take()
        name = self.identifier()
        self.expect("FROM")
        start = self.token.start
        statement = self.statement()
        return tree.Prepare(name, statement, self.text_since(start), at=at)

    def _execute(self, at: Position) -> tree.Node:
        self.take()
        if self.accept("IMMEDIATE"):
            text = self.string()
            return tree.ExecuteImmediate(text, self._using(), at=at)
        name = self.identifier()
        return tree.Execute(name, self._using(), at=at)

    def _using(self) -> tuple[tree.Expression, ...]:
        if not self.accept("USING"):
            return ()
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        return tuple(found)

    def _deallocate(self, at: Position) -> tree.Node:
        self.take()
        self.expect("PREPARE")
        return tree.Deallocate(self.identifier(), at=at)

    def _explain(self, at: Position) -> tree.Node:
        self.take()
        analyze = self.accept("ANALYZE")
        verbose = analyze and self.accept("VERBOSE")
        kind = form = None
        if self.sees("(") and self.ahead().upper in ("TYPE", "FORMAT"):
            self.take()
            while True:
                word = self.take().upper
                if word == "TYPE":
                    if not self.sees_any("LOGICAL", "DISTRIBUTED", "VALIDATE", "IO"):
                        self.wrong("'DISTRIBUTED'", "'IO'", "'LOGICAL'", "'VALIDATE'")
                    kind = self.take().upper
                else:
                    if not self.sees_any("TEXT", "GRAPHVIZ", "JSON"):
                        self.wrong("'GRAPHVIZ'", "'JSON'", "'TEXT'")
                    form = self.take().upper
                if not self.accept(","):
                    break
            self.expect(")")
        start = self.token.start
        statement = self.statement()
        text = self.text_since(start)
        return tree.Explain(statement, text, analyze, verbose, kind, form, at=at)

    def _optimize(self, at: Position) -> tree.Node:
        self.take()
        name = self.hive_name()
        self.hive = False
        self.expect("REWRITE", "DATA", "USING", "BIN_PACK")
        where = self.expression() if self.accept("WHERE") else None
        return tree.Optimize(name, where, at=at)

    def _vacuum(self, at: Position) -> tree.Node:
        self.take()
        return tree.Vacuum(self.hive_name(), at=at)

    def _msck(self, at: Position) -> tree.Node:
        self.take()
        self.expect("REPAIR", "TABLE")
        return tree.RepairTable(self.hive_name(), at=at)


_DELIMITERS = (
    (("FIELDS", "TERMINATED", "BY"), "field.delim"),
    (("ESCAPED", "BY"), "escape.delim"),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "collection.delim"),
    (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"),
    (("NULL", "DEFINED", "AS"), "serialization.null.format"),
)

_READERS: dict[str, Callable[[Any, Position], tree.Node]] = {
    "ALTER": Statements._alter,
    "CREATE": Statements._create,
    "DEALLOCATE": Statements._deallocate,
    "DELETE": Statements._delete,
    "DESC": Statements._describe,
    "DESCRIBE": Statements._describe,
    "DROP": Statements._drop,
    "EXECUTE": Statements._execute,
    "EXPLAIN": Statements._explain,
    "INSERT": Statements._insert,
    "MERGE": Statements._merge,
    "MSCK": Statements._msck,
    "OPTIMIZE": Statements._optimize,
    "PREPARE": Statements._prepare,
    "SHOW": Statements._show,
    "UNLOAD": Statements._unload,
    "UPDATE": Statements._update,
    "VACUUM": Statements._vacuum,
}
