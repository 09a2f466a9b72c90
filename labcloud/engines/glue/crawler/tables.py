"""A group of objects → what CreateTable and BatchCreatePartition take."""

from __future__ import annotations

from typing import Any

from labcloud.engines.glue.crawler.grouping import (
    Found,
    Group,
    partition_keys,
    partition_values,
    table_name,
)
from labcloud.engines.glue.crawler.schema import Schema, merge, text

_TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_CLASSES: dict[str, tuple[str, str, str]] = {
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "avro": (
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    "xml": (
        "com.amazon.hive.serde2.xml.XmlInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "com.ibm.spss.hive.serde2.xml.XmlSerDe",
    ),
}
_JSON = "org.openx.data.jsonserde.JsonSerDe"
_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_GROK = "com.amazonaws.glue.serde.GrokSerDe"


def table_input(group: Group, bucket: str, crawler: dict[str, Any]) -> dict[str, Any]:
    """Return the TableInput of a group of objects in a bucket."""
    keys = keys_of(group)
    columns = [{"Name": name, "Type": text(kind)} for name, kind in group.schema.columns.items()]
    parameters = parameters_of(group, crawler["Name"])
    if keys:
        parameters["partition_filtering.enabled"] = "true"
    return {
        "Name": table_name(group.prefix, bucket, crawler.get("TablePrefix") or ""),
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "StorageDescriptor": storage(group, columns, f"s3://{bucket}/{group.prefix}", parameters),
    }


def keys_of(group: Group) -> list[str]:
    """Return the names of a group's partition keys."""
    return [] if group.single else partition_keys(list(group.folders()))


def parameters_of(group: Group, crawler: str, files: list[Found] | None = None) -> dict[str, str]:
    """Return the parameters that a crawler writes for a table, or for some of its files."""
    files = group.files if files is None else files
    records = sum(file.schema.records for file in files)
    size = sum(file.size for file in files)
    average = _average(files)
    schema = group.schema
    found = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": crawler,
        "averageRecordSize": str(average),
        "classification": schema.classification,
        "compressionType": _packed(files),
        "objectCount": str(len(files)),
        "recordCount": str(round(records)),
        "sizeKey": str(size),
        "typeOfData": "file",
    }
    if schema.classification == "csv":
        found |= {
            "areColumnsQuoted": str(schema.details.get("quoted", False)).lower(),
            "columnsOrdered": "true",
            "delimiter": schema.details["delimiter"],
        }
        if schema.details.get("header"):
            found["skip.header.line.count"] = "1"
    if "row_tag" in schema.details:
        found["rowTag"] = schema.details["row_tag"]
    if schema.classification == "avro":
        found["avro.schema.literal"] = schema.details["avro.schema.literal"]
    if "pattern" in schema.details:
        found["grokPattern"] = schema.details["pattern"]
    return found


def _average(files: list[Found]) -> int:
    records = sum(file.schema.records for file in files)
    weighed = sum(file.schema.average * file.schema.records for file in files)
    return max(1, round(weighed / records)) if records else 0


def _packed(files: list[Found]) -> str:
    names = {file.compression for file in files}
    return names.pop() if len(names) == 1 else "none"


def storage(
    group: Group, columns: list[dict[str, str]], location: str, parameters: dict[str, str]
) -> dict[str, Any]:
    """Return the StorageDescriptor of a table or partition."""
    reads, writes, serde, properties = _serde(group.schema)
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": reads,
        "OutputFormat": writes,
        "Compressed": parameters["compressionType"] != "none",
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": properties},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": parameters,
        "StoredAsSubDirectories": False,
    }


def _serde(schema: Schema) -> tuple[str, str, str, dict[str, str]]:
    kind, details = schema.classification, schema.details
    if kind in ("parquet", "orc"):
        return (*_CLASSES[kind], {"serialization.format": "1"})
    if kind == "avro":
        literal = {"avro.schema.literal": details["avro.schema.literal"]}
        return (*_CLASSES["avro"], {"serialization.format": "1", **literal})
    if "row_tag" in details:
        tag = details["row_tag"]
        return (*_CLASSES["xml"], {"rowTag": tag, "serialization.format": "1"})
    if "pattern" in details:
        grok = {"input.format": details["pattern"]}
        if details.get("custom"):
            grok["input.grokCustomPatterns"] = details["custom"]
        return _TEXT_IN, _TEXT_OUT, _GROK, grok
    if "delimiter" in details:
        return _csv_serde(details)
    names = details.get("names") or sorted(schema.columns)
    return _TEXT_IN, _TEXT_OUT, _JSON, {"paths": ",".join(names)}


def _csv_serde(details: dict[str, Any]) -> tuple[str, str, str, dict[str, str]]:
    if details.get("serde") == "OpenCSVSerDe":
        return (
            _TEXT_IN,
            _TEXT_OUT,
            _OPEN_CSV,
            {
                "serialization.format": "1",
                "separatorChar": details["delimiter"],
                "quoteChar": details["quote"],
            },
        )
    return _TEXT_IN, _TEXT_OUT, _LAZY, {"field.delim": details["delimiter"]}


def partition_inputs(
    group: Group, bucket: str, crawler: dict[str, Any], inherit: bool, columns: list[dict[str, str]]
) -> list[dict[str, Any]]:
    """Return the PartitionInputs of a group; `inherit` gives each the table's columns."""
    keys = keys_of(group)
    if not keys:
        return []
    found = []
    for folder, files in group.folders().items():
        values = partition_values(folder, len(keys))
        if values is None:
            continue
        parameters = parameters_of(group, crawler["Name"], files)
        own = columns if inherit else _columns_of(files)
        location = f"s3://{bucket}/{group.prefix}{folder}"
        found.append(
            {
                "Values": values,
                "StorageDescriptor": storage(group, own, location, parameters),
                "Parameters": {},
            }
        )
    return found


def _columns_of(files: list[Found]) -> list[dict[str, str]]:
    schema = files[0].schema
    for file in files[1:]:
        schema = merge(schema, file.schema)
    return [{"Name": n, "Type": text(k)} for n, k in schema.columns.items()]
