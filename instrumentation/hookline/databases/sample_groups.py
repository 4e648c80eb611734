"""Looks of an interval as few records: what sessions were seen doing alike is one, with the seconds of sessions that it stands for.

Sessions that wait for another, and those whose statement runs for a second, are told one by one: with them it matters who it was. Past `MAX_GROUPS`
the smallest are added up by what they wait for, without their statement, so that seconds still add up to all that was seen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from hookline.contract.databases import MAX_PIDS, WaitClass
from hookline.databases.samples import SessionSample, SessionsLook

MAX_GROUPS = 200
OWN_RECORD_S = 1.0


class GroupKey(NamedTuple):
    """What sessions of one record have in common. `pid` is 0 where it is not one session's."""

    database: str
    statement_hash: str
    query_id: int
    state: str
    wait_type: str
    wait_event: str
    application: str
    user: str
    peer: str
    backend_type: str
    pid: int


@dataclass(slots=True)
class SampleGroup:
    """What was seen so."""

    key: GroupKey
    latest: SessionSample
    seconds: float = 0.0
    count: int = 0
    pids: list[int] = field(default_factory=list)
    statement_s: float = 0.0
    transaction_s: float = 0.0
    is_rest: bool = False

    def add(self, session: SessionSample, seconds: float) -> None:
        """Add one session of one look."""
        self.latest = session
        self.seconds += seconds
        self.count += 1
        self.statement_s = max(self.statement_s, session.statement_s)
        self.transaction_s = max(self.transaction_s, session.transaction_s)
        if session.pid not in self.pids and len(self.pids) < MAX_PIDS:
            self.pids.append(session.pid)


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
    _groups: dict[GroupKey, SampleGroup] = field(default_factory=dict)
    _sessions: defaultdict[SessionSeconds, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, look: SessionsLook) -> None:
        """Add a look."""
        self.looks += 1
        self.seconds += look.stands_for_s
        blocked = 0
        for session in look.sessions:
            self._sessions[SessionSeconds(session.database, session.wait_class, session.wait)] += look.stands_for_s
            blocked += bool(session.blocked_by)
            key = _key(session)
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = SampleGroup(key, session)
            group.add(session, look.stands_for_s)
        self.most_blocked = max(self.most_blocked, blocked)

    def sessions(self) -> dict[SessionSeconds, float]:
        """Return sessions on average, by what they did."""
        return {key: seconds / self.seconds for key, seconds in self._sessions.items()} if self.seconds else {}

    def groups(self) -> list[SampleGroup]:
        """Return the groups, those that stand for most first, the rest added up."""
        found = sorted(self._groups.values(), key=lambda group: -group.seconds)
        rest: dict[GroupKey, SampleGroup] = {}
        for group in found[MAX_GROUPS:]:
            key = GroupKey(
                group.key.database, "", 0, group.key.state, group.key.wait_type, group.key.wait_event, "", "", "", group.key.backend_type, 0
            )
            into = rest.setdefault(key, SampleGroup(key, group.latest, is_rest=True))
            into.seconds += group.seconds
            into.count += group.count
        return [*found[:MAX_GROUPS], *rest.values()]


def _key(session: SessionSample) -> GroupKey:
    is_own = bool(session.blocked_by) or session.statement_s >= OWN_RECORD_S
    return GroupKey(
        session.database,
        session.statement.hash if session.statement else "",
        session.query_id,
        session.state,
        session.wait_type,
        session.wait_event,
        session.application,
        session.user,
        session.peer,
        session.backend_type,
        session.pid if is_own else 0,
    )
