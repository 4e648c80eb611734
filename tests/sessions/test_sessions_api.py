"""Sessions of a running collector: the API, the live stream, the cleanup, the restart, and the commands on top."""

from __future__ import annotations

import csv
import http.client
import io
import json
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from hookline.cli.entry import run
from hookline.contract.scopes import AGENT_SCOPE
from hookline.export.sdk import make_scope, to_sdk_log, to_sdk_span
from hookline.records import LogRecord, SpanRecord
from hookline.system.invocation import own_command
from hookline_collector.api.live import MAX_STREAMS
from support.agent_records import T0, call, event, resource, turn
from support.person import new_person
from support.running import Running, start_collector, wait_for

pytestmark = pytest.mark.long

Record = SpanRecord | LogRecord
Row = dict[str, Any]
HOUR_S = 3600.0
ORPHAN = "0r9han-0001"


def ago(seconds: float) -> float:
    """Return a moment before now as the makers of records count it."""
    return time.time() - T0 / 1e9 - seconds


def deliver(running: Running, records: Sequence[Record]) -> None:
    """Send records as a relay does."""
    scope, who = make_scope(AGENT_SCOPE), resource()
    spans = [to_sdk_span(record, who, scope) for record in records if isinstance(record, SpanRecord)]
    logs = [to_sdk_log(record, who, scope) for record in records if isinstance(record, LogRecord)]
    if logs:
        post(running, "logs", encode_logs(logs).SerializeToString())
    if spans:
        post(running, "traces", encode_spans(spans).SerializeToString())


def post(running: Running, signal: str, body: bytes) -> None:
    """Send one OTLP request and wait for its acknowledgement."""
    url = f"http://{running.found.otlp_http}/v1/{signal}"
    with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/x-protobuf"}), timeout=20) as answer:
        assert answer.status == 200


def begun(session: str, since_s: float, *, tool: str = "") -> list[Record]:
    """Return a session that began some seconds ago and works, with a tool or without."""
    known = {"hookline__project__name": "shop", "vcs__ref__head__name": "main"}
    records: list[Record] = [
        event("session.start", ago(since_s), session, hookline__session__start_source="startup", **known),
        event("hookline.prompt_submitted", ago(since_s - 0.1), session, "p1", **known),
    ]
    if tool:
        named = {"gen_ai__tool__name": tool, "gen_ai__tool__call__id": f"call-{session}"}
        records.append(event("hookline.tool_started", ago(since_s - 0.2), session, "p1", **known, **named))
    return records


def asking(session: str, since_s: float) -> list[Record]:
    """Return a session whose call waits for a permission."""
    named = {"gen_ai__tool__name": "Bash", "gen_ai__tool__call__id": f"call-{session}"}
    return [*begun(session, since_s, tool="Bash"), event("hookline.permission_requested", ago(since_s - 0.3), session, "p1", **named)]


def over(session: str, since_s: float, previous: str = "") -> list[Record]:
    """Return a session that did one call and ended."""
    first = begun(session, since_s)
    if previous:
        first.append(event("hookline.session_continued", ago(since_s - 0.1), session, session__previous_id=previous))
    at = ago(since_s)
    return [
        *first,
        call(f"call-{session}", at + 1, at + 2, session=session, hookline__tool__requested_at=str(T0 + round((at + 1) * 1e9))),
        turn(at + 0.1, at + 3, session),
        event("session.end", at + 4, session, hookline__session__end_reason="other"),
    ]


WORLD: tuple[Callable[[], list[Record]], ...] = (
    lambda: begun("5e55-working", 30, tool="Grep"),
    lambda: asking("5e55-waiting", 20),
    lambda: over("f1f5-first", 600),
    lambda: over("f1f6-forked", 500, previous="f1f5-first"),
)


