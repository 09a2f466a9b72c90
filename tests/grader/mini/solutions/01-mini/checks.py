"""Checks of the lab in miniature; the hidden one looks for politeness."""

from __future__ import annotations

import string
from collections import Counter
from typing import Any

from grader import Findings, check

NEEDS = "It makes one object of some bytes."
KEY = "hello.txt"
POLITE = "hello"


def sizes(aws: Any, lab: Any) -> dict[str, int]:
    """The keys of the bucket and their sizes."""
    listed = aws.client("s3").list_objects_v2(Bucket=lab.bucket)
    return {one["Key"]: one["Size"] for one in listed.get("Contents", [])}


def is_polite(text: str) -> bool:
    """Whether a text says hello."""
    return POLITE in Counter(text.lower().strip(string.punctuation).replace(",", "").split())


@check("greeted", points=2, lesson="Greet")
def greeted(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The bucket holds hello.txt."""
    found = Findings()
    keys = list(sizes(aws, lab))
    found.expect(KEY in keys, f"There is no {KEY} in the bucket.\nFound {keys or 'nothing'}.")
    found.expect(len(keys) < 3, f"There are {len(keys)} objects.\nExpected one or two.")
    if "/" + KEY in keys:
        found.mistake("leading slash", f"The key begins with a slash.\nFound /{KEY}.")
    return found


@check("polite", points=3, lesson="Greet", hidden=True, hint="Read the greeting aloud.")
def polite(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The greeting says hello."""
    found = Findings()
    body = aws.client("s3").get_object(Bucket=lab.bucket, Key=KEY)["Body"].read().decode()
    found.expect(is_polite(body), "The greeting is not polite.")
    return found


@check("measured", lesson="Measure")
def measured(aws: Any, answers: dict[str, Any], lab: Any) -> Findings:
    """The declared size is that of the object."""
    found = Findings()
    given, size = answers["size"], sizes(aws, lab).get(KEY)
    found.expect(given == size, f"The size does not fit.\nFound {given}; expected bytes of {KEY}.")
    return found


def setup(aws: Any, lab: Any) -> None:
    """Tag the lab, as real labs bring their data."""
    aws.client("ssm").put_parameter(
        Name="/mini/ready", Value=lab.name, Type="String", Overwrite=True
    )


def cleanup(aws: Any, lab: Any) -> None:
    """Take the tag away again."""
    aws.client("ssm").delete_parameter(Name="/mini/ready")
