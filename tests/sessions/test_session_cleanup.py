"""The cleanup at work: what it writes, what it remembers, what it does when the journal is full."""

from __future__ import annotations

from typing import Any

from hookline.contract.ids import span_id
from hookline.contract.scopes import Source
from hookline.errors import HooklineError, Refused
from hookline_collector.observe.announcements import Accepted
from hookline_collector.sessions.cleanup import Cleanup
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.state import SessionState
from hookline_collector.signal import Signal
from hookline_collector.signals.observations import Observation, ObservationKind

S = 1_000_000_000
HERE = {"host.name": "laptop", "service.name": "claude-code", "gen_ai.tool.name": "Bash"}


def orphaned(live: LiveSessions) -> None:
    """Let a session be heard of in the middle of a call and never again."""
    live.add(
        [
            Observation("s", 10 * S, ObservationKind.PROMPT, Source.HOOK, "p", "p", attributes=HERE),
            Observation("s", 11 * S, ObservationKind.TOOL_STARTED, Source.HOOK, "c", "p", attributes=HERE),
        ]
    )


def cleaned(accept: Any) -> tuple[LiveSessions, Cleanup]:
    """Return a session that is overdue and the cleanup that will close it."""
    live = LiveSessions(10, 300.0, lambda: 100_000 * S)
    orphaned(live)

    async def retain() -> None: ...

    return live, Cleanup(live, accept, retain, 3600.0, lambda *_: None, lambda: 100_000 * S)


async def test_what_the_cleanup_writes_closes_the_session_and_its_spans() -> None:
    """The records go the way of all telemetry, and the live session learns of its end from them."""
    written: list[tuple[Signal, Any]] = []

    async def accept(signal: Signal, body: bytes) -> None:
        written.append((signal, signal.request_class.FromString(body)))

    live, cleanup = cleaned(accept)
    run = await cleanup.run_once()
    assert run.closed == {"timed_out": 1}
    for signal, message in written:
        live.take(Accepted(signal, message))
    (view,) = live.snapshot()
    assert (view.state, view.end_reason, view.ended_ns, view.running_calls) == (SessionState.ENDED, "timed_out", 11 * S, ())
    spans = next(m for s, m in written if s is Signal.TRACES).resource_spans[0].scope_spans[0].spans
    assert {span.name: int.from_bytes(span.span_id) for span in spans} == {
        "invoke_agent claude-code": span_id("turn", "s", "p"),
        "execute_tool Bash": span_id("call", "s", "c"),
    }
    assert {span.end_time_unix_nano for span in spans} == {11 * S}


async def test_two_collectors_that_decide_the_same_write_the_same() -> None:
    """What is written depends on the session alone."""
    bodies: list[bytes] = []

    async def accept(signal: Signal, body: bytes) -> None:
        del signal
        bodies.append(body)

    for _ in range(2):
        await cleaned(accept)[1].run_once()
    assert bodies[:2] == bodies[2:]


async def test_a_full_journal_postpones_the_cleanup_and_is_remembered() -> None:
    """The run keeps the reason, counts nothing as closed, and the next run tries again."""

    async def accept(signal: Signal, body: bytes) -> None:
        raise Refused("the journal is full")

    live, cleanup = cleaned(accept)
    assert "full" in (await cleanup.run_once()).error
    statistics = cleanup.statistics()
    assert (statistics.runs, statistics.closed) == (1, {})
    assert live.snapshot()[0].state is not SessionState.ENDED


async def test_statistics_tell_what_was_closed_why_and_how_long_it_took() -> None:
    """Totals by reason since the start, the last run, and the trend."""

    async def accept(signal: Signal, body: bytes) -> None: ...

    _, cleanup = cleaned(accept)
    for _ in range(3):
        await cleanup.run_once()
    statistics = cleanup.statistics()
    assert statistics.runs == 3
    assert statistics.closed == {"timed_out": 3}
    runs = statistics.recent_runs
    assert len(runs) == 3 and all(run.duration_s >= run.decided_s for run in runs)
    assert (statistics.last_run, statistics.max_duration_s) == (runs[-1], max(run.duration_s for run in runs))


async def test_the_retention_is_applied_now_and_then_and_whenever_a_person_asks() -> None:
    """Whole days go, so a look each minute would find nothing new; one that failed is tried again with the next run."""
    retained: list[None] = []

    async def accept(*_: Any) -> None: ...

    async def retain() -> None:
        retained.append(None)
        if len(retained) == 1:
            raise HooklineError("the store is away")

    cleanup = Cleanup(LiveSessions(10, 300.0, lambda: 0), accept, retain, 3600.0, lambda *_: None)
    await cleanup.run_once(retain_every_s=3600.0)
    assert not retained  # the store did it when it was opened
    cleanup._retained_at -= 3600.0
    assert [(await cleanup.run_once(retain_every_s=3600.0)).error for _ in range(3)] == ["the store is away", "", ""]
    assert len(retained) == 2
    await cleanup.run_once()
    assert len(retained) == 3