@dataclass(frozen=True, slots=True)
class World:
    """A collector with sessions of every state, and what the commands said before there was any."""

    running: Running
    empty: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a collector that all tests of this file share; its cleanup runs by hand only."""
    person = new_person(tmp_path_factory.mktemp("sessions"))
    running = start_collector(person, {"HOOKLINE_SESSIONS_CLEANUP_EVERY_S": "0", "HOOKLINE_SESSIONS_TIMEOUT_S": str(HOUR_S)})
    empty = {name: person.hookline(*name.split()).stdout for name in ("sessions", "live --once", "cleanup --statistics")}
    for records in WORLD:
        deliver(running, records())
    wait_for(lambda: len(running.client.get("/api/v1/sessions")["sessions"]) == len(WORLD))
    yield World(running, empty)
    running.kill()


def live_of(running: Running) -> dict[str, Row]:
    """Return the live view, ended sessions too, by session."""
    return {session["session_id"]: session for session in running.client.get("/api/v1/live?ended=true")["sessions"]}


def stored_end(running: Running, session: str) -> str | None:
    """Return the end of a session in the store; empty while the store does not have the session."""
    row = running.client.get(f"/api/v1/sessions/{session}")["session"]
    return row["ended"] if row else ""


@contextmanager
def streaming(running: Running) -> Iterator[http.client.HTTPResponse]:
    """Open the live stream."""
    connection = http.client.HTTPConnection(running.found.http, timeout=20)
    headers = {"Authorization": f"Bearer {running.client.token}", "Accept": "text/event-stream"}
    try:
        connection.request("GET", "/api/v1/live", headers=headers)
        yield connection.getresponse()
    finally:
        connection.close()


def next_event(stream: http.client.HTTPResponse) -> tuple[str, dict[str, Row]]:
    """Read one server-sent event: its name, and its sessions by id."""
    lines = {}
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(": ")
        lines[name] = value
    return lines["event"], {session["session_id"]: session for session in json.loads(lines["data"])["sessions"]}


def await_state(stream: http.client.HTTPResponse, session: str, state: str) -> Row:
    """Read events until a session has a state; each is told of within seconds or the connection's patience ends."""
    while True:
        _, told = next_event(stream)
        if told.get(session, {}).get("state") == state:
            return told[session]


def test_each_session_is_in_its_state(world: World) -> None:
    """Working with its tool, waiting for a permission, ended as the agent said."""
    live = live_of(world.running)
    states = {name: (s["state"], s["waiting_for"], s["current_tool"], s["end_reason"]) for name, s in live.items() if name != ORPHAN}
    assert {name: states[name] for name in ("5e55-working", "5e55-waiting", "f1f5-first")} == {
        "5e55-working": ("working", "", "Grep", ""),
        "5e55-waiting": ("waiting", "permission", "Bash", ""),
        "f1f5-first": ("ended", "", "", "session_end"),
    }
    shown = [session["session_id"] for session in world.running.client.get("/api/v1/live")["sessions"]]
    assert "f1f5-first" not in shown


def test_a_session_comes_whole(world: World) -> None:
    """Its row, what it does now, its turns and calls, and the sessions of its conversation."""
    found = world.running.client.get("/api/v1/sessions/f1f6-forked")
    assert (found["session"]["state"], found["session"]["end_reason"], found["live"]["state"]) == ("ended", "session_end", "ended")
    assert [(turn["prompt_id"], turn["outcome"]) for turn in found["turns"]] == [("p1", "success")]
    assert [(call["call_id"], call["run_s"]) for call in found["tool_calls"]] == [("call-f1f6-forked", pytest.approx(1.0))]
    assert found["conversation_session_ids"] == ["f1f5-first", "f1f6-forked"]


def test_the_list_is_bounded_filtered_and_knows_conversations(world: World) -> None:
    """A fork alone in the list still says to which conversation it belongs."""
    client = world.running.client
    only = client.get("/api/v1/sessions?limit=1")["sessions"]
    assert len(only) == 1
    by_id = {row["session_id"]: row for row in client.get("/api/v1/sessions?project=shop")["sessions"]}
    assert by_id["f1f6-forked"]["conversation_id"] == "f1f5-first"
    assert client.get("/api/v1/sessions?project=nothing")["sessions"] == []


def test_a_stream_tells_of_changes_while_spans_arrive(world: World) -> None:
    """First everything, then each session as it changes, while other telemetry passes by."""
    with streaming(world.running) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        name, told = next_event(stream)
        assert (name, told["5e55-working"]["state"]) == ("sessions", "working")
        deliver(world.running, begun("5e57-streamed", 1, tool="Read"))
        assert await_state(stream, "5e57-streamed", "working")["current_tool"] == "Read"
        deliver(world.running, [event("session.end", ago(0), "5e57-streamed")])
        assert await_state(stream, "5e57-streamed", "ended")["end_reason"] == "session_end"


