"""Copilot CLI's session files as history: the same turns and calls as the hooks told, tokens once, read on where reading stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hookline.agent_event import NOWHERE
from hookline.agents import agent_named
from hookline.agents.copilot_cli.session_file import SessionFileSigns
from hookline.agents.equipment import Conversation, HistoryReader, Mark, ReaderEnvironment, Transcript
from hookline.contract import semconv
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import FoldStep, LogRecord, SpanRecord
from support.agent_captures import FIXTURES, captured, rows, told

AGENT = "copilot-cli-1.0.102"
NOW_NS, QUIET_NS = 1_800_000_000_000_000_000, 900_000_000_000
TRUTH = {  # by hand, from the times of the lines
    "tools": [
        "invoke_agent copilot-cli success 3294ms",
        "  execute_tool bash success 885ms",
        "  execute_tool view success 561ms",
        "  execute_tool bash success 703ms",
        "  execute_tool edit success 473ms",
        "  execute_tool bash failure exit_1 573ms",
    ],
    "denied": ["invoke_agent copilot-cli success 902ms", "  wait_permission bash denied 7ms", "  execute_tool bash denied denied 0ms"],
    "subagent": [
        "invoke_agent copilot-cli success 3400ms",
        "  execute_tool task success 2272ms",
        "    invoke_agent general-purpose success 1951ms",
        "      execute_tool grep success 278ms",
        "      execute_tool bash success 758ms",
        "  execute_tool bash success 468ms",
    ],
    "api_error": ["invoke_agent copilot-cli failure model_call_400 1027ms", "  execute_tool bash success 445ms"],
    "interrupt": [
        "invoke_agent copilot-cli interrupted interrupted 3203ms",
        "  execute_tool bash success 461ms",
        "  execute_tool bash interrupted interrupted interrupted 2341ms",
    ],
    "interactive": [
        "invoke_agent copilot-cli interrupted interrupted 20666ms",
        "  wait_permission bash unknown interrupted 10818ms",
        "  wait_permission bash unknown interrupted 9057ms",
        "  execute_tool bash interrupted interrupted interrupted 0ms",
        "  compact_context success 15635ms",
    ],
}
TOKENS = {
    "tools": (5, 10_560, 150, 10_000),
    "subagent": (6, 12_672, 180, 12_000),
    "interactive": (2, 6_336, 90, 6_000),
}  # as session.shutdown adds them up


def nothing(session_id: str, prompt_id: str) -> bool:
    """Know of no turn that hooks delivered."""
    return False


def conversation(path: Path) -> Conversation:
    """Return a session's file as the agent finds it."""
    return Conversation("s", (Transcript(path, path.stat().st_size, path.stat().st_mtime),))


def reader_of(path: Path, session_id: str, mark: Mark, is_delivered: Callable[[str, str], bool] = nothing) -> HistoryReader:
    """Return the reader of a session's file."""
    transcripts = agent_named("copilot-cli").transcripts()
    assert transcripts
    around = ReaderEnvironment(lambda folder: NOWHERE, METADATA_ONLY, is_delivered)
    return transcripts.history(Conversation(session_id, conversation(path).transcripts), {path: mark}, around)


def made(steps: Iterator[FoldStep]) -> tuple[dict[int, SpanRecord], dict[str, LogRecord], tuple[str, ...]]:
    """Return the last copies of spans, the records of tokens, and what was released."""
    spans, logs, released = dict[int, SpanRecord](), dict[str, LogRecord](), list[str]()
    for step in steps:
        spans |= {span.span_id: span for span in step.spans}
        logs |= {log.uid: log for log in step.logs}
        released += step.released
    return spans, logs, tuple(released)


def in_order(spans: dict[int, SpanRecord]) -> list[SpanRecord]:
    """Return spans by their beginnings."""
    return sorted(spans.values(), key=lambda span: (span.start_ns, span.end_ns, span.name))


def session_of(scenario: str) -> str:
    """Return the captured session's id."""
    return str(rows(AGENT, f"{scenario}.events.jsonl")[0]["data"]["sessionId"])


@pytest.mark.parametrize("scenario", TRUTH)
def test_sessions_of_the_real_client(scenario: str) -> None:
    """With the ids of calls, and read to the end."""
    path = FIXTURES / AGENT / f"{scenario}.events.jsonl"
    reader = reader_of(path, session_of(scenario), Mark())
    spans, _, released = made(reader.steps(NOW_NS, QUIET_NS))
    assert told(in_order(spans)) == TRUTH[scenario]
    calls = {str(span.attributes[semconv.TOOL_CALL_ID]) for span in spans.values() if span.name.startswith("execute_tool")}
    assert all(call.startswith("call_") for call in calls)
    reader.acknowledge(released)
    assert reader.marks()[path] == Mark(path.stat().st_size)


@pytest.mark.parametrize("scenario", TOKENS)
def test_tokens_are_those_that_the_client_adds_up(scenario: str) -> None:
    """One record a request, of subagents too, and of what a compaction used."""
    _, logs, _ = made(reader_of(FIXTURES / AGENT / f"{scenario}.events.jsonl", session_of(scenario), Mark()).steps(NOW_NS, QUIET_NS))
    sums = [
        sum(int(str(log.attributes[key])) for log in logs.values()) for key in (semconv.USAGE_INPUT, semconv.USAGE_OUTPUT, semconv.USAGE_CACHE_READ)
    ]
    assert (len(logs), *sums) == TOKENS[scenario]
    assert {log.attributes[semconv.RESPONSE_MODEL] for log in logs.values()} == {"claude-sonnet-4.5"}


