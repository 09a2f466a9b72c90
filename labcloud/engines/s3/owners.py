"""Canonical users: how S3 names an account."""

from __future__ import annotations

import hashlib
from functools import cache


@cache
def canonical_id(account: str) -> str:
    """Return the 64 hex digits that name an account."""
    return hashlib.sha256(f"canonical-user:{account}".encode()).hexdigest()


def owner_of(account: str) -> dict[str, str]:
    """Return the owner that S3 shows for an account."""
    return {"ID": canonical_id(account)}