def test_one_stream_too_many_is_refused_and_a_closed_one_makes_room(world: World) -> None:
    """Streams are bounded; whoever comes too late is told when to try again."""
    opened = [streaming(world.running) for _ in range(MAX_STREAMS)]
    for stream in opened:
        assert next_event(stream.__enter__())[0] == "sessions"
    with streaming(world.running) as refused:
        assert refused.status == 503
        assert int(refused.headers["retry-after"]) > 0
    for stream in opened:
        stream.__exit__(None, None, None)
    wait_for(lambda: status_of_a_stream(world.running) == 200)


def status_of_a_stream(running: Running) -> int:
    """Return what a new stream is answered."""
    with streaming(running) as stream:
        return stream.status


def test_the_cleanup_by_hand_closes_what_nobody_will_end(world: World) -> None:
    """Session, turn and call end at the last sign of life, in the live view and in the store, and it is counted once."""
    running = world.running
    deliver(running, begun(ORPHAN, 2 * HOUR_S, tool="Bash"))
    wait_for(lambda: ORPHAN in live_of(running))
    before = running.client.get("/api/v1/cleanup")
    after = running.client.post("/api/v1/cleanup", {})
    assert after["closed"].get("timed_out", 0) == before["closed"].get("timed_out", 0) + 1
    assert (after["runs"], after["last_run"]["closed"], after["last_run"]["error"]) == (before["runs"] + 1, {"timed_out": 1}, "")
    wait_for(lambda: live_of(running)[ORPHAN]["state"] == "ended")
    view = live_of(running)[ORPHAN]
    assert (view["end_reason"], view["ended"], view["running_calls"]) == ("timed_out", view["last"], [])
    wait_for(lambda: stored_end(running, ORPHAN))
    wait_for(lambda: running.client.get(f"/api/v1/sessions/{ORPHAN}")["tool_calls"])
    found = running.client.get(f"/api/v1/sessions/{ORPHAN}")
    assert (found["session"]["end_reason"], found["session"]["ended"]) == ("timed_out", view["last"])
    assert [(turn["closed_by"], turn["is_open"]) for turn in found["turns"]] == [("timed_out", False)]
    assert [(call["tool"], call["closed_by"]) for call in found["tool_calls"]] == [("Bash", "timed_out")]
    again = running.client.post("/api/v1/cleanup", {})
    assert (again["last_run"]["closed"], again["closed"]) == ({}, after["closed"])
    assert len(again["recent_runs"]) == again["runs"]


def test_a_late_event_reopens_what_the_cleanup_closed(world: World) -> None:
    """The agent was only silent: the session goes on, in the live view and in the store."""
    running, session = world.running, "0r9han-0002"
    deliver(running, begun(session, 3 * HOUR_S))
    wait_for(lambda: session in live_of(running))
    running.client.post("/api/v1/cleanup", {})
    wait_for(lambda: live_of(running)[session]["state"] == "ended")
    deliver(running, [event("hookline.prompt_submitted", ago(1), session, "p2")])
    wait_for(lambda: live_of(running)[session]["state"] == "working")
    wait_for(lambda: stored_end(running, session) is None)
    deliver(running, [event("session.end", ago(0.5), session)])


@pytest.mark.middle
def test_a_killed_collector_shows_the_same_live_sessions_when_it_is_back(collectors: Callable[..., Running]) -> None:
    """First with what was acknowledged in the moment before and had not reached the store, then from the store alone."""
    first = collectors()
    for records in WORLD:
        deliver(first, records())
    wait_for(lambda: len(live_of(first)) == len(WORLD))
    before = live_of(first)
    first.kill()
    second = collectors()
    wait_for(lambda: live_of(second) == before, 15)
    wait_for(lambda: second.client.get("/api/v1/sessions/f1f6-forked")["tool_calls"])
    second.kill()
    third = collectors()
    wait_for(lambda: live_of(third) == before, 15)


