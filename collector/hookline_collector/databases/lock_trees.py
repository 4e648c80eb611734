"""Who waits for whom, as a list that reads as a tree: whoever holds others up first, and below each those that wait for it.

The agent tells trees; samples of a single look tell for each session whom it waits for, and PostgreSQL's answer to that is everybody who is ahead in
the queue. So a session stands below the one of them that itself waits deepest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_SESSIONS = 500


@dataclass(frozen=True, slots=True)
class LockSession:
    """A session that waits, or that others wait for, with how deep it stands."""

    pid: int
    depth: int
    blocked_by: tuple[int, ...]
    session_state: str
    statement_hash: str
    summary: str
    query_text: str
    application: str
    user: str
    namespace: str
    lock_mode: str
    lock_relation: str
    waited_s: float
    transaction_s: float


def of_tree(text: str) -> list[LockSession]:
    """Return the sessions of a tree that the agent told; none of what is no tree."""
    try:
        told = json.loads(text)
    except ValueError:
        return []
    found = [each for each in told if isinstance(each, dict) and _whole(each.get("pid"))] if isinstance(told, list) else []
    return ordered([_session(each) for each in found[:MAX_SESSIONS]])


def of_samples(rows: Sequence[Mapping[str, Any]]) -> list[LockSession]:
    """Return the sessions of a look that wait, and those that they wait for."""
    seen = {pid: row for row in rows for pid in row["pids"]}
    waiting = {pid for pid, row in seen.items() if row["blocked_by"]}
    named = waiting | {blocker for pid in waiting for blocker in seen[pid]["blocked_by"] if blocker}
    return ordered([_sampled(pid, seen.get(pid, {})) for pid in sorted(named)][:MAX_SESSIONS])


def ordered(sessions: Sequence[LockSession]) -> list[LockSession]:
    """Return sessions with their depths, each below one that it waits for."""
    known = {session.pid: session for session in sessions}
    depths = {pid: _depth(pid, known, frozenset()) for pid in known}
    below: dict[int, list[int]] = {}
    for pid, session in known.items():
        blockers = [each for each in session.blocked_by if each in known and each != pid]
        if blockers and depths[pid]:
            below.setdefault(max(blockers, key=lambda each: (depths[each] < depths[pid], depths[each])), []).append(pid)
    found: list[LockSession] = []
    placed: set[int] = set()

    def place(pid: int, depth: int) -> None:
        if pid in placed:
            return
        placed.add(pid)
        found.append(_at(known[pid], depth))
        for each in sorted(below.get(pid, ()), key=lambda each: -known[each].waited_s):
            place(each, depth + 1)

    for pid in sorted(known, key=lambda each: (depths[each], each)):
        place(pid, 0)
    return found


def _depth(pid: int, known: Mapping[int, LockSession], above: frozenset[int]) -> int:
    """Return how many wait above it; a circle ends where it began."""
    blockers = [each for each in known[pid].blocked_by if each in known and each not in above and each != pid] if len(above) < 60 else []
    return 1 + max(_depth(each, known, above | {pid}) for each in blockers[-3:]) if blockers else 0


def _at(session: LockSession, depth: int) -> LockSession:
    values = {name: getattr(session, name) for name in LockSession.__slots__} | {"depth": depth}
    return LockSession(**values)


def _session(each: Mapping[str, Any]) -> LockSession:
    return LockSession(
        pid=_whole(each.get("pid")),
        depth=0,
        blocked_by=_wholes(each.get("blocked_by")),
        session_state=_text(each.get("state")),
        statement_hash=_text(each.get("statement_hash")),
        summary=_text(each.get("summary")),
        query_text=_text(each.get("text")),
        application=_text(each.get("application")),
        user=_text(each.get("user")),
        namespace=_text(each.get("namespace")),
        lock_mode=_text(each.get("mode")),
        lock_relation=_text(each.get("relation")),
        waited_s=_number(each.get("waiting_s")),
        transaction_s=_number(each.get("transaction_s")),
    )


def _sampled(pid: int, row: Mapping[str, Any]) -> LockSession:
    return LockSession(
        pid=pid,
        depth=0,
        blocked_by=_wholes(row.get("blocked_by")),
        session_state=_text(row.get("state")),
        statement_hash=_text(row.get("statement_hash")),
        summary="",
        query_text=_text(row.get("statement")),
        application=_text(row.get("application")),
        user=_text(row.get("user")),
        namespace=_text(row.get("namespace")),
        lock_mode=_text(row.get("lock_mode")),
        lock_relation=_text(row.get("lock_relation")),
        waited_s=_number(row.get("waited_s")),
        transaction_s=_number(row.get("transaction_s")),
    )


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32 else 0


def _wholes(value: Any) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_whole(each) for each in value if _whole(each))) if isinstance(value, list | tuple) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
