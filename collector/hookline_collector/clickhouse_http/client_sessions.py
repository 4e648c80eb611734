"""What clients set for a session of their own (`session_id`): a database and settings. Memory only, bounded, without a clock of its own."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hookline_collector.store.statement_fault import StatementFault

FORGOTTEN_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class ClientSession:
    """What was set in a session."""

    settings: Mapping[str, str] = field(default_factory=dict)
    used_at_s: float = 0.0


class ClientSessions:
    """Sessions by their ids; past `most` the one that was not used for longest goes, and whoever comes finds the old ones gone."""

    def __init__(self, most: int, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock_s = clock_s
        self._sessions: OrderedDict[str, ClientSession] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._sessions)

    def of(self, session_id: str, *, must_be: bool = False) -> ClientSession:
        """Return a session; one that is not known begins empty. Raises StatementFault where it must be known."""
        if not session_id:
            return ClientSession()
        self._forget()
        if session_id not in self._sessions and must_be:
            raise StatementFault(372, "SESSION_NOT_FOUND", f"Session {session_id[:100]} not found")
        found = replace(self._sessions.get(session_id, ClientSession()), used_at_s=self._clock_s())
        self._keep(session_id, found)
        return found

    def choose(self, session_id: str, settings: Mapping[str, str]) -> None:
        """Remember settings for what comes later in a session; nothing where there is no session."""
        if session_id:
            known = self.of(session_id)
            self._keep(session_id, replace(known, settings={**known.settings, **settings}))

    def _keep(self, session_id: str, session: ClientSession) -> None:
        self._sessions[session_id] = session
        self._sessions.move_to_end(session_id)
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)

    def _forget(self) -> None:
        before = self._clock_s() - FORGOTTEN_AFTER_S
        while self._sessions and next(iter(self._sessions.values())).used_at_s < before:
            self._sessions.popitem(last=False)
