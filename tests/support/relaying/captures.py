"""The captures as events for the spool. A copy of a session differs in its session id alone, and so in every id made of it."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures" / "claude-code-2.1.329"
SCENARIOS = ("tools", "subagent", "denied", "api_error", "resume")


@dataclass(frozen=True)
class Captured:
    """One event: its time after the first one of its scenario, and its payload."""

    after_ns: int
    session_id: str
    payload: bytes


def captured(scenario: str) -> list[Captured]:
    """Return a scenario's events in order."""
    envelopes = [json.loads(path.read_text()) for path in sorted((FIXTURES / scenario / "hooks").glob("*.json"))]
    begin_ns = min(envelope["captured_at_unix_nano"] for envelope in envelopes)
    return [
        Captured(envelope["captured_at_unix_nano"] - begin_ns, envelope["payload"]["session_id"], json.dumps(envelope["payload"]).encode())
        for envelope in envelopes
    ]


def copies(scenario: str, count: int) -> list[Captured]:
    """Return a scenario's events under `count` other session ids, one session after the other."""
    events = captured(scenario)
    made = []
    for number in range(count):
        shift_ns = number * (max(event.after_ns for event in events) + 1_000_000)
        for event in events:
            other = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event.session_id}-{number}"))
            made.append(Captured(event.after_ns + shift_ns, other, event.payload.replace(event.session_id.encode(), other.encode())))
    return made


def fill(spool: Path, events: Iterable[Captured], begin_ns: int, env: str = "", start: int = 0) -> int:
    """Write events into a spool as the hook does, the first at `begin_ns`; return how many."""
    count = 0
    for number, event in enumerate(events, start):
        write(spool, f"{number}", event.payload, begin_ns + event.after_ns, env)
        count += 1
    return count


def write(spool: Path, name: str, payload: bytes, time_ns: int, env: str = "") -> Path:
    """Write one event's file: complete beside the spool, then moved into it, where a relay removes a draft of long ago as one left behind."""
    part = spool.parent / f".t-{name}"
    part.write_bytes(f"hookline/1 agent=claude-code ppid=1{env}\n".encode() + payload)
    os.utime(part, ns=(time_ns, time_ns))
    event = spool / f"t-{name}.ev"
    part.rename(event)
    return event


def length_ns(events: Sequence[Captured]) -> int:
    """Return the time from the first event to the last."""
    return max(event.after_ns for event in events)
