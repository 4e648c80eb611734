"""What a relay makes of captured hooks while the session files grow beside them: the records of hooks, of what the files show, and of tokens."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import NOWHERE, AgentEvent, tick
from hookline.agents import AGENTS, event_of
from hookline.agents.agent import adapted
from hookline.agents.equipment import Transcripts
from hookline.contract.events import EventKind
from hookline.contract.scopes import AGENT_SCOPE
from hookline.fold import order
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import LogRecord, SpanRecord
from hookline.relay.intake.transcript_tail import keys_of
from hookline.system.json_lines import parse_line, read_lines
from hookline_collector.signal import Signal
from support.agent_homes import FIXTURES, FOLDERS
from support.agent_records import requests_of
from support.replay import final_spans, logs_of, replay, spans_of

HOME: Final = "/home/dev/"
LATER_NS: Final = 10**14
TURN_ENDS: Final = frozenset({EventKind.TURN_ENDED, EventKind.TURN_FAILED, EventKind.TURN_INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Live:
    """One session as the relay saw it."""

    agent: str
    session_id: str
    spans: tuple[SpanRecord, ...]
    logs: tuple[LogRecord, ...]


def post(url: str, told: Iterable[Live]) -> None:
    """Send sessions to a collector as their relays would; requests laid end to end are one."""
    bodies: dict[Signal, bytes] = {}
    for one in told:
        for signal, body in requests_of([*one.spans, *one.logs], AGENT_SCOPE, agent=one.agent):
            bodies[signal] = bodies.get(signal, b"") + body
    for signal, body in bodies.items():
        request = urllib.request.Request(f"{url}/v1/{signal.value}", body, {"Content-Type": "application/x-protobuf"})
        urllib.request.urlopen(request, timeout=120).close()


def fired(agent: str, scenario: str, home: Path) -> Iterator[AgentEvent]:
    """Yield a capture's hooks as events, where the files that they name lie in a home folder."""
    root = FIXTURES / FOLDERS[agent]
    if agent == "claude-code":
        kept = [json.loads(path.read_text()) for path in sorted((root / scenario / "hooks").glob("*.json"))]
        rows = [{"time_ns": one["captured_at_unix_nano"], "payload": one["payload"]} for one in kept]
    else:
        name = {"copilot-cli": f"{scenario}.hooks.jsonl", "opencode": f"{scenario}.told.jsonl"}.get(agent, f"{scenario}/hooks.jsonl")
        rows = [json.loads(line) for line in (root / name).read_text().splitlines()]
    for number, row in enumerate(rows):
        words = {"agent": agent, "ppid": "4711", **({"event": row["event"]} if "event" in row else {})}
        payload: dict[str, Any] = json.loads(json.dumps(row["payload"]).replace(HOME, f"{home}/"))
        yield event_of(payload, words, int(row.get("time_ns") or row["time_unix_nano"]), f"{agent}-{scenario}-{number:03}")


def live(agent: str, scenario: str, home: Path, *, first_turn: bool = False) -> Live:
    """Return what is known of a session when its hooks have fired; or those of its first turn alone."""
    events = list[AgentEvent]()
    for event in fired(agent, scenario, home):
        events.append(AGENTS[agent].completed(event))
        if first_turn and events[-1].kind in TURN_ENDS and not event.agent_id:
            break
    main, session_id, last_ns = _main_of(events, home), events[0].session_id, max(event.time_ns for event in events)
    transcripts = AGENTS[agent].transcripts()
    assert transcripts is not None
    seen = [sign for sign in _signs(transcripts, agent, events, main) if sign.time_ns <= last_ns]
    ordered = order([*events, *seen])
    steps = replay([*ordered, tick(ordered[-1].time_ns + LATER_NS)])
    tokens = [log for log in _tokens(transcripts, events, main) if not first_turn or log.time_ns <= last_ns]
    return Live(agent, session_id, tuple(final_spans(spans_of(steps)).values()), (*logs_of(steps), *tokens))


def _main_of(events: Sequence[AgentEvent], home: Path) -> Path:
    named = next((event.transcript_path for event in events if event.transcript_path), "")
    return Path(named) if named else next(home.rglob(f"*{events[0].session_id}*"))


def _signs(transcripts: Transcripts, agent: str, events: Sequence[AgentEvent], main: Path) -> Iterator[AgentEvent]:
    told = {key for event in events for key in keys_of(event)}
    for path, agent_id in ((main, ""), *transcripts.of_subagents(main)):
        reader = transcripts.signs(events[0].session_id, main, agent_id)
        for line in read_lines(path, 0):
            if not line.text or not transcripts.may_show(line.text):
                continue
            for sign in reader.read(parse_line(line.text)):
                if not sign.unless or sign.unless not in told:
                    words = {"agent": agent, "source": "transcript"}
                    event = adapted(AGENTS[agent], sign.payload, words, sign.time_ns, sign.name, lambda folder: NOWHERE, METADATA_ONLY)
                    yield AGENTS[agent].completed(event)


def _tokens(transcripts: Transcripts, events: Sequence[AgentEvent], main: Path) -> Iterator[LogRecord]:
    named = next(event for event in events if event.session_id)
    for path in (main, *(path for path, _ in transcripts.of_subagents(main))):
        for logs, _ in transcripts.usage(path, 0, named):
            yield from logs
