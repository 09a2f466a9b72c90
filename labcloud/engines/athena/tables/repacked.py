"""Files in a format that DuckDB does not read: repacked as Parquet in the worker's folder, once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace

from labcloud.engines.athena.tables import parquet
from labcloud.engines.athena.tables.files import DataFile
from labcloud.engines.athena.tables.scan import Part, Reading, Source


def read_repacked(source: Source, repack: Callable[[DataFile, str], None]) -> Reading:
    """Return how DuckDB reads files that `repack` turned into Parquet (file, target path)."""
    original: dict[str, DataFile] = {}
    files = []
    for file in source.files:
        target = target_of(source, repack, file)
        if not os.path.exists(target):
            repack(file, f"{target}.part")
            os.replace(f"{target}.part", target)
        files.append(replace(file, path=target))
        original[file.uri] = file
    reading = parquet.read(replace(source, files=files))
    parts = [
        Part(part.relation, part.columns, [original[f.uri] for f in part.files])
        for part in reading.parts
    ]
    return Reading(parts, reading.scanned)


def target_of(source: Source, repack: Callable[[DataFile, str], None], file: DataFile) -> str:
    """Return where a file's Parquet is, or will be."""
    name = hashlib.sha256(f"{repack.__module__}:{file.path}".encode()).hexdigest()[:32]
    return str(source.work.spill / f"{name}.parquet")
