"""Folders → tables and partitions, as Glue's crawlers group objects.

Files of one folder with the same format and alike columns are one table. Folders below whose
tables are alike become its partitions: `year=2013` is partition `year`, a plain name is
`partition_0`. Where folders differ, each is a table of its own.
Source: https://docs.aws.amazon.com/glue/latest/dg/add-crawler.html#crawler-s3-folder-table-partition
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from labcloud.engines.glue.crawler.schema import Schema, compatible, merge, same_format


@dataclass(slots=True)
class Found:
    """One classified object: its key, its size, its schema, what packs it."""

    key: str
    size: int
    schema: Schema
    compression: str


@dataclass(slots=True)
class Group:
    """Objects that make one table: where it begins, what it holds, its folders below."""

    prefix: str
    schema: Schema
    files: list[Found] = field(default_factory=list)
    single: bool = False
    """Whether the table is one object among others of its folder, not a folder."""

    def folders(self) -> dict[str, list[Found]]:
        """Return the folder below `prefix` of each object, "" for its own: "year=2013/month=1/"."""
        found: dict[str, list[Found]] = {}
        for file in self.files:
            folder = file.key[len(self.prefix) :].rpartition("/")[0]
            found.setdefault(f"{folder}/" if folder else "", []).append(file)
        return found


@dataclass(slots=True)
class _Node:
    prefix: str
    files: list[Found] = field(default_factory=list)
    below: dict[str, _Node] = field(default_factory=dict)


def group(
    found: list[Found],
    prefix: str,
    level: int | None = None,
    combine: bool = False,
    anchors: Collection[str] = (),
) -> list[Group]:
    """Return the tables among objects under `prefix`.

    `level` is TableLevelConfiguration: tables begin at that depth, where the bucket is level 1.
    `combine` is CombineCompatibleSchemas: objects of one format are one table however much their
    columns differ. `anchors` are folders where tables begin already: what lies below is theirs.
    """
    known: dict[str, list[Found]] = {}
    free: list[Found] = []
    for file in found:
        homes = [place for place in anchors if file.key.startswith(place)]
        (known.setdefault(max(homes, key=len), []) if homes else free).append(file)
    return [
        *(one for place, files in known.items() for one in _grouped(files, place, None, True, ())),
        *_grouped(free, prefix, level, combine, anchors),
    ]


def _grouped(
    found: list[Found],
    prefix: str,
    level: int | None,
    combine: bool,
    anchors: Collection[str],
) -> list[Group]:
    root = _tree(found, prefix)
    if level is not None:
        return [
            one
            for node in _at_level(root, level - 1 - prefix.count("/"))
            for one in _tables(node, True, anchors)
        ]
    return _tables(root, combine, anchors)


def _tree(found: list[Found], prefix: str) -> _Node:
    root = _Node(prefix)
    for file in found:
        node = root
        for part in file.key[len(prefix) :].split("/")[:-1]:
            if part not in node.below:
                node.below[part] = _Node(f"{node.prefix}{part}/")
            node = node.below[part]
        node.files.append(file)
    return root


def _at_level(node: _Node, depth: int) -> list[_Node]:
    if depth <= 0:
        return [node]
    return [one for child in node.below.values() for one in _at_level(child, depth - 1)]


def _tables(node: _Node, combine: bool, anchors: Collection[str]) -> list[Group]:
    """Return the tables at and below a folder: one where all is alike, else each for itself."""
    below = [one for child in node.below.values() for one in _tables(child, combine, anchors)]
    own = _own(node, combine)
    every = own + below
    if not every:
        return []
    whole = len(below) == len(node.below) and not any(one.single for one in every)
    whole = whole and not any(place.startswith(node.prefix) for place in anchors)
    if whole and _alike(every, combine):
        schema = every[0].schema
        for other in every[1:]:
            schema = merge(schema, other.schema)
        return [Group(node.prefix, schema, [file for one in every for file in one.files])]
    return every


def _alike(groups: list[Group], combine: bool) -> bool:
    first = groups[0].schema
    for other in groups[1:]:
        if combine and same_format(first, other.schema):
            continue
        if not compatible(first, other.schema):
            return False
    return True


def _own(node: _Node, combine: bool) -> list[Group]:
    """Return the tables among a folder's own files: one, or one a file where they differ."""
    groups: list[Group] = []
    for file in node.files:
        home = next(
            (
                one
                for one in groups
                if (combine and same_format(one.schema, file.schema))
                or compatible(one.schema, file.schema)
            ),
            None,
        )
        if home is None:
            groups.append(Group(node.prefix, file.schema, [file]))
        else:
            home.schema = merge(home.schema, file.schema)
            home.files.append(file)
    if len(groups) <= 1:
        return groups
    return [Group(file.key, file.schema, [file], single=True) for file in node.files]


# ---- names


def table_name(prefix: str, bucket: str, table_prefix: str) -> str:
    """Return a table's name: its folder's or file's, lower case, _ for what is no letter."""
    last = prefix.rstrip("/").rpartition("/")[2] or bucket
    if "=" in last:
        last = last.replace("=", "_")
    return f"{table_prefix}{re.sub(r'[^a-z0-9_]', '_', last.lower())}"


def partition_keys(folders: list[str]) -> list[str]:
    """Return the partition keys' names for folders below a table, all of the same depth."""
    depth = max((folder.count("/") for folder in folders), default=0)
    names: list[str] = []
    unnamed = 0
    for level in range(depth):
        parts = [folder.split("/")[level] for folder in folders if folder.count("/") > level]
        keys = {part.partition("=")[0].lower() for part in parts if "=" in part}
        if len(keys) == 1 and all("=" in part for part in parts):
            names.append(keys.pop())
        else:
            names.append(f"partition_{unnamed}")
            unnamed += 1
    return names


def partition_values(folder: str, count: int) -> list[str] | None:
    """Return a folder's values, or None where it is not as deep as the keys."""
    parts = folder.split("/")[:-1]
    if len(parts) != count:
        return None
    return [part.partition("=")[2] if "=" in part else part for part in parts]
