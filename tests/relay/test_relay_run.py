"""The whole relay: spool files in, OTLP out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.claude_code.subagent_files import enrich
from hookline.contract import semconv
from hookline.errors import AlreadyRunning
from hookline.fold import FoldState, fold, order
from hookline.relay import run, state_file
from hookline.relay.watch.sampler import Sampler
from hookline.settings import Settings
from hookline.spool import SpoolEvent, SpoolReader
from hookline.spool.event_file import parse_event
from hookline.workspace.project import find_place
from support.otlp_sink import GrpcSink, HttpSink, grpc_fault
from support.otlp_sink.received import text
from support.relaying import SCENARIOS, RelayProcess, RelayThread, captured, copies, fill, settings_for, wait_until
from support.relaying.captures import FIXTURES, Captured, write
from support.replay import adapt
from support.running import SOON_S

S = 1_000_000_000


def events_in(settings: Settings) -> list[Path]:
    return sorted(settings.spool_dir.glob("*.ev"))


def expected_spans(settings: Settings) -> set[tuple[str, int, int]]:
    """Fold the spool's files by hand."""
    files = [parse_event(path, path.stat().st_mtime_ns, path.read_bytes()) for path in events_in(settings)]
    events = [enrich(adapt(file.payload, file.env, file.time_ns, file.uid, find_place)) for file in files]
    found, kept = set(), FoldState()
    for event in order(events):
        kept, step = fold(kept, event)
        found |= {(f"{span.span_id:016x}", span.start_ns, span.end_ns) for span in step.spans}
    return found


def read_state(settings: Settings) -> state_file.RelayState:
    return state_file.read(settings.relay_state_path) or state_file.RelayState()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_captured_session_arrives_as_the_fold_makes_it(scenario: str, tmp_path: Path) -> None:
    """Every span and one log record an event, and the files of what has ended are gone."""
    events = captured(scenario)
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        fill(settings.spool_dir, events, time.time_ns() - 60 * S)
        expected = expected_spans(settings)
        with RelayThread(settings):
            sink.wait_for(lambda: set(sink.spans) >= expected and len(sink.logs) >= len(events))
            wait_until(lambda: len(events_in(settings)) == 0, what="removal")
        assert set(sink.spans) == expected
        assert {log.event_name for log in sink.logs.values()} >= {"session.start", "hookline.prompt_submitted", "session.end"}


def test_events_of_the_real_hook_arrive_with_what_it_cost(tmp_path: Path) -> None:
    """The script itself, fired while the relay runs: its spans, and the hook's own cost as a metric."""
    script = Path(semconv.__file__).parents[1] / "hook.sh"
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        settings.hook_path.write_bytes(script.read_bytes())
        with RelayThread(settings):
            for event in captured("denied"):
                subprocess.run(["sh", str(settings.hook_path)], input=event.payload, check=True, env={"CLAUDE_PID": str(os.getpid())})
            sink.wait_for(lambda: any(span.name == "invoke_agent claude-code" for span in sink.all_spans))
            sink.wait_for(lambda: any(metric.name == "hookline.hook.duration" for metric in sink.metrics))
        (point,) = next(m for m in sink.metrics if m.name == "hookline.hook.duration").exponential_histogram.data_points[:1]
        assert 0 < point.sum / point.count < 5


def test_it_speaks_http_as_well(tmp_path: Path) -> None:
    """The same session over HTTP/protobuf."""
    with HttpSink() as sink:
        settings = settings_for(tmp_path, sink.address, protocol="http/protobuf")
        fill(settings.spool_dir, captured("tools"), time.time_ns() - 60 * S)
        expected = expected_spans(settings)
        with RelayThread(settings):
            sink.wait_for(lambda: set(sink.spans) == expected)
            sink.wait_for(lambda: any(metric.name == "hookline.tool.duration" for metric in sink.metrics))


def test_no_file_goes_while_the_collector_is_away_and_all_arrives_when_it_is_back(tmp_path: Path) -> None:
    """The collector dies, comes back on the same port, and gets everything once."""
    events = captured("tools")
    first = GrpcSink()
    with first:
        settings = settings_for(tmp_path, first.address, timeout_s=2.0)
        with RelayThread(settings):
            fill(settings.spool_dir, events[:2], time.time_ns() - 60 * S)
            first.wait_for(lambda: len(first.logs) == 2)
            first.die()
            fill(settings.spool_dir, events[2:], time.time_ns() - 60 * S, start=2)
            wait_until(lambda: read_state(settings).health == "retrying", what="the state's word of it")
            assert len(events_in(settings)) == len(events)
            with GrpcSink(first.port) as second:
                second.wait_for(lambda: len({**first.logs, **second.logs}) == len(events))  # an answer that was cut is sent again
                wait_until(lambda: len(events_in(settings)) == 0, what="removal")
            assert any(span.name.startswith("invoke_agent") for span in second.all_spans)