def test_what_hooks_delivered_is_not_told_again() -> None:
    """The prompt has the same id in both; tokens are told all the same, under it."""
    hooks = captured("copilot-cli", rows(AGENT, "resume.hooks.jsonl"))
    first, second = [event.prompt_id for event in hooks if event.name == "UserPromptSubmit"]
    path, session_id = FIXTURES / AGENT / "resume.events.jsonl", session_of("resume")
    spans, logs, _ = made(reader_of(path, session_id, Mark(), lambda session, prompt: prompt == first).steps(NOW_NS, QUIET_NS))
    assert told(in_order(spans)) == ["invoke_agent copilot-cli success 353ms"]
    assert {span.attributes[semconv.PROMPT_ID] for span in spans.values()} == {second}
    assert [log.attributes[semconv.PROMPT_ID] for log in logs.values()] == [first] * 5 + [second]


def test_without_hooks_a_prompt_is_named_by_its_message(tmp_path: Path) -> None:
    """Nobody told it under another name."""
    path = tmp_path / "events.jsonl"
    path.write_text("".join(line + "\n" for line in (FIXTURES / AGENT / "tools.events.jsonl").read_text().splitlines() if '"hook.start"' not in line))
    spans, _, _ = made(reader_of(path, session_of("tools"), Mark()).steps(NOW_NS, QUIET_NS))
    assert {span.attributes[semconv.PROMPT_ID] for span in spans.values()} == {"da21fbc1-23a5-4b24-ac4f-97a7cc9fe4c0"}


def test_what_is_typed_while_a_turn_runs_begins_none(tmp_path: Path) -> None:
    """The turn takes it in, and no hook comes; nor does a notice that the turn takes in."""
    lines = [json.dumps(line) for line in rows(AGENT, "tools.events.jsonl")]
    at = next(number for number, line in enumerate(lines) if "tool.execution_complete" in line)
    typed = {
        "type": "user.message",
        "id": "x",
        "timestamp": "2026-11-25T20:38:39.340Z",
        "data": {"content": "Faster", "delivery": "steering", "messageId": "m"},
    }
    notice = {
        "type": "system.notification",
        "id": "y",
        "timestamp": "2026-11-25T20:38:39.341Z",
        "data": {"content": "Done", "kind": {"type": "shell_completed"}},
    }
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join([*lines[: at + 1], json.dumps(typed), json.dumps(notice), *lines[at + 1 :]]) + "\n")
    spans, _, _ = made(reader_of(path, session_of("tools"), Mark()).steps(NOW_NS, QUIET_NS))
    assert told(in_order(spans)) == TRUTH["tools"]
    (sign,) = SessionFileSigns("s", str(path)).read(typed)
    assert (sign.payload["hook_event_name"], sign.payload["prompt_source"]) == ("UserPromptSubmit", "absorbed")


def test_a_file_is_read_on_where_it_was_left(tmp_path: Path) -> None:
    """Cut anywhere, the rest read later: the same spans and records, and the second reading tells nothing that was done."""
    whole = (FIXTURES / AGENT / "resume.events.jsonl").read_bytes()
    path, session_id = tmp_path / "events.jsonl", session_of("resume")
    path.write_bytes(whole)
    wanted = made(reader_of(path, session_id, Mark()).steps(NOW_NS, QUIET_NS))
    for cut in range(700, len(whole), 1_900):
        path.write_bytes(whole[:cut])
        first = reader_of(path, session_id, Mark())
        spans, logs, released = made(first.steps(0, QUIET_NS))
        first.acknowledge(released)
        path.write_bytes(whole)
        second = reader_of(path, session_id, first.marks()[path])
        more = made(second.steps(NOW_NS, QUIET_NS))
        assert (spans | more[0]).keys() == wanted[0].keys(), cut
        assert told(in_order(spans | more[0])) == told(in_order(wanted[0])), cut
        assert (logs | more[1]).keys() == wanted[1].keys(), cut


def test_sessions_are_found_below_the_clients_folder(tmp_path: Path) -> None:
    """Wherever its variable puts that."""
    transcripts = agent_named("copilot-cli").transcripts()
    assert transcripts
    root = transcripts.root({"HOME": "/home/ana", "COPILOT_HOME": str(tmp_path)})
    (root / "a").mkdir(parents=True)
    (root / "b").mkdir()
    (root / "a" / "events.jsonl").write_text("{}\n")
    assert [(one.session_id, one.size) for one in transcripts.conversations(root)] == [("a", 3)]
    assert transcripts.root({"HOME": "/home/ana"}) == Path("/home/ana/.copilot/session-state")


def test_live_tokens_are_those_of_history() -> None:
    """The same records, whoever reads first."""
    transcripts, path = agent_named("copilot-cli").transcripts(), FIXTURES / AGENT / "subagent.events.jsonl"
    assert transcripts
    event = captured("copilot-cli", rows(AGENT, "subagent.hooks.jsonl"))[0]
    _, logs, _ = made(reader_of(path, event.session_id, Mark()).steps(NOW_NS, QUIET_NS))
    ((live, end),) = transcripts.usage(path, 0, event)
    assert ({log.uid for log in live}, end) == (set(logs), path.stat().st_size)
    half = path.read_bytes().index(b'"subagent.completed"')
    ((rest, _),) = transcripts.usage(path, path.read_bytes().rindex(b"\n", 0, half) + 1, event)
    assert [log.attributes[semconv.PROMPT_ID] for log in rest] == [live[0].attributes[semconv.PROMPT_ID]] * 2
