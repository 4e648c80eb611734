"""What a collector does beside its work, each a coroutine that runs until it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from hookline.errors import HooklineError, Refused
from hookline_collector import recall, telemetry
from hookline_collector.ingest import Key
from hookline_collector.signal import Signal

if TYPE_CHECKING:
    from hookline_collector.collector import Collector

PING_EVERY_S = 5.0


def all_of(collector: Collector) -> list[Coroutine[Any, Any, None]]:
    """Return every chore of a collector, ready to be run as tasks."""
    sightings = collector.ingest.subscribe(collector.live.take)
    return [sightings.run(), watch_store(collector), tell_own_figures(collector)]


async def remember_journaled(collector: Collector) -> None:
    """Let ingest know the records that the journal still holds."""
    for signal in (Signal.TRACES, Signal.LOGS):
        for body in await asyncio.to_thread(_journaled, collector, signal):
            collector.ingest.remember_request(signal, body)


def _journaled(collector: Collector, signal: Signal) -> list[bytes]:
    return list(collector.journal.records(signal))


async def remember_stored(collector: Collector) -> None:
    """Let ingest know the records that the store holds, as soon as it can be asked."""
    days, limit = collector.settings.sessions.rebuild_days, collector.settings.limits.max_known_records
    while True:
        with contextlib.suppress(Refused):
            keys: list[Key] = await collector.store_calls.run(lambda: list(recall.stored_keys(collector.door.query, days, limit)))
            collector.ingest.remember(keys)
            return
        await asyncio.sleep(1)


async def watch_store(collector: Collector) -> None:
    """Ask the store now and then, so that its health is known also when nothing is inserted."""
    while True:
        with contextlib.suppress(HooklineError):
            await collector.store_calls.run(collector.door.ping)
        await asyncio.sleep(PING_EVERY_S)


async def tell_own_figures(collector: Collector) -> None:
    """Send the own figures as metrics through our own ingest, so that they are stored like everybody's."""
    every_s = collector.settings.collector.self_metrics_s
    while every_s > 0:
        await asyncio.sleep(every_s)
        request = telemetry.to_otlp(telemetry.read(collector.figures, collector.started_ns))
        with contextlib.suppress(Refused):
            await collector.ingest.accept(Signal.METRICS, request.SerializeToString())
