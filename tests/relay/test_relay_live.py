"""Unit tests of the sessions that the relay watches."""

from __future__ import annotations

from dataclasses import replace

from hookline.agent_event import AgentEvent, Place
from hookline.contract.events import EventKind
from hookline.relay.watch.watched_sessions import LATE_S, MAX_SESSIONS, WatchedSessions
from hookline.system.process import ProcessKey

S = 1_000_000_000
CREATED = "2026-01-02T03:04:05.000Z"
BEGIN = 1_800_000_000 * S


def event(
    kind: EventKind = EventKind.PROMPT_SUBMITTED, at_s: float = 0.0, pid: int | None = 7, created: str = CREATED, session: str = "s1"
) -> AgentEvent:
    return AgentEvent(
        BEGIN + int(at_s * S), "u", "claude-code", kind, session, pid=pid, process_created=created, place=Place(project="shop", project_id="p1")
    )


def live(*events: AgentEvent, read_at_s: float = 0.0) -> WatchedSessions:
    sessions = WatchedSessions(3600.0)
    for one in events:
        sessions.see(one, BEGIN + int(read_at_s * S))
    return sessions


def check(sessions: WatchedSessions, at_s: float, alive: bool = False) -> list[AgentEvent]:
    return sessions.check(BEGIN + int(at_s * S), lambda _key: alive)


def test_a_process_that_is_gone_is_reported_after_a_second_look_with_its_last_sign_of_life() -> None:
    """Its last event may still be on the way at the first look; a relay that slept does not count the night."""
    sessions = live(event())
    assert check(sessions, 5, alive=True) == []
    assert check(sessions, 40_000) == []
    assert sessions.has_doubtful()
    (gone,) = check(sessions, 40_001)
    assert (gone.kind, gone.session_id, gone.pid, gone.process_created) == (EventKind.PROCESS_GONE, "s1", 7, CREATED)
    assert gone.time_ns == BEGIN + 5 * S
    assert len(sessions) == 0


def test_an_event_between_the_looks_takes_the_doubt_away() -> None:
    """The session's end event explains the process's end: nothing is reported."""
    sessions = live(event())
    assert check(sessions, 1) == []
    sessions.see(event(EventKind.SESSION_ENDED, 1.5), BEGIN + 2 * S)
    assert check(sessions, 2) == []
    assert len(sessions) == 0


def test_the_process_is_looked_up_by_pid_and_creation() -> None:
    """A pid alone would find its successor."""
    asked: list[ProcessKey] = []

    def is_alive(key: ProcessKey) -> bool:
        asked.append(key)
        return True

    live(event()).check(BEGIN, is_alive)
    assert asked == [ProcessKey(7, 1767323045.0)]


def test_a_session_without_a_process_lives_until_it_has_been_silent_for_long() -> None:
    """No process: nobody to look after, and nothing to report."""
    sessions = live(event(pid=None, created=""))
    assert check(sessions, 3_599) == []
    assert len(sessions) == 1
    assert check(sessions, 3_601) == []
    assert len(sessions) == 0


def test_a_fresh_event_proves_that_its_process_lives_somewhere() -> None:
    """Hooks in a container that shares the folder: their pids are not found here, and are not dead."""
    sessions = live(event(created=""), read_at_s=1)
    assert check(sessions, 600) == []
    assert len(sessions) == 1


def test_a_late_event_of_a_process_that_is_not_there_means_that_it_ended_while_the_relay_was_away() -> None:
    """The end is its last event, not the morning in which the relay came back."""
    sessions = live(event(created=""), read_at_s=LATE_S + 1)
    (gone,) = check(sessions, 40_000)
    assert gone.time_ns == BEGIN


def test_what_the_relay_watched_is_known_to_its_next_life() -> None:
    """And rows of another version cost only themselves."""
    first = live(event())
    check(first, 5, alive=True)
    second = WatchedSessions(3600.0)
    second.restore([*first.dump(), {"unknown": 1}])
    (session,) = second
    assert (session.session_id, session.project, session.alive_ns) == ("s1", "shop", BEGIN + 5 * S)
    assert session.attributes == {
        "session.id": "s1",
        "gen_ai.agent.name": "claude-code",
        "process.pid": 7,
        "hookline.project.name": "shop",
        "hookline.project.id": "p1",
    }


def test_a_later_process_of_a_session_takes_the_place_of_the_first() -> None:
    """A resumed session has the same id and another process."""
    sessions = live(event(), replace(event(), pid=8, process_created="2026-01-02T04:00:00.000Z"))
    (session,) = sessions
    assert session.pid == 8


def test_the_number_of_sessions_is_bounded() -> None:
    """The one silent for longest leaves."""
    sessions = live(*(event(at_s=number, session=f"s{number}") for number in range(MAX_SESSIONS + 10)))
    assert len(sessions) == MAX_SESSIONS
    assert "s0" not in {session.session_id for session in sessions}
