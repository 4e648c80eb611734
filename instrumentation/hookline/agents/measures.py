"""Measures of what a call was given and gave back: bytes, hashes, a file's extension. They leave at every capture level."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import PurePosixPath
from typing import Any


def measure(value: Any) -> tuple[int | None, str]:
    """Return (bytes, hash) of a JSON value, whatever the order of its keys; of a text its own bytes."""
    if value is None:
        return None, ""
    data = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    encoded = data.encode("utf-8", "surrogatepass")
    return len(encoded), hashlib.sha256(encoded).hexdigest()[:16]


def size_of(value: Any) -> int | None:
    """Return the bytes of a JSON value; of a text its own."""
    if value is None:
        return None
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(data) if data.isascii() else len(data.encode("utf-8", "surrogatepass"))


@functools.lru_cache(maxsize=1024)
def extension_of(path: str) -> str:
    """Return the extension without its dot, also of a Windows path; nothing that looks like more than an extension."""
    suffix = PurePosixPath(path.replace("\\", "/")).suffix.lstrip(".").lower()
    return suffix if suffix.isalnum() and len(suffix) <= 16 else ""
