"""The live sessions as rules see them: those that go on, and what their newest calls were.

It hears of every observation that the live sessions take in, also when they are rebuilt after a start, and computes a view only of sessions that go
on, once a look. Nothing is computed while nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hookline_collector.alerts.call_streaks import CallStreak, CallStreaks
from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.state import SessionState, SessionView
from hookline_collector.signals.observations import Observation


class SessionWatch:
    """What goes on in the live sessions."""

    def __init__(self, live: LiveSessions) -> None:
        self._live = live
        self._open: dict[str, None] = {}
        self._views: list[SessionView] | None = None
        self._streaks = CallStreaks()
        self.on_change: Callable[[], None] = lambda: None
        live.watch(self._seen)

    def views(self) -> Iterable[SessionView]:
        """Return the sessions that go on, as they are now; computed once a look."""
        if self._views is None:
            found = [view for session_id in self._open if (view := self._live.get(session_id)) is not None]
            self._views = [view for view in found if view.state is not SessionState.ENDED]
            self._open = {view.session_id: None for view in self._views}
        return self._views

    def streak_of(self, session_id: str) -> CallStreak:
        """Return what is known of a session's newest calls."""
        return self._streaks.of(session_id)

    def begin_look(self) -> None:
        """Let the next look see the sessions anew."""
        self._views = None

    def _seen(self, observation: Observation) -> None:
        self._streaks.add((observation,))
        self._open[observation.session_id] = None
        self._views = None
        self.on_change()
