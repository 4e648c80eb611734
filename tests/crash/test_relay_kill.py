"""Kill -9 of the relay at any moment, with an endpoint that loses answers: the collector ends up with the same spans and events.

The spool's files are written as hooks write them, by their own clock, while relays come and go. What the collector must
have is known from folding the same files by hand. `soaking` says how often.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest

from hookline.agents import AgentEvent
from hookline.agents.claude_code.subagent_files import enrich
from hookline.fold import FoldState, fold, order
from hookline.records import FoldStep
from hookline.settings import Settings
from hookline.spool.event_file import parse_event
from hookline.workspace.project import find_place
from support.otlp_sink import GrpcSink
from support.relaying import SCENARIOS, RelayProcess, copies, settings_for, wait_until
from support.relaying.captures import Captured, write
from support.replay import adapt
from support.soaking import TIMES, share

KILLS = share(6, 24, 240 * TIMES)
LATE_S = 5.0
"""How long a call waits for its request: its events stay in the spool until then. Far more than the feeder ever pauses."""


@dataclass
class Feeder:
    """Writes events like hooks do and remembers them."""

    settings: Settings
    events: list[Captured]
    pause_s: float
    first: int = 0
    written: list[AgentEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        for number, event in enumerate(self.events, self.first):
            time_ns = time.time_ns()
            path = write(self.settings.spool_dir, f"{number}", event.payload, time_ns)
            content = b"hookline/1 agent=claude-code ppid=1\n" + event.payload
            file = parse_event(path, time_ns, content)
            self.written.append(enrich(adapt(file.payload, file.env, file.time_ns, file.uid, find_place)))
            time.sleep(self.pause_s)


def steps(events: list[AgentEvent]) -> Iterator[FoldStep]:
    kept = FoldState()
    for event in order(events):
        kept, step = fold(kept, event)
        yield step


def sessions_at_once(count: int) -> list[Captured]:
    """Every scenario `count` times, all sessions running side by side."""
    events = [event for scenario in SCENARIOS for event in copies(scenario, count)]
    return sorted(events, key=lambda event: event.after_ns)


def losing_answers(chance: random.Random) -> object:
    """Accept some requests and say that they failed, refuse others. The first spans are such: something is sent twice in every run."""

    def fault(sink: GrpcSink, signal: str, body: bytes, context: grpc.ServicerContext) -> None:
        drawn = 0.0 if signal == "traces" and not sink.all_spans else chance.random()
        if drawn < 0.1:
            sink.accept(signal, body)
        if drawn < 0.2:
            context.abort(grpc.StatusCode.UNAVAILABLE, "lost")

    return fault


@pytest.mark.long
@pytest.mark.crash
@pytest.mark.soak
def test_a_relay_killed_at_any_moment_changes_nothing_in_what_the_collector_gets(tmp_path: Path) -> None:
    """No span and no event is missing, none is there that an undisturbed relay would not have sent, no file is left."""
    chance = random.Random(20)
    fault = losing_answers(random.Random(21))
    with GrpcSink() as sink:
        sink.fault = lambda signal, body, context: fault(sink, signal, body, context)  # type: ignore[operator]
        settings = settings_for(tmp_path, sink.address)
        feeder = Feeder(settings, sessions_at_once(max(2, KILLS // 4)), pause_s=0.02)
        for _ in range(KILLS):
            relay = RelayProcess(tmp_path, sink.address, late_s=LATE_S, is_ready=chance.random() < 0.8)
            time.sleep(chance.random() * 0.25)
            relay.kill()
        feeder.join()
        expected = list(steps(feeder.written))
        last = RelayProcess(tmp_path, sink.address, late_s=LATE_S)
        wait_until(lambda: not list(settings.spool_dir.glob("*.ev")), 60, "removal")
        assert last.terminate() == 0
        assert last.errors == ""
    wanted = {(f"{span.span_id:016x}", span.start_ns, span.end_ns) for step in expected for span in step.spans}
    assert set(sink.spans) == wanted
    assert set(sink.logs) == {log.uid for step in expected for log in step.logs}
    assert len(sink.all_spans) > len(sink.spans), "some were sent twice, or nothing was put to the test"


@pytest.mark.long
@pytest.mark.crash
def test_kills_hardly_move_the_counters(tmp_path: Path) -> None:
    """A tool call is counted when it is accepted, once: what a kill can lose is what was not yet sent, never does it count twice."""
    chance = random.Random(5)
    both = [copies(scenario, 2) for scenario in SCENARIOS]
    disturbed, calm = [e for each in both for e in each[: len(each) // 2]], [e for each in both for e in each[len(each) // 2 :]]
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        feeder = Feeder(settings, disturbed, pause_s=0.02)
        for _ in range(3):
            relay = RelayProcess(tmp_path, sink.address, sample_s=0.1, late_s=LATE_S)
            time.sleep(chance.random() * 0.3)
            relay.kill()
        feeder.join()
        last = RelayProcess(tmp_path, sink.address, sample_s=0.1, late_s=LATE_S)
        Feeder(settings, calm, pause_s=0.0, first=len(disturbed)).join()
        wait_until(lambda: not list(settings.spool_dir.glob("*.ev")), 60, "removal")
        assert last.terminate() == 0
        calls = {span.span_id for span in sink.all_spans if span.name.startswith("execute_tool")}
        counted = sum(p.as_int for m in sink.metrics if m.name == "hookline.tool.calls" for p in m.sum.data_points)
    assert len(calls) / 2 <= counted <= len(calls)
