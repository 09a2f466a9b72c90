"""What the families of Glue's operations share: the store, the catalog that is meant, tables."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labcloud.database import Database
from labcloud.engine import Context, Engine
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.paging import page
from labcloud.engines.glue.store import SCHEMA
from labcloud.errors import AWSError
from labcloud.inprocess import moto_call

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

Request = dict[str, Any]
Answer = dict[str, Any]

_ACCOUNT = re.compile(r"\d{12}")


@dataclass(slots=True)
class Row:
    """A table as it is stored."""

    id: int
    version: int
    text: str

    def table(self) -> dict[str, Any]:
        """Return the table with its times as seconds."""
        return codec.plain(self.text)


def given(source: Request, *names: str) -> dict[str, Any]:
    """Return those members of a request that it has."""
    return {name: source[name] for name in names if source.get(name) is not None}


class GlueBase(Engine):
    """The database of the catalog, and how operations find what they are about."""

    service = "glue"

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.store = Database(cloud.directory / "glue" / "catalog.sqlite", SCHEMA)

    @staticmethod
    def region_scope(context: Context) -> str:
        """Return the scope of what an account has once in a Region."""
        return f"{context.account}/{context.region}"

    def scope(self, request: Request, context: Context) -> str:
        """Return the scope of the catalog that a request names, the account's own by default.

        Raises `AccessDeniedException` for another account's, `EntityNotFoundException` for a
        catalog that is not there.
        """
        return self.catalog_scope(request.get("CatalogId"), context)

    def catalog_scope(self, catalog: str | None, context: Context) -> str:
        """Return the scope of a catalog by its id."""
        if catalog in (None, "", context.account):
            return f"{context.account}/{context.region}/{context.account}"
        assert catalog is not None
        account, _, name = catalog.rpartition(":")
        if _ACCOUNT.fullmatch(catalog) or account not in ("", context.account):
            owner = account or catalog
            arn = f"arn:aws:glue:{context.region}:{owner}:catalog"
            raise AWSError(
                "AccessDeniedException",
                f"User: {creator(context)} is not authorized to perform: "
                f"glue:{context.operation} on resource: {arn} because no resource-based policy "
                f"allows the glue:{context.operation} action",
            )
        with self.store.read() as db:
            if thing(db, self.region_scope(context), "catalog", name) is None:
                raise errors.not_found(f"Catalog {catalog} not found.")
        return f"{context.account}/{context.region}/{name}"

    @staticmethod
    def database(db: sqlite3.Connection, scope: str, name: str) -> dict[str, Any]:
        """Return a database as it is stored. Raises `EntityNotFoundException`."""
        row = db.execute(
            "SELECT body FROM databases WHERE scope = ? AND name = ?", (scope, name.lower())
        ).fetchone()
        if row is None:
            raise errors.no_database(name)
        return codec.plain(row[0])

    def home(self, db: sqlite3.Connection, scope: str, name: str) -> tuple[str, str]:
        """Return scope and name of the database that holds a database's tables.

        For a resource link that is its target, in the same account and Region.
        """
        found = self.database(db, scope, name)
        target = found.get("TargetDatabase")
        if not target or not target.get("DatabaseName"):
            return scope, found["Name"]
        account, region, _ = scope.split("/")
        catalog = target.get("CatalogId", account).rpartition(":")[2]
        home = f"{account}/{target.get('Region', region)}/{catalog}"
        return home, self.database(db, home, target["DatabaseName"])["Name"]

    def row(self, db: sqlite3.Connection, scope: str, database: str, name: str) -> Row:
        """Return a table's row. Raises `EntityNotFoundException` for database or table."""
        found = self.find_row(db, scope, database, name)
        if found is None:
            self.database(db, scope, database)
            raise errors.no_table(name)
        return found

    def find_row(self, db: sqlite3.Connection, scope: str, database: str, name: str) -> Row | None:
        """Return a table's row, or None where the database has no such table."""
        where, home = self.home(db, scope, database)
        row = db.execute(
            "SELECT id, version, body FROM tables WHERE scope = ? AND db = ? AND name = ?",
            (where, home, name.lower()),
        ).fetchone()
        return Row(*row) if row else None

    # Tags, which moto keeps

    @staticmethod
    def arn(context: Context, resource: str) -> str:
        """Return the ARN of a resource ("crawler/name") of this account and Region."""
        return f"arn:aws:glue:{context.region}:{context.account}:{resource}"

    def tag(self, context: Context, resource: str, tags: dict[str, str]) -> None:
        """Tag a new resource."""
        asked = Context("glue", "TagResource", context.account, context.region)
        arn = self.arn(context, resource)
        moto_call(self.cloud, asked, {"ResourceArn": arn, "TagsToAdd": tags})

    def tags(self, context: Context, resource: str) -> dict[str, str]:
        """Return a resource's tags."""
        asked = Context("glue", "GetTags", context.account, context.region)
        answer = moto_call(self.cloud, asked, {"ResourceArn": self.arn(context, resource)})
        return dict(answer.get("Tags") or {})

    def untag(self, context: Context, resource: str) -> None:
        """Forget the tags of a resource that is no more."""
        if found := self.tags(context, resource):
            asked = Context("glue", "UntagResource", context.account, context.region)
            arn = self.arn(context, resource)
            moto_call(self.cloud, asked, {"ResourceArn": arn, "TagsToRemove": list(found)})

    # Entities that belong to no database

    def things(self, context: Context, kind: str) -> list[dict[str, Any]]:
        """Return all entities of a kind, sorted by name."""
        with self.store.read() as db:
            rows = db.execute(
                "SELECT body FROM things WHERE scope = ? AND kind = ? ORDER BY name",
                (self.region_scope(context), kind),
            ).fetchall()
        return [codec.plain(text) for (text,) in rows]

    def thing(self, context: Context, kind: str, name: str) -> dict[str, Any] | None:
        """Return one entity of a kind, or None."""
        with self.store.read() as db:
            return thing(db, self.region_scope(context), kind, name)

    def add_thing(
        self, context: Context, kind: str, name: str, body: dict[str, Any], error: AWSError
    ) -> None:
        """Keep a new entity. Raises `error` where there is one of that name."""
        scope = self.region_scope(context)
        with self.store.change() as db:
            if thing(db, scope, kind, name) is not None:
                raise error
            put_thing(db, scope, kind, name, body)

    def change_thing(
        self,
        context: Context,
        kind: str,
        name: str,
        change: Callable[[dict[str, Any]], dict[str, Any]],
        error: AWSError,
    ) -> None:
        """Replace an entity by what `change` makes of it. Raises `error` where there is none."""
        scope = self.region_scope(context)
        with self.store.change() as db:
            found = thing(db, scope, kind, name)
            if found is None:
                raise error
            put_thing(db, scope, kind, name, change(found))

    def put_thing(self, context: Context, kind: str, name: str, body: dict[str, Any]) -> None:
        """Keep an entity, in place of an older one of that name."""
        with self.store.change() as db:
            put_thing(db, self.region_scope(context), kind, name, body)

    def remove_thing(self, context: Context, kind: str, name: str) -> bool:
        """Forget an entity; tell whether there was one."""
        with self.store.change() as db:
            cursor = db.execute(
                "DELETE FROM things WHERE scope = ? AND kind = ? AND name = ?",
                (self.region_scope(context), kind, name),
            )
            return cursor.rowcount > 0

    def thing_page(
        self, context: Context, request: Request, kind: str, shape: str, most: int = 100
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return the page of a kind's entities that a request asks for, and the next token."""
        found, token = page(self.things(context, kind), request, most, _name_of)
        return [codec.restore(one, shape) for one in found], token


def thing(db: sqlite3.Connection, scope: str, kind: str, name: str) -> dict[str, Any] | None:
    """Return one entity that belongs to no database, or None."""
    row = db.execute(
        "SELECT body FROM things WHERE scope = ? AND kind = ? AND name = ?", (scope, kind, name)
    ).fetchone()
    return codec.plain(row[0]) if row else None


def put_thing(
    db: sqlite3.Connection, scope: str, kind: str, name: str, body: dict[str, Any]
) -> None:
    """Keep an entity that belongs to no database."""
    db.execute(
        "INSERT OR REPLACE INTO things (scope, kind, name, body) VALUES (?, ?, ?, ?)",
        (scope, kind, name, codec.encode(body)),
    )


def _name_of(body: dict[str, Any]) -> str:
    return str(body["Name"])


def creator(context: Context) -> str:
    """Return the ARN of who calls, as `CreatedBy` names it."""
    return f"arn:aws:iam::{context.account}:root"


def next_page(token: str | None) -> dict[str, Any]:
    """Return the `NextToken` member of a response, if there is one."""
    return {"NextToken": token} if token else {}
