"""What goes to a worker and what comes back: a query as a job, its outcome, its measures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """A query as a worker gets it.

    `output_folder` is s3://bucket/prefix/ (empty where Athena manages the results); `parameters`
    are the texts of ExecutionParameters. `engine_id` is Trino's own id of the query. `started` is
    the cloud's time, `seconds` what the query may take by the cloud's clock. `cutoff` is the
    workgroup's limit of bytes scanned.
    """

    query_id: str
    sql: str
    database: str = "default"
    catalog: str = "awsdatacatalog"
    parameters: tuple[str, ...] = ()
    workgroup: str = "primary"
    started: datetime = field(default_factory=datetime.now)
    output_folder: str = ""
    engine_id: str = "20000101_000000_00000_labcl"
    seconds: float = 1800.0
    cutoff: int | None = None
    account: str = "123456789012"
    region: str = "us-east-1"
    user: str = "labcloud"


@dataclass(frozen=True, slots=True)
class Kind:
    """A statement's type and subtype, as GetQueryExecution names them, and its result file.

    `ending` is ".csv", ".txt", or "" for statements that write a table's files; `folder` comes
    before the name. `header` tells that the first row has the columns' names. `counts` tells that
    GetQueryResults gives an UpdateCount.
    """

    type: str
    subtype: str | None = None
    ending: str = ".txt"
    folder: str = ""
    header: bool = False
    counts: bool = False


@dataclass(slots=True)
class Statistics:
    """What a query has read and written, and how long its steps took (milliseconds)."""

    data_scanned: int = 0
    rows_read: int = 0
    rows_returned: int = 0
    bytes_returned: int = 0
    planning: int = 0
    execution: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a query failed: Trino's or Hive's error name, and the message with its position.

    `cutoff` tells that the workgroup's limit of bytes scanned stopped it.
    """

    name: str
    message: str
    cutoff: bool = False


@dataclass(slots=True)
class Outcome:
    """What a worker sends back for a job.

    `columns` are ColumnInfo entries. The result's text is in `data`, or in the file `path` (which
    the server takes) where it is large. `manifest` are the addresses of the files that a CREATE
    TABLE AS, INSERT or UNLOAD has written, None for other statements. `tables` are (database,
    table) of what was read.
    """

    columns: list[dict[str, Any]] = field(default_factory=list)
    data: bytes = b""
    path: str | None = None
    update_count: int | None = None
    manifest: list[str] | None = None
    statistics: Statistics = field(default_factory=Statistics)
    failure: Failure | None = None
    tables: list[tuple[str, str]] = field(default_factory=list)
