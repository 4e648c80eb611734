"""Reading the client's transcripts: lines by offset, payloads as hooks would have sent them, requests once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hookline.agents.claude_code.transcript_files import conversations
from hookline.agents.claude_code.transcripts import TranscriptReader
from hookline.agents.claude_code.usage import UsageReader, UsageRequest
from hookline.agents.equipment import Conversation, Mark
from hookline.agents.told_line import ToldLine
from hookline.history.progress import Progress
from hookline.system.json_lines import read_lines

ROOT = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329" / "transcripts"
TOOLS, SUBAGENT, DENIED, API_ERROR = "24317a28", "5d1bd6c4", "65b8f73a", "ff9b131a"


def conversation(prefix: str) -> Conversation:
    """Return the captured conversation whose session id begins so."""
    return next(c for c in conversations(ROOT) if c.session_id.startswith(prefix))


def told(prefix: str, index: int = 0) -> list[ToldLine]:
    """Return all that one transcript of a conversation tells."""
    transcript = conversation(prefix).transcripts[index]
    reader = TranscriptReader(conversation(prefix).session_id, transcript)
    found = [t for line in read_lines(transcript.path, 0) if line.text for t in reader.read(json.loads(line.text))]
    return [*found, *reader.finish()]


def events(found: list[ToldLine]) -> list[str]:
    """Return the events and tools in order."""
    return [" ".join(filter(None, (t.payload["hook_event_name"], t.payload.get("tool_name", "")))) for t in found]


def test_a_transcript_tells_what_its_hooks_told() -> None:
    """Prompt, calls with their results, failure and end of turn, in order."""
    assert events(told(TOOLS)) == [
        "UserPromptSubmit",
        "PreToolUse Bash",
        "PostToolUse Bash",
        "PreToolUse Read",
        "PreToolUse Bash",
        "PostToolUse Read",
        "PostToolUse Bash",
        "PreToolUse Edit",
        "PostToolUse Edit",
        "PreToolUse Bash",
        "PostToolUseFailure Bash",
        "Stop",
    ]


def test_a_transcripts_ids_are_the_hooks_ids() -> None:
    """Session, prompt and call ids are the same, so history and hooks meet."""
    first, call, result = told(TOOLS)[:3]
    assert first.payload["prompt_id"] == result.payload["prompt_id"] == "5b94b319-a7a4-456f-bf31-2689f596deae"
    assert call.payload["tool_use_id"] == result.payload["tool_use_id"] == "toolu_92dbe85842ec416d991ec310"
    assert call.payload["prompt_id"] == first.payload["prompt_id"]
    assert first.time_ns == 1795212693_856_000_000


def test_a_denied_call_is_denied() -> None:
    """The client's own decision tells a denial from a failure."""
    assert events(told(DENIED)) == ["UserPromptSubmit", "PreToolUse Bash", "PermissionDenied Bash", "Stop"]


def test_an_api_error_ends_the_turn() -> None:
    """The error's kind is kept."""
    last = told(API_ERROR)[-1]
    assert (last.payload["hook_event_name"], last.payload["error"]) == ("StopFailure", "unknown")


def test_a_subagents_transcript_belongs_to_its_call() -> None:
    """Beginning, calls and end carry the agent's id and type; the file beside it names the call."""
    own = conversation(SUBAGENT).transcripts[1]
    assert own.parent_call_id == "toolu_1ca66af395e34846a264602e"
    found = told(SUBAGENT, 1)
    assert events(found) == ["SubagentStart", "PreToolUse Grep", "PostToolUse Grep", "PreToolUse Bash", "PostToolUse Bash", "SubagentStop"]
    assert {(t.payload["agent_id"], t.payload["agent_type"]) for t in found} == {("ae1a2d327a8085f0b", "general-purpose")}


def test_an_interrupt_ends_the_turn() -> None:
    """What the client wrote when the user pressed escape."""
    reader = TranscriptReader("s", conversation(TOOLS).transcripts[0])
    line = {"type": "user", "timestamp": "2026-01-01T00:00:00Z", "message": {"content": [{"type": "text", "text": "[Request interrupted by user]"}]}}
    assert [t.payload["hook_event_name"] for t in reader.read(line)] == ["TurnInterrupted"]


def test_lines_of_other_kinds_and_shapes_are_passed_over() -> None:
    """The format is internal to the client: what is not known is no error."""
    reader = TranscriptReader("s", conversation(TOOLS).transcripts[0])
    odd: list[dict[str, Any]] = [
        {},
        {"type": "summary", "summary": "x"},
        {"type": "user", "timestamp": "no time", "message": {"content": "hi"}},
        {"type": "user", "timestamp": "2026-01-01T00:00:00Z", "message": None},
        {"type": "user", "timestamp": "2026-01-01T00:00:00Z", "message": {"content": "<local-command-stdout>x</local-command-stdout>"}},
        {"type": "user", "timestamp": "2026-01-01T00:00:00Z", "isMeta": True, "message": {"content": "meta"}},
        {"type": "assistant", "timestamp": "2026-01-01T00:00:00Z", "message": {"content": ["x", 1, None]}},
        {"type": "system", "timestamp": "2026-01-01T00:00:00Z", "subtype": "compact_boundary", "compactMetadata": 7},
    ]
    assert [t for line in odd for t in reader.read(line)] == []


def requests(prefix: str) -> list[UsageRequest]:
    """Return the requests of a conversation's main transcript."""
    reader = UsageReader()
    path = conversation(prefix).transcripts[0].path
    return [r for line in read_lines(path, 0) if line.text for r in reader.read(json.loads(line.text), "")]


def test_a_request_written_on_several_lines_counts_once() -> None:
    """The client's own total at the end of the session agrees."""
    found = requests(TOOLS)
    assert len(found) == 5
    assert sum(r.input for r in found) == 60
    assert sum(r.output for r in found) == 150
    assert sum(r.cache_read for r in found) == 10_000
    assert sum(r.cache_creation for r in found) == 500


def test_synthetic_messages_used_no_tokens() -> None:
    """An API error is written as an assistant's line without usage."""
    assert len(requests(API_ERROR)) == 1


def test_only_complete_lines_are_read_and_reading_goes_on_after_them(tmp_path: Path) -> None:
    """A line that is still being written is read the next time."""
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\ntwo\nthr")
    lines = list(read_lines(path, 0))
    assert [line.text for line in lines] == [b"one", b"two"]
    path.write_bytes(b"one\ntwo\nthree\n")
    assert [line.text for line in read_lines(path, lines[-1].end)] == [b"three"]


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    """What follows it is read."""
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"x" * 5000 + b"\nshort\n")
    assert [line.text for line in read_lines(path, 0, max_line_bytes=1000)] == [None, b"short"]


def test_progress_survives_and_starts_over_for_another_file(tmp_path: Path) -> None:
    """Marks are kept by path; a file that shrank or was replaced is read again."""
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"0123456789")
    progress = Progress(tmp_path / "history.db")
    progress.advance({path: Mark(8, 2)})
    progress.close()
    again = Progress(tmp_path / "history.db")
    assert again.mark(path) == Mark(8, 2)
    path.write_bytes(b"0123")
    assert again.mark(path) == Mark()
    again.forget()
    again.close()
