"""Whether an agent is on this machine: by its program, else by the folder in which it keeps its settings. Nothing is run for it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path


def found_by(program: str, folder: Path, env: Mapping[str, str]) -> str:
    """Return by what an agent is found, as a person can look at it; empty where it is not."""
    if path := shutil.which(program, path=env.get("PATH")):
        return path
    return str(folder) if folder.is_dir() else ""
