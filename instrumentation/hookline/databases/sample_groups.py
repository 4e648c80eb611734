"""Looks of some time as few records: what sessions were seen doing alike is one, with the seconds of sessions that it stands for.

Sessions that wait for another, and those whose statement runs for a second, are told one by one: with them it matters who it was. Past `MAX_GROUPS`
the smallest are added up by what they wait for, without their statement, so that seconds still add up to all that was seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from hookline.contract.databases import MAX_PIDS
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


@dataclass(slots=True)
class SampleGroups:
    """Looks that are not told yet, by what sessions were seen doing alike."""

    seconds: float = 0.0
    """For how long the looks stand."""
    _groups: dict[GroupKey, SampleGroup] = field(default_factory=dict)

    def add(self, look: SessionsLook) -> None:
        """Add a look."""
        self.seconds += look.stands_for_s
        for session in look.sessions:
            key = _key(session)
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = SampleGroup(key, session)
            group.add(session, look.stands_for_s)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._groups)

    def told(self) -> list[SampleGroup]:
        """Return those that are told, which stand for most first, the rest added up."""
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
