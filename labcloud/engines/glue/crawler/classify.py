"""Which format an object has: custom classifiers in the crawler's order, then Glue's own.

A custom classifier that fits wins always.
Source: https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labcloud.engines.glue.crawler import columnar, csv_text, json_text, logs, xml_text
from labcloud.engines.glue.crawler.sample import Sample
from labcloud.engines.glue.crawler.schema import Schema, settle

BUILT_IN: tuple[Callable[[Sample], Schema | None], ...] = (
    columnar.avro,
    columnar.orc,
    columnar.parquet,
    json_text.classify,
    xml_text.classify,
    logs.classify,
    csv_text.classify,
)


def classify(sample: Sample, custom: list[dict[str, Any]]) -> Schema | None:
    """Return an object's schema, or None where no classifier fits.

    `custom` are classifiers as GetClassifier returns them. Raises Unreadable for a damaged file.
    """
    for classifier in custom:
        if (found := _custom(sample, classifier)) is not None:
            return _settled(found)
    for built_in in BUILT_IN:
        if (found := built_in(sample)) is not None:
            return _settled(found)
    return None


def _settled(schema: Schema) -> Schema:
    schema.columns = {name: settle(kind) for name, kind in schema.columns.items()}
    return schema


def _custom(sample: Sample, classifier: dict[str, Any]) -> Schema | None:
    if given := classifier.get("GrokClassifier"):
        return logs.classify_custom(sample, given)
    if given := classifier.get("XMLClassifier"):
        found = xml_text.classify(sample, given["RowTag"]) if given.get("RowTag") else None
    elif given := classifier.get("JsonClassifier"):
        found = json_text.classify(sample, given["JsonPath"])
    elif given := classifier.get("CsvClassifier"):
        return csv_text.classify_custom(sample, given)
    else:
        return None
    if found is not None and given.get("Classification"):
        found.classification = given["Classification"]
    return found
