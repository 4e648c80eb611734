"""What a collector knew before its restart: the keys of agents' records that the journal and the store hold.

A relay that was killed sends again what was not acknowledged, and a collector that was restarted in between must know it. Half of
the memory goes to spans and half to log records, the newest of each, and those that the journal still holds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf.message import DecodeError

from hookline.contract.scopes import REPLAYED_SCOPES
from hookline_collector.ingest.duplicates import Key, keys_of, log_key, span_key
from hookline_collector.ingest.pipeline import Ingest
from hookline_collector.observe.health import PartHealth
from hookline_collector.signal import Signal
from hookline_collector.store import Rows
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.store.queries import load_query

Query = Callable[[str, Mapping[str, Any]], Rows]
Records = Callable[[Signal], Iterator[bytes]]


class KnownAgain:
    """Lets ingest know what was received before: from the journal, then from the store, as soon as it can be asked.

    In this order, since what leaves the journal meanwhile is in the store.
    """

    name = "known records"

    def __init__(self, ingest: Ingest, records: Records, store: PatientStore, days: int, limit: int) -> None:
        self._ingest = ingest
        self._records = records
        self._store = store
        self._days = days
        self._limit = limit
        self._journal_read = asyncio.Event()
        self._store_read = asyncio.Event()

    async def wait(self, *, for_store: bool) -> None:
        """Return when the records of the journal are known, and those of the store if asked. A defect is not waited for."""
        await self._journal_read.wait()
        if for_store:
            await self._store_read.wait()

    async def run(self) -> None:
        """Know them, then end."""
        try:
            await self._from_journal()
            self._journal_read.set()
            await self._from_store()
        finally:
            self._journal_read.set()
            self._store_read.set()

    def health(self) -> PartHealth:
        """Return whether the records of before are known."""
        return PartHealth(self.name, True, "known" if self._store_read.is_set() else "waiting for the store")

    async def _from_journal(self) -> None:
        """Know the records that the journal still holds, a request in memory at a time."""
        for signal in (Signal.TRACES, Signal.LOGS):
            records = self._records(signal)
            while (body := await asyncio.to_thread(next, records, None)) is not None:
                self._ingest.remember(journaled_keys(signal, body))

    async def _from_store(self) -> None:
        query = self._store.store.query
        self._ingest.remember(await self._store.once_it_answers(lambda: list(stored_keys(query, self._days, self._limit))))


def journaled_keys(signal: Signal, body: bytes) -> Iterator[Key]:
    """Yield the keys in a request of the journal. Bytes that are no request have none."""
    with contextlib.suppress(DecodeError):
        yield from keys_of(signal, signal.request_class.FromString(body))


def stored_keys(query: Query, days: int, limit: int) -> Iterator[Key]:
    """Yield the keys, oldest first so that the newest are remembered longest; blocks."""
    parameters = {"scopes": sorted(REPLAYED_SCOPES), "days": days, "limit": limit // 2}
    for (uid,) in reversed(query(load_query(__package__, "known_logs"), parameters).rows):
        yield log_key(uid)
    for trace_id, span_id, start_ns, end_ns in reversed(query(load_query(__package__, "known_spans"), parameters).rows):
        yield span_key(bytes.fromhex(trace_id), bytes.fromhex(span_id), int(start_ns), int(end_ns))
