"""Hive's statements as Athena has them: CREATE TABLE, ALTER, DROP, SHOW, DESCRIBE, MSCK.

Athena reads such a statement by Hive's grammar first; where that fails it reads it by Trino's, and
it is Trino's error that is seen (`mismatched input 'EXTERNAL'. Expecting: …`). So the methods here
read both: what is Hive's alone is only looked for while `hive` is set.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.lexer import hive_text, tokens
from labcloud.trino.parser_queries import Queries

Properties = tuple[tuple[str, str], ...]
Details = dict[str, Any]

HIVE_RESERVED = frozenset(
    """ALL ALTER AND ARRAY AS AUTHORIZATION BETWEEN BIGINT BINARY BOOLEAN BOTH BY CASE CAST CHAR
    COLUMN CONF CREATE CROSS CUBE CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURSOR DATABASE DATE
    DECIMAL DELETE DESCRIBE DISTINCT DOUBLE DROP ELSE END EXCHANGE EXISTS EXTENDED EXTERNAL FALSE
    FETCH FLOAT FOLLOWING FOR FROM FULL FUNCTION GRANT GROUP GROUPING HAVING IF IMPORT IN INNER
    INSERT INT INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LESS LIKE LOCAL MACRO MAP MORE NONE NOT
    NULL OF ON OR ORDER OUT OUTER OVER PARTIALSCAN PARTITION PERCENT PRECEDING PRESERVE PROCEDURE
    RANGE READS REDUCE REVOKE RIGHT ROLLUP ROW ROWS SELECT SET SMALLINT TABLE TABLESAMPLE THEN
    TIMESTAMP TO TRANSFORM TRIGGER TRUE TRUNCATE UNBOUNDED UNION UNIQUEJOIN UPDATE USER USING VALUES
    VARCHAR WHEN WHERE WINDOW WITH""".split()  # noqa: SIM905
)
"""Words that need backquotes in Hive's statements. Source: Athena's "Reserved keywords"."""

_DELIMITERS = (
    (("FIELDS", "TERMINATED", "BY"), "field.delim"),
    (("ESCAPED", "BY"), "escape.delim"),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "collection.delim"),
    (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"),
    (("NULL", "DEFINED", "AS"), "serialization.null.format"),
)
_CLAUSES = (
    "COMMENT",
    "PARTITIONED",
    "CLUSTERED",
    "ROW",
    "STORED",
    "WITH",
    "LOCATION",
    "TBLPROPERTIES",
)
_HIVE_SHOWS = ("DATABASES", "PARTITIONS", "TBLPROPERTIES", "VIEWS")
_TRINO_SHOWS = ("COLUMNS", "CREATE", "FUNCTIONS", "SCHEMAS", "TABLES")


class HiveStatements(Queries):
    """Reads statements on databases and tables."""

    def use(self, hive: bool, start: int) -> None:
        """Read on from an offset by Hive's rules or by Trino's, which have other strings."""
        self.tokens = tokens(self.sql, hive)
        self.words = [token.upper for token in self.tokens] + [""] * 4
        self.at = next(i for i, token in enumerate(self.tokens) if token.start >= start)
        self.hive = hive
        self.later = None
        self.undecided = 0
        self.forget_queries()

    # ---- names and strings

    def string(self) -> str:
        """Take a string literal of the grammar in use. Raises TrinoError."""
        if self.hive and self.token.kind == "string":
            return hive_text(self.take())
        return super().string()

    def is_identifier(self, index: int | None = None) -> bool:
        """Return whether a token is an identifier of the grammar in use."""
        if not self.hive:
            return super().is_identifier(index)
        token = self.tokens[min(self.at if index is None else index, len(self.tokens) - 1)]
        if token.kind == "word":
            return token.upper not in HIVE_RESERVED and token.text[0] != "_"
        return token.kind in ("backquoted", "digits")

    def type_name(self) -> str:
        """Take a type's name: Hive's reserved words are types, too. Raises TrinoError."""
        if self.hive and self.token.kind == "word":
            return self.take().text.lower()
        return super().type_name()

    def table_name(self) -> tuple[tree.Identifier, ...]:
        """Read a table's name; `db.name` in one pair of backquotes is two names."""
        found = self.name()
        first = found[0]
        if len(found) == 1 and self.hive and first.delimited and "." in first.value:
            parts = first.value.split(".")
            found = tuple(tree.Identifier(part, True, at=first.at) for part in parts)
        return found

    def last_name(self) -> tuple[tree.Identifier, ...]:
        """Read a name with which a statement ends. Raises TrinoError."""
        found = self.table_name()
        if self.hive and self.sees("-"):
            token, near = self.token, self.tokens[self.at - 1].text
            line, column = token.at
            # Hive runs these statements itself; it counts columns from 0.
            where = f"line {line}:{column - 1}"
            raise HiveError(f"FAILED: ParseException {where} missing EOF at '-' near '{near}'")
        return found

    def properties(self) -> Properties:
        """Read ('key'='value', …)."""
        return self.bracketed(self._property)

    def _property(self) -> tuple[str, str]:
        key = self.string()
        self.expect("=")
        return key, self.string()

    def with_properties(self) -> tuple[tuple[str, tree.Expression], ...]:
        """Read (name = expression, …)."""
        return self.bracketed(self.assignment)

    def assignment(self) -> tuple[Any, tree.Expression]:
        """Read name = expression, where the name is wanted as text."""
        name = self.identifier().value
        self.expect("=")
        return name, self.expression()

    def if_not_exists(self) -> bool:
        """Take IF NOT EXISTS."""
        if self.sees("IF", "NOT"):
            self.expect("IF", "NOT", "EXISTS")
            return True
        return False

    def if_exists(self) -> bool:
        """Take IF EXISTS."""
        return self.accept_all("IF", "EXISTS")

    # ---- databases

    def create_database(self, at: Position) -> tree.Node:
        """Read what follows CREATE DATABASE or SCHEMA."""
        missing = self.if_not_exists()
        name = self.last_name()[-1]
        if not self.hive:
            if self.accept("WITH"):
                self.with_properties()
            return tree.CreateDatabase(name, missing, at=at)
        comment = self.string() if self.accept("COMMENT") else None
        location = self.string() if self.accept("LOCATION") else None
        properties: Properties = ()
        if self.accept("WITH"):
            self.expect("DBPROPERTIES")
            properties = self.properties()
        return tree.CreateDatabase(name, missing, comment, location, properties, at=at)

    def _drop_database(self, at: Position) -> tree.Node:
        missing = self.if_exists()
        name = self.last_name()[-1]
        cascade = self.accept("CASCADE")
        if not cascade:
            self.accept("RESTRICT")
        return tree.DropDatabase(name, missing, cascade, at=at)

    # ---- CREATE TABLE

    def create_table(self, at: Position, external: bool) -> tree.Node:
        """Read what follows CREATE [EXTERNAL] TABLE, unless it is a query's."""
        missing = self.if_not_exists()
        name = self.table_name()
        if not self.sees("("):
            raise self.wrong("'('", "'.'", *(() if external else ("'AS'", "'COMMENT'", "'WITH'")))
        if not self.hive:
            return self._create_trino_table(name, missing, at)
        columns = self._columns()
        clauses: Details = {}
        while self.sees_any(*_CLAUSES):
            self._clause(clauses)
        return tree.CreateTable(
            name, columns, external=external, if_not_exists=missing, at=at, **clauses
        )

    def _create_trino_table(self, name: Any, missing: bool, at: Position) -> tree.Node:
        columns = self.bracketed(self._trino_column)
        comment = self.string() if self.accept("COMMENT") else None
        if self.accept("WITH"):
            self.with_properties()
        return tree.CreateTable(name, columns, comment=comment, if_not_exists=missing, at=at)

    def _trino_column(self) -> tree.ColumnDefinition:
        at = self.position
        if not self.is_identifier():
            raise self.wrong("'LIKE'", "<identifier>")
        found = self._column()
        if self.accept("WITH"):
            self.with_properties()
        return tree.ColumnDefinition(found.name, found.type, found.comment, found.nullable, at=at)

    def _columns(self) -> tuple[tree.ColumnDefinition, ...]:
        return self.bracketed(self._column)

    def _column(self) -> tree.ColumnDefinition:
        at = self.position
        name = self.identifier()
        kind = self.type()
        nullable = True
        if self.accept("NOT"):
            self.expect("NULL")
            nullable = False
        comment = self.string() if self.accept("COMMENT") else None
        return tree.ColumnDefinition(name, kind, comment, nullable, at=at)

    def _clause(self, found: Details) -> None:
        """Read one clause of Hive's CREATE TABLE; Athena does not mind their order."""
        word = self.take().upper
        if word == "COMMENT":
            found["comment"] = self.string()
        elif word == "LOCATION":
            found["location"] = self.string()
        elif word == "TBLPROPERTIES":
            found["properties"] = self.properties()
        elif word == "STORED":
            self._stored(found)
        elif word == "WITH":
            self.expect("SERDEPROPERTIES")
            self._serde_properties(found)
        elif word == "ROW":
            self.expect("FORMAT")
            found["row_format"] = self._row_format()
        else:
            self.expect("BY")
            key = word.lower() + "_by"
            found[key] = self._partitions() if word == "PARTITIONED" else self._buckets()

    def _serde_properties(self, found: Details) -> None:
        given = self.properties()
        row_format = found.get("row_format")
        if row_format and row_format[0] == "SERDE":
            found["row_format"] = ("SERDE", row_format[1], given)
        else:
            found["row_format"] = ("DELIMITED", given)

    def _partitions(self) -> tuple[Any, ...]:
        return self.bracketed(self._partition_key)

    def _partition_key(self) -> Any:
        """Read a column with its type, or what Iceberg has: a column or a transform of one."""
        after = self.words[self.at + 1]
        if after in (",", ")"):
            return self.identifier()
        return self._transform() if after == "(" else self._column()

    def _transform(self) -> tree.Expression:
        at = self.position
        name = self.take().text.lower()
        return tree.FunctionCall(name, self.bracketed(self._transform_argument), at=at)

    def _transform_argument(self) -> tree.Expression:
        if self.token.kind == "integer":
            return tree.LongLiteral(self.integer())
        return self.identifier()

    def _buckets(self) -> tuple[tuple[tree.Identifier, ...], int]:
        columns = self.identifiers()
        if self.accept("SORTED"):
            self.expect("BY")
            self.bracketed(self._sorted)
        self.expect("INTO")
        count = self.integer()
        self.expect("BUCKETS")
        return columns, count

    def _sorted(self) -> None:
        self.identifier()
        if self.sees_any("ASC", "DESC"):
            self.at += 1

    def _row_format(self) -> tuple[Any, ...]:
        if self.expect_any("DELIMITED", "SERDE") == "SERDE":
            name = self.string()
            if not self.sees("WITH", "SERDEPROPERTIES"):
                return "SERDE", name, ()
            self.at += 2
            return "SERDE", name, self.properties()
        found: list[tuple[str, str]] = []
        while (key := self._delimiter()) is not None:
            found.append((key, self.string()))
        return "DELIMITED", tuple(found)

    def _delimiter(self) -> str | None:
        return next((key for words, key in _DELIMITERS if self.accept_all(*words)), None)

    def _stored(self, found: Details) -> None:
        self.expect("AS")
        if self.accept("INPUTFORMAT"):
            reads = self.string()
            self.expect("OUTPUTFORMAT")
            found["stored_as"] = (reads, self.string())
        else:
            found["stored_as"] = self.identifier().value.upper()

    # ---- DROP

    def drop(self, at: Position) -> tree.Node:
        """Read DROP …. Raises TrinoError."""
        self.take()
        kinds = ("SCHEMA", "TABLE", "VIEW")
        word = self.expect_any(*kinds, *(("DATABASE",) if self.hive else ()))
        if word in ("DATABASE", "SCHEMA"):
            return self._drop_database(at)
        missing = self.if_exists()
        make = tree.DropTable if word == "TABLE" else tree.DropView
        return make(self.last_name(), missing, at=at)

    # ---- ALTER

    def alter(self, at: Position) -> tree.Node:
        """Read ALTER …. Raises TrinoError."""
        self.take()
        word = self.expect_any("SCHEMA", "TABLE", *(("DATABASE",) if self.hive else ()))
        if word != "TABLE":
            name = self.identifier()
            if not self.hive:
                self.expect("RENAME")
            self.expect("SET", "DBPROPERTIES")
            return tree.AlterDatabase(name, self.properties(), at=at)
        table = self.table_name()
        if self.hive:
            action, details = self._alter_action()
        else:
            action, details = self._alter_trino_action()
        return tree.AlterTable(table, action, tuple(details.items()), at=at)

    def _alter_action(self) -> tuple[str, Details]:
        word = self.expect_any(
            "ADD", "CHANGE", "DROP", "PARTITION", "RENAME", "REPLACE", "SET", "UNSET"
        )
        if word == "PARTITION":
            self.at -= 1
            return self._alter_partition()
        if word == "REPLACE":
            self.expect("COLUMNS")
            return "REPLACE COLUMNS", {"columns": self._columns()}
        actions = {
            "ADD": self._add,
            "CHANGE": self._change_column,
            "DROP": self._drop_from_table,
            "RENAME": self._rename,
            "SET": self._set,
            "UNSET": self._unset,
        }
        return actions[word]()

    def _add(self) -> tuple[str, Details]:
        if self.accept("COLUMNS"):
            return "ADD COLUMNS", {"columns": self._columns()}
        if self.accept("COLUMN"):
            return "ADD COLUMNS", {"columns": (self._column(),)}
        if self.accept_all("PARTITION", "FIELD"):
            return "ADD PARTITION FIELD", {"transform": self._partition_field()}
        missing = self.if_not_exists()
        if not self.sees("PARTITION"):
            raise self.wrong("'COLUMNS'", "'IF'", "'PARTITION'")
        found = []
        while self.sees("PARTITION"):
            spec = self._partition()
            found.append((spec, self.string() if self.accept("LOCATION") else None))
            self.accept(",")
        return "ADD PARTITION", {"if_not_exists": missing, "partitions": tuple(found)}

    def _partition_field(self) -> tree.Expression:
        return self._transform() if self.words[self.at + 1] == "(" else self.identifier()

    def _drop_from_table(self) -> tuple[str, Details]:
        if self.accept("COLUMN"):
            return "DROP COLUMN", {"name": self.identifier()}
        if self.accept_all("PARTITION", "FIELD"):
            return "DROP PARTITION FIELD", {"transform": self._partition_field()}
        missing = self.if_exists()
        return "DROP PARTITION", {"if_exists": missing, "specs": self.many(self._partition)}

    def _rename(self) -> tuple[str, Details]:
        if self.accept("COLUMN"):
            return self._rename_column()
        self.expect("TO")
        return "RENAME TO", {"name": self.table_name()}

    def _rename_column(self) -> tuple[str, Details]:
        old = self.identifier()
        self.expect("TO")
        return "RENAME COLUMN", {"old": old, "new": self.identifier()}

    def _set(self) -> tuple[str, Details]:
        if self.expect_any("LOCATION", "TBLPROPERTIES") == "TBLPROPERTIES":
            return "SET TBLPROPERTIES", {"properties": self.properties()}
        return "SET LOCATION", {"location": self.string(), "partition": None}

    def _unset(self) -> tuple[str, Details]:
        self.expect("TBLPROPERTIES")
        self.if_exists()
        return "UNSET TBLPROPERTIES", {"keys": self.bracketed(self.string)}

    def _alter_partition(self) -> tuple[str, Details]:
        spec = self._partition()
        word = self.expect_any("ADD", "RENAME", "REPLACE", "SET")
        if word == "SET":
            self.expect("LOCATION")
            return "SET LOCATION", {"location": self.string(), "partition": spec}
        if word == "RENAME":
            self.expect("TO")
            return "RENAME PARTITION", {"old": spec, "new": self._partition()}
        self.expect("COLUMNS")
        return f"{word} COLUMNS", {"columns": self._columns(), "partition": spec}

    def _change_column(self) -> tuple[str, Details]:
        self.accept("COLUMN")
        old = self.identifier()
        column = self._column()
        position: Any = None
        if self.accept("FIRST"):
            position = "FIRST"
        elif self.accept("AFTER"):
            position = ("AFTER", self.identifier())
        return "CHANGE COLUMN", {"old": old, "column": column, "position": position}

    def _alter_trino_action(self) -> tuple[str, Details]:
        word = self.expect_any("ADD", "ALTER", "DROP", "EXECUTE", "RENAME", "SET")
        if word == "RENAME" and self.accept("TO"):
            return "RENAME TO", {"name": self.table_name()}
        if word in ("ADD", "DROP", "RENAME"):
            self.expect("COLUMN")
        if word == "RENAME":
            self.if_exists()
            return self._rename_column()
        if word == "DROP":
            self.if_exists()
            return "DROP COLUMN", {"name": self.identifier()}
        if word == "ADD":
            self.if_not_exists()
            return "ADD COLUMNS", {"columns": (self._trino_column(),)}
        if word == "SET":
            self.expect_any("AUTHORIZATION", "PROPERTIES")
        raise not_supported()

    def _partition(self) -> Properties:
        """Read PARTITION (name = value, …)."""
        self.expect("PARTITION")
        return self.bracketed(self._partition_item)

    def _partition_item(self) -> tuple[str, str]:
        name = self.identifier().value.lower()
        self.expect("=")
        return name, self._partition_value()

    def _partition_value(self) -> str:
        if self.sees_any("DATE", "TIMESTAMP"):
            self.at += 1
        if self.sees_string():
            return self.string()
        sign = "-" if self.accept("-") else ""
        if self.token.kind in ("integer", "decimal", "double"):
            return sign + self.take().text
        if self.token.kind in ("word", "digits") and not sign:
            return self.take().text
        raise self.wrong("<number>", "<string>")

    # ---- SHOW, DESCRIBE, MSCK

    def show(self, at: Position) -> tree.Node:
        """Read SHOW …. Raises TrinoError."""
        self.take()
        what = self.expect_any(*_TRINO_SHOWS, *(_HIVE_SHOWS if self.hive else ()))
        if what in ("DATABASES", "SCHEMAS"):
            return tree.Show("DATABASES", (("like", self._like()),), at=at)
        if what in ("TABLES", "VIEWS"):
            database = self.last_name() if self._in_or_from() else None
            return tree.Show(what, (("database", database), ("like", self._like())), at=at)
        if what == "COLUMNS":
            return self._show_columns(at)
        if what == "CREATE":
            what = self.expect_any("TABLE", "VIEW")
            return tree.Show(f"CREATE {what}", (("name", self.last_name()),), at=at)
        if what == "FUNCTIONS":
            return tree.Show("FUNCTIONS", (("like", self._like()),), at=at)
        name = self.last_name()
        if what == "PARTITIONS":
            return tree.Show("PARTITIONS", (("name", name),), at=at)
        key = None
        if self.accept("("):
            key = self.string()
            self.close()
        return tree.Show("TBLPROPERTIES", (("name", name), ("property", key)), at=at)

    def _in_or_from(self) -> bool:
        return self.accept("IN") or self.accept("FROM")

    def _like(self) -> str | None:
        """Read [LIKE] 'pattern'; Trino wants the word, and knows ESCAPE."""
        if not self.accept("LIKE") and not (self.hive and self.sees_string()):
            return None
        found = self.string()
        if not self.hive and self.accept("ESCAPE"):
            self.string()
        return found

    def _show_columns(self, at: Position) -> tree.Node:
        self.expect_any("FROM", "IN")
        name = self.last_name()
        database = None
        if self.hive and self._in_or_from():
            database = self.last_name()[-1]
        return tree.Show("COLUMNS", (("name", name), ("database", database)), at=at)

    def describe(self, at: Position) -> tree.Node:
        """Read DESCRIBE …. Raises TrinoError."""
        if self.take().upper == "DESCRIBE" and self._names_statement():
            output = self.take().upper == "OUTPUT"
            return tree.DescribeInput(self.identifier(), output, at=at)
        if not self.hive:
            return tree.Describe(self.name(), at=at)
        if self.sees("VIEW") and self.follows_identifier():
            self.at += 1
            return tree.Describe(self.last_name(), view=True, at=at)
        mode = None
        if self.sees_any("EXTENDED", "FORMATTED"):
            mode = self.take().upper
        if self.sees("TABLE"):
            self.at += 1
        name = self.last_name()
        partition = self._partition() if self.sees("PARTITION") else ()
        column = self.identifier() if self.is_identifier() else None
        return tree.Describe(name, mode, partition, column, at=at)

    def _names_statement(self) -> bool:
        """Return whether a prepared statement is described, not a table named input."""
        return self.sees_any("INPUT", "OUTPUT") and self.follows_identifier()

    def repair(self, at: Position) -> tree.Node:
        """Read MSCK REPAIR TABLE. Raises TrinoError."""
        self.expect("MSCK", "REPAIR", "TABLE")
        return tree.RepairTable(self.last_name(), at=at)


class HiveError(TrinoError):
    """What Hive says itself of a statement that it runs."""

    def __init__(self, message: str) -> None:
        super().__init__("SYNTAX_ERROR", message)

    def __reduce__(self) -> tuple[object, ...]:
        return HiveError, (self.message,)


def not_supported() -> TrinoError:
    """Return Athena's refusal of statements that Trino knows and Athena does not run."""
    return TrinoError("NOT_SUPPORTED", "Queries of this type are not supported")
