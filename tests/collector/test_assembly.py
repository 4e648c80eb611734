"""The house's plan, held: one module knows everybody, services are added by a line, and each tells its own health."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import hookline_collector
from hookline.settings import Settings
from hookline.system.runtime import Runtime
from hookline_collector.assembly import assemble
from hookline_collector.observe.health import CollectorStatus, PartHealth
from hookline_collector.serving import bind

ROOT = Path(hookline_collector.__file__).parent
SERVICES = {
    "known records",
    "live sessions",
    "live databases",
    "databases to forecast",
    "database forecasts",
    "database rollups",
    "client rollups",
    "live pulse",
    "rebuild",
    "cleanup",
    "alerting",
    "prices",
    "routes",
    "slower routes",
    "store watch",
    "metric rollups",
    "own metrics",
    "alerts",
    "alert measures",
    "alert rules",
    "worked out",
}
PARTS = {"disk", "store", "journal", "delivery", "otlp_grpc", "otlp_http", "clickhouse"}


def importers(module: str) -> set[str]:
    """Return which modules of the collector import one of its modules."""
    return {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if f"hookline_collector.{module}" in _imports(path)}


@cache
def _imports(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^ *from ([\w.]+) import ", path.read_text(), re.MULTILINE))


def test_the_root_has_no_more_than_six_loose_modules() -> None:
    """What is not the collector's own frame belongs into a room with a label."""
    assert len([path for path in ROOT.glob("*.py") if path.name != "__init__.py"]) <= 6


def test_nobody_but_the_program_knows_the_assembly_and_the_whole() -> None:
    """Parts are given what they use; none asks the collector for it."""
    assert importers("assembly") == {"app.py"}
    assert importers("collector") == {"assembly.py"}
    assert importers("background") == {"assembly.py", "collector.py"}


class Watchdog:
    """A service as somebody would add it: no base class, no registration."""

    name = "watchdog"

    async def run(self) -> None:
        """Fail at once."""
        raise ValueError("a defect")

    def health(self) -> PartHealth:
        """Be well."""
        return PartHealth(self.name, True, "barks")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a collector whose store is away, on free ports."""
    base = Settings(data_dir=tmp_path)
    collector = dataclasses.replace(base.collector, otlp_grpc="127.0.0.1:0", otlp_http="127.0.0.1:0", http="127.0.0.1:0", stop_timeout_s=1.0)
    return dataclasses.replace(base, collector=collector, store=dataclasses.replace(base.store, url="http://127.0.0.1:9"))


@pytest.fixture
def listener(settings: Settings) -> Iterator[socket.socket]:
    """A bound socket for the pages."""
    with bind(settings.collector.http, "collector.http") as bound:
        yield bound


def test_a_service_is_added_by_a_line_and_the_status_shows_each(settings: Settings, listener: socket.socket) -> None:
    """Here one that fails: it is said by name, and nobody else notices."""

    async def work() -> CollectorStatus:
        collector = assemble(settings, listener, extra=(Watchdog(),))
        stop, found = asyncio.Event(), asyncio.get_running_loop().create_future()

        def ready(_: Runtime) -> None:
            found.set_result(None)

        running = asyncio.create_task(collector.run(stop, ready))
        await found
        status = collector.status()
        stop.set()
        await running
        return status

    status = asyncio.run(asyncio.wait_for(work(), 30))
    parts = {part.name: part for part in status.parts}
    assert set(parts) == PARTS | SERVICES | {"watchdog"}
    assert parts["watchdog"].detail == "failed (ValueError) and starts again in 30 s; the log says more"
    assert {name for name, part in parts.items() if not part.ok} <= {"watchdog", "store", "delivery", "alerts"}  # whose files may not be read yet
    assert status.reason.startswith("store: ")
