"""The secret that lets a caller control a cloud: it lies in the cloud's directory."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PREFIX = "/_labcloud/"
TOKEN_HEADER = "x-labcloud-token"


def token_of(directory: Path) -> str:
    """Return the directory's token, made at its first use, readable by its owner only."""
    file = directory / "token"
    try:
        held = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(held, "w") as new:
        new.write(secrets.token_urlsafe(32))
    return file.read_text()
