"""The newest look at each database, from what arrives: what its sessions do now, without asking the store.

Kept for at most `MAX_DATABASES`, at most `MAX_SESSIONS` of each; a look is all samples of one moment. Called from the event loop only.
Listeners are told by an event that something is new, so one that does not keep up misses looks and never the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from hookline.contract.databases import DATABASE_SCOPE, DatabaseEvent
from hookline_collector.observe.announcements import Accepted
from hookline_collector.signal import Signal

RECEIVER_SCOPE = "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/postgresqlreceiver"
MAX_DATABASES = 200
MAX_SESSIONS = 500
SCOPES = frozenset({DATABASE_SCOPE, RECEIVER_SCOPE})


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What sessions of a database do alike at a look."""

    namespace: str
    session_state: str
    wait_class: str
    wait_event: str
    statement_hash: str
    query_text: str
    application: str
    user: str
    total_s: float
    statement_s: float
    blocked_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DatabaseLook:
    """The newest look at a database: who is active, what they do or wait for."""

    database: str
    looked_ns: int
    sessions: tuple[LookedAt, ...]


@dataclass(slots=True)
class _Newest:
    time_ns: int = 0
    sessions: list[LookedAt] = field(default_factory=list)


class LiveDatabases:
    """The newest look at each database."""

    def __init__(self) -> None:
        self._newest: dict[str, _Newest] = {}
        self._changed = asyncio.Event()
        self._number = 0

    def take(self, accepted: Accepted) -> None:
        """Take in an accepted request."""
        if accepted.signal is not Signal.LOGS:
            return
        for resource in accepted.message.resource_logs:
            for scope in resource.scope_logs:
                if scope.scope.name not in SCOPES:
                    continue
                for record in scope.log_records:
                    if record.event_name == DatabaseEvent.QUERY_SAMPLE:
                        self._add(name_of(resource.resource.attributes), record.time_unix_nano, record.attributes)
        self._number += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def look(self, database: str) -> DatabaseLook | None:
        """Return the newest look at a database; None where it is not in memory."""
        found = self._newest.get(database)
        return DatabaseLook(database, found.time_ns, tuple(found.sessions)) if found else None

    async def looks(self, database: str, at_least_every_s: float) -> AsyncIterator[DatabaseLook | None]:
        """Yield the newest look now, at each new one, and again after a while without."""
        seen = -1
        while True:
            if seen != self._number:
                seen = self._number
                yield self.look(database)
            changed = self._changed
            try:
                await asyncio.wait_for(changed.wait(), at_least_every_s)
            except TimeoutError:
                seen = -1

    def _add(self, database: str, time_ns: int, attributes: Any) -> None:
        newest = self._newest.setdefault(database, _Newest())
        if time_ns < newest.time_ns or not database:
            return
        if time_ns > newest.time_ns:
            newest.time_ns, newest.sessions = time_ns, []
            if len(self._newest) > MAX_DATABASES:
                self._newest.pop(min(self._newest, key=lambda name: self._newest[name].time_ns))
        if len(newest.sessions) < MAX_SESSIONS:
            newest.sessions.append(_session_of({pair.key: pair.value for pair in attributes}))


def of_databases(accepted: Accepted) -> bool:
    """Whether an accepted request may tell of databases."""
    return accepted.signal is Signal.LOGS and not SCOPES.isdisjoint(accepted.scopes)


def name_of(attributes: Any) -> str:
    """Return what a database is called whose resource has these attributes; empty where nothing says it."""
    told = {pair.key: _text(pair.value) for pair in attributes}
    if name := told.get("hookline.db.name"):
        return name
    address = told.get("server.address")
    return f"{address}:{told.get('server.port', '')}" if address else told.get("service.instance.id", "")


def _session_of(told: dict[str, Any]) -> LookedAt:
    def text(name: str) -> str:
        return _text(told[name]) if name in told else ""

    def number(name: str) -> float:
        value = told.get(name)
        return 0.0 if value is None else value.double_value or float(value.int_value)

    state, wait = text("postgresql.state"), text("postgresql.wait_event")
    blocked = told.get("postgresql.blocking.pids")
    return LookedAt(
        namespace=text("db.namespace"),
        session_state=state,
        wait_class=text("hookline.db.wait.class") or ("cpu" if state == "active" and not wait else "other"),
        wait_event=wait,
        statement_hash=text("hookline.db.statement_hash") or text("postgresql.query_id"),
        query_text=text("db.query.text"),
        application=text("postgresql.application_name"),
        user=text("user.name"),
        total_s=number("hookline.db.sample.interval"),
        statement_s=number("hookline.db.statement.duration"),
        blocked_by=tuple(int(each.int_value) for each in blocked.array_value.values) if blocked is not None else (),
    )


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    return "" if kind is None or kind in ("array_value", "kvlist_value") else str(getattr(value, kind))
