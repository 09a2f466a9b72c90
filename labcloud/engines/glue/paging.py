"""Pages: an opaque token holds the last key that was given out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from labcloud.engines.glue.errors import invalid

Item = TypeVar("Item")
_WRONG = "Invalid Pagination Token provided"


def token_of(key: Any) -> str:
    """Return the token that stands for a key (a string, a number or a list of them)."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def key_of(token: str | None, kind: type | tuple[type, ...] = (str, int, list)) -> Any:
    """Return a token's key, None without a token. Raises InvalidInputException for others."""
    if not token:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(token.encode()))
        str(key).encode()
    except ValueError as error:
        raise invalid(_WRONG) from error
    if not isinstance(key, kind):
        raise invalid(_WRONG)
    return key


def page(
    items: Sequence[Item], request: dict[str, Any], most: int, key: Callable[[Item], Any]
) -> tuple[list[Item], str | None]:
    """Return the page of sorted `items` that a request asks for, and the next page's token.

    `key` gives what items are sorted by; `most` is the page's size where the request has none.
    """
    after = key_of(request.get("NextToken"))
    try:
        rest = [item for item in items if after is None or key(item) > after]
    except TypeError as error:
        raise invalid(_WRONG) from error
    size = request.get("MaxResults") or most
    taken = list(rest[:size])
    return taken, token_of(key(taken[-1])) if len(rest) > size else None
