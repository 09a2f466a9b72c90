"""The syntax tree, with the names of Trino's own (io.trino.sql.tree). Positions do not compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labcloud.trino.errors import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Any part of a statement; `at` is the line and column that Trino reports for it."""

    at: Position = field(default=(1, 1), compare=False, repr=False)


class Expression(Node):
    """What has a value."""

    __slots__ = ()


# Each class below: dataclass with positional members, then `at` by keyword.


@dataclass(frozen=True, slots=True)
class Identifier(Expression):
    """A name as written; `delimited` where it stood in quotes. Names compare without case."""

    value: str
    delimited: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class DereferenceExpression(Expression):
    """`base.field`; `at` is where base begins."""

    base: Expression
    field: Identifier


@dataclass(frozen=True, slots=True)
class NullLiteral(Expression):
    """NULL."""


@dataclass(frozen=True, slots=True)
class BooleanLiteral(Expression):
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class LongLiteral(Expression):
    """An integer without sign (also 0xFF, 0b1, 0o7, 1_000)."""

    value: int


@dataclass(frozen=True, slots=True)
class DecimalLiteral(Expression):
    """`1.50`: the text as written, without underscores."""

    text: str


@dataclass(frozen=True, slots=True)
class DoubleLiteral(Expression):
    """`1e3`."""

    value: float


@dataclass(frozen=True, slots=True)
class StringLiteral(Expression):
    """`'text'` or `U&'\\2603'`, unescaped."""

    value: str


@dataclass(frozen=True, slots=True)
class BinaryLiteral(Expression):
    """`X'CAFE'`."""

    value: bytes


@dataclass(frozen=True, slots=True)
class GenericLiteral(Expression):
    """`DATE '2020-01-01'`, `DECIMAL '1.2'`, `TIMESTAMP '…'`, `JSON '…'`: type in lower case."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class IntervalLiteral(Expression):
    """`INTERVAL -'1-6' YEAR TO MONTH`: units in lower case."""

    value: str
    negative: bool
    start: str
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter(Expression):
    """`?`: its number from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class ArithmeticUnary(Expression):
    """`-x` or `+x`."""

    sign: str
    value: Expression


@dataclass(frozen=True, slots=True)
class ArithmeticBinary(Expression):
    """`+ - * / %`; `at` is where the operator stands."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Concat(Expression):
    """`left || right`; `at` is where the operator stands."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison(Expression):
    """`= <> < <= > >=` and `IS DISTINCT FROM` (operator "IS DISTINCT FROM"); at the operator."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class QuantifiedComparison(Expression):
    """`x > ALL (query)`; quantifier ALL, ANY or SOME."""

    operator: str
    quantifier: str
    value: Expression
    subquery: Query


@dataclass(frozen=True, slots=True)
class Logical(Expression):
    """AND or OR over two or more terms (a chain is one node)."""

    operator: str
    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not(Expression):
    """NOT x."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Between(Expression):
    """x BETWEEN low AND high."""

    value: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class InList(Expression):
    """x IN (a, b)."""

    value: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class InSubquery(Expression):
    """x IN (query)."""

    value: Expression
    subquery: Query


@dataclass(frozen=True, slots=True)
class Exists(Expression):
    """EXISTS (query)."""

    subquery: Query


@dataclass(frozen=True, slots=True)
class SubqueryExpression(Expression):
    """(query) as a value."""

    query: Query


@dataclass(frozen=True, slots=True)
class IsNull(Expression):
    """x IS NULL."""

    value: Expression


@dataclass(frozen=True, slots=True)
class IsNotNull(Expression):
    """x IS NOT NULL."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Like(Expression):
    """x LIKE pattern ESCAPE escape."""

    value: Expression
    pattern: Expression
    escape: Expression | None = None


@dataclass(frozen=True, slots=True)
class WhenClause(Node):
    """WHEN operand THEN result."""

    operand: Expression
    result: Expression


@dataclass(frozen=True, slots=True)
class SearchedCase(Expression):
    """CASE WHEN condition THEN … END."""

    whens: tuple[WhenClause, ...]
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class SimpleCase(Expression):
    """CASE operand WHEN value THEN … END."""

    operand: Expression
    whens: tuple[WhenClause, ...]
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class If(Expression):
    """IF(condition, true value, false value)."""

    condition: Expression
    true: Expression
    false: Expression | None = None


@dataclass(frozen=True, slots=True)
class Coalesce(Expression):
    """COALESCE(a, b, …)."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class NullIf(Expression):
    """NULLIF(a, b)."""

    first: Expression
    second: Expression


