"""Apache Iceberg tables that the catalog itself makes and changes: metadata files in Amazon S3.

`OpenTableFormatInput` of CreateTable, `UpdateOpenTableFormatInput` of UpdateTable.
Sources: https://docs.aws.amazon.com/glue/latest/webapi/API_IcebergInput.html,
https://iceberg.apache.org/spec/#table-metadata
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pyiceberg.exceptions import ValidationError as IcebergError
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadata, TableMetadataUtil, new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER, SortOrder
from pyiceberg.table.update import (
    AddPartitionSpecUpdate,
    AddSchemaUpdate,
    AddSortOrderUpdate,
    RemovePropertiesUpdate,
    SetCurrentSchemaUpdate,
    SetDefaultSortOrderUpdate,
    SetDefaultSpecUpdate,
    SetLocationUpdate,
    SetPropertiesUpdate,
    TableUpdate,
    update_table_metadata,
)
from pyiceberg.transforms import IdentityTransform

from labcloud.engine import Context
from labcloud.engines.glue import errors
from labcloud.engines.glue.iceberg_types import columns_of, schema_of
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

_LAST_ADDED = -1
_FIRST_PARTITION_FIELD = 1000


def create(
    cloud: Cloud, context: Context, iceberg: dict[str, Any], wanted: dict[str, Any]
) -> dict[str, Any]:
    """Write the first metadata file of an Iceberg table; return the catalog's table input.

    The schema is that of `CreateIcebergTableInput`, else of the table input's columns. Raises
    `InvalidInputException`.
    """
    if iceberg.get("MetadataOperation") != "CREATE":
        raise errors.invalid("MetadataOperation must be CREATE.")
    version = str(iceberg.get("Version") or "2")
    if version not in ("1", "2", "3"):
        raise errors.invalid(f"Unsupported Iceberg table version: {version}")
    asked = iceberg.get("CreateIcebergTableInput")
    storage = wanted.get("StorageDescriptor") or {}
    location = ((asked or {}).get("Location") or storage.get("Location") or "").rstrip("/")
    if not location:
        raise errors.invalid("An Iceberg table needs a location.")
    metadata = _said(lambda: _new(asked, wanted, location, version))
    file = _write(cloud, context, metadata, 0)
    return _table(wanted, metadata, {"metadata_location": file})


def _new(
    asked: dict[str, Any] | None, wanted: dict[str, Any], location: str, version: str
) -> TableMetadata:
    properties = {"format-version": version}
    if asked is not None:
        properties |= asked.get("Properties") or {}
        spec, order = asked.get("PartitionSpec"), asked.get("WriteOrder")
        return new_table_metadata(
            _schema(asked["Schema"]),
            _spec(spec) if spec else UNPARTITIONED_PARTITION_SPEC,
            _order(order) if order else UNSORTED_SORT_ORDER,
            location,
            properties,
        )
    storage = wanted.get("StorageDescriptor") or {}
    keys = wanted.get("PartitionKeys") or []
    schema = schema_of([*(storage.get("Columns") or []), *keys])
    spec_of_keys = PartitionSpec(
        *(
            PartitionField(
                schema.find_field(key["Name"]).field_id,
                _FIRST_PARTITION_FIELD + number,
                IdentityTransform(),
                key["Name"],
            )
            for number, key in enumerate(keys)
        )
    )
    return new_table_metadata(schema, spec_of_keys, UNSORTED_SORT_ORDER, location, properties)


def update(
    cloud: Cloud, context: Context, table: dict[str, Any], iceberg: dict[str, Any]
) -> dict[str, Any]:
    """Change an Iceberg table by a new metadata file; return the catalog's table input."""
    parameters = table.get("Parameters") or {}
    old_file = parameters.get("metadata_location")
    if parameters.get("table_type", "").upper() != "ICEBERG" or not old_file:
        raise errors.invalid(f"Table {table['Name']} is not an Iceberg table.")
    asked = (iceberg.get("UpdateIcebergTableInput") or {}).get("Updates") or []
    base = TableMetadataUtil.parse_raw(_read(cloud, context, old_file).decode())
    ids = _Ids(base)
    updates = _said(lambda: tuple(one for entry in asked for one in _updates(entry, ids)))
    metadata = _said(lambda: update_table_metadata(base, updates, metadata_location=old_file))
    number = re.search(r"/(\d+)-[^/]*\.metadata\.json$", old_file)
    file = _write(cloud, context, metadata, int(number[1]) + 1 if number else 1)
    new = {"metadata_location": file, "previous_metadata_location": old_file}
    return _table(table, metadata, new)


class _Ids:
    """The next free ids of a table's schemas, partition specs and sort orders."""

    def __init__(self, metadata: TableMetadata) -> None:
        self.schema = itertools.count(1 + max(one.schema_id for one in metadata.schemas))
        self.spec = itertools.count(1 + max(one.spec_id for one in metadata.partition_specs))
        self.order = itertools.count(1 + max(one.order_id for one in metadata.sort_orders))


