"""The tail of live transcripts: told once, bounded, patient with hooks, and idle when nothing lives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hookline.agent_event import ToolUse
from hookline.agents import AgentEvent
from hookline.agents.claude_code.transcripts import time_of
from hookline.contract.events import EventKind
from hookline.relay.intake import transcript_tail
from hookline.relay.intake.transcript_tail import PATIENCE_S, TranscriptTail

SESSION = "5d1bd6c4"
AT = "2026-11-25T22:00:05Z"
AT_NS = time_of({"timestamp": AT}) or 0


@dataclass
class World:
    """A transcript, a clock that is moved by hand, and what was told."""

    folder: Path
    now_s: float = 100.0
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    times: int = 0
    opened: list[TranscriptTail] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = self.folder / f"{SESSION}.jsonl"
        self.path.touch()
        self.tail = self.open()

    def open(self) -> TranscriptTail:
        """Return a tail as a relay that starts has it."""
        self.opened.append(TranscriptTail(self.folder / "spool", self.folder / "tail.db", self.tell, lambda: self.now_s))
        return self.opened[-1]

    def tell(self, spool: Path, name: str, payload: bytes, env: Mapping[str, str], time_ns: int) -> None:
        assert env["source"] == "transcript"
        self.times += 1
        self.told[name] = json.loads(payload) | {"time_ns": time_ns}

    def hear(self, kind: EventKind = EventKind.PROMPT_SUBMITTED, time_ns: int = AT_NS, **fields: Any) -> None:
        """Let the relay fold an event of a hook."""
        self.tail.notice(AgentEvent(time_ns, "u", "claude-code", kind, SESSION, transcript_path=str(self.path), **fields))

    def append(self, *lines: Mapping[str, Any], to: Path | None = None) -> None:
        """Let the client write."""
        with (to or self.path).open("a") as file:
            file.writelines(json.dumps({"timestamp": AT, **line}, separators=(",", ":")) + "\n" for line in lines)

    def pass_by(self, seconds: float) -> float | None:
        """Let time pass and the tail look."""
        self.now_s += seconds
        return self.tail.look()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give a new one, and close what it opened."""
    made = World(tmp_path)
    yield made
    for tail in made.opened:
        tail.close()


def mark(uuid: str = "m1") -> dict[str, Any]:
    return {"type": "user", "uuid": uuid, "promptId": "p1", "message": {"content": "[Request interrupted by user]"}}


def refused(call_id: str = "c") -> list[dict[str, Any]]:
    use = {"type": "tool_use", "id": call_id, "name": "Read", "input": {}}
    error = {"type": "tool_result", "tool_use_id": call_id, "is_error": True, "content": "<tool_use_error>InputValidationError"}
    return [
        {"type": "assistant", "uuid": f"a-{call_id}", "message": {"content": [use]}},
        {"type": "user", "uuid": f"r-{call_id}", "message": {"content": [error]}},
    ]


def names(world: World) -> list[str]:
    return [told["hook_event_name"] for told in world.told.values()]


def test_without_a_session_nothing_is_looked_at(world: World) -> None:
    """It sleeps until it is woken."""
    assert world.tail.look() is None


def test_what_a_live_session_appends_is_told_with_its_own_time(world: World) -> None:
    """Only what is new, each time."""
    world.hear()
    world.append(mark("m1"))
    assert world.pass_by(0.3) == transcript_tail.POLL_S
    assert world.told == {
        "m1": {"hook_event_name": "TurnInterrupted", "session_id": SESSION, "transcript_path": str(world.path), "prompt_id": "p1", "time_ns": AT_NS}
    }
    world.append(mark("m2"))
    world.pass_by(0.3)
    world.pass_by(0.3)
    assert (list(world.told), world.times) == (["m1", "m2"], 2)


def test_a_line_that_is_being_written_is_read_when_it_is_whole(world: World) -> None:
    """Half a line shows nothing."""
    world.hear()
    text = json.dumps({"timestamp": AT, **mark()}, separators=(",", ":")).encode()
    world.path.write_bytes(text[:40])
    world.pass_by(0.3)
    assert not world.told
    world.path.write_bytes(text + b"\n")
    world.pass_by(0.3)
    assert list(world.told) == ["m1"]


def test_a_subagents_transcript_is_followed_too(world: World) -> None:
    """Also one that begins later; its lines are its own."""
    world.hear()
    world.pass_by(0.3)
    folder = world.path.with_suffix("") / "subagents"
    folder.mkdir(parents=True)
    world.append(*refused(), to=folder / "agent-a1.jsonl")
    world.tail.note_dry(True)
    world.pass_by(2.0)
    world.pass_by(PATIENCE_S + 1)
    assert {told["agent_id"] for told in world.told.values()} == {"a1"}


