"""Targets beside S3: DynamoDB, JDBC, Delta Lake, Iceberg, and tables of the catalog itself.

Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-data-stores.html
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labcloud.engines.glue.crawler.catalog_writer import Writer
from labcloud.engines.glue.crawler.grouping import group, table_name
from labcloud.engines.glue.crawler.s3_target import harvest, split
from labcloud.engines.glue.crawler.schema import Kind, merge_columns, settle, text
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.engines.glue.crawler.run import Here

ITEMS = 1000
"""Items of a DynamoDB table that its columns are inferred from."""


def crawl(
    cloud: Here,
    crawler: dict[str, Any],
    targets: dict[str, Any],
    writer: Writer,
    custom: list[dict[str, Any]],
) -> None:
    """Crawl the targets that are not S3. Raises AWSError."""
    for target in targets.get("DynamoDBTargets") or ():
        writer.put(_dynamodb(cloud, crawler, target))
    for target in targets.get("JdbcTargets") or ():
        for table in _jdbc(cloud, crawler, target):
            writer.put(table)
    for target in targets.get("DeltaTargets") or ():
        for path in target.get("DeltaTables") or ():
            writer.put(_delta(cloud, crawler, path))
    for target in targets.get("IcebergTargets") or ():
        for path in target.get("Paths") or ():
            for table in _iceberg(cloud, crawler, path):
                writer.put(table)
    for target in targets.get("CatalogTargets") or ():
        _catalog(cloud, target, writer, custom)
    for word in ("MongoDBTargets", "HudiTargets"):
        if targets.get(word):
            raise AWSError("OperationNotSupportedException", f"{word} are not crawled here")


def _table(
    crawler: dict[str, Any],
    name: str,
    columns: dict[str, Kind],
    location: str,
    classification: str,
    parameters: dict[str, str],
    serde: dict[str, Any] | None = None,
) -> dict[str, Any]:
    described = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": crawler["Name"],
        "classification": classification,
        **parameters,
    }
    return {
        "Name": f"{crawler.get('TablePrefix') or ''}{re.sub(r'[^a-z0-9_]', '_', name.lower())}",
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": described,
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": n, "Type": text(settle(k))} for n, k in columns.items()],
            "Location": location,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": serde or {"Parameters": {}},
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": described,
            "StoredAsSubDirectories": False,
        },
    }


# ---- DynamoDB


def _dynamodb(cloud: Here, crawler: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    name = target["Path"]
    page = cloud.call("dynamodb", "Scan", {"TableName": name, "Limit": ITEMS})
    described = cloud.call("dynamodb", "DescribeTable", {"TableName": name})["Table"]
    columns: dict[str, Kind] = {}
    for item in page.get("Items", ()):
        columns = merge_columns(columns, {k.lower(): _attribute(v) for k, v in item.items()})
    parameters = {
        "recordCount": str(described.get("ItemCount", len(page.get("Items", ())))),
        "sizeKey": str(described.get("TableSizeBytes", 0)),
        "hashKey": described["KeySchema"][0]["AttributeName"],
        "typeOfData": "table",
    }
    return _table(crawler, name, columns, described["TableArn"], "dynamodb", parameters)


def _attribute(value: dict[str, Any]) -> Kind:
    ((kind, inner),) = value.items()
    if kind == "N":
        return "bigint" if re.fullmatch(r"-?\d{1,18}", inner) else "double"
    if kind == "M":
        return ["struct", {k.lower(): _attribute(v) for k, v in inner.items()}] if inner else "null"
    if kind == "L":
        merged: Kind = "null"
        for item in inner:
            merged = merge_columns({"x": merged}, {"x": _attribute(item)})["x"]
        return ["array", merged]
    if kind in ("SS", "BS", "NS"):
        return ["array", {"SS": "string", "BS": "binary", "NS": "double"}[kind]]
    return {"S": "string", "BOOL": "boolean", "NULL": "null", "B": "binary"}[kind]


# ---- JDBC


def _jdbc(cloud: Here, crawler: dict[str, Any], target: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the tables of a database whose path `database/schema/table` fits; % is any text."""
    name = target["ConnectionName"]
    connection = cloud.call("glue", "GetConnection", {"Name": name, "HidePassword": False})
    properties = connection["Connection"]["ConnectionProperties"]
    url = properties.get("JDBC_CONNECTION_URL", "")
    wanted = _path_pattern(target.get("Path") or "%")
    excluded = [_path_pattern(path) for path in target.get("Exclusions") or ()]
    for path, columns in _database_tables(cloud, url, properties):
        if wanted.fullmatch(path) and not any(p.fullmatch(path) for p in excluded):
            parameters = {"connectionName": name, "typeOfData": "table"}
            kind = url.split(":")[1] if ":" in url else "jdbc"
            yield _table(
                crawler, path.replace("/", "_"), columns, path.replace("/", "."), kind, parameters
            )


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = [".*" if part == "" else re.escape(part) for part in path.lower().split("%")]
    text = "".join(part if part == ".*" else f"{part}" for part in _between(parts))
    return re.compile(text, re.IGNORECASE)


