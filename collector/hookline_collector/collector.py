"""One collector from its start to its end: the order in which its parts start and stop.

Start: store, journal (with what a former process left), delivery, services, receivers, pages. Only then the runtime file is
written and the collector says that it is there. A store that is away does not stop the start: the collector journals, and is
not ready. Stop goes the other way round: receivers first, so that what is acknowledged is journaled, then the delivery of
what is due; what is left in the journal waits for the next start.

One task group owns all tasks. Services survive their own defects (`background`); a defect of the delivery ends the process, and
whoever watches it starts it again: everything acknowledged is in the journal.

Which parts these are is none of its business: `assembly` puts them together.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hookline.errors import Refused
from hookline.system import runtime
from hookline.system.clock import NS_PER_S
from hookline.system.runtime import Runtime
from hookline.version import VERSION
from hookline_collector.api.http.api_server import ApiServer
from hookline_collector.background import Service
from hookline_collector.delivery import Delivery
from hookline_collector.ingest import Ingest
from hookline_collector.ingest.remembered import KnownAgain
from hookline_collector.journal import Journal
from hookline_collector.observe.health import CollectorStatus, StatusBoard
from hookline_collector.sessions import LiveSessions
from hookline_collector.store.patient_store import PatientStore

log = logging.getLogger(__name__)


class Receiver(Protocol):
    """Something that senders send to."""

    @property
    def name(self) -> str:
        """What the status and the runtime file call it."""

    @property
    def address(self) -> str:
        """Where it listens, known after `start`."""

    async def start(self) -> None:
        """Bind and serve. Raises HooklineError when the address cannot be had."""

    async def stop(self, grace_s: float) -> None:
        """Take no new requests, let those at work end within the grace, cancel the rest."""


class Closing(Protocol):
    """Something that holds threads."""

    def close(self) -> None:
        """Take no more work; what runs is not waited for."""


@dataclass(frozen=True, slots=True)
class CollectorParts:
    """What a collector starts and stops. `services` run beside the rest; `threads` are closed at the end."""

    store: PatientStore
    journal: Journal
    ingest: Ingest
    known: KnownAgain
    delivery: Delivery
    services: Sequence[Service]
    receivers: Sequence[Receiver]
    live: LiveSessions
    api: ApiServer
    board: StatusBoard
    threads: Sequence[Closing]


class Collector:
    """The life of one collector."""

    def __init__(self, parts: CollectorParts, runtime_path: Path, started_ns: int, stop_timeout_s: float, *, has_tls: bool) -> None:
        self._parts = parts
        self._runtime_path = runtime_path
        self._started_ns = started_ns
        self._stop_timeout_s = stop_timeout_s
        self._has_tls = has_tls

    async def run(self, stop: asyncio.Event, ready: Callable[[Runtime], None]) -> None:
        """Start everything, say so, wait for `stop`, end everything."""
        parts = self._parts
        try:
            await self._open_store()
            async with parts.journal, asyncio.TaskGroup() as tasks:
                tasks.create_task(parts.delivery.run())
                services = [tasks.create_task(service.run(), name=service.name) for service in parts.services]
                await parts.known.wait(for_store=parts.store.store.is_open)  # a relay's repetitions come at once
                async with self._serving() as found:
                    await asyncio.to_thread(runtime.write, self._runtime_path, found)
                    ready(found)
                    await stop.wait()
                    parts.board.is_stopping = True
                await parts.delivery.stop(self._stop_timeout_s / 2)
                for service in services:
                    service.cancel()
        finally:
            await self._close()

    def status(self) -> CollectorStatus:
        """Return how the collector stands now."""
        return self._parts.board.status()

    async def _open_store(self) -> None:
        """Open the store. A server that is away is waited for later; anything else stops the start."""
        try:
            await self._parts.store.run(self._parts.store.store.open)
        except Refused as why:
            log.warning("%s; journaling until it answers", why)

    @contextlib.asynccontextmanager
    async def _serving(self) -> AsyncIterator[Runtime]:
        """Serve OTLP, pages and API while the block runs."""
        parts = self._parts
        try:
            await parts.api.start()
            for receiver in parts.receivers:
                await receiver.start()
            yield self._runtime()
        finally:
            parts.live.close()
            grace_s = self._stop_timeout_s / 4
            await asyncio.gather(parts.api.stop(), *(receiver.stop(grace_s) for receiver in parts.receivers))
            await parts.ingest.close()

    def _runtime(self) -> Runtime:
        addresses = {receiver.name: receiver.address for receiver in self._parts.receivers} | {"http": self._parts.api.address}
        self._parts.board.addresses = addresses
        grpc, otlp_http, http = addresses["otlp_grpc"], addresses["otlp_http"], addresses["http"]
        return Runtime(os.getpid(), VERSION, self._started_ns / NS_PER_S, grpc, otlp_http, http, self._has_tls, addresses["clickhouse"])

    async def _close(self) -> None:
        await asyncio.to_thread(runtime.remove, self._runtime_path)
        for threads in self._parts.threads:
            threads.close()
        await asyncio.to_thread(self._parts.store.store.close)
