"""Declared answers: JSON in SSM Parameter Store, so that the evidence is only in the cloud.

Standard parameters are free and hold 4 KB:
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
"""

from __future__ import annotations

import json
import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from grader.errors import GraderError

LARGEST = 4096
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def path_of(lab: str) -> str:
    """Return the path below which a lab's answers are."""
    return f"/labs/{lab}/answers"


def put_answer(aws: Any, lab: str, name: str, value: Any) -> None:
    """Store one answer, replacing an earlier one.

    Raises GraderError where the name or the value cannot be stored.
    """
    if not _NAME.fullmatch(name):
        raise GraderError(f"'{name}' cannot name an answer; use letters, digits and _ . -")
    text = _json(name, value)
    if len(text.encode()) > LARGEST:
        raise GraderError(
            f"The answer '{name}' takes {len(text.encode()):,} bytes; at most {LARGEST:,} fit. "
            "Declare the result, not the data."
        )
    aws.client("ssm").put_parameter(
        Name=f"{path_of(lab)}/{name}", Value=text, Type="String", Overwrite=True
    )


def get_answers(aws: Any, lab: str) -> dict[str, Any]:
    """Return all answers of a lab by name."""
    return {name.rsplit("/", 1)[-1]: json.loads(value) for name, value in _stored(aws, lab)}


def remove_answers(aws: Any, lab: str) -> int:
    """Remove a lab's answers and return how many there were."""
    names = [name for name, _ in _stored(aws, lab)]
    for start in range(0, len(names), 10):
        aws.client("ssm").delete_parameters(Names=names[start : start + 10])
    return len(names)


def _stored(aws: Any, lab: str) -> list[tuple[str, str]]:
    pages = aws.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path_of(lab))
    return [(one["Name"], one["Value"]) for page in pages for one in page["Parameters"]]


def _json(name: str, value: Any) -> str:
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise GraderError(
            f"The answer '{name}' is a {type(value).__name__}, which JSON cannot hold ({error})."
        ) from None


def _plain(value: Any) -> Any:
    """NumPy's and pandas' values, dates, decimals and sets as what JSON has."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    for method in ("item", "tolist", "to_dict"):
        if hasattr(value, method):
            try:
                return getattr(value, method)()
            except ValueError:
                continue
    raise TypeError(f"no JSON for {type(value).__name__}")