def test_spans_and_logs_must_both_be_accepted_before_a_file_goes(tmp_path: Path) -> None:
    """A backend that takes logs and is busy with traces keeps the files in the spool."""
    events = captured("tools")
    with GrpcSink() as sink:
        sink.fault = grpc_fault("RESOURCE_EXHAUSTED", retry_after_s=0.01, only=("traces",))
        settings = settings_for(tmp_path, sink.address)
        fill(settings.spool_dir, events, time.time_ns() - 60 * S)
        with RelayThread(settings):
            sink.wait_for(lambda: len(sink.logs) > 0)  # the rest waits behind the first parcel
            sink.wait_for(lambda: sum(signal == "traces" for signal, _ in sink.attempts) > 5)
            assert len(events_in(settings)) == len(events)
            sink.fault = None
            wait_until(lambda: len(events_in(settings)) == 0, what="removal")


def test_a_backlog_larger_than_the_memory_for_it_arrives_whole(tmp_path: Path) -> None:
    """Past `max_pending_spans` the relay stops reading and goes on when there is room."""
    events = copies("tools", 20)
    with GrpcSink() as sink:
        sink.fault = grpc_fault("UNAVAILABLE")
        settings = settings_for(tmp_path, sink.address, max_pending_spans=50)
        fill(settings.spool_dir, events, time.time_ns() - 3600 * S)
        expected = expected_spans(settings)
        with RelayThread(settings):
            wait_until(lambda: read_state(settings).health == "retrying", what="the state's word of it")
            wait_until(lambda: read_state(settings).spool.get("unread", 0) > 0, what="a stop of reading")
            assert read_state(settings).events < len(events)
            sink.fault = None
            sink.wait_for(lambda: set(sink.spans) == expected, 30)
            wait_until(lambda: len(events_in(settings)) == 0, what="removal")


def test_what_cannot_be_read_is_set_aside_counted_and_holds_up_nothing(tmp_path: Path) -> None:
    """No JSON, no session, no event at all."""
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        for number, payload in enumerate([b"{", b"[]", b'{"hook_event_name": "Stop"}', b"\xff\xfe", b"[" * 100_000]):
            write(settings.spool_dir, f"bad{number}", payload, time.time_ns() - S)
        (settings.spool_dir / "odd.ev").write_bytes(b"no environment line")
        fill(settings.spool_dir, captured("denied"), time.time_ns() - 60 * S)
        with RelayThread(settings):
            sink.wait_for(lambda: len(sink.logs) == len(captured("denied")))
            wait_until(lambda: read_state(settings).spool.get("bad") == 6, what="the count")
        assert read_state(settings).bad_events == 5
        assert len(list((settings.spool_dir / "bad").iterdir())) == 6


def test_a_second_relay_on_the_folder_is_refused_and_names_the_first(tmp_path: Path) -> None:
    """Two relays would send everything twice and take each other's files away."""
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        with RelayThread(settings), pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
            run(settings)


def test_a_stop_delivers_what_lies_in_the_spool_and_ends_with_zero(tmp_path: Path) -> None:
    """SIGTERM right after the last hook."""
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        relay = RelayProcess(tmp_path, sink.address)
        fill(settings.spool_dir, captured("tools"), time.time_ns() - 60 * S)
        assert relay.terminate() == 0
        assert len(sink.logs) == len(captured("tools"))
        assert (relay.output, relay.errors) == ("", "")
        assert events_in(settings) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_while_the_endpoint_is_away_is_quick_silent_and_keeps_the_files(number: int, tmp_path: Path) -> None:
    """Nothing of the exporters' complaints reaches the terminal; the relay's log has them."""
    settings = settings_for(tmp_path, "http://127.0.0.1:9")
    fill(settings.spool_dir, captured("denied"), time.time_ns() - 60 * S)
    relay = RelayProcess(tmp_path, "http://127.0.0.1:9")
    wait_until(lambda: read_state(settings).health == "retrying", what="the state's word of it")
    begin = time.monotonic()
    assert relay.terminate(number) == 0
    assert time.monotonic() - begin < SOON_S
    assert (relay.output, relay.errors) == ("", "")
    assert len(events_in(settings)) == len(captured("denied"))
    assert "UNAVAILABLE" in read_state(settings).last_error
    assert (tmp_path / "relay.log").stat().st_mode & 0o777 == 0o600


def test_a_closed_terminal_ends_no_relay(tmp_path: Path) -> None:
    """SIGHUP."""
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        relay = RelayProcess(tmp_path, sink.address)
        relay.process.send_signal(signal.SIGHUP)
        fill(settings.spool_dir, captured("denied"), time.time_ns() - 60 * S)
        sink.wait_for(lambda: len(sink.logs) == len(captured("denied")))
        assert relay.terminate() == 0


