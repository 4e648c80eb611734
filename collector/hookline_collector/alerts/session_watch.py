"""The live sessions as rules see them: those that go on, and what their newest calls were.

It hears of every observation that the live sessions take in, also when they are rebuilt after a start. A look computes anew the sessions of which
something was heard since the look before, and all of them where none did so for REFRESH_NS: time alone makes a session idle, and a process may die
unheard. Nothing is computed while nobody looks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.call_streaks import CallStreak, CallStreaks
from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.state import SessionState, SessionView
from hookline_collector.signals.observations import Observation

REFRESH_NS = 10 * NS_PER_S


class SessionWatch:
    """What goes on in the live sessions."""

    def __init__(self, live: LiveSessions, steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._live = live
        self._steady_ns = steady_ns
        self._views: dict[str, SessionView] = {}
        self._heard_of: set[str] = set()
        self._refreshed_ns = steady_ns()
        self._streaks = CallStreaks()
        self.on_change: Callable[[], None] = lambda: None
        live.watch(self._seen)

    def views(self) -> Iterable[SessionView]:
        """Return the sessions that go on, as the look began."""
        if self._heard_of:
            self._compute(self._heard_of)
            self._heard_of = set()
        return self._views.values()

    def streak_of(self, session_id: str) -> CallStreak:
        """Return what is known of a session's newest calls."""
        return self._streaks.of(session_id)

    def begin_look(self) -> None:
        """Let what follows see the sessions as they are now."""
        now_ns = self._steady_ns()
        if now_ns - self._refreshed_ns >= REFRESH_NS:
            self._refreshed_ns = now_ns
            self._heard_of |= self._views.keys()

    def _compute(self, session_ids: Iterable[str]) -> None:
        for session_id in session_ids:
            view = self._live.get(session_id)
            if view is not None and view.state is not SessionState.ENDED:
                self._views[session_id] = view
            else:
                self._views.pop(session_id, None)

    def _seen(self, observation: Observation) -> None:
        self._streaks.add((observation,))
        self._heard_of.add(observation.session_id)
        self.on_change()
