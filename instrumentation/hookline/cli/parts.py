"""What is installed: the light half alone, or with the collector."""

from __future__ import annotations

import importlib.util

from hookline.errors import HooklineError

NEEDED = ("hookline_collector", "chdb", "clickhouse_connect", "starlette", "uvicorn", "orjson", "grpc")


def need_collector() -> None:
    """Raise HooklineError with what to install when the collector's packages are missing."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise HooklineError(f"this command needs the collector ({', '.join(missing)} missing): pip install 'hookline[collector]'")
