"""The store as others meet it: opened when the store can be reached, so that a collector starts and journals while it is away.

Every call tries to open it first, at most once in `RETRY_S`; what cannot be reached raises Refused, which callers take as "later".
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hookline.errors import HooklineError, Refused, Rejected
from hookline.settings import Settings
from hookline_collector.observe.health import PartHealth
from hookline_collector.signal import Signal
from hookline_collector.store import Rows, Store
from hookline_collector.store.people_streams import PeopleStreams

RETRY_S = 1.0
log = logging.getLogger(__name__)
T = TypeVar("T")


class ReconnectingStore:
    """The store, or why it cannot be reached. All calls block and may come from any thread."""

    def __init__(self, settings: Settings, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._tried_at = float("-inf")
        self._trouble = "not opened yet"
        self._closed = False
        self._damages: tuple[str, ...] = ()
        self._changes = 0

    @property
    def changes(self) -> int:
        """How often something was written through here, or begun to be: while it is the same number, so is what the tables hold."""
        return self._changes

    @property
    def is_open(self) -> bool:
        """Whether the store was reached."""
        return self._store is not None

    def open(self) -> Store:
        """Return the store. Raises Refused while it cannot be reached; other errors are a person's to solve."""
        with self._lock:
            if self._store is not None:
                return self._store
            if self._closed or self._clock_s() - self._tried_at < RETRY_S:
                raise Refused(self._trouble)
            self._tried_at = self._clock_s()
            self._store = self._try()
            return self._store

    def _open_or_refuse(self) -> Store:
        try:
            return self.open()
        except HooklineError as why:
            raise Refused(str(why)) from why

    def _try(self) -> Store:
        try:
            store = Store.open(self._settings)
        except HooklineError as why:
            self._trouble = str(why)
            raise
        self._trouble = ""
        self._look_for_damage(store)
        return store

    def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
        """Store a segment once; see `Store.insert`. A store that cannot be opened, for whatever reason, has said nothing about the bytes."""
        self._note(lambda: self._open_or_refuse().insert(signal, payload, token), changes=True)

    def secure(self) -> None:
        """Return when everything that was stored is on the disk; see `Store.secure`. Whether the store takes anything is another question."""
        self._open_or_refuse().secure()

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer our own SQL; see `Store.query`. What ClickHouse rejects of it is a fault of ours, not of whoever asked."""
        try:
            return self._note(lambda: self.open().query(sql, parameters))
        except Rejected as why:
            raise HooklineError(f"one of the collector's own statements failed: {why}") from why

    def people_query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer a person's SQL; see `Store.people_query`."""
        return self.open().people_query(sql, parameters)

    def panel_query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer a panel's SQL; see `Store.panel_query`."""
        return self.open().panel_query(sql, parameters)

    def people_streams(self) -> PeopleStreams:
        """Return what answers a person in ClickHouse's formats. Raises Refused where a server is asked directly instead."""
        streams = self.open().people_streams
        if streams is None:
            raise Refused("the store is a ClickHouse server: ask it directly")
        return streams

    def ping(self) -> None:
        """Ask whether the store answers; what it says is in `health`."""
        self._note(lambda: self.open().ping())

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run our own SQL that changes something; see `Store.command`."""
        self._note(lambda: self.open().command(sql, parameters), changes=True)

    def write(self, table: str, lines: bytes) -> None:
        """Insert rows of our own; see `Store.write`."""
        self._note(lambda: self.open().write(table, lines), changes=True)

    def retain(self) -> None:
        """Keep what the settings say and for as long as they say, and no memory that nobody uses; see `Store.catch_up` and `trim_memory`."""
        self._note(lambda: self.open().catch_up(), changes=True)
        self._look_for_damage(self.open())
        self.open().trim_memory()

    def damages(self) -> PartHealth:
        """Return what of the database was found damaged when it was last looked at; nothing where all was well."""
        return PartHealth("database files", not self._damages, "; ".join(self._damages), is_remark=bool(self._damages))

    def _look_for_damage(self, store: Store) -> None:
        found = store.damages()
        for damage in found:
            if damage not in self._damages:
                log.error("the database was damaged: %s", damage)
        self._damages = found

    def health(self) -> PartHealth:
        """Return the store's health, as the last call found it."""
        engine = self._settings.store.url or "embedded engine"
        return PartHealth("store", not self._trouble, self._trouble or engine)

    def close(self) -> None:
        """Close the store; later calls are refused."""
        with self._lock:
            store, self._store, self._closed, self._trouble = self._store, None, True, "the collector is stopping"
        if store is not None:
            store.close()

    def _note(self, call: Callable[[], T], *, changes: bool = False) -> T:
        """Make a call and remember whether the store could take it: Refused is the store's trouble, Rejected the sender's.

        One that `changes` something counts when it is over, also when it failed: some of it may be stored by then.
        """
        try:
            answer = call()
        except Refused as why:
            self._trouble = self._trouble if self._closed else str(why)
            raise
        finally:
            if changes:
                with self._lock:
                    self._changes += 1
        self._trouble = ""
        return answer
