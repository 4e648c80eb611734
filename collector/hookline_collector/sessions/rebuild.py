"""Bringing the live sessions back when the collector starts: from what the journal still holds, and from ClickHouse.

The same functions that read live telemetry read the stored rows, so a rebuilt session is the session that was: facts do not
depend on order, and records that arrive again while the rebuild runs change nothing. Bounded by days, sessions and records.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import DecodeError

from hookline.contract.scopes import Source
from hookline_collector.observe.health import PartHealth
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.signal import Signal
from hookline_collector.signals.observations import Observation
from hookline_collector.signals.requests import observations, of_log, of_span
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.store.queries import load_query

MAX_RECORDS = 2_000_000
AGENTS_MARK = b"session.id"  # no request without it says anything of a session, so it need not be parsed
STEP = 2_000  # observations taken in at a time, so that the loop stays free
Query = Callable[[str, Mapping[str, Any]], Any]
Records = Callable[[Signal], Iterator[bytes]]


class SessionRebuild:
    """Brings the sessions of the last `days` days back: from the journal, then from the store, as soon as it can be asked; 0 days none.

    In this order, since what leaves the journal meanwhile is in the store. What arrives meanwhile changes nothing: facts have no order.
    """

    name = "rebuild"

    def __init__(self, live: LiveSessions, records: Records, store: PatientStore, days: int, max_sessions: int) -> None:
        self._live = live
        self._records = records
        self._store = store
        self._days = days
        self._max_sessions = max_sessions
        self._is_done = False

    async def run(self) -> None:
        """Rebuild, then end."""
        if self._days:
            await self._from_journal()
            await self._from_store()
        self._is_done = True

    def health(self) -> PartHealth:
        """Return whether the sessions of before are back."""
        return PartHealth(self.name, True, "done" if self._is_done else "under way")

    async def _from_journal(self) -> None:
        journaled = journaled_observations(self._records)
        while (seen := await asyncio.to_thread(next, journaled, None)) is not None:
            self._live.add(seen)

    async def _from_store(self) -> None:
        query, now = self._store.store.query, datetime.now(UTC)
        found = await self._store.once_it_answers(lambda: list(stored_observations(query, now, self._days, self._max_sessions)))
        for begin in range(0, len(found), STEP):
            self._live.add(found[begin : begin + STEP])
            await asyncio.sleep(0)


def journaled_observations(records: Records) -> Iterator[list[Observation]]:
    """Yield what the journal's requests say, request by request; blocks, so call this in a thread."""
    for signal in (Signal.LOGS, Signal.TRACES):
        for body in records(signal):
            if AGENTS_MARK in body:
                with contextlib.suppress(DecodeError):  # it is for the store to refuse it
                    yield list(observations(signal, signal.request_class.FromString(body)))


def stored_observations(query: Query, now: datetime, days: int, max_sessions: int) -> Iterator[Observation]:
    """Yield what the store knows of the sessions of the last `days` days, at most `max_sessions` of them.

    `query(sql, parameters)` returns something with `.rows`; it blocks, so call this in a thread.
    """
    since = (now - timedelta(days=days)).astimezone(UTC)
    parameters = {"since": since.strftime("%Y-%m-%d %H:%M:%S.%f"), "sessions": max_sessions, "records": MAX_RECORDS}
    for name, time_ns, scope, attributes in query(load_query(__package__, "recent_logs"), parameters).rows:
        if source := Source.of(scope):
            yield from of_log(name, int(time_ns), attributes, source)
    for name, start_ns, end_ns, scope, attributes in query(load_query(__package__, "recent_spans"), parameters).rows:
        if source := Source.of(scope):
            yield from of_span(name, int(start_ns), int(end_ns), attributes, source)
