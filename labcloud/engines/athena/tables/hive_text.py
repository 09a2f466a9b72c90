"""Types as the Glue Data Catalog writes them, from a statement's tree."""

from __future__ import annotations

from labcloud.trino import tree

_SAME = {"integer": "int", "varbinary": "binary", "real": "float", "long": "bigint"}


def type_text(node: tree.TypeNode) -> str:
    """Return Hive's text of a type: `struct<a:int,b:array<string>>`, `decimal(10,2)`."""
    base = _SAME.get(node.base, node.base)
    if base in ("array", "map"):
        return f"{base}<{','.join(type_text(arg) for arg in node.args)}>"
    if base in ("row", "struct"):
        inside = ",".join(f"{_name(name)}:{type_text(kind)}" for name, kind in node.args)
        return f"struct<{inside}>"
    if node.args:
        return f"{base}({','.join(str(arg) for arg in node.args)})"
    return base


def _name(name: object) -> str:
    return name.value if isinstance(name, tree.Identifier) else str(name)
