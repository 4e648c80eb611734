"""One look at a database: who was at work, at what, and what for they waited.

Ages, not moments: the server's clock may be an hour off. A session is a NamedTuple because thousands are made in a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from hookline.contract.databases import NO_LOAD, WaitClass
from hookline.sql.sql_text import StatementText


class WaitedLock(NamedTuple):
    """The lock that a session waits for; empty texts and 0 where the server does not say."""

    kind: str
    mode: str
    relation: str
    waiting_s: float


class SessionSample(NamedTuple):
    """A session as it was seen once. `blocked_by` are those that it waits for, and those before it in the queue; 0 is a prepared transaction."""

    pid: int
    database: str
    user: str
    application: str
    peer: str
    backend_type: str
    state: str
    wait_type: str
    wait_event: str
    wait_class: WaitClass
    query_id: int
    statement: StatementText | None
    is_cut: bool
    statement_s: float
    transaction_s: float
    state_s: float
    xmin_age: int = 0
    leader_pid: int = 0
    blocked_by: tuple[int, ...] = ()
    lock: WaitedLock | None = None

    @property
    def is_load(self) -> bool:
        """Whether the session wants something of the server now."""
        return self.wait_class not in NO_LOAD

    @property
    def wait(self) -> str:
        """What it waits for, as `Lock:transactionid`; empty on a core."""
        return f"{self.wait_type}:{self.wait_event}" if self.wait_type else ""


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """How server processes had cores since the look before, in cores: running, and queued for one."""

    running: float
    queued: float


@dataclass(frozen=True)
class SessionsLook:
    """All sessions of one moment that were not idle. `stands_for_s` is the time since the look before, at most twice the pace."""

    at_ns: int
    stands_for_s: float
    took_s: float
    sessions: tuple[SessionSample, ...]
    cores: CoreTimes | None = None

    @cached_property
    def active(self) -> int:
        """Sessions that were load."""
        return sum(session.is_load for session in self.sessions)

    @cached_property
    def blocked(self) -> tuple[SessionSample, ...]:
        """Sessions that waited for others."""
        return tuple(session for session in self.sessions if session.blocked_by)