@dataclass(frozen=True, slots=True)
class Try(Expression):
    """TRY(x)."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Cast(Expression):
    """CAST(x AS type), or TRY_CAST where `safe`."""

    expression: Expression
    type: TypeNode
    safe: bool = False


@dataclass(frozen=True, slots=True)
class TypeNode(Node):
    """A type as written: base in lower case, arguments numbers, types or (name, type) of a row.

    `timestamp (3) with time zone` has base "timestamp with time zone" and arguments (3,).
    `written` is the name with its capitals.
    """

    base: str
    args: tuple[Any, ...] = ()
    written: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Extract(Expression):
    """EXTRACT(field FROM x): field in lower case."""

    field: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class AtTimeZone(Expression):
    """x AT TIME ZONE zone."""

    value: Expression
    zone: Expression


@dataclass(frozen=True, slots=True)
class CurrentTime(Expression):
    """current_date, current_time, current_timestamp, localtime, localtimestamp; lower case."""

    function: str
    precision: int | None = None


@dataclass(frozen=True, slots=True)
class CurrentName(Expression):
    """current_user, current_catalog, current_schema, current_path."""

    function: str


@dataclass(frozen=True, slots=True)
class Trim(Expression):
    """TRIM(BOTH chars FROM x): specification BOTH, LEADING or TRAILING."""

    specification: str
    source: Expression
    characters: Expression | None = None


@dataclass(frozen=True, slots=True)
class Row(Expression):
    """ROW(a, b) or (a, b)."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Array(Expression):
    """ARRAY[a, b] or [a, b]."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Subscript(Expression):
    """base[index]; `at` is where base begins."""

    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Lambda(Expression):
    """(x, y) -> body."""

    arguments: tuple[Identifier, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class GroupingOperation(Expression):
    """GROUPING(a, b)."""

    columns: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class SortItem(Node):
    """One key of ORDER BY; nulls are last unless `nulls_first`.

    `nulls_written` is whether NULLS FIRST or LAST was written.
    """

    key: Expression
    ascending: bool = True
    nulls_first: bool = False
    nulls_written: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FrameBound(Node):
    """`kind`: UNBOUNDED PRECEDING, PRECEDING, CURRENT ROW, FOLLOWING or UNBOUNDED FOLLOWING."""

    kind: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class WindowFrame(Node):
    """`unit`: RANGE, ROWS or GROUPS. `pattern` holds the clauses of a row pattern: measures, skip,
    mode, pattern, subsets, definitions, each as in PatternRecognition."""

    unit: str
    start: FrameBound
    end: FrameBound | None = None
    pattern: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class WindowSpecification(Node):
    """OVER (existing PARTITION BY … ORDER BY … frame)."""

    existing: Identifier | None = None
    partition_by: tuple[Expression, ...] = ()
    order_by: tuple[SortItem, ...] = ()
    frame: WindowFrame | None = None


@dataclass(frozen=True, slots=True)
class FunctionCall(Expression):
    """name(arguments), all the clauses a call may have. `count(*)` has no argument and `star`.

    `name` is the dotted name in lower case. `window` is a specification or a WINDOW clause's name.
    `nulls` is "IGNORE" or "RESPECT" where it was written. `processing` is RUNNING or FINAL, and
    `label` the pattern variable of `count(A.*)`, in MATCH_RECOGNIZE. `written` is the name with its
    capitals.
    """

    name: str
    arguments: tuple[Expression, ...]
    distinct: bool = False
    order_by: tuple[SortItem, ...] = ()
    filter: Expression | None = None
    window: WindowSpecification | Identifier | None = None
    nulls: str | None = None
    star: bool = False
    processing: str | None = None
    label: Identifier | None = None
    written: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WindowOperation(Expression):
    """`name OVER window`: a measure of the row pattern in a window's frame."""

    name: Identifier
    window: WindowSpecification | Identifier


