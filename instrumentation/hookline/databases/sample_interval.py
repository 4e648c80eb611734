"""Looks of an interval as figures: sessions on average by what they did, and the most that stood still."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from hookline.contract.databases import WaitClass
from hookline.databases.lock_trees import waited_s
from hookline.databases.samples import SessionsLook


class SessionSeconds(NamedTuple):
    """Seconds of sessions by database, class and event."""

    database: str
    wait_class: WaitClass
    wait: str


@dataclass(slots=True)
class SampleInterval:
    """The looks since the interval began."""

    looks: int = 0
    seconds: float = 0.0
    most_blocked: int = 0
    longest_blocked_s: float = 0.0
    _sessions: defaultdict[SessionSeconds, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, look: SessionsLook) -> None:
        """Add a look."""
        self.looks += 1
        self.seconds += look.stands_for_s
        blocked = look.blocked
        for session in look.sessions:
            self._sessions[SessionSeconds(session.database, session.wait_class, session.wait)] += look.stands_for_s
        self.most_blocked = max(self.most_blocked, len(blocked))
        self.longest_blocked_s = max(self.longest_blocked_s, *map(waited_s, blocked), 0.0)

    def sessions(self) -> dict[SessionSeconds, float]:
        """Return sessions on average, by what they did."""
        return {key: seconds / self.seconds for key, seconds in self._sessions.items()} if self.seconds else {}
