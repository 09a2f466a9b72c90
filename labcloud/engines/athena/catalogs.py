"""Data catalogs, and what AWS Glue's has in Athena's words: databases and tables.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_GetTableMetadata.html and its
neighbours.
"""

from __future__ import annotations

import re
from typing import Any

from moto.athena.models import DataCatalog

from labcloud.engine import Context
from labcloud.engines.athena.base import CATALOG, AthenaBase, Request
from labcloud.engines.athena.errors import invalid, metadata
from labcloud.engines.athena.paging import page
from labcloud.errors import AWSError

_NEEDED = {
    "LAMBDA": (("function",), ("metadata-function", "record-function")),
    "GLUE": (("catalog-id",),),
    "HIVE": (("metadata-function",),),
}


class CatalogOperations(AthenaBase):
    """Operations on data catalogs and what is in them."""

    # ---- data catalogs

    def create_data_catalog(self, request: Request, context: Context) -> Request:
        """Keep a data catalog. Raises where its name is taken or its parameters do not fit."""
        name, kind = request["Name"], request["Type"]
        parameters = request.get("Parameters") or {}
        _check(kind, parameters)
        with self.changing(context) as backend:
            if name.lower() == CATALOG.lower() or name in backend.data_catalogs:
                raise invalid(f"DataCatalog {name} has already been created")
            tags, about = request.get("Tags") or [], request.get("Description") or ""
            made = DataCatalog(backend, name, kind, about, parameters, tags)  # type: ignore[arg-type]
            backend.data_catalogs[name] = made
            backend.tagger.tag_resource(made.arn, tags)
        return {"DataCatalog": _shown(made)} if kind == "FEDERATED" else {}

    def get_data_catalog(self, request: Request, context: Context) -> Request:
        """Return a data catalog; AwsDataCatalog is always there."""
        if request["Name"].lower() == CATALOG.lower():
            return {"DataCatalog": _own(context)}
        with self.lock:
            return {"DataCatalog": _shown(self._catalog(request["Name"], context))}

    def list_data_catalogs(self, request: Request, context: Context) -> Request:
        """Return the data catalogs' names and types."""
        with self.lock:
            kept = sorted(self.kept(context).data_catalogs.values(), key=lambda one: one.name)
        listed = [{"CatalogName": CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE"}]
        listed += [
            {"CatalogName": one.name, "Type": one.type, "Status": "CREATE_COMPLETE"} for one in kept
        ]
        listed, more = page(listed, request, 50)  # type: ignore[assignment]
        return {"DataCatalogsSummary": listed, **more}

    def update_data_catalog(self, request: Request, context: Context) -> Request:
        """Change a data catalog."""
        with self.changing(context):
            found = self._catalog(request["Name"], context)
            _check(request["Type"], request.get("Parameters") or {})
            found.type, found.parameters = request["Type"], request.get("Parameters") or {}
            found.description = request.get("Description") or ""
        return {}

    def delete_data_catalog(self, request: Request, context: Context) -> Request:
        """Delete a data catalog; AwsDataCatalog stays."""
        with self.changing(context) as backend:
            found = self._catalog(request["Name"], context)
            del backend.data_catalogs[found.name]
            backend.tagger.delete_all_tags_for_resource(found.arn)
        return {"DataCatalog": {**_shown(found), "Status": "DELETE_COMPLETE"}}

    def _catalog(self, name: str, context: Context) -> Any:
        if name.lower() == CATALOG.lower():
            raise invalid(f"The data catalog {CATALOG} cannot be changed or deleted")
        found = self.kept(context).data_catalogs.get(name)
        if found is None:
            raise invalid(f"DataCatalog {name} was not found", "DATACATALOG_NOT_FOUND")
        return found

    # ---- databases and tables

    def get_database(self, request: Request, context: Context) -> Request:
        """Return a database of a catalog."""
        asked = {"Name": request["DatabaseName"]}
        return {
            "Database": _database(self._glue("GetDatabase", request, context, asked)["Database"])
        }

    def list_databases(self, request: Request, context: Context) -> Request:
        """Return a catalog's databases."""
        found = self._all("GetDatabases", "DatabaseList", request, context, {})
        wanted = request.get("AttributesToGet")
        shown = [_only(_database(one), wanted) for one in found]
        shown, more = page(shown, request, 50)  # type: ignore[assignment]
        return {"DatabaseList": shown, **more}

    def get_table_metadata(self, request: Request, context: Context) -> Request:
        """Return a table of a catalog."""
        asked = {"DatabaseName": request["DatabaseName"], "Name": request["TableName"]}
        return {"TableMetadata": _table(self._glue("GetTable", request, context, asked)["Table"])}

    def list_table_metadata(self, request: Request, context: Context) -> Request:
        """Return a database's tables; `Expression` is a regular expression for their names."""
        asked = {"DatabaseName": request["DatabaseName"]}
        found = self._all("GetTables", "TableList", request, context, asked)
        if expression := request.get("Expression"):
            pattern = _pattern(expression)
            found = [table for table in found if pattern.fullmatch(table["Name"])]
        wanted = request.get("AttributesToGet")
        shown = [_only(_table(one), wanted) for one in found]
        shown, more = page(shown, request, 50)  # type: ignore[assignment]
        return {"TableMetadataList": shown, **more}

    def _glue(
        self, operation: str, request: Request, context: Context, asked: Request
    ) -> dict[str, Any]:
        asked = {**asked, **self._catalog_id(request["CatalogName"], context)}
        try:
            return self.cloud.call(
                "glue", operation, asked, account=context.account, region=context.region
            )
        except AWSError as error:
            raise metadata(error.code, error.message) from None

    def _catalog_id(self, name: str, context: Context) -> dict[str, str]:
        if name.lower() == CATALOG.lower():
            return {}
        with self.lock:
            found = self._catalog(name, context)
        if found.type != "GLUE":
            raise metadata(
                "InvalidInputException",
                f"labcloud cannot ask data catalog {name} of type {found.type}",
            )
        return {"CatalogId": found.parameters["catalog-id"]}

    def _all(
        self, operation: str, member: str, request: Request, context: Context, asked: Request
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            answer = self._glue(operation, request, context, asked)
            found += answer.get(member) or []
            if not answer.get("NextToken"):
                return sorted(found, key=lambda one: str(one["Name"]))
            asked = {**asked, "NextToken": answer["NextToken"]}


def _check(kind: str, parameters: dict[str, str]) -> None:
    needed = _NEEDED.get(kind)
    if needed and not any(all(key in parameters for key in keys) for keys in needed):
        either = " or ".join(" and ".join(keys) for keys in needed)
        raise invalid(f"A data catalog of type {kind} requires the parameter {either}")


def _pattern(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression.replace("*", ".*") if expression == "*" else expression)
    except re.error:
        raise invalid(f"Invalid expression: {expression}") from None


def _own(context: Context) -> dict[str, Any]:
    return {
        "Name": CATALOG,
        "Type": "GLUE",
        "Parameters": {"catalog-id": context.account},
        "Status": "CREATE_COMPLETE",
    }


def _shown(catalog: Any) -> dict[str, Any]:
    shown = {
        "Name": catalog.name,
        "Type": catalog.type,
        "Parameters": catalog.parameters,
        "Status": "CREATE_COMPLETE",
    }
    return shown | ({"Description": catalog.description} if catalog.description else {})


def _only(one: dict[str, Any], attributes: list[str] | None) -> dict[str, Any]:
    """Keep the attributes that a request names: NAME, DESCRIPTION, TABLE_TYPE."""
    if not attributes:
        return one
    members = {name.title().replace("_", "") for name in attributes} | {"Name"}
    return {name: value for name, value in one.items() if name in members}


def _database(found: dict[str, Any]) -> dict[str, Any]:
    shown = {"Name": found["Name"]}
    for name in ("Description", "Parameters"):
        if found.get(name):
            shown[name] = found[name]
    return shown


def _table(found: dict[str, Any]) -> dict[str, Any]:
    storage = found.get("StorageDescriptor") or {}
    parameters = dict(found.get("Parameters") or {})
    serde = storage.get("SerdeInfo") or {}
    described = {
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "location": storage.get("Location"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    parameters |= {name: value for name, value in described.items() if value}
    parameters |= {
        f"serde.param.{name}": value for name, value in (serde.get("Parameters") or {}).items()
    }
    shown = {
        "Name": found["Name"],
        "CreateTime": found.get("CreateTime"),
        "LastAccessTime": found.get("LastAccessTime") or 0,
        "TableType": found.get("TableType"),
        "Columns": _columns(storage.get("Columns")),
        "PartitionKeys": _columns(found.get("PartitionKeys")),
        "Parameters": parameters,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _columns(columns: list[dict[str, Any]] | None) -> list[dict[str, str]]:
    return [
        {name: column[name] for name in ("Name", "Type", "Comment") if column.get(name)}
        for column in columns or ()
    ]