@dataclass(frozen=True, slots=True)
class JsonPathCall(Expression):
    """JSON_VALUE, JSON_QUERY, JSON_EXISTS of SQL:2016.

    `options`: returning (TypeNode), passing ((Expression, name, whether FORMAT JSON was written),
    …), on_empty, on_error (each a word such as "NULL", "ERROR", "EMPTY ARRAY" or ("DEFAULT",
    Expression)), wrapper, quotes.
    """

    function: str
    value: Expression
    path: StringLiteral
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class JsonConstructor(Expression):
    """JSON_OBJECT('k': v, …) and JSON_ARRAY(v, …): `entries` are (key or None, value, whether
    FORMAT JSON was written)."""

    function: str
    entries: tuple[tuple[Expression | None, Expression, bool], ...]
    absent_on_null: bool = False
    unique_keys: bool = False
    returning: TypeNode | None = None


@dataclass(frozen=True, slots=True)
class ListAgg(Expression):
    """LISTAGG(x, sep ON OVERFLOW …) WITHIN GROUP (ORDER BY …)."""

    expression: Expression
    separator: str = ""
    distinct: bool = False
    overflow: str = "ERROR"
    order_by: tuple[SortItem, ...] = ()
    filter: Expression | None = None


# ---- queries


@dataclass(frozen=True, slots=True)
class Query(Node):
    """WITH … body ORDER BY … OFFSET … LIMIT …. `limit`/`offset`: int, Parameter, or None (ALL).

    `body` is a QuerySpecification, SetOperation, Values, TableBody or a nested Query. `fetch` is
    whether FETCH FIRST was written; `limit_at` and `offset_at` are where these clauses stand.
    """

    body: Node
    with_: With | None = None
    order_by: tuple[SortItem, ...] = ()
    offset: Any = None
    limit: Any = None
    with_ties: bool = False
    fetch: bool = False
    limit_at: Position = field(default=(1, 1), compare=False, repr=False)
    offset_at: Position = field(default=(1, 1), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class With(Node):
    """WITH [RECURSIVE] name (columns) AS (query), …."""

    recursive: bool
    queries: tuple[WithQuery, ...]


@dataclass(frozen=True, slots=True)
class WithQuery(Node):
    """One named query; `at` is where its name stands."""

    name: Identifier
    query: Query
    columns: tuple[Identifier, ...] | None = None


@dataclass(frozen=True, slots=True)
class SingleColumn(Node):
    """One item of SELECT."""

    expression: Expression
    alias: Identifier | None = None


@dataclass(frozen=True, slots=True)
class AllColumns(Node):
    """`*`, or `target.*` with aliases."""

    target: Expression | None = None
    aliases: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupBy(Node):
    """GROUP BY [DISTINCT]: each element is ("simple", expressions), ("sets", ((expressions), …)),
    ("cube", ((expressions), …)) or ("rollup", ((expressions), …))."""

    elements: tuple[tuple[str, tuple[Any, ...]], ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class QuerySpecification(Node):
    """SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW …."""

    select: tuple[Node, ...]
    distinct: bool = False
    from_: Node | None = None
    where: Expression | None = None
    group_by: GroupBy | None = None
    having: Expression | None = None
    windows: tuple[tuple[Identifier, WindowSpecification], ...] = ()


@dataclass(frozen=True, slots=True)
class SetOperation(Node):
    """UNION, INTERSECT or EXCEPT of two bodies."""

    operator: str
    left: Node
    right: Node
    distinct: bool = True


@dataclass(frozen=True, slots=True)
class Values(Node):
    """VALUES rows; each an expression (a Row for several columns)."""

    rows: tuple[Expression, ...]


# ---- relations


@dataclass(frozen=True, slots=True)
class Table(Node):
    """A table by name, also as a body (`TABLE x`). `version`: ("TIMESTAMP"|"VERSION", expr)."""

    name: tuple[Identifier, ...]
    version: tuple[str, Expression] | None = None


@dataclass(frozen=True, slots=True)
class AliasedRelation(Node):
    """relation AS alias (columns); `at` is where the relation begins."""

    relation: Node
    alias: Identifier
    columns: tuple[Identifier, ...] | None = None


@dataclass(frozen=True, slots=True)
class TableSubquery(Node):
    """(query) as a relation."""

    query: Query


@dataclass(frozen=True, slots=True)
class Lateral(Node):
    """LATERAL (query)."""

    query: Query


@dataclass(frozen=True, slots=True)
class Unnest(Node):
    """UNNEST(a, b) [WITH ORDINALITY]."""

    expressions: tuple[Expression, ...]
    ordinality: bool = False


@dataclass(frozen=True, slots=True)
class Join(Node):
    """`kind`: CROSS, IMPLICIT (a comma), INNER, LEFT, RIGHT, FULL. `using` or `on` or `natural`."""

    kind: str
    left: Node
    right: Node
    on: Expression | None = None
    using: tuple[Identifier, ...] | None = None
    natural: bool = False


@dataclass(frozen=True, slots=True)
class SampledRelation(Node):
    """relation TABLESAMPLE BERNOULLI|SYSTEM (percentage)."""

    relation: Node
    method: str
    percentage: Expression


@dataclass(frozen=True, slots=True)
class TableFunction(Node):
    """TABLE(name(arguments)): arguments are (name or None, Expression or Node)."""

    name: str
    arguments: tuple[tuple[Identifier | None, Any], ...]


@dataclass(frozen=True, slots=True)
class PatternRecognition(Node):
    """relation MATCH_RECOGNIZE (…). `rows`: ONE, ALL SHOW EMPTY, ALL OMIT EMPTY or ALL WITH
    UNMATCHED. `skip`: ("PAST LAST ROW",), ("NEXT ROW",), ("FIRST", label) or ("LAST", label).
    `subsets` are (name, labels); `pattern` is a tree of tuples:
    ("var", Identifier), ("concat", p…), ("alt", p…), ("quant", p, low, high or None, greedy),
    ("permute", p…), ("exclude", p), ("start",), ("end",), ("empty",)."""

    relation: Node
    partition_by: tuple[Expression, ...]
    order_by: tuple[SortItem, ...]
    measures: tuple[tuple[Expression, Identifier], ...]
    rows: str
    skip: tuple[Any, ...]
    pattern: tuple[Any, ...]
    subsets: tuple[tuple[Identifier, tuple[Identifier, ...]], ...]
    definitions: tuple[tuple[Identifier, Expression], ...]


# ---- statements (names are tuples of Identifier, from catalog to table)


@dataclass(frozen=True, slots=True)
class ColumnDefinition(Node):
    """name type COMMENT '…' (Hive type in `type` as Trino's TypeNode)."""

    name: Identifier
    type: TypeNode
    comment: str | None = None
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class CreateTable(Node):
    """Hive's CREATE [EXTERNAL] TABLE, and Athena's Iceberg form.

    `partitioned_by`: ColumnDefinitions, or for Iceberg transforms as FunctionCall/Identifier.
    `clustered_by`: (columns, buckets) or None. `row_format`: ("SERDE", class, properties) or
    ("DELIMITED", options) with keys field.delim, escape.delim, collection.delim, mapkey.delim,
    line.delim, serialization.null.format. `stored_as`: format's name, or (input, output) classes.
    """

    name: tuple[Identifier, ...]
    columns: tuple[ColumnDefinition, ...]
    external: bool = False
    if_not_exists: bool = False
    comment: str | None = None
    partitioned_by: tuple[Any, ...] = ()
    clustered_by: tuple[tuple[Identifier, ...], int] | None = None
    row_format: tuple[Any, ...] | None = None
    stored_as: Any = None
    location: str | None = None
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CreateTableAsSelect(Node):
    """CREATE TABLE name WITH (property = expression, …) AS query [WITH [NO] DATA]."""

    name: tuple[Identifier, ...]
    query: Query
    properties: tuple[tuple[str, Expression], ...] = ()
    if_not_exists: bool = False
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class Insert(Node):
    """INSERT INTO name (columns) query."""

    name: tuple[Identifier, ...]
    query: Query
    columns: tuple[Identifier, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unload(Node):
    """UNLOAD (query) TO 'location' WITH (property = expression, …)."""

    query: Query
    location: str
    properties: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Delete(Node):
    """DELETE FROM table [WHERE …]."""

    table: Table
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Update(Node):
    """UPDATE table SET column = expression, … [WHERE …]."""

    table: Table
    assignments: tuple[tuple[Identifier, Expression], ...]
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class MergeCase(Node):
    """WHEN [NOT] MATCHED [AND condition] THEN action: UPDATE, DELETE or INSERT."""

    matched: bool
    action: str
    condition: Expression | None = None
    columns: tuple[Identifier, ...] = ()
    values: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge(Node):
    """MERGE INTO target AS alias USING source ON condition WHEN …."""

    target: Table
    alias: Identifier | None
    source: Node
    on: Expression
    cases: tuple[MergeCase, ...]


@dataclass(frozen=True, slots=True)
class CreateView(Node):
    """CREATE [OR REPLACE] VIEW name AS query; `text` is the query's SQL as written."""

    name: tuple[Identifier, ...]
    query: Query
    text: str
    replace: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class DropTable(Node):
    """DROP TABLE [IF EXISTS]."""

    name: tuple[Identifier, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropView(Node):
    """DROP VIEW [IF EXISTS]."""

    name: tuple[Identifier, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateDatabase(Node):
    """CREATE DATABASE|SCHEMA."""

    name: Identifier
    if_not_exists: bool = False
    comment: str | None = None
    location: str | None = None
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DropDatabase(Node):
    """DROP DATABASE|SCHEMA [IF EXISTS] [RESTRICT|CASCADE]."""

    name: Identifier
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AlterDatabase(Node):
    """ALTER DATABASE name SET DBPROPERTIES (…)."""

    name: Identifier
    properties: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlterTable(Node):
    """ALTER TABLE name action. `action` and `details`:

    ADD COLUMNS: columns, partition · REPLACE COLUMNS: columns · CHANGE COLUMN: old, column (new
    ColumnDefinition), position (None, "FIRST" or ("AFTER", name)) · DROP COLUMN: name ·
    RENAME COLUMN: old, new · ADD PARTITION: if_not_exists, partitions ((spec, location), …) ·
    DROP PARTITION: if_exists, specs · RENAME PARTITION: old, new · SET LOCATION: location,
    partition · SET TBLPROPERTIES: properties · UNSET TBLPROPERTIES: keys · RENAME TO: name ·
    ADD PARTITION FIELD / DROP PARTITION FIELD: transform.
    A partition's spec is ((name, value text), …).
    """

    name: tuple[Identifier, ...]
    action: str
    details: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class RepairTable(Node):
    """MSCK REPAIR TABLE."""

    name: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Show(Node):
    """SHOW …. `what`: DATABASES, TABLES, VIEWS, COLUMNS, PARTITIONS, TBLPROPERTIES, CREATE TABLE,
    CREATE VIEW, FUNCTIONS, SESSION, STATS, CATALOGS. `details`: name, database, like, property."""

    what: str
    details: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Describe(Node):
    """DESCRIBE [EXTENDED|FORMATTED] name [PARTITION spec] [column]; DESCRIBE VIEW by `view`."""

    name: tuple[Identifier, ...]
    mode: str | None = None
    partition: tuple[tuple[str, str], ...] = ()
    column: Identifier | None = None
    view: bool = False


@dataclass(frozen=True, slots=True)
class Prepare(Node):
    """PREPARE name FROM statement; `text` is the statement as written."""

    name: Identifier
    statement: Node
    text: str


@dataclass(frozen=True, slots=True)
class Execute(Node):
    """EXECUTE name USING values."""

    name: Identifier
    parameters: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecuteImmediate(Node):
    """EXECUTE IMMEDIATE 'statement' USING values."""

    statement: str
    parameters: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Deallocate(Node):
    """DEALLOCATE PREPARE name."""

    name: Identifier


@dataclass(frozen=True, slots=True)
class DescribeInput(Node):
    """DESCRIBE INPUT name (or DESCRIBE OUTPUT where `output`)."""

    name: Identifier
    output: bool = False


@dataclass(frozen=True, slots=True)
class Explain(Node):
    """EXPLAIN [ANALYZE [VERBOSE]] [(TYPE t, FORMAT f)] statement; `text` is it as written."""

    statement: Node
    text: str
    analyze: bool = False
    verbose: bool = False
    type: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Optimize(Node):
    """OPTIMIZE name REWRITE DATA USING BIN_PACK [WHERE …]."""

    name: tuple[Identifier, ...]
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Vacuum(Node):
    """VACUUM name."""

    name: tuple[Identifier, ...]
