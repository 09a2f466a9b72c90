"""Databases of the Data Catalog."""

from __future__ import annotations

import sqlite3
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, given, next_page
from labcloud.engines.glue.paging import key_of, token_of

PAGE = 100
DEFAULT_PERMISSIONS = [
    {
        "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        "Permissions": ["ALL"],
    }
]
"""What a database gets in an account that uses only IAM's permissions."""


class DatabaseOperations(GlueBase):
    """CreateDatabase, GetDatabase(s), UpdateDatabase, DeleteDatabase."""

    def create_database(self, request: Request, context: Context) -> Answer:
        """Add a database; its name is folded to lower case. Raises `AlreadyExistsException`."""
        scope = self.scope(request, context)
        wanted = request["DatabaseInput"]
        name = wanted["Name"].lower()
        body = {
            "CreateTableDefaultPermissions": DEFAULT_PERMISSIONS,
            **wanted,
            "Name": name,
            "CreateTime": codec.now(),
            "CatalogId": request.get("CatalogId") or context.account,
        }
        with self.store.change() as db:
            cursor = db.execute(
                "INSERT OR IGNORE INTO databases (scope, name, body) VALUES (?, ?, ?)",
                (scope, name, codec.encode(body)),
            )
            if not cursor.rowcount:
                raise errors.exists("Database")
        if tags := request.get("Tags"):
            self.tag(context, f"database/{name}", tags)
        return {}

    def get_database(self, request: Request, context: Context) -> Answer:
        """Return a database. Raises `EntityNotFoundException`."""
        scope = self.scope(request, context)
        with self.store.read() as db:
            found = self.database(db, scope, request["Name"])
        return {"Database": codec.restore(found, "Database")}

    def get_databases(self, request: Request, context: Context) -> Answer:
        """Return a page of databases by name."""
        if request.get("ResourceShareType") == "FEDERATED":
            return {"DatabaseList": []}
        scope = self.scope(request, context)
        size = request.get("MaxResults") or PAGE
        after = key_of(request.get("NextToken"), str) or ""
        with self.store.read() as db:
            rows = db.execute(
                "SELECT name, body FROM databases WHERE scope = ? AND name > ? "
                "ORDER BY name LIMIT ?",
                (scope, str(after), size + 1),
            ).fetchall()
        if request.get("ResourceShareType") == "FOREIGN":
            rows = [row for row in rows if "TargetDatabase" in codec.plain(row[1])]
        token = token_of(rows[size - 1][0]) if len(rows) > size else None
        found = [codec.decode(text, "Database") for _, text in rows[:size]]
        if wanted := request.get("AttributesToGet"):
            found = [_only(database, wanted) for database in found]
        return {"DatabaseList": found, **next_page(token)}

    def update_database(self, request: Request, context: Context) -> Answer:
        """Replace what is known of a database; a new name renames it with all its tables."""
        scope = self.scope(request, context)
        wanted = request["DatabaseInput"]
        new = wanted["Name"].lower()
        with self.store.change() as db:
            old = self.database(db, scope, request["Name"])
            kept = given(old, "CreateTableDefaultPermissions", "CreateTime", "CatalogId")
            body = {**kept, **wanted, "Name": new}
            if new != old["Name"]:
                _rename(db, scope, old["Name"], new)
            db.execute(
                "UPDATE databases SET body = ? WHERE scope = ? AND name = ?",
                (codec.encode(body), scope, new),
            )
        return {}

    def delete_database(self, request: Request, context: Context) -> Answer:
        """Remove a database with all that is in it. Raises `EntityNotFoundException`."""
        scope = self.scope(request, context)
        with self.store.change() as db:
            name = self.database(db, scope, request["Name"])["Name"]
            db.execute("DELETE FROM databases WHERE scope = ? AND name = ?", (scope, name))
        self.untag(context, f"database/{name}")
        return {}


def _rename(db: sqlite3.Connection, scope: str, old: str, new: str) -> None:
    """Give a database another name. Raises `AlreadyExistsException` where that is taken."""
    try:
        db.execute("UPDATE databases SET name = ? WHERE scope = ? AND name = ?", (new, scope, old))
    except sqlite3.IntegrityError:
        raise errors.exists("Database") from None
    owned = "(SELECT id FROM tables WHERE scope = ? AND db = ?)"
    renamed = "SET body = json_set(body, '$.DatabaseName', ?) WHERE"
    for table, which in (
        ("tables", "scope = ? AND db = ?"),
        ("functions", "scope = ? AND db = ?"),
        ("versions", f"owner IN {owned}"),
        ("partitions", f"owner IN {owned}"),
    ):
        db.execute(f"UPDATE {table} {renamed} {which}", (new, scope, new))


def _only(database: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """Return a database with the attributes that were asked for; the name is always there."""
    kept = {"Name", "CatalogId"} | ({"TargetDatabase"} & {_MEMBERS.get(one) for one in wanted})
    return {name: value for name, value in database.items() if name in kept}


_MEMBERS = {"NAME": "Name", "TARGET_DATABASE": "TargetDatabase"}
