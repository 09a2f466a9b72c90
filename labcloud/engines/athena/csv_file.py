"""A query's rows → Athena's CSV: all values in double quotes, NULL as nothing, "" as \"\".

Source: https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html; DuckDB
makes each line's text itself, so Python only moves blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from labcloud.trino.analyzer import Column
from labcloud.trino.render import render_sql
from labcloud.trino.types import Type

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work

ROWS = 2048
"""Fetched at once: DuckDB's vector size."""

SMALL = 1024 * 1024
"""Bytes of a result that cross the pipe; a larger one goes by a file."""

_UNQUOTED = frozenset(
    (
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal",
        "date",
        "time",
        "timestamp",
        "varbinary",
    )
)
"""Types whose text has no double quote in it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A result's text, in memory or in a file; how many rows and bytes it has."""

    rows: int
    size: int
    data: bytes = b""
    path: str | None = None


def line(values: list[str]) -> bytes:
    """Return a line of the file, such as the first one with the columns' names."""
    quoted = ('"' + value.replace('"', '""') + '"' for value in values)
    return (",".join(quoted) + "\n").encode()


def line_sql(sql: str, columns: list[Column]) -> str:
    """Return SQL that yields each row of a query (columns c0, c1, …) as a line of the file."""
    fields = " || ',' || ".join(_field(f"c{n}", c.type) for n, c in enumerate(columns))
    return f"SELECT {fields} || chr(10) FROM ({sql})"


def _field(column: str, kind: Type) -> str:
    text = render_sql(column, kind)
    if kind.base not in _UNQUOTED:
        text = f"replace({text}, '\"', '\"\"')"
    return f"coalesce('\"' || ({text}) || '\"', '')"


def write(sql: str, columns: list[Column], work: Work) -> Written:
    """Run a query and write its rows. Raises duckdb.Error."""
    cursor = work.connection.execute(line_sql(sql, columns))
    blocks = [line([column.name for column in columns])]
    size, rows = len(blocks[0]), 0
    path = work.spill / f"{work.job.query_id}.csv"
    file: BinaryIO | None = None
    try:
        while fetched := cursor.fetchmany(ROWS):
            block = "".join([text for (text,) in fetched]).encode()
            size, rows = size + len(block), rows + len(fetched)
            blocks.append(block)
            if size > SMALL:
                file = file or path.open("wb")
                file.writelines(blocks)
                blocks.clear()
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    finally:
        if file is not None:
            file.close()
    return (
        Written(rows, size, b"".join(blocks))
        if file is None
        else Written(rows, size, b"", str(path))
    )