def _between(parts: list[str]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number:
            yield ".*"
        if part != ".*":
            yield part


def _database_tables(
    cloud: Here, url: str, properties: dict[str, str]
) -> list[tuple[str, dict[str, Kind]]]:
    if match := re.fullmatch(r"jdbc:sqlite:(s3://.+)", url):
        return _sqlite_tables(cloud, match[1])
    if url.startswith("jdbc:postgresql://"):
        return _postgres_tables(url, properties)
    raise AWSError(
        "InvalidInputException",
        f"No driver here for {url.split('//')[0] or 'an empty URL'}: use jdbc:postgresql://… or "
        "jdbc:sqlite:s3://bucket/file.db",
    )


def _sqlite_tables(cloud: Here, uri: str) -> list[tuple[str, dict[str, Kind]]]:
    bucket, key = split(uri)
    body = cloud.call("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"]
    database = key.rpartition("/")[2].rpartition(".")[0] or key
    found = []
    opened = sqlite3.connect(f"file:{body.path}?mode=ro&immutable=1", uri=True)
    try:
        names = opened.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        for (table,) in names:
            quoted = table.replace('"', '""')
            rows = opened.execute(f'PRAGMA table_info("{quoted}")').fetchall()
            found.append((f"{database}/{table}", {r[1].lower(): _sql_kind(r[2]) for r in rows}))
    except sqlite3.DatabaseError as error:
        raise AWSError("InvalidInputException", f"{uri} is no SQLite database: {error}") from None
    finally:
        opened.close()
    return found


def _postgres_tables(url: str, properties: dict[str, str]) -> list[tuple[str, dict[str, Kind]]]:
    import psycopg

    try:
        with psycopg.connect(
            url.removeprefix("jdbc:"),
            user=properties.get("USERNAME"),
            password=properties.get("PASSWORD"),
            connect_timeout=5,
        ) as opened:
            rows = opened.execute(
                "SELECT table_catalog, table_schema, table_name, column_name, data_type "
                "FROM information_schema.columns "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') "
                "ORDER BY table_schema, table_name, ordinal_position"
            ).fetchall()
    except psycopg.Error as error:
        first = str(error).strip().splitlines()[0]
        raise AWSError("InvalidInputException", f"Connection failed: {first}") from None
    tables: dict[str, dict[str, Kind]] = {}
    for database, schema, table, column, kind in rows:
        tables.setdefault(f"{database}/{schema}/{table}", {})[column.lower()] = _sql_kind(kind)
    return list(tables.items())


def _sql_kind(word: str) -> Kind:
    kind = word.lower()
    if match := re.match(r"(?:numeric|decimal)\((\d+),\s*(\d+)\)", kind):
        return f"decimal({match[1]},{match[2]})"
    for part, found in (
        ("bigint", "bigint"),
        ("smallint", "smallint"),
        ("int", "int"),
        ("bool", "boolean"),
        ("double", "double"),
        ("real", "double"),
        ("float", "double"),
        ("numeric", "decimal(38,18)"),
        ("timestamp", "timestamp"),
        ("datetime", "timestamp"),
        ("date", "date"),
        ("blob", "binary"),
        ("bytea", "binary"),
    ):
        if part in kind:
            return found
    return "string"


# ---- Delta Lake and Iceberg


def _delta(cloud: Here, crawler: dict[str, Any], path: str) -> dict[str, Any]:
    bucket, prefix = split(path)
    folder = prefix.rstrip("/") + "/" if prefix else ""
    listed = cloud.call("s3", "ListObjectsV2", {"Bucket": bucket, "Prefix": f"{folder}_delta_log/"})
    metadata = None
    for entry in listed.get("Contents", ()):
        if entry["Key"].endswith(".json"):
            metadata = _delta_metadata(_read(cloud, bucket, entry["Key"])) or metadata
    if metadata is None:
        raise AWSError("InvalidInputException", f"{path} is no Delta table: it has no _delta_log")
    columns = {
        field["name"].lower(): _delta_kind(field["type"])
        for field in json.loads(metadata["schemaString"])["fields"]
    }
    parameters = {
        "table_type": "delta",
        "spark.sql.sources.provider": "delta",
        "delta.lastCommitTimestamp": str(metadata.get("createdTime", "")),
        "partitionColumns": ",".join(metadata.get("partitionColumns") or ()),
    }
    name = table_name(folder, bucket, "")
    return _table(crawler, name, columns, f"s3://{bucket}/{folder}", "delta", parameters)


def _read(cloud: Here, bucket: str, key: str) -> bytes:
    body = cloud.call("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"]
    return bytes(body) if isinstance(body, bytes) else bytes(body.read())


def _delta_metadata(data: bytes) -> dict[str, Any] | None:
    for line in data.decode(errors="replace").splitlines():
        try:
            action = json.loads(line)
        except ValueError:
            continue
        if "metaData" in action:
            return dict(action["metaData"])
    return None


def _delta_kind(kind: Any) -> Kind:
    if isinstance(kind, str):
        known = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
        return known.get(kind, kind)
    if kind["type"] == "array":
        return ["array", _delta_kind(kind["elementType"])]
    if kind["type"] == "map":
        return ["map", _delta_kind(kind["keyType"]), _delta_kind(kind["valueType"])]
    return ["struct", {f["name"].lower(): _delta_kind(f["type"]) for f in kind["fields"]}]


def _iceberg(cloud: Here, crawler: dict[str, Any], path: str) -> Iterator[dict[str, Any]]:
    """Yield a table for each Iceberg table under a path: its newest metadata file describes it."""
    bucket, prefix = split(path)
    newest: dict[str, dict[str, Any]] = {}
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while True:
        page = cloud.call("s3", "ListObjectsV2", request)
        for entry in page.get("Contents", ()):
            root, found, name = entry["Key"].rpartition("/metadata/")
            if found and name.endswith(".metadata.json"):
                old = newest.get(root)
                if old is None or (entry["LastModified"], entry["Key"]) > (
                    old["LastModified"],
                    old["Key"],
                ):
                    newest[root] = entry
        if not page.get("IsTruncated"):
            break
        request["ContinuationToken"] = page["NextContinuationToken"]
    for root, entry in newest.items():
        metadata = json.loads(_read(cloud, bucket, entry["Key"]))
        schema = next(
            (
                s
                for s in metadata.get("schemas", ())
                if s["schema-id"] == metadata["current-schema-id"]
            ),
            metadata.get("schema"),
        )
        columns = {f["name"].lower(): _iceberg_kind(f["type"]) for f in schema["fields"]}
        parameters = {
            "table_type": "ICEBERG",
            "metadata_location": f"s3://{bucket}/{entry['Key']}",
        }
        name = table_name(f"{root}/", bucket, "")
        yield _table(crawler, name, columns, f"s3://{bucket}/{root}", "iceberg", parameters)


def _iceberg_kind(kind: Any) -> Kind:
    if isinstance(kind, str):
        known = {"long": "bigint", "uuid": "string", "timestamptz": "timestamp"}
        plain = known.get(kind, kind)
        return "binary" if plain.startswith("fixed") else plain.replace(", ", ",")
    if kind["type"] == "list":
        return ["array", _iceberg_kind(kind["element"])]
    if kind["type"] == "map":
        return ["map", _iceberg_kind(kind["key"]), _iceberg_kind(kind["value"])]
    return ["struct", {f["name"].lower(): _iceberg_kind(f["type"]) for f in kind["fields"]}]


# ---- tables of the catalog


def _catalog(
    cloud: Here, target: dict[str, Any], writer: Writer, custom: list[dict[str, Any]]
) -> None:
    """Crawl where tables of the catalog are: new partitions and columns, no new tables."""
    for name in target.get("Tables") or ():
        asked = {"DatabaseName": target["DatabaseName"], "Name": name}
        table = cloud.call("glue", "GetTable", asked)["Table"]
        place = table["StorageDescriptor"]["Location"]
        found = harvest(cloud, {"Path": place}, custom, lambda: False)
        for one in group(found.found, found.prefix, combine=True)[:1]:
            writer.write(one, found.bucket)
