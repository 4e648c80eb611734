"""What a collector does beside its work, each a coroutine that runs until it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from hookline.errors import ConfigInvalid, HooklineError, Refused
from hookline.settings.load import config_path
from hookline_collector.ingest import Key, remembered
from hookline_collector.observe import exposition
from hookline_collector.sessions.live_sessions import PULSE_S
from hookline_collector.sessions.rebuild import journaled_observations, stored_observations
from hookline_collector.signal import Signal
from hookline_collector.work import load_prices, prices_path, publish

if TYPE_CHECKING:
    from hookline_collector.collector import Collector

PING_EVERY_S = 5.0
AFTER_DEFECT_S = 30.0
REBUILD_STEP = 2_000  # sightings taken in at a time, so that the loop stays free
T = TypeVar("T")
log = logging.getLogger(__name__)


def all_of(collector: Collector) -> list[Coroutine[Any, Any, None]]:
    """Return every chore of a collector, ready to be run as tasks."""
    sightings = collector.ingest.subscribe(collector.live.take)
    chores: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "live sessions": sightings.run,
        "live pulse": lambda: collector.live.pulse_every(PULSE_S),
        "cleanup": lambda: collector.cleanup.run_every(collector.settings.sessions.cleanup_every_s),
        "rebuild": lambda: rebuild_sessions(collector),
        "prices": lambda: publish_prices(collector),
        "store watch": lambda: watch_store(collector),
        "own figures": lambda: tell_own_figures(collector),
    }
    return [kept_alive(collector, name, chore) for name, chore in chores.items()]


async def kept_alive(collector: Collector, name: str, chore: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a chore to its end; after a defect of it say so, and begin it again after a pause. What is received must not suffer from it."""
    while True:
        try:
            await chore()
            return
        except Exception:
            log.exception("%s failed; it begins again in %g s", name, AFTER_DEFECT_S)
            collector.troubles[name] = "failed; the log says why"
            await asyncio.sleep(AFTER_DEFECT_S)
            collector.troubles.pop(name, None)


async def remember_journaled(collector: Collector) -> None:
    """Let ingest know the records that the journal still holds, a segment in memory at a time."""
    for signal in (Signal.TRACES, Signal.LOGS):
        records = collector.journal.records(signal)
        while (body := await asyncio.to_thread(next, records, None)) is not None:
            collector.ingest.remember_request(signal, body)


async def remember_stored(collector: Collector) -> None:
    """Let ingest know the records that the store holds, as soon as it can be asked."""
    days, limit = collector.settings.sessions.rebuild_days, collector.settings.limits.max_known_records
    keys: list[Key] = await _once_it_answers(collector, lambda: list(remembered.stored_keys(collector.door.query, days, limit)))
    collector.ingest.remember(keys)


async def rebuild_sessions(collector: Collector) -> None:
    """Bring the live sessions back: from the journal, then from the store, as soon as it can be asked.

    In this order, since what leaves the journal meanwhile is in the store. What arrives meanwhile changes nothing: facts have no order.
    """
    wanted = collector.settings.sessions
    if not wanted.rebuild_days:
        return
    journaled = journaled_observations(collector.journal.records)
    while (seen := await asyncio.to_thread(next, journaled, None)) is not None:
        collector.live.add(seen)
    now = datetime.now(UTC)
    found = await _once_it_answers(collector, lambda: list(stored_observations(collector.door.query, now, wanted.rebuild_days, wanted.max_live)))
    for begin in range(0, len(found), REBUILD_STEP):
        collector.live.add(found[begin : begin + REBUILD_STEP])
        await asyncio.sleep(0)


async def publish_prices(collector: Collector) -> None:
    """Make the price file count. One that is wrong is said, and the prices that counted before go on."""
    path = prices_path(collector.settings.work.prices_file, config_path(os.environ).parent)
    try:
        prices = await asyncio.to_thread(load_prices, path)
    except ConfigInvalid as why:
        log.error("%s; the prices of before count on", why)
        collector.troubles["prices"] = str(why)
        return
    await _once_it_answers(collector, lambda: publish(prices, collector.door.query, collector.door.command))


async def _once_it_answers(collector: Collector, question: Callable[[], T]) -> T:
    while True:
        with contextlib.suppress(Refused):
            return await collector.store_calls.run(question)
        await asyncio.sleep(1)


async def retain(collector: Collector) -> None:
    """Apply the retention of the settings."""
    await collector.store_calls.run(collector.door.retain)


async def watch_store(collector: Collector) -> None:
    """Ask the store now and then, so that its health is known also when nothing is inserted."""
    was_well = True
    while True:
        with contextlib.suppress(HooklineError):
            await collector.store_calls.run(collector.door.ping)
        disk = collector.room.part()
        if disk.ok != was_well:
            log.log(logging.INFO if disk.ok else logging.ERROR, "the disk: %s", disk.detail)
        was_well = disk.ok
        await asyncio.sleep(PING_EVERY_S)


async def tell_own_figures(collector: Collector) -> None:
    """Send the own figures as metrics through our own ingest, so that they are stored like everybody's."""
    every_s = collector.settings.collector.self_metrics_s
    while every_s > 0:
        await asyncio.sleep(every_s)
        request = exposition.to_otlp(exposition.read(collector.figures, collector.started_ns))
        with contextlib.suppress(Refused):
            await collector.ingest.accept(Signal.METRICS, request.SerializeToString())
