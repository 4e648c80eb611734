"""Which version a program says that it has."""

from __future__ import annotations

import re
import subprocess
from typing import Final

_TIMEOUT_S: Final = 10.0
_VERSION: Final = re.compile(r"\bv?(\d+)\.(\d+)\.(\d+)")


def ask_version(path: str | None) -> tuple[int, ...] | None:
    """Return the version, asked of the program itself; None if there is none or it does not say."""
    if not path:
        return None
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(said.stdout[:1_000])
    return tuple(int(part) for part in found.groups()) if found else None
