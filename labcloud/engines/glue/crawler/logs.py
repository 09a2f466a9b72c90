"""Log lines by grok: Glue's built-in patterns, and custom grok classifiers.

Source: https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-built-in
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]

from labcloud.engines.glue.crawler.csv_text import decoded
from labcloud.engines.glue.crawler.sample import Sample
from labcloud.engines.glue.crawler.schema import Schema
from labcloud.grok import Grok, GrokError, compile_grok

BUILT_IN: tuple[tuple[str, str], ...] = (
    ("combinedapache", "%{COMBINEDAPACHELOG}"),
    ("apache", "%{COMMONAPACHELOG}"),
    (
        "linux_kernel",
        r"%{SYSLOGTIMESTAMP:timestamp} %{NOTSPACE:host} kernel: \[ *%{NUMBER:uptime}\] "
        "%{GREEDYDATA:message}",
    ),
    (
        "microsoft_log",
        "%{TIMESTAMP_ISO8601:timestamp}, *%{LOGLEVEL:level} +%{NOTSPACE:component} +"
        "%{GREEDYDATA:message}",
    ),
    (
        "ruby_logger",
        r"[DFEWI], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\] *%{LOGLEVEL:loglevel} "
        "-- +%{DATA:progname}: %{GREEDYDATA:message}",
    ),
    (
        "squid",
        "%{NUMBER:timestamp} +%{NUMBER:duration} %{IP:client_address} "
        "%{WORD:cache_result}/%{POSINT:status_code} %{NUMBER:bytes} %{WORD:request_method} "
        "%{NOTSPACE:url} (?:-|%{USER:user}) %{WORD:hierarchy_code}/%{NOTSPACE:server} "
        "(?:-|%{NOTSPACE:content_type})",
    ),
    (
        "redismonlog",
        r"%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{NUMBER:port}\] "
        '"%{WORD:command}" *%{GREEDYDATA:params}',
    ),
    (
        "redislog",
        r"\[%{POSINT:pid}\] %{MONTHDAY:day} %{MONTH:month} %{TIME:time} [*#.-] "
        "%{GREEDYDATA:message}",
    ),
)
"""Name and pattern of Glue's built-in log classifiers, in their order."""

LINES = 200
SHARE = 0.8
"""The share of lines that must match for a pattern to be taken."""


def classify(sample: Sample) -> Schema | None:
    """Return the schema of a log that a built-in pattern fits, or None."""
    for name, pattern in BUILT_IN:
        if (found := _fit(sample, name, pattern, "")) is not None:
            return found
    return None


def classify_custom(sample: Sample, classifier: dict[str, Any]) -> Schema | None:
    """Return the schema of lines that a custom grok classifier fits, or None."""
    return _fit(
        sample,
        classifier["Classification"],
        classifier["GrokPattern"],
        classifier.get("CustomPatterns") or "",
    )


@lru_cache(maxsize=64)
def _compiled(pattern: str, custom: str) -> tuple[Grok, regex.Pattern[str]] | None:
    try:
        grok = compile_grok(pattern, custom)
        return grok, regex.compile(grok.pattern)
    except (GrokError, regex.error):
        return None


def _fit(sample: Sample, name: str, pattern: str, custom: str) -> Schema | None:
    compiled, text = _compiled(pattern, custom), decoded(sample)
    if compiled is None or text is None:
        return None
    grok, expression = compiled
    lines = [line for line in text.splitlines()[:LINES] if line.strip()]
    if not lines:
        return None
    try:
        fitting = sum(1 for line in lines if expression.match(line, timeout=1))
    except TimeoutError:
        return None
    if fitting < SHARE * len(lines) or not grok.fields:
        return None
    columns = dict(zip(grok.fields, grok.types, strict=True))
    average = len(text.encode()) / max(1, text.count("\n"))
    details = {"pattern": pattern, "custom": custom}
    return Schema(name, columns, details, sample.unpacked_size / average, average)
