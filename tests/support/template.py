"""A store that is migrated once, and what comes of it: data folders that are copies of it, and databases that are made after it.

Migrating takes seconds of CPU time. Tests of the migrations and of first starts do it; all others begin where it ends. It is kept in .cache under
a digest of all that it depends on, so that only a change of the schema pays for it, and taken away when nobody used it for a day.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

import hookline.settings
import hookline_collector.store
from hookline.settings import Settings
from hookline.settings.schema import RetentionSettings
from hookline_collector.store import Store
from hookline_collector.store.schema.migrations import migrations

KEPT: Final = Path(__file__).parents[2] / ".cache" / "migrated"
UNUSED_S: Final = 86_400
DEPENDS_ON: Final = (Path(hookline.settings.__file__).parent, Path(hookline_collector.store.__file__).parent)
ENGINES: Final = ("chdb", "chdb-core", "clickhouse-connect")
FOR_EVER: Final = RetentionSettings(
    traces_days=0, logs_days=0, metrics_days=0, metric_minutes_days=0, metric_hours_days=0, derived_days=0, database_days=0
)
"""Rows with times of long ago, as captures have them, would be gone in the middle of a test."""
_HEAD = re.compile(r"^ATTACH (TABLE|VIEW|MATERIALIZED VIEW) _ UUID '[^']*'")
_DATABASE = re.compile(r"(?<![\w.'])hookline\.(?=[a-z`])")


def furnish(data_dir: Path) -> None:
    """Give somebody who has no database one as the first start leaves it."""
    engine = Settings(data_dir=data_dir).engine_dir
    if not engine.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copytree(_built() / "first", engine, symlinks=True)


def statements(database: str) -> Iterator[str]:
    """Yield what makes a database as all migrations leave it, for ever kept."""
    yield f"CREATE DATABASE `{database}`"
    for name, text in _definitions():
        yield _HEAD.sub(rf"CREATE \1 `{database}`.`{name}`", _DATABASE.sub(f"{database}.", text))
    done = ", ".join(f"({each.version}, '{each.name}')" for each in migrations())
    yield f"INSERT INTO `{database}`.schema_migrations (version, name) VALUES {done}"


@cache
def _definitions() -> tuple[tuple[str, str], ...]:
    """Names and definitions, tables before the views that read them and write into them."""
    found = [(path.stem.replace("%2E", "."), path.read_text()) for path in (_built() / "for_ever").glob("store/*/*/*.sql")]
    return tuple(sorted(found, key=lambda each: (not each[1].startswith("ATTACH TABLE"), each)))


@cache
def _built() -> Path:
    """Where it is, which the first process that asks makes."""
    folder = KEPT / _digest()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            begun = KEPT / f"{folder.name}.{os.getpid()}"
            subprocess.run([sys.executable, str(Path(__file__)), str(begun)], check=True, stdin=subprocess.DEVNULL)
            begun.rename(folder)
        os.utime(folder)
        _clear(KEPT)
    return folder


def _clear(kept: Path) -> None:
    for folder in kept.iterdir():
        if folder.is_dir() and time.time() - folder.stat().st_mtime > UNUSED_S:
            shutil.rmtree(folder, ignore_errors=True)


def _digest() -> str:
    """Return what changes when a template would."""
    files = [Path(__file__), *(path for folder in DEPENDS_ON for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".sql", ".xml"))]
    told = [part for path in files for part in (path.name.encode(), path.read_bytes())]
    return hashlib.sha256(b"\0".join([*told, *(_version(name).encode() for name in ENGINES)])).hexdigest()[:24]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def build(folder: Path) -> None:
    """Migrate a store; keep its folder as the first start leaves it, and once more as it is when everything is kept for ever."""
    os.umask(0o077)  # as the collector has it
    folder.mkdir()
    settings = Settings(data_dir=folder / "data")
    Store.open(settings).close()
    shutil.copytree(settings.engine_dir, folder / "first", symlinks=True)
    Store.open(replace(settings, retention=FOR_EVER)).close()
    settings.engine_dir.rename(folder / "for_ever")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
