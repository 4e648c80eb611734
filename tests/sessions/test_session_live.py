"""All live sessions together: bounds, listeners, and what the cleanup closes."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from hookline.contract.scopes import PROBE_PREFIX, Source
from hookline_collector.sessions.cleanup import overdue
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.process import Processes
from hookline_collector.sessions.state import SessionState, SessionView
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.requests import of_log

S = 1_000_000_000
HERE = {"host.name": "laptop", "process.pid": "42", "process.creation.time": "2026-01-01T00:00:00Z"}


def prompt(session: str, at_s: float, **attributes: str) -> Observation:
    """Return a prompt of a session at a second."""
    return Observation(session, int(at_s * S), ObservationKind.PROMPT, Source.HOOK, "p", "p", attributes=attributes or HERE)


def ended(session: str, at_s: float) -> Observation:
    """Return the end of a session at a second."""
    return Observation(session, int(at_s * S), ObservationKind.ENDED, Source.HOOK, reason="session_end")


def live_at(now_s: float, *seen: Observation, max_live: int = 100) -> LiveSessions:
    """Return live sessions with a stopped clock."""
    live = LiveSessions(max_live, 300.0, lambda: int(now_s * S))
    live.add(seen)
    return live


def unknown(*_: str) -> None:
    """Know nothing of any process."""


def closed(live: LiveSessions, now_s: float, timeout_s: float = 3600.0, alive: bool | None = None) -> dict[str, tuple[str, float]]:
    """Return what the cleanup would close, by session."""
    found = overdue(live.snapshot(), int(now_s * S), timeout_s, lambda *_: alive)
    return {c.view.session_id: (c.reason, c.ended_ns / S) for c in found}


def test_the_oldest_ended_sessions_leave_memory_first() -> None:
    """Past the bound an ended session goes although an open one is older."""
    live = live_at(100, prompt("old but open", 1), prompt("ended", 2), ended("ended", 3), max_live=2)
    live.add([prompt("new", 4)])
    assert {v.session_id for v in live.snapshot()} == {"old but open", "new"}
    assert live.evicted == 1


def test_what_comes_late_of_a_session_that_left_memory_does_not_bring_it_back_half() -> None:
    """Its spans may come after its end made it leave; only something newer makes it a live session again."""
    live = live_at(100, prompt("open", 1), prompt("left", 2), ended("left", 3), max_live=1)
    live.add([prompt("left", 2.5)])
    assert {v.session_id for v in live.snapshot()} == {"open"}
    live.add([prompt("left", 50)])
    assert live.get("left") is not None


def test_a_session_whose_process_is_gone_ended_at_its_last_sign_of_life() -> None:
    """The end is the last event, not the moment of the cleanup."""
    live = live_at(1000, prompt("s", 10))
    assert closed(live, 1000, alive=False) == {"s": ("process_gone", 10)}
    assert closed(live, 1000, alive=True) == {}


def test_a_session_is_superseded_by_a_later_one_of_the_same_process() -> None:
    """Clear and fork start another session in the same process."""
    live = live_at(1000, prompt("first", 10), prompt("second", 500))
    assert closed(live, 1000) == {"first": ("superseded", 500)}


def test_sessions_that_share_a_process_side_by_side_do_not_supersede_each_other() -> None:
    """A server of several conversations; what is heard a moment after another began is only late."""
    live = live_at(1000, prompt("first", 10), prompt("second", 500), prompt("first", 600), prompt("third", 700))
    assert closed(live, 1000) == {}
    late = live_at(1000, prompt("first", 10), prompt("first", 501), prompt("second", 500), prompt("second", 900), prompt("third", 950))
    assert closed(late, 1000) == {"first": ("superseded", 950), "second": ("superseded", 950)}


def test_a_silent_session_times_out() -> None:
    """Beyond the limit a session ends at its last event; an ended one is left alone."""
    live = live_at(5000, prompt("silent", 10), prompt("over", 20, **{**HERE, "process.pid": "7"}), ended("over", 30))
    assert closed(live, 5000) == {"silent": ("timed_out", 10)}


def test_a_late_event_reopens_what_the_cleanup_closed() -> None:
    """A closing record is an end like any other: it counts until something newer is heard."""
    live = live_at(5000, prompt("s", 10))
    live.add(of_log("hookline.session.closed", 10 * S, {"session.id": "s", "hookline.session.end_reason": "timed_out"}, Source.COLLECTOR))
    assert view_of(live).state is SessionState.ENDED
    assert view_of(live).end_reason == "timed_out"
    live.add([prompt("s", 4999)])
    assert view_of(live).state is SessionState.WORKING


def view_of(live: LiveSessions) -> SessionView:
    """Return the only session."""
    (only,) = live.snapshot()
    return replace(only)


def test_hooklines_own_probe_is_no_session() -> None:
    """`hookline doctor` leaves no trace in the live view."""
    live = live_at(10)
    live.add(of_log("hookline.prompt_submitted", S, {"session.id": f"{PROBE_PREFIX}1"}, Source.HOOK))
    assert live.snapshot() == []


async def test_a_slow_listener_misses_states_but_never_the_last() -> None:
    """What waits for a listener is a set of ids, bounded by the sessions themselves."""
    live = live_at(10)
    with live.listening() as listener:
        for n in range(1000):
            live.add([prompt("a" if n % 2 else "b", n)])
        async with contextlib.aclosing(listener.changes(0.0)) as changes:
            assert await anext(changes) == {"a", "b"}


def test_a_session_that_is_over_is_looked_at_again_when_more_is_heard_of_it() -> None:
    """What it was is kept only until then."""
    live = live_at(100, prompt("s", 1), ended("s", 3))
    assert [view_of(live).state for _ in range(2)] == [SessionState.ENDED, SessionState.ENDED]
    live.add([prompt("s", 50)])
    assert view_of(live).state is not SessionState.ENDED


async def test_time_and_the_end_of_a_process_are_told_to_listeners_without_an_event() -> None:
    """A killed client and a session that became idle are changes; what stays as it was is none."""
    now_s, alive = [10.0], [True]
    live = LiveSessions(10, 300.0, lambda: int(now_s[0] * S), lambda *_: alive[0])
    live.add([prompt("s", 1), Observation("s", 2 * S, ObservationKind.TURN_ENDED, Source.HOOK, "p", attributes=HERE)])
    found = []
    with live.listening() as listener:
        live.pulse()
        for now_s[0], alive[0] in ((11.0, True), (400.0, True), (400.0, False)):
            live.pulse()
            found.append(listener.take())
    assert found == [set(), {"s"}, {"s"}]


async def test_while_nobody_listens_nothing_beats() -> None:
    """A service that beats waits, without a timer, for the first who wants to hear."""
    live = live_at(10)
    beating = asyncio.create_task(live.beat())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not beating.done()
    with live.listening():
        await beating
        await live.beat()
    beating = asyncio.create_task(live.beat())
    await asyncio.sleep(0)
    assert not beating.done()
    beating.cancel()


def test_the_collector_looks_at_a_process_once_a_second_and_never_again_at_a_dead_one() -> None:
    """Many who ask cost no more than one, and a process that is dead stays dead."""
    looks: list[tuple[str, ...]] = []
    now_s, alive = [0.0], [True]

    def look(*key: str) -> bool:
        looks.append(key)
        return alive[0]

    processes = Processes(look, lambda: now_s[0])
    assert [processes.is_alive("h", "1", "t") for _ in range(3)] == [True, True, True]
    now_s[0], alive[0] = 1.5, False
    assert [processes.is_alive("h", "1", "t") for _ in range(3)] == [False, False, False]
    now_s[0] = 99.0
    assert processes.is_alive("h", "1", "t") is False
    assert len(looks) == 2
