"""What is installed: the light half alone, or with the collector."""

from __future__ import annotations

import importlib.util
import shlex
import sys

from hookline.errors import HooklineError

NEEDED = ("chdb", "clickhouse_connect", "starlette", "uvicorn", "orjson", "grpc")


def need_collector() -> None:
    """Raise HooklineError with what to install when the collector's packages are missing."""
    missing = [name for name in NEEDED if not _is_installed(name)]
    if missing:
        pip = f"{shlex.quote(sys.executable)} -m pip"
        raise HooklineError(f"this command needs the collector ({', '.join(missing)} missing): {pip} install 'hookline[collector]'")


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
