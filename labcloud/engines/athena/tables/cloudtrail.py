"""CloudTrail SerDe: files with one document whose `Records` are the rows.

Source: https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-serde.html
"""

from __future__ import annotations

from labcloud.engines.athena.tables.json_lines import read_documents
from labcloud.engines.athena.tables.lines import lines
from labcloud.engines.athena.tables.scan import Reading, Source


def read(source: Source) -> Reading:
    """Return how DuckDB reads the records of CloudTrail's files."""
    relations = [
        (
            "(SELECT unnest(from_json(json_extract(line, '$.Records'), '[\"JSON\"]'))::VARCHAR "
            f"AS line, file_index FROM {relation})",
            files,
        )
        for relation, files in lines(source.files, 0, source.work.spill)
    ]
    return read_documents(source, relations)
