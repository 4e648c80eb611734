"""What is installed: the light half alone, or with the collector."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shlex
import sys
from pathlib import Path

from hookline.errors import HooklineError
from hookline.settings import Settings

NEEDED = ("chdb", "clickhouse_connect", "starlette", "uvicorn", "orjson", "grpc")
INSTALLERS = {"uv-receipt.toml": "uv tool install --force", "pipx_metadata.json": "pipx install --force"}
"""What uv and pipx leave in an environment of theirs, and the command that installs anew into it."""


def need_collector() -> None:
    """Raise HooklineError with the command that installs the collector when its packages are missing."""
    missing = [name for name in NEEDED if not _is_installed(name)]
    if missing:
        raise HooklineError(f"this command needs the collector ({', '.join(missing)} missing): {command_to_add(Path(sys.prefix), _source())}")


def need_databases(settings: Settings) -> None:
    """Raise HooklineError with the command that installs PostgreSQL's driver where one is configured and it is missing; ClickHouse needs none."""
    if any(each.url.startswith("postgres") for each in settings.databases.named.values()) and not _is_installed("psycopg"):
        raise HooklineError(f"PostgreSQL's driver (psycopg) is missing: {command_to_add(Path(sys.prefix), _source(), 'databases')}")


def command_to_add(prefix: Path, source: str, extra: str = "collector") -> str:
    """Return the command that adds an extra to the environment in `prefix`, from where Hookline came; '' is a package index."""
    installer = next((command for mark, command in INSTALLERS.items() if (prefix / mark).exists()), f"{shlex.quote(sys.executable)} -m pip install")
    wanted = f"hookline[{extra}]" + (f" @ {source}" if source else "")
    return f"{installer} {shlex.quote(wanted)}"


def _source() -> str:
    try:
        noted = importlib.metadata.distribution("hookline").read_text("direct_url.json")
        return str(json.loads(noted or "{}").get("url", ""))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
