"""Judges of what sessions wait for. Each takes the window and the figures, and returns a finding, or why there is none.

Thresholds are on the lower end of a share (`LEAST_SHARE` of the load) and on sessions on average (`LEAST_SESSIONS`): a wait of one session now and
then is how a database works.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from hookline.contract.databases import VerdictClass, WaitClass
from hookline.databases.judging.fact_board import FactBoard
from hookline.databases.judging.findings import Culprit, Excluded, Finding, statement_culprit
from hookline.databases.judging.look_window import Carrier, LookWindow, Share
from hookline.databases.lock_trees import LockTree, waited_s
from hookline.databases.samples import SessionsLook

LEAST_SESSIONS: Final = 0.9
LEAST_SHARE: Final = 0.25
CARRIES: Final = 0.3
"""A statement is named as the culprit from this share of the class on."""
LONG_WAIT_S, IDLE_WAIT_S = 5.0, 2.0
LOOKS_APART_S: Final = 0.5
QUEUE_SHARE: Final = 0.4
STEADY_ROOT: Final = 0.6
OVER_CORES: Final = 1.15
QUEUES, LEAST_SPEED = 0.15, 0.01
OWN_CORES: Final = 0.75
"""Of the machine's cores: where the server's processes have fewer while they queue, somebody else has the others."""


def judge_locks(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Sessions wait for others: behind one that stays (its statement, or idle in a transaction), or in turn for the same row or table."""
    share = window.of(WaitClass.LOCK)
    looks = window.trees
    if not looks:
        return Excluded(VerdictClass.LOCK, "no session waited for another")
    longest = max((waited_s(session) for session in looks[-1][0].blocked), default=0.0) if looks[-1][0] is window.latest else 0.0
    trees = [trees[0] for _, trees in looks if trees]
    root, steadiness = _steady_root(trees, len(window.looks))
    is_idle = root is not None and root.root.session is not None and root.root.session.wait_class is WaitClass.IDLE_IN_TRANSACTION
    is_queue = share.sessions >= LEAST_SESSIONS and share.low >= QUEUE_SHARE
    if not (is_queue or longest >= LONG_WAIT_S or (is_idle and longest >= IDLE_WAIT_S)):
        return Excluded(VerdictClass.LOCK, f"{_sessions(share)} waited for others, the longest {longest:.1f} s")
    carriers = window.carriers(lambda session: bool(session.blocked_by))[:5]
    is_circle = root is not None and bool(root.root.blocked_by or facts.figure_sum("postgresql.deadlocks"))
    is_held = steadiness >= STEADY_ROOT and not is_circle
    if root is not None and is_held and max(longest, _held_s(root)) < IDLE_WAIT_S:
        if looks[-1][0].at_ns - looks[0][0].at_ns < 1e9 * (IDLE_WAIT_S + LOOKS_APART_S):
            return Excluded(VerdictClass.LOCK, f"{_sessions(share)} waited for others, too briefly to say whether one of them holds them all up")
        is_held = False  # they waited before this one came
    text, step, culprit = _held(root, is_idle, trees, longest) if root and is_held else _in_turn(window, facts, share, carriers)
    certainty = 0.95 if is_held else 0.85
    explains = frozenset({VerdictClass.CONNECTIONS}) if _fill_connections(looks[-1][0], facts) else frozenset[VerdictClass]()
    return Finding(VerdictClass.LOCK, text, step, certainty, culprit, share.share, share.low, share.high, tuple(carriers), explains)


def _fill_connections(look: SessionsLook, facts: FactBoard) -> bool:
    """Whether those who wait for others are most of the connections; so it is held to be where nobody says how many there are."""
    used = facts.figure_sum("hookline.db.connections")
    return not used or len(look.blocked) >= used / 2


def _held_s(root: LockTree) -> float:
    """Return for how long a root has held others up, at least: its wait that is longest, or all of its transaction where a session waited before."""
    session = root.root.session
    return IDLE_WAIT_S if session is None else max(root.longest_s, session.transaction_s)


def _held(root: LockTree, is_idle: bool, trees: list[LockTree], longest: float) -> tuple[str, str, Culprit | None]:
    """Say who holds what the others need."""
    culprit, does = _blocker(root)
    waiting = max(len(tree.waiting) for tree in trees)
    text = f"{waiting} sessions wait for {culprit.shown}, which {does}, the longest for {max(longest, root.longest_s):.0f} s."
    if is_idle:
        return (
            text,
            f"End its transaction: SELECT pg_terminate_backend({culprit.name}); idle_in_transaction_session_timeout does so by itself.",
            culprit,
        )
    return text, f"See why it takes so long (hookline db locks), or stop its statement: SELECT pg_cancel_backend({culprit.name}).", culprit


