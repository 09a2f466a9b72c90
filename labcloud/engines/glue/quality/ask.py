"""SQL for data quality, asked of Amazon Athena; results go where AWS Glue keeps its own files."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from labcloud.engine import ACCOUNT, REGION
from labcloud.engines.glue.quality.rules import RuleError
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

ASSETS = f"aws-glue-assets-{ACCOUNT}-{REGION}"
"""The bucket that AWS Glue makes for itself in an account and Region."""

LONGEST = 600.0
"""Seconds of the processor's clock that one question may take."""


class Asker:
    """Runs SQL in a database."""

    def __init__(self, cloud: Cloud, database: str) -> None:
        self._cloud = cloud
        self._database = database

    def __call__(self, sql: str) -> list[list[str | None]]:
        """Return the rows of a query as text. Raises RuleError with the reason it failed for."""
        try:
            return self._rows(self._finished(self._started(sql)))
        except AWSError as error:
            raise RuleError(error.message) from None

    def _started(self, sql: str) -> str:
        self._ensure_bucket()
        answer = self._cloud.call(
            "athena",
            "StartQueryExecution",
            {
                "QueryString": sql,
                "ClientRequestToken": str(uuid.uuid4()),
                "QueryExecutionContext": {"Database": self._database},
                "ResultConfiguration": {"OutputLocation": f"s3://{ASSETS}/dataquality/"},
            },
        )
        return str(answer["QueryExecutionId"])

    def _ensure_bucket(self) -> None:
        try:
            self._cloud.call("s3", "HeadBucket", {"Bucket": ASSETS})
        except AWSError:
            self._cloud.call("s3", "CreateBucket", {"Bucket": ASSETS})

    def _finished(self, query: str) -> str:
        deadline, pause = time.monotonic() + LONGEST, 0.005
        while time.monotonic() < deadline:
            found: dict[str, Any] = self._cloud.call(
                "athena", "GetQueryExecution", {"QueryExecutionId": query}
            )["QueryExecution"]["Status"]
            if found["State"] == "SUCCEEDED":
                return query
            if found["State"] in ("FAILED", "CANCELLED"):
                raise RuleError(found.get("StateChangeReason") or found["State"])
            time.sleep(pause)
            pause = min(0.2, pause * 1.5)
        raise RuleError("The rule took too long")

    def _rows(self, query: str) -> list[list[str | None]]:
        answer = self._cloud.call("athena", "GetQueryResults", {"QueryExecutionId": query})
        rows = answer["ResultSet"]["Rows"]
        return [[datum.get("VarCharValue") for datum in row.get("Data", ())] for row in rows[1:]]
