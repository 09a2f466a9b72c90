"""Schemas of the Schema Registry: whether a definition is one, and the columns that it means.

Sources: https://avro.apache.org/docs/current/specification/#schema-declaration and
https://docs.aws.amazon.com/glue/latest/dg/schema-registry-integrations.html
"""

from __future__ import annotations

import json
from typing import Any

_PRIMITIVES = {
    "null": "void",
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "string": "string",
}
_LOGICAL = {
    "date": "date",
    "timestamp-millis": "timestamp",
    "timestamp-micros": "timestamp",
    "local-timestamp-millis": "timestamp",
    "local-timestamp-micros": "timestamp",
}
_JSON_TYPES = {
    "string": "string",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "null": "string",
}


def check(data_format: str, definition: str) -> None:
    """Raise ValueError for a definition that is none. Protocol Buffers are only looked at."""
    if data_format == "PROTOBUF":
        if "message" not in definition:
            raise ValueError("no message is defined")
        return
    body = json.loads(definition)
    if data_format == "AVRO":
        _Avro().type_of(body)
    elif not isinstance(body, (dict, bool)):
        raise ValueError("a JSON schema is an object")


def columns(data_format: str, definition: str) -> list[dict[str, str]]:
    """Return the catalog's columns of a schema: a record's fields, an object's properties.

    Raises ValueError where the schema has none.
    """
    if data_format == "AVRO":
        avro = _Avro()
        body = json.loads(definition)
        if not isinstance(body, dict) or body.get("type") != "record":
            raise ValueError("the schema is no record")
        return [
            {
                "Name": field["name"],
                "Type": avro.type_of(field["type"]),
                **({"Comment": field["doc"]} if field.get("doc") else {}),
            }
            for field in body["fields"]
        ]
    if data_format == "JSON":
        properties = json.loads(definition).get("properties") or {}
        return [{"Name": name, "Type": _json_type(kind)} for name, kind in properties.items()]
    raise ValueError(f"columns of {data_format} schemas are not derived")


class _Avro:
    """Types of one Avro schema; named types are known once they were defined."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}

    def type_of(self, kind: Any) -> str:
        """Return Hive's text of an Avro type. Raises ValueError for what is none."""
        if isinstance(kind, list):
            return self._union(kind)
        if isinstance(kind, str):
            if kind in _PRIMITIVES:
                return _PRIMITIVES[kind]
            if (found := self._named.get(kind.rpartition(".")[2])) is not None:
                return found
            raise ValueError(f"Undefined name: {kind!r}")
        if not isinstance(kind, dict) or "type" not in kind:
            raise ValueError(f"No type: {json.dumps(kind)}")
        return self._complex(kind)

    def _union(self, kinds: list[Any]) -> str:
        made = [self.type_of(kind) for kind in kinds]
        some = [one for one in made if one != "void"]
        return some[0] if some else "string"

    def _complex(self, kind: dict[str, Any]) -> str:
        name = kind["type"]
        if kind.get("logicalType") == "decimal":
            return f"decimal({int(kind['precision'])},{int(kind.get('scale', 0))})"
        if kind.get("logicalType") in _LOGICAL:
            return _LOGICAL[kind["logicalType"]]
        if name == "record":
            return self._record(kind)
        if name == "array":
            return f"array<{self.type_of(_needed(kind, 'items'))}>"
        if name == "map":
            return f"map<string,{self.type_of(_needed(kind, 'values'))}>"
        if name in ("enum", "fixed"):
            _needed(kind, "symbols" if name == "enum" else "size")
            self._named[_needed(kind, "name")] = "string" if name == "enum" else "binary"
            return self._named[kind["name"]]
        return self.type_of(name)

    def _record(self, kind: dict[str, Any]) -> str:
        self._named[_needed(kind, "name")] = "string"
        fields = _needed(kind, "fields")
        if not isinstance(fields, list):
            raise ValueError("a record's fields are a list")
        inner = ",".join(
            f"{_needed(field, 'name')}:{self.type_of(_needed(field, 'type'))}" for field in fields
        )
        self._named[kind["name"]] = f"struct<{inner}>"
        return self._named[kind["name"]]


def _needed(kind: Any, member: str) -> Any:
    if not isinstance(kind, dict) or member not in kind:
        raise ValueError(f"No {member}: {json.dumps(kind)}")
    return kind[member]


def _json_type(kind: Any) -> str:
    name = kind.get("type", "string") if isinstance(kind, dict) else "string"
    if isinstance(name, list):
        name = next((one for one in name if one != "null"), "string")
    if name == "array":
        return f"array<{_json_type(kind.get('items') or {})}>"
    if name == "object":
        inner = kind.get("properties") or {}
        fields = ",".join(f"{field}:{_json_type(one)}" for field, one in inner.items())
        return f"struct<{fields}>" if fields else "map<string,string>"
    return _JSON_TYPES.get(name, "string")
