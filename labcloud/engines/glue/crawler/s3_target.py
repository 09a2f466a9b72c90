"""An S3 target: its objects read, classified, grouped; bad ones are reported, not fatal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labcloud.engines.glue.crawler.classify import classify
from labcloud.engines.glue.crawler.grouping import Found
from labcloud.engines.glue.crawler.sample import Unreadable, take
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.engines.glue.crawler.run import Here


@dataclass(slots=True)
class Harvest:
    """What a target's objects turned out to be.

    `skipped` are (key, why) of objects that no table has; `reads` counts reads of objects.
    """

    bucket: str
    prefix: str
    found: list[Found] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    reads: int = 0
    size: int = 0


def split(path: str) -> tuple[str, str]:
    """Return bucket and prefix of an include path s3://bucket/folder/. Raises AWSError."""
    match = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", path)
    if match is None:
        raise AWSError("InvalidInputException", f"The S3 path is not valid: {path}")
    return match[1], match[2]


def harvest(
    cloud: Here,
    target: dict[str, Any],
    custom: list[dict[str, Any]],
    stopped: Callable[[], bool],
    only: Callable[[str], bool] = lambda key: True,
) -> Harvest:
    """Read and classify the objects of a target. Raises AWSError where the bucket cannot be listed.

    `only` tells which folders (s3://bucket/folder/) are read; `stopped` ends it early.
    """
    bucket, prefix = split(target["Path"])
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    result = Harvest(bucket, folder)
    excluded = [glob_pattern(glob) for glob in target.get("Exclusions") or ()]
    sample_size = target.get("SampleSize")
    taken: dict[str, int] = {}
    for entry in _objects(cloud, bucket, prefix, folder):
        key = entry["Key"]
        if stopped():
            return result
        relative = key[len(folder) :]
        if _is_hidden(relative) or any(p.fullmatch(relative) for p in excluded):
            continue
        above, slash, _ = key.rpartition("/")
        home = f"s3://{bucket}/{above}{slash}"
        if not only(home):
            continue
        taken[home] = taken.get(home, 0) + 1
        if sample_size and taken[home] > sample_size:
            continue
        _classified(cloud, bucket, key, entry["Size"], custom, result)
    if prefix and not prefix.endswith("/") and result.found and result.found[0].key == prefix:
        result.prefix = prefix.rpartition("/")[0] + "/" if "/" in prefix else ""
    return result


def _objects(cloud: Here, bucket: str, prefix: str, folder: str) -> Iterator[dict[str, Any]]:
    """Yield the objects under a folder; or the one object that the path names."""
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while True:
        page = cloud.call("s3", "ListObjectsV2", request)
        for entry in page.get("Contents", ()):
            key = entry["Key"]
            if entry["Size"] and (key.startswith(folder) or key == prefix):
                yield entry
        if not page.get("IsTruncated"):
            return
        request["ContinuationToken"] = page["NextContinuationToken"]


def _is_hidden(relative: str) -> bool:
    return any(part.startswith(("_", ".")) for part in relative.split("/")) or (
        relative.endswith("_$folder$")
    )


def _classified(
    cloud: Here,
    bucket: str,
    key: str,
    size: int,
    custom: list[dict[str, Any]],
    result: Harvest,
) -> None:
    def read(start: int, length: int) -> bytes:
        result.reads += 1
        asked = {"Bucket": bucket, "Key": key, "Range": f"bytes={start}-{start + length - 1}"}
        body = cloud.call("s3", "GetObject", asked)["Body"]
        return bytes(body) if isinstance(body, bytes) else bytes(body.read())

    try:
        sample = take(key, size, read)
        schema = classify(sample, custom)
    except (Unreadable, AWSError) as error:
        result.skipped.append((key, str(error)))
        return
    result.size += size
    if schema is None:
        result.skipped.append((key, "no classifier recognizes it"))
        return
    result.found.append(Found(key, size, schema, sample.compression))


def glob_pattern(glob: str) -> re.Pattern[str]:
    """Return Glue's exclude pattern as a regular expression over paths below the include path.

    `*` is any text within a folder, `**` any text, `?` one character, `[…]` a set,
    `{a,b}` a choice.
    Source: https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html
    """
    text, at, depth = "", 0, 0
    while at < len(glob):
        char = glob[at]
        if glob.startswith("**", at):
            text, at = f"{text}.*", at + 1
        elif char == "*":
            text += "[^/]*"
        elif char == "?":
            text += "[^/]"
        elif char == "\\" and at + 1 < len(glob):
            at += 1
            text += re.escape(glob[at])
        elif char == "[" and (end := glob.find("]", at)) > 0:
            inside = glob[at + 1 : end].replace("\\", "\\\\")
            text += "[" + (f"^{inside[1:]}" if inside.startswith("!") else inside) + "]"
            at = end
        elif char == "{":
            text, depth = f"{text}(?:", depth + 1
        elif char == "}" and depth:
            text, depth = f"{text})", depth - 1
        elif char == "," and depth:
            text += "|"
        else:
            text += re.escape(char)
        at += 1
    try:
        return re.compile(text)
    except re.error:
        return re.compile(re.escape(glob))
