"""Who blocks whom: the transitive reduction of what the server says, and incidents over time."""

from hypothesis import given
from hypothesis import strategies as st

from hookline.contract.databases import WaitClass
from hookline.databases.lock_trees import LockIncidents, direct_blockers, lock_trees
from hookline.databases.samples import SessionSample, WaitedLock

S = 1_000_000_000


def session(pid: int, *blocked_by: int, waiting_s: float = 2.0, state: str = "active") -> SessionSample:
    """Return a session that waits for others, or none."""
    lock = WaitedLock("transactionid", "ShareLock", "", waiting_s) if blocked_by else None
    kind = WaitClass.LOCK if blocked_by else WaitClass.IDLE_IN_TRANSACTION
    return SessionSample(
        pid, "shop", "app", "web", "", "client backend", state, "", "", kind, 0, None, False, waiting_s, 9.0, 9.0, 0, 0, blocked_by, lock
    )


def test_a_queue_is_a_chain() -> None:
    """Of fifty that wait for one row the server names all that are ahead; each waits for the one before."""
    queue = {pid: tuple(range(1, pid)) for pid in range(2, 52)}
    assert direct_blockers(queue) == {pid: (pid - 1,) for pid in range(2, 52)}


def test_two_blockers_that_do_not_wait_for_each_other_stay() -> None:
    """A lock may be shared by several, and a pid be named twice or be a prepared transaction."""
    assert direct_blockers({3: (1, 2, 1), 4: (0,)}) == {3: (1, 2), 4: (0,)}


def test_a_circle_is_kept_and_ends() -> None:
    """A deadlock that is about to be found."""
    assert direct_blockers({1: (2,), 2: (1,)}) == {1: (2,), 2: (1,)}
    assert direct_blockers({1: (1,)}) == {1: ()}
    assert direct_blockers({9: (1, 2, 3), 1: (2, 3), 2: (1,)})[9] == (1, 2), "who stands behind a circle is not waited for directly"
    (tree,) = lock_trees([session(1, 2), session(2, 1)])
    assert len(tree.waiting) == 1


@given(st.dictionaries(st.integers(1, 8), st.lists(st.integers(0, 8), min_size=1, max_size=6), max_size=8))
def test_nobody_is_lost(blocked_by: dict[int, list[int]]) -> None:
    """Whatever the server says: the same sessions are reached before and after, and never more edges are left."""

    def reach(edges: dict[int, tuple[int, ...]], start: int) -> set[int]:
        found: set[int] = set()
        todo = [start]
        while todo:
            new = set(edges.get(todo.pop(), ())) - found
            found |= new
            todo += new
        return found - {start}

    before = {pid: tuple(set(blockers) - {pid}) for pid, blockers in blocked_by.items()}
    direct = direct_blockers(blocked_by)
    for pid, blockers in before.items():
        assert reach(direct, pid) == reach(before, pid)
        assert set(direct[pid]) <= set(blockers)


def test_a_tree_says_its_depth_and_longest_wait() -> None:
    """The root first, then the nearest."""
    sessions = [session(1, state="idle in transaction"), session(2, 1, waiting_s=5), session(3, 2, waiting_s=3), session(9, 8)]
    first, second = lock_trees(sessions)
    assert (first.root.pid, [node.pid for node in first.waiting], first.depth, first.longest_s) == (1, [2, 3], 2, 5)
    assert second.root.pid == 8
    assert second.root.session is None, "it was not seen: a session that holds a lock and is idle, or another's"


def test_an_incident_has_a_beginning_updates_and_an_end() -> None:
    """One incident, told once an interval."""
    incidents = LockIncidents("shop", every_s=10)
    short = lock_trees([session(2, 1, waiting_s=0.2)])
    long = lock_trees([session(1), session(2, 1)])
    assert incidents.step(short, 0) == []
    (begun,) = incidents.step(lock_trees([session(1), session(2, 1, waiting_s=2.5)]), 1 * S)
    assert begun.began_ns == 1 * S - 5 * S // 2
    assert [each.phase for each in incidents.step(long, 5 * S)] == []
    (told,) = incidents.step(long, 12 * S)
    assert incidents.step((), 13 * S) == []
    (ended,) = incidents.step((), 15 * S)
    assert [begun.phase, told.phase, ended.phase] == ["start", "update", "end"]
    assert len({begun.id, told.id, ended.id}) == 1
    assert incidents.step((), 30 * S) == []