def test_what_was_before_the_first_event_is_not_told(world: World) -> None:
    """A resumed session, or a relay that is started in the middle."""
    world.append(mark())
    world.hear(time_ns=AT_NS + 60 * 10**9)
    world.pass_by(0.3)
    assert not world.told


def test_a_file_that_shrank_or_is_another_one_is_read_from_its_start(world: World, tmp_path: Path) -> None:
    """What it shows again has the same name, so it is one event."""
    world.hear()
    world.append(mark("m1"), mark("m2"))
    world.pass_by(0.3)
    other = tmp_path / "other"
    world.append(mark("m1"), mark("m3"), to=other)
    other.rename(world.path)
    world.pass_by(0.3)
    assert list(world.told) == ["m1", "m2", "m3"]


def test_a_call_that_a_hook_tells_late_is_not_told_twice(world: World) -> None:
    """Hooks have their time, counted from when the spool was read to its end."""
    world.hear()
    world.append(*refused("late"), *refused("unseen"))
    world.pass_by(0.3)
    world.pass_by(60)
    assert not world.told, "hooks may lie in the spool unread"
    world.tail.note_dry(True)
    world.pass_by(PATIENCE_S - 0.1)
    assert not world.told
    world.hear(EventKind.TOOL_FAILED, tool=ToolUse("Read", "late"))
    world.pass_by(0.2)
    assert list(world.told) == ["a-unseen-0", "r-unseen-0"]
    world.pass_by(60)
    assert world.times == 2


def test_a_pass_is_bounded(world: World) -> None:
    """The rest is read at the next look, and nothing is left out."""
    world.hear()
    world.pass_by(0.3)
    filler = {"type": "user", "uuid": "f", "message": {"content": "x" * 600_000}}
    world.append(filler, filler, mark())
    world.pass_by(0.3)
    assert not world.told
    world.pass_by(0.3)
    assert list(world.told) == ["m1"]


def test_a_large_file_begins_near_its_end(world: World) -> None:
    """Of a relay that was not there before."""
    world.append(mark("old"), *({"type": "user", "uuid": f"f{n}", "message": {"content": "x" * 500_000}} for n in range(10)), mark("new"))
    world.hear()
    for _ in range(6):
        world.pass_by(0.3)
    assert list(world.told) == ["new"]


def test_a_session_is_read_on_for_a_moment_after_its_end_and_then_left(world: World) -> None:
    """What a client writes last is read; then nothing is looked at."""
    world.hear()
    world.pass_by(0.3)
    world.hear(EventKind.SESSION_ENDED)
    world.append(mark())
    assert world.pass_by(1.0) is not None
    assert list(world.told) == ["m1"]
    assert world.pass_by(transcript_tail.LINGER_S) is None


def test_the_next_relay_reads_on_where_this_one_was(world: World) -> None:
    """Also what was appended while there was none."""
    world.hear()
    world.append(mark("m1"))
    world.pass_by(0.3)
    world.pass_by(transcript_tail.SAVE_S + 1)
    world.append(mark("m2"))
    world.tail = world.open()
    world.hear()
    world.pass_by(0.3)
    assert (list(world.told), world.times) == (["m1", "m2"], 2)


def test_the_number_of_sessions_is_bounded(world: World, tmp_path: Path) -> None:
    """The one silent for longest leaves."""
    world.hear()
    for n in range(transcript_tail.MAX_SESSIONS):
        world.now_s += 1
        world.tail.notice(AgentEvent(1, "u", "claude-code", EventKind.STATUS, f"s{n}", transcript_path=str(tmp_path / f"{n}.jsonl")))
    world.append(mark())
    world.pass_by(0.3)
    assert not world.told


def test_a_relay_that_was_away_reads_on_before_it_folds_what_waited(world: World) -> None:
    """To the end of the file, though a pass is bounded; a second time there is nothing to tell."""
    filler = {"type": "user", "uuid": "f", "message": {"content": "x" * 600_000}}
    world.append(filler, filler, filler, mark())
    waited = AgentEvent(AT_NS, "u", "claude-code", EventKind.PROMPT_SUBMITTED, SESSION, transcript_path=str(world.path))
    assert world.tail.catch_up([waited])
    assert list(world.told) == ["m1"]
    assert not world.tail.catch_up([waited])
