"""What the tests of Athena's tables share: a lake of one module, and SQL asked of it."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

ENDS = ("SUCCEEDED", "FAILED", "CANCELLED")


class QueryFailed(Exception):
    """A statement that failed; its text is Athena's reason."""


@dataclass
class Answer:
    """A statement that succeeded: what GetQueryResults gives, and what it cost."""

    names: list[str]
    rows: list[tuple[str | None, ...]]
    scanned: int
    updated: int
    id: str

    @property
    def lines(self) -> list[str]:
        """The rows of a SHOW or DESCRIBE, a line each."""
        return ["\t".join(value or "" for value in row) for row in self.rows]

    @property
    def only(self) -> str | None:
        """The single value of a single row."""
        [(value,)] = self.rows
        return value


class Lake:
    """The bucket `lake` and the database `db` of a module's labcloud, asked through boto3."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session
        self.s3: Any = session.client("s3")
        self.glue: Any = session.client("glue")
        self.athena: Any = session.client("athena")
        self.s3.create_bucket(Bucket="lake")
        self.glue.create_database(DatabaseInput={"Name": "db"})
        self._numbers = itertools.count(1)

    def name(self) -> str:
        """Return a name that no table has yet."""
        return f"t{next(self._numbers)}"

    def put(self, key: str, body: bytes | str) -> int:
        """Put an object; return its size."""
        data = body.encode() if isinstance(body, str) else body
        self.s3.put_object(Bucket="lake", Key=key, Body=data)
        return len(data)

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with a prefix."""
        found = self.s3.list_objects_v2(Bucket="lake", Prefix=prefix)
        return [entry["Key"] for entry in found.get("Contents", ())]

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        return bytes(self.s3.get_object(Bucket="lake", Key=key)["Body"].read())

    def table(self, name: str) -> dict[str, Any]:
        """Return a table as Glue has it."""
        return dict(self.glue.get_table(DatabaseName="db", Name=name)["Table"])

    def over(self, columns: str, clauses: str, *files: tuple[str, bytes | str]) -> str:
        """Make a table over files (name, body) of its own; return its name.

        `clauses` is what stands between the columns and LOCATION; TBLPROPERTIES go after a `;;`.
        """
        name = self.name()
        for file, body in files:
            self.put(f"{name}/{file}", body)
        before, _, after = clauses.partition(";;")
        self.run(
            f"CREATE EXTERNAL TABLE {name} ({columns}) {before} LOCATION 's3://lake/{name}/' "
            f"{after}"
        )
        return name

    def run(self, sql: str, database: str = "db", **more: Any) -> Answer:
        """Run a statement. Raises QueryFailed with the reason it failed for."""
        query = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": "s3://lake/results/"},
            **more,
        )["QueryExecutionId"]
        pause = 0.002
        while True:
            found = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if found["Status"]["State"] in ENDS:
                break
            time.sleep(pause)
            pause = min(0.02, pause * 1.5)
        if found["Status"]["State"] != "SUCCEEDED":
            raise QueryFailed(found["Status"].get("StateChangeReason", found["Status"]["State"]))
        return self._answer(found)

    def _answer(self, execution: dict[str, Any]) -> Answer:
        names: list[str] = []
        rows: list[tuple[str | None, ...]] = []
        updated = 0
        request = {"QueryExecutionId": execution["QueryExecutionId"]}
        while True:
            page = self.athena.get_query_results(**request)
            infos = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            names, updated = [info["Name"] for info in infos], page.get("UpdateCount", 0)
            rows += [
                tuple(datum.get("VarCharValue") for datum in row.get("Data", ()))
                for row in page["ResultSet"]["Rows"]
            ]
            if not (token := page.get("NextToken")):
                break
            request["NextToken"] = token
        if execution["StatementType"] == "DML" and rows and list(rows[0]) == names:
            rows = rows[1:]
        scanned = execution["Statistics"].get("DataScannedInBytes", 0)
        return Answer(names, rows, scanned, updated, execution["QueryExecutionId"])

    def rows(self, sql: str, **more: Any) -> list[tuple[str | None, ...]]:
        """Run a query; return its rows as text."""
        return self.run(sql, **more).rows

    def error(self, sql: str, **more: Any) -> str:
        """Run a statement that must fail; return the reason, or the request's refusal."""
        try:
            self.run(sql, **more)
        except QueryFailed as error:
            return str(error)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        raise AssertionError(f"succeeded: {sql}")


@pytest.fixture(scope="module")
def lake(aws: boto3.Session) -> Lake:
    """A lake that a module's tests share."""
    return Lake(aws)
