"""The token of the pages and the API: a file of this user alone, made once."""

from __future__ import annotations

import secrets
from pathlib import Path

from hookline.errors import ConfigInvalid
from hookline.system.files import create_private, write_private


def ensure_token(path: Path) -> str:
    """Return the token in `path`; make the file (0600) when there is none. Two that start at once agree on one."""
    if token := read_token(path):
        return token
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = secrets.token_urlsafe(32) + "\n"
    if not create_private(path, fresh) and not read_token(path):
        write_private(path, fresh)
    return read_token(path)


def read_token(path: Path) -> str:
    """Return the token, empty when there is no file or nothing in it. Raises ConfigInvalid when others may read the file."""
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigInvalid([(str(path), "other users can read this token: remove the file, a new one is made at the next start")])
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
