"""Which version an installed program has: as the package around it says, else as it says itself."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Final

_TIMEOUT_S: Final = 10.0
_MAX_ABOVE: Final = 5
_VERSION: Final = re.compile(r"\bv?(\d+)\.(\d+)\.(\d+)")


def version_of(path: str | None, package: str = "") -> tuple[int, ...] | None:
    """Return a program's version. `package` is its name in npm: what lies around the program is asked first, which costs no start of it."""
    if not path:
        return None
    return _packaged(Path(path), package) or ask_version(path)


def ask_version(path: str) -> tuple[int, ...] | None:
    """Return the version that a program says; None if it does not."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _read(said.stdout[:1_000])


def _packaged(program: Path, package: str) -> tuple[int, ...] | None:
    for folder in list(program.resolve().parents)[:_MAX_ABOVE] if package else ():
        try:
            found = json.loads((folder / "package.json").read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(found, dict) and found.get("name") == package:
            return _read(str(found.get("version")))
    return None


def _read(said: str) -> tuple[int, ...] | None:
    found = _VERSION.search(said)
    return tuple(int(part) for part in found.groups()) if found else None