def _updates(entry: dict[str, Any], ids: _Ids) -> list[TableUpdate]:
    """Return what one entry changes: its action, or without one all that it names."""
    schema, spec = entry.get("Schema"), entry.get("PartitionSpec")
    order, location = entry.get("SortOrder"), entry.get("Location")
    properties = entry.get("Properties") or {}
    actions: dict[str, Callable[[], TableUpdate]] = {
        "add-schema": lambda: AddSchemaUpdate(schema=_schema(schema, next(ids.schema))),
        "set-current-schema": lambda: _chosen(
            SetCurrentSchemaUpdate, "schema-id", _id(schema, "SchemaId")
        ),
        "add-spec": lambda: AddPartitionSpecUpdate(spec=_spec(spec, next(ids.spec))),
        "set-default-spec": lambda: _chosen(SetDefaultSpecUpdate, "spec-id", _id(spec, "SpecId")),
        "add-sort-order": lambda: AddSortOrderUpdate.model_validate(
            {"sort-order": _order(order, next(ids.order))}
        ),
        "set-default-sort-order": lambda: _chosen(
            SetDefaultSortOrderUpdate, "sort-order-id", _id(order, "OrderId")
        ),
        "set-location": lambda: SetLocationUpdate(location=str(location).rstrip("/")),
        "set-properties": lambda: SetPropertiesUpdate(updates=properties),
        "remove-properties": lambda: RemovePropertiesUpdate(removals=list(properties)),
    }
    if action := entry.get("Action"):
        if action not in actions:
            raise ValueError(f"Unsupported action: {action}")
        return [actions[action]()]
    found: list[TableUpdate] = []
    if schema:
        found += [actions["add-schema"](), _chosen(SetCurrentSchemaUpdate, "schema-id")]
    if spec:
        found += [actions["add-spec"](), _chosen(SetDefaultSpecUpdate, "spec-id")]
    if order:
        found += [actions["add-sort-order"](), _chosen(SetDefaultSortOrderUpdate, "sort-order-id")]
    if location:
        found.append(actions["set-location"]())
    if properties:
        found.append(actions["set-properties"]())
    return found


def _chosen(kind: Any, member: str, number: int = _LAST_ADDED) -> TableUpdate:
    """Return the update that makes one of a table's schemas, specs or orders the present one."""
    update: TableUpdate = kind.model_validate({member: number})
    return update


def _id(given: dict[str, Any] | None, member: str) -> int:
    return int((given or {}).get(member, _LAST_ADDED))


def _said(make: Callable[[], Any]) -> Any:
    """Return what `make` returns; what Iceberg refuses is InvalidInputException."""
    try:
        return make()
    except ValidationError as error:
        raise errors.invalid(str(error.errors()[0]["msg"])) from error
    except (ValueError, KeyError, TypeError, IcebergError) as error:
        raise errors.invalid(str(error)) from error


def _kebab(given: dict[str, Any]) -> dict[str, Any]:
    """Return a structure with Iceberg's names of members: `SourceId` → `source-id`."""
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower(): v for name, v in given.items()}


def _schema(given: dict[str, Any] | None, number: int = 0) -> Schema:
    if given is None:
        raise ValueError("Schema is required.")
    fields = [_kebab(field) for field in given["Fields"]]
    body = {"type": "struct", **_kebab(given), "fields": fields}
    keys = body.get("identifier-field-ids") or []
    return Schema.model_validate({**body, "schema-id": number, "identifier-field-ids": keys})


def _spec(given: dict[str, Any] | None, number: int = 0) -> PartitionSpec:
    if given is None:
        raise ValueError("PartitionSpec is required.")
    fields = [
        {"field-id": _FIRST_PARTITION_FIELD + n, **_kebab(field)}
        for n, field in enumerate(given["Fields"])
    ]
    return PartitionSpec.model_validate({"spec-id": number, "fields": fields})


def _order(given: dict[str, Any] | None, number: int = 1) -> SortOrder:
    if given is None:
        raise ValueError("SortOrder is required.")
    fields = [_kebab(field) for field in given["Fields"]]
    return SortOrder.model_validate({"order-id": number, "fields": fields})


def _table(
    table: dict[str, Any], metadata: TableMetadata, parameters: dict[str, str]
) -> dict[str, Any]:
    """Return the table input that leads to a table's metadata."""
    storage = {
        **(table.get("StorageDescriptor") or {}),
        "Columns": columns_of(metadata.schema()),
        "Location": metadata.location,
    }
    return {
        **table,
        "TableType": table.get("TableType") or "EXTERNAL_TABLE",
        "Parameters": {**(table.get("Parameters") or {}), "table_type": "ICEBERG", **parameters},
        "StorageDescriptor": storage,
        "PartitionKeys": [],
    }


def _place(uri: str) -> dict[str, str]:
    found = re.fullmatch(r"s3[an]?://([^/]+)/(.+)", uri)
    if found is None:
        raise errors.invalid(f"Not a location in Amazon S3: {uri}")
    return {"Bucket": found[1], "Key": found[2]}


def _read(cloud: Cloud, context: Context, uri: str) -> bytes:
    answer = _s3(cloud, context, "GetObject", _place(uri))
    body = answer["Body"]
    return body if isinstance(body, bytes) else b"".join(body)


def _write(cloud: Cloud, context: Context, metadata: TableMetadata, number: int) -> str:
    file = f"{metadata.location}/metadata/{number:05d}-{uuid.uuid4()}.metadata.json"
    body = metadata.model_dump_json(exclude_none=True, by_alias=True)
    _s3(cloud, context, "PutObject", {**_place(file), "Body": body.encode()})
    return file


def _s3(cloud: Cloud, context: Context, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return cloud.call("s3", operation, request, account=context.account, region=context.region)
    except AWSError as error:
        raise errors.invalid(f"{request['Bucket']}/{request['Key']}: {error.message}") from error