def start_agent() -> subprocess.Popen[bytes]:
    """Start a process that stands for the agent: it lives until it is killed."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def first_events() -> list[Captured]:
    """A session that has begun a turn."""
    return captured("tools")[:3]


def logs_named(sink: GrpcSink, name: str) -> list[Any]:
    return [log for log in sink.all_logs if log.event_name == name]


def test_the_end_of_an_agents_process_ends_its_session(tmp_path: Path) -> None:
    """Killed: no event tells it. The log record names session and process, and the open turn is closed by it."""
    agent = start_agent()
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        with RelayThread(settings):
            fill(settings.spool_dir, first_events(), time.time_ns() - S, f" claude_pid={agent.pid}")
            sink.wait_for(lambda: len(sink.logs) == 3)
            agent.kill()
            agent.wait()
            killed_ns = time.time_ns()
            sink.wait_for(lambda: logs_named(sink, "hookline.process_gone"))
            sink.wait_for(lambda: any(text(span, semconv.CLOSED_BY) == "process_gone" for span in sink.all_spans))
            wait_until(lambda: len(read_state(settings).sessions) == 0, what="the session's end")
        (gone,) = logs_named(sink, "hookline.process_gone")
        assert text(gone, "session.id") == first_events()[0].session_id
        assert text(gone, "process.creation.time")
        assert gone.time_unix_nano <= killed_ns + 5 * S


def test_a_restarted_relay_still_watches_the_processes_of_quiet_sessions(tmp_path: Path) -> None:
    """Between two turns nothing of a session may lie in the spool; the state file remembers whom to watch."""
    agent = start_agent()
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        with RelayThread(settings):
            fill(settings.spool_dir, first_events(), time.time_ns() - S, f" claude_pid={agent.pid}")
            sink.wait_for(lambda: len(sink.logs) == 3)
            wait_until(lambda: len(read_state(settings).sessions) == 1, what="the state")
        for path in events_in(settings):
            path.unlink()
        with RelayThread(settings):
            agent.kill()
            agent.wait()
            sink.wait_for(lambda: logs_named(sink, "hookline.process_gone"))


def metric_points(sink: GrpcSink, name: str) -> list[Any]:
    found = [metric for metric in sink.metrics if metric.name == name]
    return [point for metric in found for point in (*metric.sum.data_points, *metric.gauge.data_points)]


def test_a_living_session_is_sampled_and_an_ended_one_is_not(tmp_path: Path) -> None:
    """The agent's process tree with its session's id, the machine, and silence afterwards."""
    agent = start_agent()
    events = captured("tools")
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        with RelayThread(settings):
            fill(settings.spool_dir, events[:3], time.time_ns() - S, f" claude_pid={agent.pid}")
            sink.wait_for(lambda: len(metric_points(sink, "process.memory.usage")) >= 3)
            sink.wait_for(lambda: metric_points(sink, "system.cpu.utilization"))
            fill(settings.spool_dir, events[-1:], time.time_ns(), f" claude_pid={agent.pid}", start=50)
            wait_until(lambda: len(read_state(settings).sessions) == 0, what="the session's end")
            before = quiet_count(sink)
            time.sleep(0.6)  # three sampling intervals in which nothing may be sent
            assert len(sink.attempts) == before
        point = metric_points(sink, "process.memory.usage")[0]
        assert point.as_int > 1_000_000
        attributes = {pair.key: pair.value.string_value or pair.value.int_value for pair in point.attributes}
        assert attributes["session.id"] == events[0].session_id
        assert attributes["process.pid"] == agent.pid
        assert attributes["gen_ai.agent.name"] == "claude-code"
        assert attributes["hookline.project.name"] == "shop"
        samples = sorted(point.time_unix_nano for point in metric_points(sink, "process.thread.count"))
        assert len(samples) == len(set(samples)), "each sample is sent once"
    agent.kill()
    agent.wait()


def quiet_count(sink: GrpcSink) -> int:
    """Wait until nothing was sent for a while, return how much was."""
    counts = [-1, len(sink.attempts)]
    deadline = time.monotonic() + 10
    while counts[-1] != counts[-2]:
        assert time.monotonic() < deadline
        time.sleep(0.5)
        counts.append(len(sink.attempts))
    return counts[-1]


def test_the_state_tells_how_it_goes_and_an_idle_relay_leaves_it_alone(tmp_path: Path) -> None:
    """For `hookline status`: counts, health, spool; private, and valid JSON at any time."""
    events = captured("tools")
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        fill(settings.spool_dir, events, time.time_ns() - 60 * S)
        with RelayThread(settings):
            wait_until(lambda: read_state(settings).logs.get("accepted") == len(events), what="the count")
            wait_until(lambda: read_state(settings).spool.get("files") == 0, what="removal")
            found = read_state(settings)
            assert (found.pid, found.health, found.endpoint, found.events, found.pending) == (os.getpid(), "ok", sink.address, len(events), 0)
            assert found.spans["accepted"] == len(sink.spans)
            assert abs(found.last_ok_at - time.time()) < 60
            assert settings.relay_state_path.stat().st_mode & 0o777 == 0o600
            quiet_count(sink)
            written_ns = settings.relay_state_path.stat().st_mtime_ns
            time.sleep(1.2)  # longer than the state's own interval
            assert settings.relay_state_path.stat().st_mtime_ns == written_ns
    json.loads(settings.relay_state_path.read_text())


def test_a_state_file_of_something_else_is_no_obstacle(tmp_path: Path) -> None:
    """Damaged, of another version, or a list."""
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        for content in ("", "[1]", '{"sessions": [1, {"x": 2}], "other": 3}', '{"sessions": 5}'):
            settings.relay_state_path.write_text(content)
            with RelayThread(settings) as relay:
                pass
            assert relay.code == 0


def test_a_stop_in_a_thread_wakes_a_sleeping_relay(tmp_path: Path) -> None:
    """`stop` may be set by anybody; an idle relay sleeps for up to an hour otherwise."""
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        with RelayThread(settings) as relay:
            begin = time.monotonic()
            relay.end()
            assert time.monotonic() - begin < SOON_S
        assert relay.code == 0


def test_the_tokens_of_a_turn_follow_it_from_its_transcript(tmp_path: Path) -> None:
    """Hooks know nothing of tokens; the relay reads the session's transcript on when a turn has ended."""
    transcripts = FIXTURES / "transcripts"
    events = [replace(event, payload=event.payload.replace(b"/home/dev/.claude/projects", bytes(transcripts))) for event in captured("subagent")]
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        fill(settings.spool_dir, events, time.time_ns() - 60 * S)
        with RelayThread(settings):
            sink.wait_for(lambda: len(logs_named(sink, "hookline.usage")) == 6)
    assert {text(log, "session.id") for log in logs_named(sink, "hookline.usage")} == {events[0].session_id}


