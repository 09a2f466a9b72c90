"""Lists in pages, whose tokens clients hand back unread."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from labcloud.engines.athena.errors import invalid
from labcloud.errors import AWSError


def page(
    items: Sequence[Any], request: dict[str, Any], default: int
) -> tuple[Sequence[Any], dict[str, str]]:
    """Return the items of the page a request asks for, and its `NextToken` where more follow."""
    start = 0
    if (token := request.get("NextToken")) is not None:
        start = number(token)
        if not 0 < start < len(items):
            raise malformed(token)
    end = start + (request.get("MaxResults") or default)
    more = {"NextToken": token_of(str(end))} if end < len(items) else {}
    return items[start:end], more


_MARK = b"labcloud-athena:"


def malformed(token: str) -> AWSError:
    """Return the error for a token that no page gave."""
    return invalid(f"The nextPageToken is malformed: {token}")


def number(token: str) -> int:
    """Return the number in a token. Raises InvalidRequestException where it holds none."""
    text = untoken(token)
    if text is None or not text.isdigit():
        raise malformed(token)
    return int(text)


def token_of(text: str) -> str:
    """Return a token that holds a text."""
    return base64.b64encode(_MARK + text.encode()).decode()


def untoken(token: str) -> str | None:
    """Return the text in a token, None where it is no token of ours."""
    try:
        data = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data.removeprefix(_MARK).decode() if data.startswith(_MARK) else None
