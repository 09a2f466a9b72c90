"""Versions of tables: what UpdateTable put aside, and the present one."""

from __future__ import annotations

import sqlite3
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, Row
from labcloud.engines.glue.paging import key_of, token_of
from labcloud.errors import AWSError

PAGE = 100
_DIGITS = 18


class VersionOperations(GlueBase):
    """GetTableVersion(s), DeleteTableVersion, BatchDeleteTableVersion."""

    def get_table_version(self, request: Request, context: Context) -> Answer:
        """Return one version of a table, the present one where none is named."""
        scope = self.scope(request, context)
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            number = _number(request.get("VersionId") or str(row.version))
            text = row.text if number == row.version else _archived(db, row, number)
        if text is None:
            raise errors.not_found("Version not found.")
        table = codec.decode(text, "Table")
        return {"TableVersion": {"Table": table, "VersionId": str(number)}}

    def get_table_versions(self, request: Request, context: Context) -> Answer:
        """Return a page of a table's versions, the newest first."""
        scope = self.scope(request, context)
        size = request.get("MaxResults") or PAGE
        before = key_of(request.get("NextToken"), int)
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            rows = db.execute(
                "SELECT version, body FROM versions WHERE owner = ? ORDER BY version DESC",
                (row.id,),
            ).fetchall()
        every = [(row.version, row.text), *rows]
        rest = [one for one in every if before is None or one[0] < before]
        found = [f'{{"Table":{text},"VersionId":"{version}"}}' for version, text in rest[:size]]
        token = token_of(rest[size - 1][0]) if len(rest) > size else None
        return codec.listing(context, "TableVersions", "TableVersion", found, NextToken=token)

    def delete_table_version(self, request: Request, context: Context) -> Answer:
        """Remove an archived version of a table."""
        scope = self.scope(request, context)
        with self.store.change() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            _remove(db, row, request["VersionId"])
        return {}

    def batch_delete_table_version(self, request: Request, context: Context) -> Answer:
        """Remove archived versions of a table; what cannot be is reported one by one."""
        scope = self.scope(request, context)
        failed: list[dict[str, Any]] = []
        with self.store.change() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            for version in request["VersionIds"]:
                try:
                    _remove(db, row, version)
                except AWSError as error:
                    failed.append(
                        {
                            "TableName": row.table()["Name"],
                            "VersionId": version,
                            "ErrorDetail": errors.detail(error),
                        }
                    )
        return {"Errors": failed}


def _number(version: str) -> int:
    if not version.isdecimal() or len(version) > _DIGITS:
        raise errors.invalid(f'For input string: "{version}"')
    return int(version)


def _archived(db: sqlite3.Connection, row: Row, number: int) -> str | None:
    found = db.execute(
        "SELECT body FROM versions WHERE owner = ? AND version = ?", (row.id, number)
    ).fetchone()
    return str(found[0]) if found else None


def _remove(db: sqlite3.Connection, row: Row, version: str) -> None:
    number = _number(version)
    if number == row.version:
        raise errors.invalid("Cannot delete the latest version of the table.")
    cursor = db.execute("DELETE FROM versions WHERE owner = ? AND version = ?", (row.id, number))
    if not cursor.rowcount:
        raise errors.not_found("Version not found.")
