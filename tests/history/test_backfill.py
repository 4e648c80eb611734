"""History into an endpoint: repeatable, incremental, and safe to interrupt."""

from __future__ import annotations

import json
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hookline.errors import NotRunning
from hookline.history import backfill as module
from hookline.history.backfill import backfill
from hookline.settings import Settings
from hookline.settings.schema import RelaySettings
from support import warm
from support.otlp_sink.grpc_sink import GrpcSink, grpc_fault
from support.soaking import TIMES, share

CAPTURED = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329" / "transcripts"
SESSION = "24317a28-1712-42cb-b965-cd7ea641b154"
CAPTURED_NS = 1_795_212_700_000_000_000  # 2026-11-20, while that session's turn was under way
LATER_NS = CAPTURED_NS + 86_400_000_000_000
SPANS, REQUESTS = 23, 20

PROGRAM = """
import sys
from pathlib import Path
from hookline.history.backfill import backfill
from hookline.settings import Settings
from hookline.settings.schema import RelaySettings
backfill(Settings(data_dir=Path(sys.argv[1]), relay=RelaySettings(endpoint=sys.argv[2], max_backoff_s=0.1)), root=Path(sys.argv[3]))
"""


def settings_for(folder: Path, sink: GrpcSink) -> Settings:
    """Return settings that send to the sink."""
    return Settings(data_dir=folder / "data", relay=RelaySettings(endpoint=sink.address, max_backoff_s=0.1))


def captured(folder: Path) -> Path:
    """Return a copy of the captured transcripts that a test may change."""
    root = folder / "projects"
    shutil.copytree(CAPTURED, root)
    return root


def ids(sink: GrpcSink) -> set[tuple[bytes, int, int]]:
    """Return what the collector would keep of the spans: ids with start and end."""
    return {(s.span_id, s.start_time_unix_nano, s.end_time_unix_nano) for s in sink.all_spans}


def test_history_is_delivered_once(tmp_path: Path) -> None:
    """A second run finds nothing new, and every record has history's own scope."""
    root = captured(tmp_path)
    with GrpcSink() as sink:
        first = backfill(settings_for(tmp_path, sink), root=root, clock=lambda: LATER_NS)
        second = backfill(settings_for(tmp_path, sink), root=root, clock=lambda: LATER_NS)
        assert (first.conversations, first.spans, first.requests, first.damaged) == (5, SPANS, REQUESTS, 0)
        assert (second.conversations, second.spans, second.requests) == (0, 0, 0)
        assert len(sink.all_spans) == SPANS == len(ids(sink))
        scopes = {scope.scope.name for request in sink.of("traces") for rs in request.resource_spans for scope in rs.scope_spans}
        assert scopes == {"hookline.history"}
        assert (len(sink.of("traces")), len(sink.of("logs"))) == (1, 1)  # small conversations travel together


def test_a_transcript_that_grew_is_read_from_where_it_was(tmp_path: Path) -> None:
    """The turn that was under way comes out whole; the lines before it are not read again."""
    root = captured(tmp_path)
    path = next(root.glob(f"*/{SESSION}.jsonl"))
    whole = path.read_bytes()
    others = [p for p in root.rglob("*.jsonl") if p != path]
    for other in others:
        other.unlink()
    lines = whole.splitlines(keepends=True)
    with GrpcSink() as sink:
        path.write_bytes(b"".join(lines[:20]))
        backfill(settings_for(tmp_path, sink), root=root, clock=lambda: CAPTURED_NS)
        assert not any(s.name.startswith("invoke_agent") for s in sink.all_spans)
        path.write_bytes(whole)
        backfill(settings_for(tmp_path, sink), root=root, clock=lambda: CAPTURED_NS)
        backfill(settings_for(tmp_path, sink), root=root, clock=lambda: LATER_NS)
        got = ids(sink)
    with GrpcSink() as sink:
        backfill(settings_for(tmp_path / "other", sink), root=root, clock=lambda: LATER_NS)
        assert got == ids(sink)


def test_damaged_lines_are_counted_and_passed_over(tmp_path: Path) -> None:
    """What stands around them is read."""
    root = captured(tmp_path)
    path = next(root.glob(f"*/{SESSION}.jsonl"))
    path.write_bytes(b'{"type": "user", \n[1, 2]\n\xff\xfe\n' + path.read_bytes())
    with GrpcSink() as sink:
        tally = backfill(settings_for(tmp_path, sink), root=root)
        assert (tally.damaged, tally.spans, tally.requests) == (3, SPANS, REQUESTS)


def test_turns_that_hooks_delivered_are_not_doubled(tmp_path: Path) -> None:
    """Their spans are passed over; their tokens, which hooks do not know, are read."""
    root = captured(tmp_path)
    with GrpcSink() as sink:
        tally = backfill(settings_for(tmp_path, sink), root=root, is_delivered=lambda session, _: session == SESSION)
        assert (tally.spans, tally.requests) == (SPANS - 6, REQUESTS)


def test_an_endpoint_that_stays_away_is_said_and_nothing_is_marked_as_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run delivers everything."""
    monkeypatch.setattr(module, "MAX_UNREACHABLE_S", 0.5)
    root = captured(tmp_path)
    with GrpcSink() as sink:
        sink.fault = grpc_fault("UNAVAILABLE")
        with pytest.raises(NotRunning, match="run it again"):
            backfill(settings_for(tmp_path, sink), root=root)
        sink.fault = None
        monkeypatch.setattr(module, "MAX_UNREACHABLE_S", 60.0)
        assert backfill(settings_for(tmp_path, sink), root=root).spans == SPANS


@pytest.mark.long
@pytest.mark.crash
@pytest.mark.soak
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed at many moments, the runs together deliver what one run delivers."""
    root = captured(tmp_path)
    _multiply(root, 30)
    with GrpcSink() as sink:
        backfill(settings_for(tmp_path / "whole", sink), root=root)
        expected = ids(sink)
    with GrpcSink() as sink:
        settings = settings_for(tmp_path, sink)
        for n in range(share(4, 12, 12 * TIMES)):
            _run_and_kill(settings, root, sink, n % 12)
        assert backfill(replace(settings), root=root).conversations < 31 * 5
        assert ids(sink) == expected


def _multiply(root: Path, times: int) -> None:
    """Make more conversations of the captured one, with ids of their own."""
    path = next(root.glob(f"*/{SESSION}.jsonl"))
    for n in range(times):
        session = f"{n:08d}{SESSION[8:]}"
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        path.with_name(f"{session}.jsonl").write_text("".join(json.dumps({**line, "sessionId": session}) + "\n" for line in lines))


def _run_and_kill(settings: Settings, root: Path, sink: GrpcSink, requests: int) -> None:
    """Kill a run a moment after it has sent more than so many requests, or let it end if it has no more to send."""
    wanted = len(sink.attempts) + requests
    process = warm.start(PROGRAM, [str(settings.data_dir), settings.relay.endpoint, str(root)])
    deadline = time.monotonic() + 60
    while len(sink.attempts) <= wanted and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
