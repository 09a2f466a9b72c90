"""Opaque identifiers: version ids, upload ids, rule ids."""

from __future__ import annotations

import base64
import os


def new_id(size: int = 24) -> str:
    """Return a random identifier, 4/3 of `size` characters long."""
    return base64.b64encode(os.urandom(size), b"._").decode().rstrip("=")
