"""ORC files, by Arrow: each becomes a Parquet file in the worker's folder, once.

The bytes counted are the file's, in proportion to what the used columns are of it: Arrow does not
tell the lengths of ORC's streams. Source: https://docs.aws.amazon.com/athena/latest/ug/orc-serde.html
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.orc as po
import pyarrow.parquet as pq

from labcloud.engines.athena.tables.files import DataFile
from labcloud.engines.athena.tables.parquet import footer
from labcloud.engines.athena.tables.repacked import read_repacked, target_of
from labcloud.engines.athena.tables.scan import Reading, Source
from labcloud.trino.errors import TrinoError


def read(source: Source) -> Reading:
    """Return how DuckDB reads ORC files."""
    reading = read_repacked(source, _repack)
    whole = sum(file.size for file in source.files)
    packed = sum(_packed_size(source, file) for file in source.files)
    return Reading(reading.parts, round(whole * reading.scanned / packed) if packed else 0)


def _repack(file: DataFile, target: str) -> None:
    try:
        found = po.ORCFile(file.path)
        with pq.ParquetWriter(target, found.schema) as writer:
            for stripe in range(found.nstripes):
                writer.write_batch(found.read_stripe(stripe))
    except (pa.ArrowInvalid, OSError) as error:
        raise TrinoError("HIVE_BAD_DATA", f"Malformed ORC file. {file.uri}: {error}") from None


def _packed_size(source: Source, file: DataFile) -> int:
    metadata = footer(replace(file, path=target_of(source, _repack, file)))
    groups = (metadata.row_group(g) for g in range(metadata.num_row_groups))
    return sum(g.column(i).total_compressed_size for g in groups for i in range(g.num_columns))
