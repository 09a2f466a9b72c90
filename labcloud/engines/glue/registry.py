"""The Schema Registry where moto has nothing; registries, schemas and versions are moto's."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import avro_schemas, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, given, next_page
from labcloud.engines.glue.paging import page
from labcloud.inprocess import moto_call
from labcloud.state import backend_at

_SCHEMA = ("RegistryName", "SchemaName", "SchemaArn", "Description", "SchemaStatus")


class RegistryOperations(GlueBase):
    """Lists, metadata, differences and deletion of schema versions; UpdateRegistry."""

    def list_schemas(self, request: Request, context: Context) -> Answer:
        """Return a page of schemas, of one registry or all."""
        with self._registries(context) as registries:
            wanted = request.get("RegistryId")
            names = [self._registry(wanted, context)] if wanted else list(registries)
            found = [
                {
                    **given(schema.as_dict(), *_SCHEMA),
                    "CreatedTime": str(schema.created_time),
                    "UpdatedTime": str(schema.updated_time),
                }
                for name in names
                for schema in registries[name].schemas.values()
            ]
        found.sort(key=lambda one: str(one["SchemaArn"]))
        some, token = page(found, request, 25, lambda one: one["SchemaArn"])
        return {"Schemas": some, **next_page(token)}

    def list_schema_versions(self, request: Request, context: Context) -> Answer:
        """Return a page of a schema's versions."""
        with self._schema(request, context) as schema:
            found = [
                {
                    "SchemaArn": version.schema_arn,
                    "SchemaVersionId": version.schema_version_id,
                    "VersionNumber": version.version_number,
                    "Status": version.schema_version_status,
                    "CreatedTime": str(version.created_time),
                }
                for version in schema.schema_versions.values()
            ]
        some, token = page(found, request, 25, lambda one: one["VersionNumber"])
        return {"Schemas": some, **next_page(token)}

    def check_schema_version_validity(self, request: Request, context: Context) -> Answer:
        """Tell whether a definition is a schema, and what is wrong with it."""
        del context
        try:
            avro_schemas.check(request["DataFormat"], request["SchemaDefinition"])
        except ValueError as error:
            return {"Valid": False, "Error": str(error)}
        return {"Valid": True}

    def query_schema_version_metadata(self, request: Request, context: Context) -> Answer:
        """Return a version's metadata, the pairs that are asked for or all."""
        with self._version(request, context) as version:
            wanted = request.get("MetadataList") or []
            found = {
                key: _metadata(values, str(version.created_time))
                for key, values in version.metadata.items()
                if all(
                    one.get("MetadataKey") in (None, key)
                    and (one.get("MetadataValue") is None or one["MetadataValue"] in values)
                    for one in wanted
                )
            }
            return {"MetadataInfoMap": found, "SchemaVersionId": version.schema_version_id}

    def remove_schema_version_metadata(self, request: Request, context: Context) -> Answer:
        """Remove a pair from a version's metadata. Raises `EntityNotFoundException`."""
        pair = request["MetadataKeyValue"]
        key, value = pair.get("MetadataKey"), pair.get("MetadataValue")
        with self._version(request, context, change=True) as version:
            if value not in version.metadata.get(key, ()):
                raise errors.not_found(
                    f"Resource is not found. schema version id: {version.schema_version_id}, "
                    f"metadata key: {key}, metadata value: {value}"
                )
            version.metadata[key].remove(value)
            if not version.metadata[key]:
                del version.metadata[key]
            return {
                "SchemaArn": version.schema_arn,
                "SchemaName": version.schema_name,
                "RegistryName": version.registry_name,
                "VersionNumber": version.version_number,
                "SchemaVersionId": version.schema_version_id,
                "MetadataKey": key,
                "MetadataValue": value,
            }

    def delete_schema_versions(self, request: Request, context: Context) -> Answer:
        """Remove versions, given as "1-3" or "4"; the checkpoint stays."""
        low, _, high = request["Versions"].partition("-")
        if not low.isdecimal() or (high and not high.isdecimal()):
            raise errors.invalid(f"Invalid versions: {request['Versions']}")
        failed = []
        with self._schema(request, context, change=True) as schema:
            numbers = {v.version_number: k for k, v in schema.schema_versions.items()}
            for number in range(int(low), int(high or low) + 1):
                if number == schema.schema_checkpoint:
                    why = ("InvalidInputException", "The checkpoint version cannot be deleted.")
                elif number not in numbers:
                    why = (errors.NOT_FOUND, "Schema version is not found.")
                else:
                    del schema.schema_versions[numbers[number]]
                    continue
                details = {"ErrorCode": why[0], "ErrorMessage": why[1]}
                failed.append({"VersionNumber": number, "ErrorDetails": details})
            schema.latest_schema_version = max(
                version.version_number for version in schema.schema_versions.values()
            )
        return {"SchemaVersionErrors": failed}

    def get_schema_versions_diff(self, request: Request, context: Context) -> Answer:
        """Return what two versions differ in, as a unified diff of their definitions."""
        texts = []
        for member in ("FirstSchemaVersionNumber", "SecondSchemaVersionNumber"):
            asked = {"SchemaId": request["SchemaId"], "SchemaVersionNumber": request[member]}
            found = self._moto("GetSchemaVersion", asked, context)
            texts.append(found["SchemaDefinition"].splitlines(keepends=True))
        diff = "".join(difflib.unified_diff(texts[0], texts[1], "first", "second"))
        return {"Diff": diff} if diff else {}

    def update_registry(self, request: Request, context: Context) -> Answer:
        """Describe a registry anew. Raises `EntityNotFoundException`."""
        name = self._registry(request["RegistryId"], context)
        with self._registries(context, change=True) as registries:
            registries[name].description = request["Description"]
            arn = registries[name].registry_arn
        return {"RegistryName": name, "RegistryArn": arn}

    def _moto(self, operation: str, asked: Request, context: Context) -> Answer:
        inside = Context("glue", operation, context.account, context.region)
        return moto_call(self.cloud, inside, asked)

    def _registry(self, wanted: Request, context: Context) -> str:
        found = self._moto("GetRegistry", {"RegistryId": wanted}, context)
        return str(found["RegistryName"])

    @contextmanager
    def _registries(self, context: Context, *, change: bool = False) -> Iterator[dict[str, Any]]:
        """Hold moto's registries; what the block changes is saved."""
        with self.cloud.state.locks["glue"]:
            backend: Any = backend_at("glue", context.account, context.region)
            yield backend.registries
        if change:
            self.cloud.save("glue", context.account, context.region)

    @contextmanager
    def _schema(self, request: Request, context: Context, *, change: bool = False) -> Iterator[Any]:
        found = self._moto("GetSchema", {"SchemaId": request["SchemaId"]}, context)
        with self._registries(context, change=change) as registries:
            yield registries[found["RegistryName"]].schemas[found["SchemaName"]]

    @contextmanager
    def _version(
        self, request: Request, context: Context, *, change: bool = False
    ) -> Iterator[Any]:
        asked = given(request, "SchemaId", "SchemaVersionNumber", "SchemaVersionId")
        id_ = self._moto("GetSchemaVersion", asked, context)["SchemaVersionId"]
        with self._registries(context, change=change) as registries:
            schemas = [s for r in registries.values() for s in r.schemas.values()]
            schema = next(one for one in schemas if id_ in one.schema_versions)
            yield schema.schema_versions[id_]


def _metadata(values: list[str], created: str) -> dict[str, Any]:
    """Return a key's newest value, and its older ones beside it."""
    *others, newest = values
    older = [{"MetadataValue": value, "CreatedTime": created} for value in reversed(others)]
    found: dict[str, Any] = {"MetadataValue": newest, "CreatedTime": created}
    return found | ({"OtherMetadataValueList": older} if older else {})
