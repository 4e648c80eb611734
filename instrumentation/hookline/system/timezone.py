"""The name of the zone in which days are cut: the one of the settings, else this machine's, else UTC."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

LOCALTIME = Path("/etc/localtime")
NAME_FILE = Path("/etc/timezone")


def zone_of(configured: str, env: Mapping[str, str] | None = None) -> str:
    """Return an IANA name: the configured one (`work.timezone`), else the machine's."""
    return configured or machine_zone(os.environ if env is None else env)


def machine_zone(env: Mapping[str, str], localtime: Path = LOCALTIME, name_file: Path = NAME_FILE) -> str:
    """Return the machine's zone as TZ, the link of /etc/localtime or /etc/timezone name it; UTC when none does."""
    candidates = (env.get("TZ", "").lstrip(":"), _from_link(localtime), _from_file(name_file))
    return next((name for name in candidates if _is_zone(name)), "UTC")


def _from_link(localtime: Path) -> str:
    try:
        target = os.path.realpath(localtime)
    except OSError:
        return ""
    return target.partition("/zoneinfo/")[2].removeprefix("posix/")


def _from_file(name_file: Path) -> str:
    try:
        return name_file.read_text().strip()
    except OSError:
        return ""


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only for whoever asks for a zone

    try:
        return bool(name) and bool(ZoneInfo(name).key)
    except (ValueError, OSError, KeyError):
        return False
