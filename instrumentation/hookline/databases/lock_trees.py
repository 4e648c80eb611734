"""Who blocks whom: of all that the server names for each waiting session, only those that it waits for directly.

`pg_blocking_pids` also returns those ahead in the queue: of fifty that wait for one row, the last has 49 blockers. The tree is the transitive
reduction: an edge goes when a longer way leads to the same session. Sets of sessions are bits of a number, so that hundreds cost a millisecond or
two. A root blocks and is not blocked; sessions that block each other (a deadlock about to be found) are roots together.

`LockIncidents` follows roots over time: an incident begins when a root has blocked somebody for a second, is told again at most once an interval, and
ends when nobody waits for it any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from hookline.databases.samples import SessionSample

BEGINS_AFTER_S = 1.0
ENDS_AFTER_S = 2.0
MAX_TOLD = 100
"""Sessions of one tree that are told of; how many wait is told of all."""


@dataclass(frozen=True, slots=True)
class LockNode:
    """A session of a tree: who it waits for directly (none: a root), and itself where it was seen."""

    pid: int
    blocked_by: tuple[int, ...]
    depth: int
    session: SessionSample | None


@dataclass(frozen=True, slots=True)
class LockTree:
    """A root and all that wait because of it, nearest first."""

    root: LockNode
    waiting: tuple[LockNode, ...]

    @property
    def longest_s(self) -> float:
        """How long the longest wait of those below lasts."""
        return max((waited_s(node.session) for node in self.waiting), default=0.0)

    @property
    def depth(self) -> int:
        """How many steps it is to the farthest."""
        return max((node.depth for node in self.waiting), default=0)


def waited_s(session: SessionSample | None) -> float:
    """Return how long a session waits for its lock; before version 14 its statement's time is the bound."""
    if session is None:
        return 0.0
    return session.lock.waiting_s if session.lock and session.lock.waiting_s > 0 else min(session.statement_s, session.state_s or session.statement_s)


def direct_blockers(blocked_by: Mapping[int, Sequence[int]]) -> dict[int, tuple[int, ...]]:
    """Return for each waiting session those that it waits for directly."""
    pids = sorted({pid for waiting, by in blocked_by.items() for pid in (waiting, *by)})
    bit = {pid: 1 << place for place, pid in enumerate(pids)}
    own = {pid: sum({bit[by] for by in blockers} - {bit[pid]}) for pid, blockers in blocked_by.items()}
    beyond = _closures(own, pids)
    return {waiting: _direct(waiting, set(blockers) - {waiting}, beyond, bit) for waiting, blockers in blocked_by.items()}


def _closures(own: Mapping[int, int], pids: Sequence[int]) -> dict[int, int]:
    """Return everybody that each session waits for in the end."""
    beyond = {pid: own.get(pid, 0) for pid in pids}
    changed = True
    while changed:
        changed = False
        for pid in own:
            found = beyond[pid]
            rest = beyond[pid]
            while rest:
                lowest = rest & -rest
                found |= beyond[pids[lowest.bit_length() - 1]]
                rest ^= lowest
            if found != beyond[pid]:
                beyond[pid] = found
                changed = True
    return beyond


def _direct(waiting: int, blockers: set[int], beyond: Mapping[int, int], bit: Mapping[int, int]) -> tuple[int, ...]:
    """Leave out whoever stands behind another blocker. Who waits for itself in the end keeps all: a way through itself proves nothing."""
    if beyond[waiting] & bit[waiting]:
        return tuple(sorted(blockers))
    behind = 0
    for each in blockers:
        circle = 0
        if beyond[each] & bit[each]:
            circle = sum(bit[other] for other in blockers if beyond[each] & bit[other] and beyond[other] & bit[each])
        behind |= beyond[each] & ~circle & ~bit[each]
    return tuple(sorted(each for each in blockers if not behind & bit[each]))


def lock_trees(sessions: Sequence[SessionSample], others: Mapping[int, SessionSample] | None = None) -> tuple[LockTree, ...]:
    """Return the trees of one look, the one with most waiting first. `others` are roots that the look itself does not have."""
    seen = {session.pid: session for session in (*(others or {}).values(), *sessions)}
    direct = direct_blockers({session.pid: session.blocked_by for session in sessions if session.blocked_by})
    if not direct:
        return ()
    below: dict[int, list[int]] = {}
    for waiting, blockers in direct.items():
        for blocker in blockers:
            below.setdefault(blocker, []).append(waiting)
    roots = [pid for pid in below if pid not in direct] or _circle(direct)
    trees = [_tree(root, direct, below, seen) for root in roots]
    return tuple(sorted(trees, key=lambda tree: (-len(tree.waiting), tree.root.pid)))


def _circle(direct: Mapping[int, Sequence[int]]) -> list[int]:
    """Return one session of a circle, where nobody is free."""
    pid, passed = next(iter(direct)), set()
    while pid not in passed:
        passed.add(pid)
        pid = direct[pid][0]
    return [pid]


def _tree(root: int, direct: Mapping[int, tuple[int, ...]], below: Mapping[int, Sequence[int]], seen: Mapping[int, SessionSample]) -> LockTree:
    found: list[LockNode] = []
    level, known, depth = [root], {root}, 0
    while level:
        depth += 1
        level = [pid for above in level for pid in below.get(above, ()) if pid not in known and not known.add(pid)]  # type: ignore[func-returns-value]
        found += [LockNode(pid, direct[pid], depth, seen.get(pid)) for pid in level]
    return LockTree(LockNode(root, direct.get(root, ()), 0, seen.get(root)), tuple(found))


@dataclass(frozen=True, slots=True)
class LockIncident:
    """One root that blocks, over time. `phase` is start, update or end."""

    id: str
    phase: str
    tree: LockTree
    began_ns: int


@dataclass(slots=True)
class _Followed:
    incident: LockIncident
    seen_ns: int
    told_ns: int


@dataclass(slots=True)
class LockIncidents:
    """The incidents of one database. `step` is called with the trees of a look, also with none."""

    name: str
    every_s: float
    _open: dict[int, _Followed] = field(default_factory=dict)

    def step(self, trees: Sequence[LockTree], now_ns: int) -> list[LockIncident]:
        """Return what is to be told."""
        told: list[LockIncident] = []
        for tree in trees:
            known = self._open.get(tree.root.pid)
            if known is None:
                if tree.longest_s >= BEGINS_AFTER_S:
                    began_ns = now_ns - int(tree.longest_s * 1e9)
                    incident = LockIncident(_id(self.name, tree.root.pid, began_ns), "start", tree, began_ns)
                    self._open[tree.root.pid] = _Followed(incident, now_ns, now_ns)
                    told.append(incident)
                continue
            known.seen_ns = now_ns
            known.incident = replace(known.incident, phase="update", tree=tree)
            if now_ns - known.told_ns >= self.every_s * 1e9:
                known.told_ns = now_ns
                told.append(known.incident)
        for pid, known in list(self._open.items()):
            if now_ns - known.seen_ns >= ENDS_AFTER_S * 1e9:
                del self._open[pid]
                told.append(replace(known.incident, phase="end"))
        return told


def _id(name: str, pid: int, began_ns: int) -> str:
    return sha256(f"{name}\0{pid}\0{began_ns}".encode()).hexdigest()[:16]
