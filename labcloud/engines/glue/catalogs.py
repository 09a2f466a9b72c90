"""Catalogs: the account's own, and those made beside it, each with its own databases."""

from __future__ import annotations

from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, next_page
from labcloud.engines.glue.databases import DEFAULT_PERMISSIONS
from labcloud.engines.glue.paging import page
from labcloud.errors import NotImplementedByLabcloud

KIND = "catalog"


class CatalogOperations(GlueBase):
    """Create, Get, Update and DeleteCatalog, GetCatalogs, GetCatalogImportStatus."""

    def create_catalog(self, request: Request, context: Context) -> Answer:
        """Add a catalog that holds databases of its own. Raises `AlreadyExistsException`."""
        name, wanted = request["Name"], request["CatalogInput"]
        for remote in ("FederatedCatalog", "TargetRedshiftCatalog"):
            if remote in wanted:
                instead = "Only catalogs that Glue itself holds are here."
                raise NotImplementedByLabcloud("glue", f"CreateCatalog ({remote})", instead)
        at = codec.now()
        body = {
            **wanted,
            "Name": name,
            "CatalogId": f"{context.account}:{name}",
            "ResourceArn": self.arn(context, f"catalog/{name}"),
            "CreateTime": at,
            "UpdateTime": at,
        }
        self.add_thing(context, KIND, name, body, errors.exists("Catalog"))
        if tags := request.get("Tags"):
            self.tag(context, f"catalog/{name}", tags)
        return {}

    def get_catalog(self, request: Request, context: Context) -> Answer:
        """Return a catalog. Raises `EntityNotFoundException`."""
        if request["CatalogId"] == context.account:
            return {"Catalog": self._root(context)}
        self.scope(request, context)
        return {"Catalog": codec.restore(self._found(request, context), "Catalog")}

    def get_catalogs(self, request: Request, context: Context) -> Answer:
        """Return a page of the account's catalogs."""
        parent = request.get("ParentCatalogId")
        if parent not in (None, "", "/", context.account):
            self.catalog_scope(parent, context)
            return {"CatalogList": []}
        found = self.things(context, KIND)
        if request.get("IncludeRoot"):
            found.append(self._root(context) | {"Name": context.account})
        found.sort(key=lambda one: str(one["Name"]))
        some, token = page(found, request, 100, lambda one: one["Name"])
        return {"CatalogList": [codec.restore(one, "Catalog") for one in some], **next_page(token)}

    def update_catalog(self, request: Request, context: Context) -> Answer:
        """Replace what is known of a catalog."""
        old = self._found(request, context)
        kept = {n: old[n] for n in ("Name", "CatalogId", "ResourceArn", "CreateTime")}
        body = {**request["CatalogInput"], **kept, "UpdateTime": codec.now()}
        self.put_thing(context, KIND, old["Name"], body)
        return {}

    def delete_catalog(self, request: Request, context: Context) -> Answer:
        """Remove a catalog with its databases. Raises `EntityNotFoundException`."""
        name = self._found(request, context)["Name"]
        scope = self.scope(request, context)
        with self.store.change() as db:
            db.execute("DELETE FROM databases WHERE scope = ?", (scope,))
        self.remove_thing(context, KIND, name)
        self.untag(context, f"catalog/{name}")
        return {}

    def get_catalog_import_status(self, request: Request, context: Context) -> Answer:
        """Return that nothing waits to be imported from Athena's catalog of before 2017."""
        self.scope(request, context)
        return {"ImportStatus": {"ImportCompleted": True}}

    def import_catalog_to_glue(self, request: Request, context: Context) -> Answer:
        """Import Athena's catalog of before 2017, which no account has any more: nothing to do."""
        self.scope(request, context)
        return {}

    def _found(self, request: Request, context: Context) -> dict[str, Any]:
        name = request["CatalogId"].rpartition(":")[2]
        found = self.thing(context, KIND, name)
        if found is None:
            raise errors.not_found(f"Catalog {request['CatalogId']} not found.")
        return found

    def _root(self, context: Context) -> dict[str, Any]:
        return {
            "CatalogId": context.account,
            "Name": context.account,
            "ResourceArn": self.arn(context, "catalog"),
            "CreateTableDefaultPermissions": DEFAULT_PERMISSIONS,
            "CreateDatabaseDefaultPermissions": DEFAULT_PERMISSIONS,
        }