def test_a_graceful_stop_ends_open_streams_cleanly_and_memory_is_bounded(collectors: Callable[..., Running]) -> None:
    """Ended sessions leave first, the store keeps all; a stream then ends as a complete answer, and the stop keeps its promise."""
    running = collectors(HOOKLINE_SESSIONS_MAX_LIVE="20")
    deliver(running, [record for n in range(60) for record in over(f"over-{n:02}", 900 - n)])
    deliver(running, begun("still-here", 1000))
    deliver(running, [record for n in range(30) for record in over(f"more-{n:02}", 300 - n)])
    wait_for(lambda: "more-29" in live_of(running))
    assert len(live_of(running)) <= 20
    assert live_of(running)["still-here"]["state"] in ("working", "idle")
    wait_for(lambda: len(running.client.get("/api/v1/sessions?limit=1000")["sessions"]) == 91)
    assert running.client.get("/api/v1/sessions/over-00")["live"] is None
    with streaming(running) as stream:
        next_event(stream)
        took_s = running.stop()
        rest = stream.read()
    assert took_s < 5
    assert running.process.returncode == 0
    assert rest == b"" or rest.endswith(b"\n\n")


def said(person_home: Any, arguments: Iterable[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """Run a command for the person and return its exit code and what it printed."""
    monkeypatch.setenv("HOME", str(person_home))
    code = run(list(arguments))
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.fixture
def say(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Give a function that runs a command against the shared collector."""
    return lambda *arguments: said(world.running.person.home, arguments, capsys, monkeypatch)


Say = Callable[..., tuple[int, str, str]]


def test_without_any_session_the_commands_say_how_to_begin(world: World) -> None:
    """Nothing recorded is no error."""
    assert f"{own_command()} install" in world.empty["sessions"]
    assert world.empty["live --once"].strip()
    assert "0 runs, closed nothing" in world.empty["cleanup --statistics"]


def test_sessions_come_as_table_json_and_csv(say: Say) -> None:
    """The same sessions in three forms."""
    assert "5e55-wor" in say("sessions")[1]
    assert max(map(len, say("sessions")[1].splitlines())) <= 80
    assert "f1f5-first" in {row["session_id"] for row in json.loads(say("sessions", "--format", "json")[1])}
    rows = {row["session_id"]: row for row in csv.DictReader(io.StringIO(say("sessions", "--format", "csv")[1]))}
    assert (rows["f1f5-first"]["state"], rows["f1f5-first"]["end_reason"], rows["f1f5-first"]["prompts"]) == ("ended", "session_end", "1")


def test_a_session_is_shown_as_a_tree_from_the_beginning_of_its_id(say: Say) -> None:
    """Turn, call, durations, and the conversation."""
    code, shown, _ = say("session", "f1f6")
    assert code == 0
    assert "session f1f6-forked  ended" in shown
    assert "conversation of 2 sessions" in shown
    assert "1.00 s  success" in shown
    assert json.loads(say("session", "f1f6-forked", "--format", "json")[1])["session"]["previous_id"] == "f1f5-first"


def test_an_unknown_or_ambiguous_id_is_told(say: Say) -> None:
    """Exit code and message, no traceback."""
    code, shown, why = say("session", "nobody")
    assert (code, shown) == (2, "")
    assert "no session nobody" in why
    code, _, why = say("session", "5e55")
    assert code == 2
    assert "2 sessions" in why


def test_the_live_screen_puts_first_who_waits_for_you(say: Say) -> None:
    """Without a terminal it prints once."""
    lines = say("live")[1].splitlines()
    waiting = next(n for n, line in enumerate(lines) if "waits: permission" in line)
    working = next(n for n, line in enumerate(lines) if "Grep" in line)
    assert waiting < working
    assert {"5e55-working", "5e55-waiting"} <= {session["session_id"] for session in json.loads(say("live", "--format", "json")[1])}


def test_the_cleanup_tells_what_it_did(say: Say) -> None:
    """By hand, and its statistics alone."""
    code, shown, _ = say("cleanup")
    assert code == 0
    assert "last run: looked at" in shown
    statistics = json.loads(say("cleanup", "--statistics", "--format", "json")[1])
    assert statistics["runs"] >= 1
    assert json.loads(say("cleanup", "--statistics", "--format", "json")[1])["runs"] == statistics["runs"]