def _in_turn(window: LookWindow, facts: FactBoard, share: Share, carriers: list[Carrier]) -> tuple[str, str, Culprit | None]:
    """Say what all want in turn."""
    relation = _relation(window)
    culprit = statement_culprit(carriers, CARRIES) or (Culprit("relation", relation, relation) if relation else None)
    where = f" of {relation}" if relation else ""
    if deadlocks := facts.figure_sum("postgresql.deadlocks"):
        text = f"Transactions wait for each other's rows{where} and {deadlocks:.0f} deadlocks were found."
        return text, "Change rows in the same order in every transaction, and repeat what failed with SQLSTATE 40P01.", culprit
    text = f"{share.sessions:.1f} sessions on average wait in turn for the same rows{where}."
    return text, "Shorten the transactions that change them, change them last, or spread what is one row over several.", culprit


def judge_cores(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """More sessions want a core than there are cores."""
    cores = facts.figure("hookline.db.cores")
    share = window.of(WaitClass.CPU)
    if not cores:
        return Excluded(VerdictClass.CPU, "nobody says how many cores the server has: cores = N in its configuration")
    if share.sessions < OVER_CORES * cores or share.low * (window.load - window.held_up) < 0.9 * cores:
        return Excluded(VerdictClass.CPU, f"{share.sessions:.1f} sessions on average wanted a core, of which there are {cores:.0f}")
    carriers = window.carriers(lambda session: session.wait_class is WaitClass.CPU)
    text = f"{share.sessions:.1f} sessions on average want a core; there are {cores:.0f}."
    step = "Look at the statements that use them most; if they are as cheap as can be, the machine is too small."
    certainty, culprit = 0.8, statement_culprit(carriers, CARRIES)
    if window.cores is not None:
        running, queued = window.cores
        if queued < QUEUES * running:
            return Excluded(VerdictClass.CPU, f"sessions without a wait had a core: {running:.1f} ran and {queued:.1f} queued for one")
        certainty = 0.95
        text += f" They had {running:.1f} and queued for {queued:.1f} more."
        if running < OWN_CORES * cores:
            text += " Other programs of the machine use the rest."
            speed = max(LEAST_SPEED, running / (running + queued)) if queued else 1.0
            alone = window.wanting_undelayed(WaitClass.CPU, speed)
            if alone < OVER_CORES * cores:
                text += f" Without them {alone:.1f} would want one."
                step = "See what else runs on the machine (top), and move, bound (nice, a cgroup's cpu.max) or end it; or move the database."
                certainty, culprit = 0.9, Culprit("server", "other programs", "other programs of the machine")
    return Finding(VerdictClass.CPU, text, step, certainty, culprit, share.share, share.low, share.high, tuple(carriers[:5]))


def judge_files(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Sessions wait for blocks of tables and indexes."""
    del facts
    share = window.of(WaitClass.IO)
    if not _is_much(share):
        return Excluded(VerdictClass.IO, f"{_sessions(share)} waited for files")
    text = f"{share.sessions:.1f} sessions on average wait for blocks of files ({_first_event(window, WaitClass.IO)})."
    step = "See which statements read most blocks: an index or a smaller result may spare them; else more shared_buffers, or a faster disk."
    return _of_class(window, VerdictClass.IO, WaitClass.IO, share, text, step)


def judge_commits(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Sessions wait until the log of their changes is on the disk."""
    del facts
    share = window.of(WaitClass.WAL)
    if not _is_much(share):
        return Excluded(VerdictClass.WAL, f"{_sessions(share)} waited for the WAL")
    text = f"{share.sessions:.1f} sessions on average wait until their changes are in the WAL on the disk ({_first_event(window, WaitClass.WAL)})."
    step = "Change more rows in a transaction, set synchronous_commit = off where the last moments may be lost, or give the WAL a faster disk."
    return _of_class(window, VerdictClass.WAL, WaitClass.WAL, share, text, step)


def judge_latches(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Sessions wait for structures in the server's memory."""
    del facts
    share = window.of(WaitClass.LWLOCK)
    if not _is_much(share):
        return Excluded(VerdictClass.LATCH, f"{_sessions(share)} waited for latches")
    name = _first_event(window, WaitClass.LWLOCK)
    text = f"{share.sessions:.1f} sessions on average wait for structures within the server ({name})."
    step = f"Find out what {name} guards (pg_wait_events, from 17 on); fewer sessions at once, by a pool, help with most."
    return _of_class(window, VerdictClass.LATCH, WaitClass.LWLOCK, share, text, step)


def judge_clients(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Statements wait for their client to take the result, or to send more."""
    del facts
    share = window.of(WaitClass.CLIENT)
    if not _is_much(share):
        return Excluded(VerdictClass.CLIENT, f"{_sessions(share)} waited for their client")
    found = window.applications(lambda session: session.wait_class is WaitClass.CLIENT)
    culprit = Culprit("application", found[0][0], found[0][0]) if found else None
    text = f"{share.sessions:.1f} sessions on average wait for their client to take or send rows."
    step = "Look at the application, and at the network to it: the server has done its part."
    carriers = tuple(window.carriers(lambda session: session.wait_class is WaitClass.CLIENT)[:5])
    return Finding(VerdictClass.CLIENT, text, step, 0.9, culprit, share.share, share.low, share.high, carriers)


def judge_standbys(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Commits wait for a standby, a standby is behind, or a slot keeps WAL that nobody fetches."""
    share = window.of(WaitClass.REPLICATION)
    if _is_much(share):
        text = f"{share.sessions:.1f} sessions on average wait for a standby to confirm their commit."
        step = "See whether the standby and the network to it keep up; synchronous_commit = local does not wait for it."
        return _of_class(window, VerdictClass.REPLICATION, WaitClass.REPLICATION, share, text, step)
    for series, kept in sorted(facts.series("hookline.db.slot.retained").items(), key=lambda each: -each[1]):
        of = dict(part.split("=", 1) for part in series)
        name, status = of.get("hookline.db.slot.name", ""), of.get("hookline.db.slot.wal_status", "")
        is_idle = of.get("hookline.db.slot.active", "").lower() in {"false", "0"}
        if status in {"unreserved", "lost"} or (is_idle and kept >= SLOT_BYTES):
            text = f"The replication slot {name} keeps {kept / 2**20:.0f} MB of WAL{' and nobody reads from it' if is_idle else ''}."
            step = f"Let its reader go on, or drop it: SELECT pg_drop_replication_slot('{name}')."
            return Finding(VerdictClass.REPLICATION, text, step, 0.95, Culprit("slot", name, name))
    behind = max(facts.series("postgresql.replication.data_delay").items(), key=lambda each: each[1], default=((), 0.0))
    if behind[1] >= BEHIND_BYTES:
        name = behind[0][0].partition("=")[2] if behind[0] else "a standby"
        text = f"The standby {name} is {behind[1] / 2**20:.0f} MB of WAL behind."
        return Finding(
            VerdictClass.REPLICATION, text, "See whether it replays, and whether its disk keeps up.", 0.9, Culprit("application", name, name)
        )
    delay_s = facts.figure("hookline.db.replication.delay") or 0.0
    if delay_s >= BEHIND_S:
        text = f"This standby is {delay_s:.0f} s behind."
        return Finding(
            VerdictClass.REPLICATION,
            text,
            "See whether replay is paused or waits for a long query.",
            0.9,
            Culprit("server", "standby", "this standby"),
        )
    return Excluded(VerdictClass.REPLICATION, "no commit waited for a standby, none is far behind, no slot keeps much")


SLOT_BYTES: Final = 256 * 2**20
BEHIND_BYTES: Final = 64 * 2**20
BEHIND_S: Final = 30.0


def _of_class(window: LookWindow, kind: VerdictClass, wait: WaitClass, share: Share, text: str, step: str) -> Finding:
    carriers = window.carriers(lambda session: session.wait_class is wait)
    return Finding(kind, text, step, 0.9, statement_culprit(carriers, CARRIES), share.share, share.low, share.high, tuple(carriers[:5]))


def _is_much(share: Share) -> bool:
    return share.sessions >= LEAST_SESSIONS and share.low >= LEAST_SHARE


def _sessions(share: Share) -> str:
    return f"{share.sessions:.1f} sessions on average ({share.share:.0%} of the load)"


def _first_event(window: LookWindow, wait: WaitClass) -> str:
    found = window.events(wait)
    return found[0][0] if found else ""


def _steady_root(trees: list[LockTree], looks: int) -> tuple[LockTree | None, float]:
    """Return the newest tree of the root that was there most, and in which share of the looks it was."""
    roots = Counter(tree.root.pid for tree in trees)
    if not roots:
        return None, 0.0
    pid, times = roots.most_common(1)[0]
    return next(tree for tree in reversed(trees) if tree.root.pid == pid), times / max(1, looks)


def _blocker(tree: LockTree) -> tuple[Culprit, str]:
    session = tree.root.session
    if tree.root.pid == 0:
        return Culprit("pid", "0", "a prepared transaction"), "was never committed"
    if session is None:
        return Culprit("pid", str(tree.root.pid), f"the backend {tree.root.pid}"), "holds what they need"
    who = f"the backend {session.pid}" + (f" of {session.application}" if session.application else "")
    if session.wait_class is WaitClass.IDLE_IN_TRANSACTION:
        return Culprit("pid", str(session.pid), who), f"has sat idle in a transaction for {session.state_s:.0f} s"
    runs = session.statement.summary if session.statement else "a statement"
    return Culprit("pid", str(session.pid), who), f"has run {runs} for {session.statement_s:.0f} s"


def _relation(window: LookWindow) -> str:
    found = Counter(session.lock.relation for look in window.looks for session in look.blocked if session.lock and session.lock.relation)
    return found.most_common(1)[0][0] if found else ""
