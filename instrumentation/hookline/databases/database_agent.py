"""`hookline databases` from start to stop: a lock, the way out, a task a database, a socket for those who look on.

Tasks share one loop and nothing else: one that waits for its server delays no other, one that fails is logged and goes on. What is queued when the
process stops is sent within a few seconds, or lost: everything here can be looked at again.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookline.contract.databases import DATABASE_SCOPE
from hookline.databases.database_events import DatabaseName
from hookline.databases.database_points import DatabasePoint
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.judging.judging import Judging
from hookline.databases.live_socket import LiveSocket, address_path, socket_path
from hookline.databases.sending import DatabasePlace, DatabaseSending, resources_by_name
from hookline.databases.targets import DatabaseTarget, targets_of
from hookline.databases.watchers import DatabaseWatcher, watcher_of
from hookline.errors import ConfigInvalid
from hookline.export.delivery import ExportDelivery
from hookline.export.endpoint import from_settings
from hookline.export.rejected import RejectedFolder
from hookline.export.sdk import OtlpTransmit
from hookline.export.transport import open_exporters
from hookline.settings import Settings
from hookline.settings.database_settings import DatabasesSettings
from hookline.system import locks
from hookline.system.log import LOG, logging_to
from hookline.system.parent_watch import watch_supervisor

STOP_S = 3.0
LINGER_S = 0.2
_PAGE = os.sysconf("SC_PAGE_SIZE")


def lock_path(settings: Settings) -> Path:
    """Return the path of the lock that a running agent holds."""
    return settings.data_dir / "databases.lock"


def run_agent(settings: Settings, environment: Mapping[str, str], ready: Callable[[], object] = lambda: None) -> None:
    """Run until SIGTERM or SIGINT. Raises ConfigInvalid where no database is configured, AlreadyRunning."""
    targets = targets_of(settings.databases, environment)
    if not targets:
        raise ConfigInvalid([("databases", 'no database is configured: [databases.shop] with url = "postgresql://hookline@db.example/shop"')])
    with locks.hold(lock_path(settings), "databases"), logging_to(settings.data_dir / "databases.log"):
        asyncio.run(_run(settings, targets, ready))


async def _run(settings: Settings, targets: list[DatabaseTarget], ready: Callable[[], object]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch_supervisor(lambda: loop.call_soon_threadsafe(stop.set))
    async with DatabaseAgent(settings, targets).running():
        gc.freeze()  # rows by the thousand make collections frequent: each would go through all that was imported
        ready()
        await stop.wait()


@dataclass(slots=True)
class OwnCost:
    """What the agent itself uses."""

    _cpu_s: float = 0.0
    _at_s: float = 0.0

    def points(self) -> list[DatabasePoint]:
        """Return its share of a core since it was asked before, and its memory."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s, at_s = used.ru_utime + used.ru_stime, time.monotonic()
        share = (cpu_s - self._cpu_s) / (at_s - self._at_s) if self._at_s else None
        self._cpu_s, self._at_s = cpu_s, at_s
        points = [DatabasePoint("hookline.db.agent.cpu", share)] if share is not None else []
        if (memory := memory_bytes()) is not None:
            points.append(DatabasePoint("hookline.db.agent.memory", memory))
        return points


def memory_bytes() -> int | None:
    """Return what of this process is in memory."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


class DatabaseAgent:
    """All watches of a configuration, with their way out."""

    def __init__(self, settings: Settings, targets: list[DatabaseTarget]) -> None:
        self._settings = settings
        endpoint = from_settings(settings.relay)
        resource_of = resources_by_name([DatabasePlace(each.name, each.system, each.address, each.port) for each in targets], settings.relay.user)
        self._delivery = ExportDelivery(
            OtlpTransmit(open_exporters(endpoint), resource_of, DATABASE_SCOPE),
            RejectedFolder(settings.data_dir / "rejected", time.time_ns),
            lambda _: None,
            endpoint=endpoint.url,
            max_backoff_s=settings.relay.max_backoff_s,
            max_pending_items=settings.relay.max_pending_spans,
            linger_s=LINGER_S,
        )
        self.sending = DatabaseSending(self._delivery, resource_of)
        self.watchers: dict[str, DatabaseWatcher] = {each.name: self._watcher(each, settings.databases) for each in targets}
        next(iter(self.watchers.values())).watch.more = OwnCost().points  # with the first database: it is about all of them

    def _watcher(self, target: DatabaseTarget, settings: DatabasesSettings) -> DatabaseWatcher:
        watch = DatabaseWatch(DatabaseName(target.name, target.system), self.sending.of(target.name), settings.interval_s)
        Judging.begin(watch)
        return watcher_of(target, watch, settings)

    @contextlib.asynccontextmanager
    async def running(self) -> Any:
        """Watch while the block runs."""
        tasks = [asyncio.create_task(self._kept_up(each), name=f"watch {name}") for name, each in self.watchers.items()]
        self._delivery.start()
        path, noted = socket_path(self._settings), address_path(self._settings)
        try:
            async with LiveSocket({name: each.watch for name, each in self.watchers.items()}).served(path):
                _note(noted, path)
                LOG.info("databases %d began: %s", os.getpid(), ", ".join(self.watchers))
                yield self
        finally:
            noted.unlink(missing_ok=True)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=STOP_S)
            for watcher in self.watchers.values():
                watcher.watch.flush(time.time_ns())
            await asyncio.to_thread(self._stop_sending)
            LOG.info("databases %d ended", os.getpid())

    def _stop_sending(self) -> None:
        self._delivery.outbox.wait_until_empty(STOP_S)
        self._delivery.stop(STOP_S)

    async def _kept_up(self, watcher: DatabaseWatcher) -> None:
        """Watch a database; a defect is logged, and it is begun anew."""
        while True:
            try:
                await watcher.run()
            except Exception:
                LOG.exception("watching %s failed; it begins anew", watcher.watch.where.name)
            await asyncio.sleep(10.0)


def _note(noted: Path, path: Path) -> None:
    draft = noted.with_suffix(".next")
    draft.write_text(json.dumps({"pid": os.getpid(), "socket": str(path)}))
    draft.chmod(0o600)
    draft.replace(noted)
