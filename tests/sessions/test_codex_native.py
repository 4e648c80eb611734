"""Codex's own log records in the live view: decisions and results of calls, each call once, a subagent's under its session."""

from __future__ import annotations

from collections.abc import Iterator

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from hookline.contract.scopes import Source
from hookline_collector.sessions import LiveSessions
from hookline_collector.signal import Signal
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.requests import observations
from support.codex_captures import FOLDER, hooks_of


def seen(scenario: str) -> Iterator[Observation]:
    for path in sorted((FOLDER / scenario / "otlp").glob("*-logs.binpb")):
        yield from observations(Signal.LOGS, ExportLogsServiceRequest.FromString(path.read_bytes()))


def test_each_call_is_seen_once_and_the_stream_of_an_answer_not_at_all() -> None:
    """The hooks' calls, by their ids; the code that made them is a note, and nothing else says anything."""
    found = list(seen("subagent"))
    calls = {event.tool.call_id for event in hooks_of("subagent") if event.tool and event.tool.call_id}
    ended = [one.key for one in found if one.seen is ObservationKind.TOOL_ENDED]
    assert sorted(ended) == sorted(calls)
    assert {one.seen for one in found} == {ObservationKind.TOOL_ENDED, ObservationKind.TOOL_RUNNING, ObservationKind.NOTE}
    assert all(one.source is Source.NATIVE for one in found)


def test_a_granted_permission_is_seen_when_it_is_granted() -> None:
    """0.5 s before the call's end; a refusal by Escape is told by nobody but the hook."""
    event = next(event for event in hooks_of("interactive") if event.name == "PostToolUse")
    granted = [one for one in seen("interactive") if one.seen is ObservationKind.TOOL_RUNNING]
    assert event.tool is not None
    assert [(one.key, one.session_id) for one in granted] == [(event.tool.call_id, event.session_id)]
    assert 0 < event.time_ns - granted[0].time_ns < 1_000_000_000


def test_a_subagents_thread_is_no_session_of_its_own() -> None:
    """Once hooks have said whose it is."""
    started = next(event for event in hooks_of("subagent") if event.name == "SubagentStart")
    live = LiveSessions(100, 60.0, lambda: started.time_ns)
    live.add([Observation(started.session_id, started.time_ns, ObservationKind.SUBAGENT_STARTED, Source.HOOK, started.agent_id)])
    live.add(seen("subagent"))
    assert [view.session_id for view in live.snapshot()] == [started.session_id]
