"""The parts of one collector: the order in which they start and stop, and what ties them together.

Start: store, journal (with what a former process left), ingest, hand-over, receivers, pages. Only then the runtime file is
written and the collector says that it is there. A store that is away does not stop the start: the collector journals, and is
not ready. Stop goes the other way round: receivers first, so that what is acknowledged is journaled, then the hand-over of
what is due; what is left in the journal waits for the next start.

One task group owns all tasks. When one fails for a reason that nobody foresaw the process ends, and whoever watches it starts it
again: everything acknowledged is in the journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Callable

from hookline.errors import Refused
from hookline.settings import Settings
from hookline.system import runtime
from hookline.system.runtime import Runtime
from hookline.version import VERSION
from hookline_collector import background
from hookline_collector.api import site
from hookline_collector.api.context import Context
from hookline_collector.api.http.api_server import ApiServer
from hookline_collector.api.http.token import ensure_token
from hookline_collector.delivery import MAX_UNSECURED_BYTES, Delivery, Quarantine
from hookline_collector.ingest import Ingest
from hookline_collector.journal import Journal
from hookline_collector.observe import exposition
from hookline_collector.observe.disk_room import Room
from hookline_collector.observe.health import CollectorStatus, PartHealth, balances, first_trouble
from hookline_collector.observe.metrics import Metrics
from hookline_collector.receive import GrpcReceiver, HttpReceiver
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.cleanup import Cleanup
from hookline_collector.sessions.process import Processes, is_alive
from hookline_collector.store.reconnecting import ReconnectingStore

log = logging.getLogger(__name__)


class Collector:
    """One collector, from its settings to its end."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self.settings = settings
        self.started_ns = time.time_ns()
        self.figures = Metrics()
        self.room = Room(settings.data_dir.absolute())
        self.door = ReconnectingStore(settings)
        self.journal = Journal(settings.journal_dir, settings.journal, self.figures, retry_after_s=settings.limits.retry_after_s)
        self.ingest = Ingest(settings.limits, self.journal, self.figures)
        self.live = LiveSessions(settings.sessions.max_live, settings.sessions.idle_after_s, time.time_ns, Processes().is_alive)
        self.store_calls = BlockingPool("store", 2)
        self.cleanup = Cleanup(self.live, self.ingest.accept, lambda: background.retain(self), settings.sessions.timeout_s, is_alive)
        self._quarantine = Quarantine(settings.quarantine_dir, settings.journal.max_quarantine_bytes, self.figures)
        self._handover = Delivery(
            self.journal,
            self.door,
            self._quarantine,
            self.figures,
            settings.store.max_backoff_s,
            secure_every_s=settings.store.secure_every_s,
            max_unsecured_bytes=min(MAX_UNSECURED_BYTES, settings.journal.max_bytes // 8),
        )
        self._receivers = (GrpcReceiver(settings, self.ingest), HttpReceiver(settings, self.ingest))
        self._queries = BlockingPool("query", 4)
        self._people = BlockingPool("people", settings.store.max_concurrent_queries + 2)
        self._listener = listener
        self._addresses: dict[str, str] = {}
        self.troubles: dict[str, str] = {}
        self._stopping = False

    async def run(self, stop: asyncio.Event, ready: Callable[[Runtime], None]) -> None:
        """Start everything, say so, wait for `stop`, end everything."""
        try:
            await self._open_store()
            async with self.journal, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._handover.run())
                jobs = [tasks.create_task(job) for job in background.all_of(self)]
                jobs.append(await self._remember(tasks))
                async with self._serving() as found:
                    runtime.write(self.settings.runtime_path, found)
                    ready(found)
                    await stop.wait()
                    self._stopping = True
                await self._handover.stop(self.settings.collector.stop_timeout_s / 2)
                for task in jobs:
                    task.cancel()
        finally:
            await self._close()

    async def _open_store(self) -> None:
        """Open the store. A server that is away is waited for later; anything else stops the start."""
        try:
            await self.store_calls.run(self.door.open)
        except Refused as why:
            log.warning("%s; journaling until it answers", why)

    async def _remember(self, tasks: asyncio.TaskGroup) -> asyncio.Task[None]:
        """Let ingest know what was received before; waits for it, unless the store is away: a relay's repetitions come at once."""
        await background.remember_journaled(self)
        task = tasks.create_task(background.remember_stored(self))
        if self.door.is_open:
            await task
        return task

    @contextlib.asynccontextmanager
    async def _serving(self) -> AsyncIterator[Runtime]:
        """Serve OTLP, pages and API while the block runs."""
        api = self._api()
        try:
            await api.start()
            for receiver in self._receivers:
                await receiver.start()
            yield self._runtime(api.address)
        finally:
            self.live.close()
            grace_s = self.settings.collector.stop_timeout_s / 4
            await asyncio.gather(api.stop(), *(receiver.stop(grace_s) for receiver in self._receivers))
            await self.ingest.close()

    async def _close(self) -> None:
        runtime.remove(self.settings.runtime_path)
        self._queries.close()
        self._people.close()
        self.store_calls.close()
        await asyncio.to_thread(self.door.close)

    def _api(self) -> ApiServer:
        host, port = self._listener.getsockname()[:2]
        app = site.build(self._context(), token=ensure_token(self.settings.token_path), host=host, port=port)
        return ApiServer(app, self._listener, self.settings)

    def _context(self) -> Context:
        reading = lambda: exposition.read(self.figures, self.started_ns)  # noqa: E731
        return Context(
            self.settings, self.door, self._queries, self.status, reading, self.live, self.cleanup, self.journal, self._quarantine, self._people
        )

    def _runtime(self, http: str) -> Runtime:
        grpc, otlp_http = (receiver.address for receiver in self._receivers)
        self._addresses = {"otlp_grpc": grpc, "otlp_http": otlp_http, "http": http}
        return Runtime(os.getpid(), VERSION, self.started_ns / 1e9, grpc, otlp_http, http, bool(self.settings.collector.tls_certificate))

    def status(self) -> CollectorStatus:
        """Return how the collector stands now."""
        counts, gauges = self.figures.snapshot()
        parts = (self.room.part(), self.door.part(), self._journal_part(), self._handover_part(), *self._receiver_parts(), *self._troubles())
        reason = "stopping" if self._stopping else first_trouble(parts)
        started_at = self.started_ns / 1e9
        return CollectorStatus(
            version=VERSION,
            pid=os.getpid(),
            started_at=started_at,
            uptime_s=time.time() - started_at,
            ready=not reason,
            reason=reason,
            engine=self.settings.store.url or "embedded",
            addresses=self._addresses,
            parts=parts,
            signals=balances(counts, gauges),
            gauges={f"{name}{{{of}}}" if of else name: value for (name, of), value in gauges.items()},
        )

    def _journal_part(self) -> PartHealth:
        held, limit = self.journal.held_bytes, self.settings.journal.max_bytes
        return PartHealth("journal", held < limit, f"{held} of {limit} bytes")

    def _handover_part(self) -> PartHealth:
        found = self._handover.status()
        detail = f"last insert took {found.last_flush_s * 1000:.0f} ms" if found.last_success_at else "nothing inserted yet"
        if not found.is_available:
            return PartHealth("handover", False, f"{found.last_error}; next attempt in {found.retry_in_s:.0f} s")
        return PartHealth("handover", True, "; ".join(filter(None, (detail, found.last_error))))

    def _receiver_parts(self) -> tuple[PartHealth, ...]:
        return tuple(PartHealth(name, True, self._addresses[name]) for name in ("otlp_grpc", "otlp_http") if name in self._addresses)

    def _troubles(self) -> tuple[PartHealth, ...]:
        damages = self.door.damages()
        remarks = (PartHealth("database files", False, "; ".join(damages), is_remark=True),) if damages else ()
        return (*(PartHealth(name, False, why) for name, why in self.troubles.items()), *remarks)
