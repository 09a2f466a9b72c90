"""User-defined functions: Hive's, kept for engines that can run them."""

from __future__ import annotations

import sqlite3

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, next_page
from labcloud.engines.glue.paging import page
from labcloud.engines.glue.tables import name_pattern


class FunctionOperations(GlueBase):
    """Create, Get, Update and DeleteUserDefinedFunction, GetUserDefinedFunctions."""

    def create_user_defined_function(self, request: Request, context: Context) -> Answer:
        """Add a function to a database. Raises `AlreadyExistsException`."""
        scope = self.scope(request, context)
        wanted = request["FunctionInput"]
        name = (wanted.get("FunctionName") or "").lower()
        if not name:
            raise errors.invalid("Function name cannot be null or empty.")
        with self.store.change() as db:
            home = self.database(db, scope, request["DatabaseName"])["Name"]
            body = {
                **wanted,
                "FunctionName": name,
                "DatabaseName": home,
                "CreateTime": codec.now(),
                "CatalogId": request.get("CatalogId") or context.account,
            }
            cursor = db.execute(
                "INSERT OR IGNORE INTO functions (scope, db, name, body) VALUES (?, ?, ?, ?)",
                (scope, home, name, codec.encode(body)),
            )
            if not cursor.rowcount:
                raise errors.exists("Function")
        return {}

    def get_user_defined_function(self, request: Request, context: Context) -> Answer:
        """Return a function. Raises `EntityNotFoundException`."""
        scope = self.scope(request, context)
        with self.store.read() as db:
            text = self._function(db, scope, request)
        return {"UserDefinedFunction": codec.decode(text, "UserDefinedFunction")}

    def get_user_defined_functions(self, request: Request, context: Context) -> Answer:
        """Return a page of the functions whose names match `Pattern`, of one database or all."""
        scope = self.scope(request, context)
        fits = name_pattern(request["Pattern"])
        with self.store.read() as db:
            if (home := request.get("DatabaseName")) is not None:
                home = self.database(db, scope, home)["Name"]
            rows = db.execute(
                "SELECT db, name, body FROM functions WHERE scope = ? AND (? IS NULL OR db = ?) "
                "ORDER BY db, name",
                (scope, home, home),
            ).fetchall()
        kind = request.get("FunctionType")
        found = [
            row
            for row in rows
            if (fits is None or fits.fullmatch(row[1]))
            and (kind is None or codec.plain(row[2]).get("FunctionType", _REGULAR) == kind)
        ]
        some, token = page(found, request, 100, lambda row: [row[0], row[1]])
        functions = [codec.decode(text, "UserDefinedFunction") for _, _, text in some]
        return {"UserDefinedFunctions": functions, **next_page(token)}

    def update_user_defined_function(self, request: Request, context: Context) -> Answer:
        """Replace what is known of a function. Raises `EntityNotFoundException`."""
        scope = self.scope(request, context)
        with self.store.change() as db:
            old = codec.plain(self._function(db, scope, request))
            kept = {name: old[name] for name in ("DatabaseName", "CreateTime", "CatalogId")}
            new = (request["FunctionInput"].get("FunctionName") or old["FunctionName"]).lower()
            body = {**request["FunctionInput"], **kept, "FunctionName": new}
            try:
                db.execute(
                    "UPDATE functions SET name = ?, body = ? "
                    "WHERE scope = ? AND db = ? AND name = ?",
                    (new, codec.encode(body), scope, old["DatabaseName"], old["FunctionName"]),
                )
            except sqlite3.IntegrityError:
                raise errors.exists("Function") from None
        return {}

    def delete_user_defined_function(self, request: Request, context: Context) -> Answer:
        """Remove a function. Raises `EntityNotFoundException`."""
        scope = self.scope(request, context)
        with self.store.change() as db:
            old = codec.plain(self._function(db, scope, request))
            db.execute(
                "DELETE FROM functions WHERE scope = ? AND db = ? AND name = ?",
                (scope, old["DatabaseName"], old["FunctionName"]),
            )
        return {}

    def _function(self, db: sqlite3.Connection, scope: str, request: Request) -> str:
        home = self.database(db, scope, request["DatabaseName"])["Name"]
        name = request["FunctionName"]
        row = db.execute(
            "SELECT body FROM functions WHERE scope = ? AND db = ? AND name = ?",
            (scope, home, name.lower()),
        ).fetchone()
        if row is None:
            raise errors.not_found(f"Function {name} not found.")
        return str(row[0])


_REGULAR = "REGULAR_FUNCTION"