def test_a_system_that_is_out_of_something_for_a_moment_ends_no_relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No descriptor left, no process table: the relay stumbles, says so in its log, and goes on."""
    failures = iter([OSError(24, "Too many open files")])
    take = SpoolReader.take

    def stumbling(reader: SpoolReader, *arguments: int) -> list[SpoolEvent]:
        for failure in failures:
            raise failure
        return take(reader, *arguments)

    def failing(sampler: Sampler, *arguments: Any) -> Any:
        raise ValueError("a line of /proc that nobody has seen")

    monkeypatch.setattr(SpoolReader, "take", stumbling)
    monkeypatch.setattr(Sampler, "sample", failing)
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        fill(settings.spool_dir, first_events(), time.time_ns() - S)
        with RelayThread(settings):
            sink.wait_for(lambda: len(sink.logs) == 3)
            wait_until(lambda: "nobody has seen" in (tmp_path / "relay.log").read_text(), what="the log")
        assert "Too many open files" in (tmp_path / "relay.log").read_text()


@pytest.mark.parametrize("kind", [GrpcSink, HttpSink])
def test_a_stop_while_the_endpoint_hangs_keeps_to_its_time(kind: type[GrpcSink | HttpSink], tmp_path: Path) -> None:
    """`collector.stop_timeout_s` is a promise: whoever stopped the relay kills it after that."""
    released = threading.Event()
    with kind() as sink:
        sink.attempt = lambda *_: released.wait(60)  # type: ignore[method-assign,assignment]
        settings = settings_for(tmp_path, sink.address)
        fill(settings.spool_dir, first_events(), time.time_ns() - S)
        relay = RelayProcess(tmp_path, sink.address, "grpc" if kind is GrpcSink else "http/protobuf", stop_s=3.0)
        begin = time.monotonic()
        assert relay.terminate() == 0
        took_s = time.monotonic() - begin
        released.set()
        assert took_s < SOON_S
        assert relay.errors == ""
        assert len(events_in(settings)) == 3


def test_hooks_from_another_host_bring_no_process_to_watch(tmp_path: Path) -> None:
    """A container that shares the folder: its process ids mean nothing here."""
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink.address)
        with RelayThread(settings):
            fill(settings.spool_dir, first_events(), time.time_ns() - S, f" claude_pid={os.getpid()} host=elsewhere-17")
            sink.wait_for(lambda: len(sink.logs) == 3)
            wait_until(lambda: len(read_state(settings).sessions) == 1, what="the state")
        (session,) = read_state(settings).sessions
        assert session["pid"] is None
