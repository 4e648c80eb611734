"""Copilot CLI's captures: what its hooks told of real sessions, alone and with its session file, held against what was seen to happen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest

from hookline.agent_event import AgentEvent, process_gone
from hookline.agents import agent_named, event_of
from hookline.agents.copilot_cli.entrypoint import entrypoint_of, with_entrypoint
from hookline.agents.copilot_cli.nested import SubagentSessions
from hookline.agents.copilot_cli.session_file import SessionFileSigns
from hookline.agents.copilot_cli.tools import KINDS
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.contract.tool_kinds import ToolKind
from hookline.errors import Rejected
from hookline.fold import order
from hookline.privacy.capture import capture_rules
from hookline.settings.schema import CaptureSettings
from hookline.system.process import has_terminal, is_in_terminal
from support.agent_captures import captured, rows, spans_of, told
from support.cases import with_each

AGENT = "copilot-cli-1.0.102"
TRUTH = {  # by hand, from the scenario and the moments in the payloads and in the session file
    "tools": [
        "invoke_agent copilot-cli success 3299ms",
        "  execute_tool bash success 712ms",
        "  execute_tool view success 279ms",
        "  execute_tool bash success 559ms",
        "  execute_tool edit success 312ms",
        "  execute_tool bash failure exit_1 417ms",
    ],
    "denied": [
        "invoke_agent copilot-cli success 915ms",
        "  wait_permission bash denied 2ms",
        "  execute_tool bash denied denied 0ms",
    ],
    "subagent": [
        "invoke_agent copilot-cli success 3405ms",
        "  execute_tool task success 2123ms",
        "    invoke_agent general-purpose success 1773ms",
        "      execute_tool grep success 147ms",
        "      execute_tool bash success 622ms",
        "  execute_tool bash success 292ms",
    ],
    "api_error": ["invoke_agent copilot-cli failure model_call 892ms", "  execute_tool bash success 306ms"],
    "interrupt": [
        "invoke_agent copilot-cli interrupted interrupted 3203ms",
        "  execute_tool bash success 318ms",
        "  execute_tool bash interrupted interrupted interrupted 2338ms",
    ],
    "kill9": [  # nobody tells it; the relay sees that the process is gone
        "invoke_agent copilot-cli unknown timed_out 910ms",
        "  execute_tool bash success 313ms",
        "  execute_tool bash unknown timed_out 0ms",
    ],
    "resume": [
        "invoke_agent copilot-cli success 3097ms",
        "  execute_tool bash success 732ms",
        "  execute_tool view success 277ms",
        "  execute_tool bash success 452ms",
        "  execute_tool edit success 274ms",
        "  execute_tool bash failure exit_1 297ms",
        "invoke_agent copilot-cli success 357ms",
    ],
    "interactive": [  # asked about an address, allowed; asked about the command, Esc; then /compact, where both questions are allowed
        "invoke_agent copilot-cli interrupted interrupted 20666ms",
        "  wait_permission bash unknown interrupted 10828ms",
        "  wait_permission bash unknown interrupted 9046ms",
        "  execute_tool bash interrupted interrupted interrupted 0ms",
        "  compact_context success 15633ms",
        "  execute_tool bash success 14814ms",
        "  wait_permission bash success 8441ms",
        "  wait_permission bash success 6085ms",
    ],
}
COMMON = {"session_id": "5a1c", "cwd": "/srv/shop", "timestamp": "2026-11-25T20:38:38.129Z"}
TIME_NS = 1_795_639_118_180_000_000


def hooks(scenario: str) -> list[AgentEvent]:
    """Return the events of a captured session's hooks."""
    return captured("copilot-cli", rows(AGENT, f"{scenario}.hooks.jsonl"))


def signs(scenario: str, session_id: str) -> Iterator[AgentEvent]:
    """Yield what a captured session's file shows beside them."""
    reader = SessionFileSigns(session_id, "/home/dev/.copilot/session-state/x/events.jsonl")
    for line in rows(AGENT, f"{scenario}.events.jsonl"):
        for sign in reader.read(line):
            payload = {key: value for key, value in sign.payload.items() if value not in ("", None)}
            yield event_of(payload, {"agent": "copilot-cli", "source": "transcript"}, sign.time_ns, sign.name)


def event(payload: dict[str, Any], level: Literal["metadata", "full"] = "metadata", **env: str) -> AgentEvent:
    """Return the event of a payload."""
    return event_of(
        {**COMMON, **payload}, {"agent": "copilot-cli", "ppid": "77"} | env, TIME_NS, "u", capture=capture_rules(CaptureSettings(level=level))
    )


def post(tool: str, said: str, kind: str = "success", **given: Any) -> dict[str, Any]:
    """Return the payload of a call that ended."""
    return {
        "hook_event_name": "PostToolUse",
        "tool_name": tool,
        "tool_input": given,
        "tool_result": {"result_type": kind, "text_result_for_llm": said},
    }


@with_each("scenario", TRUTH)
def test_sessions_of_the_real_client(scenario: str) -> None:
    """Names, outcomes, parents and times; of a session that was not finished as the session file shows it."""
    events = hooks(scenario)
    assert told(spans_of([*events, *signs(scenario, events[0].session_id)])) == TRUTH[scenario]


@pytest.mark.parametrize("scenario", ["tools", "subagent", "api_error", "resume"])
def test_what_ended_by_itself_needs_no_session_file(scenario: str) -> None:
    """Hooks tell it all."""
    assert told(spans_of(hooks(scenario))) == TRUTH[scenario]


@pytest.mark.parametrize("behind", [1, 2, 3])
@pytest.mark.parametrize("scenario", ["interrupt", "interactive"])
def test_a_prompts_hook_that_comes_late_begins_the_turn_all_the_same(scenario: str, behind: int) -> None:
    """Its moment is the client's: what came before it is of its turn, and there is no other."""
    told_of = hooks(scenario)
    late = next(one for one in told_of if one.kind is EventKind.PROMPT_SUBMITTED)
    events = order([*told_of, *signs(scenario, late.session_id)])
    at = events.index(late)
    events[at : at + behind + 1] = [*events[at + 1 : at + behind + 1], late]
    turns = [span for span in spans_of(events, as_they_came=True) if span.name.startswith("invoke_agent")]
    assert told(turns) == TRUTH[scenario][:1]
    assert turns[0].attributes[semconv.PROMPT_ID] == late.prompt_id


def test_a_question_that_is_told_after_its_session_begins_none() -> None:
    """The client waits for no hook of a notification, so on a busy machine one comes when all is over."""
    told_of = hooks("denied")
    question = next(one for one in told_of if one.kind is EventKind.PERMISSION_REQUESTED)
    events = order([*(one for one in told_of if one is not question), *signs("denied", question.session_id)])
    assert told(spans_of([*events, question], as_they_came=True)) == [line for line in TRUTH["denied"] if "wait_permission" not in line]


def test_a_question_that_is_the_first_that_is_heard_waits() -> None:
    """Whoever begins to listen in the middle of a session must not miss it."""
    question = next(one for one in hooks("denied") if one.kind is EventKind.PERMISSION_REQUESTED)
    assert [line for line in told(spans_of([question])) if "wait_permission" in line]


def test_a_client_that_is_killed_says_nothing() -> None:
    """What it had open ends with its process, as the kernel saw it."""
    events = hooks("kill9")
    gone = process_gone(events[0].session_id, "copilot-cli", 4711, "", events[-1].time_ns + 2_000_000_000, is_seen=True)
    assert told(spans_of([*events, gone])) == [
        "invoke_agent copilot-cli interrupted process_gone 2910ms",
        "  execute_tool bash success 313ms",
        "  execute_tool bash interrupted process_gone 2000ms",
    ]


def test_what_is_only_shown_says_so() -> None:
    """Whoever reads a span sees what its end rests on."""
    events = hooks("interrupt")
    spans = spans_of([*events, *signs("interrupt", events[0].session_id)])
    turn, first, second = ((span.attributes[semconv.EVIDENCE], span.attributes[semconv.EVIDENCE_SOURCE]) for span in spans)
    assert (turn, first, second) == (("observed", "transcript"), ("observed", "hook"), ("derived", "transcript"))


def test_a_subagent_is_part_of_its_parents_session() -> None:
    """Its prompt and its stop are no turn's, and its calls stand under it."""
    events = hooks("subagent")
    assert len({one.session_id for one in events}) == 1
    assert [one.kind for one in events if one.agent_id and one.name in ("UserPromptSubmit", "Stop")] == [EventKind.OTHER] * 2
    inner = next(one for one in events if one.tool and one.tool.name == "grep")
    assert (inner.session_id, inner.agent_id, inner.agent_type) == (events[0].session_id, "bf9a3ee5-83c9-4f88-a179-70b5c38254a0", "general-purpose")


def test_subagents_of_subagents_are_part_of_the_root_session(tmp_path: Path) -> None:
    """Their calls name only the subagent above them; their starts name the session's file. One was launched in the background, and says so."""
    known = SubagentSessions()
    events = [known.placed(one, tmp_path) for one in hooks("nested")]
    assert told(spans_of(events)) == [
        "invoke_agent copilot-cli success 2853ms",
        "  execute_tool task success 129ms",
        "  execute_tool task success 1887ms",
        "    invoke_agent general-purpose success 1506ms",
        "    invoke_agent general-purpose success 1411ms",
        "      execute_tool task success 834ms",
        "      execute_tool task success 764ms",
        "        invoke_agent explore success 645ms",
        "        invoke_agent explore success 615ms",
        "          execute_tool bash success 261ms",
        "          execute_tool bash success 195ms",
    ]


def test_a_relay_that_starts_in_the_middle_finds_the_session(tmp_path: Path) -> None:
    """In the file that was written last; where none says it, the event stays with the subagent above."""
    start = next(number for number, one in enumerate(hooks("nested")) if one.agent_type == "explore" and one.tool)
    inner, root = hooks("nested")[start], hooks("nested")[0].session_id
    assert SubagentSessions().placed(inner, tmp_path).session_id == inner.session_id != root
    (tmp_path / root).mkdir()
    (tmp_path / root / "events.jsonl").write_text(json.dumps({"type": "subagent.started", "agentId": inner.session_id}) + "\n")
    assert SubagentSessions().placed(inner, tmp_path).session_id == root


def test_a_prompt_is_named_by_its_session_and_its_moment() -> None:
    """Both are in the session file too, which tells them in milliseconds."""
    plain, camel = event({"hook_event_name": "UserPromptSubmit"}), event({"hook_event_name": "UserPromptSubmit", "timestamp": 1_795_639_118_129})
    assert plain.prompt_id == camel.prompt_id != ""
    assert event({"hook_event_name": "UserPromptSubmit", "session_id": "other"}).prompt_id != plain.prompt_id
    assert event({"hook_event_name": "Stop"}).prompt_id == ""


def test_an_event_is_of_the_clients_time() -> None:
    """Unless that cannot be: a payload that lay about for long, or came from another clock."""
    assert event({"hook_event_name": "Stop"}).time_ns == 1_795_639_118_129_000_000
    for odd in ("2026-11-25T20:38:40.000Z", "2026-11-25T20:00:00.000Z", "yesterday", None, 3):
        assert event({"hook_event_name": "Stop", "timestamp": odd}).time_ns == TIME_NS


@with_each(
    "payload, kind, outcome, error",
    [
        (post("Bash", "x\n<shellId: 0 completed with exit code 0>", command="x"), EventKind.TOOL_ENDED, SpanOutcome.SUCCESS, ""),
        (post("Bash", "x\n<shellId: 0 completed with exit code 2>", command="x"), EventKind.TOOL_ENDED, SpanOutcome.FAILURE, "exit_2"),
        (post("Bash", "it said <shellId: 0 completed with exit code 2> and went on", command="x"), EventKind.TOOL_ENDED, SpanOutcome.SUCCESS, ""),
        (post("Read", "no", "denied", path="/x"), EventKind.TOOL_ENDED, SpanOutcome.DENIED, "denied"),
        (post("Read", "no", "failure", path="/x"), EventKind.TOOL_ENDED, SpanOutcome.FAILURE, "tool_error"),
        (
            {"hook_event_name": "PostToolUseFailure", "tool_name": "Read", "error": "Path does not exist"},
            EventKind.TOOL_FAILED,
            SpanOutcome.FAILURE,
            "not_found",
        ),
        ({"hook_event_name": "PostToolUseFailure", "tool_name": "Read", "error": ["odd"]}, EventKind.TOOL_FAILED, SpanOutcome.FAILURE, "tool_error"),
        ({"hook_event_name": "ErrorOccurred", "error_context": "tool_execution", "error": {}}, EventKind.OTHER, None, ""),
        (
            {"hook_event_name": "ErrorOccurred", "error_context": "model_call", "error": {"message": "429 slow down"}},
            EventKind.TURN_FAILED,
            SpanOutcome.FAILURE,
            "model_call_429",
        ),
        ({"hook_event_name": "Stop", "agent_id": "a", "session_id": "a", "parent_agent_id": "5a1c"}, EventKind.OTHER, None, ""),
        (
            {"hook_event_name": "SubagentStop", "agent_id": "a", "stop_reason": "cancelled"},
            EventKind.SUBAGENT_ENDED,
            SpanOutcome.INTERRUPTED,
            "interrupted",
        ),
        (
            {"hook_event_name": "Notification", "notification_type": "permission_prompt", "message": "Fetch URL: x"},
            EventKind.PERMISSION_REQUESTED,
            None,
            "",
        ),
        (
            {"hook_event_name": "Notification", "notification_type": "shell_completed", "message": "(shellId: 1)"},
            EventKind.BACKGROUND_ENDED,
            None,
            "",
        ),
        ({"hook_event_name": "Notification", "notification_type": "agent_idle"}, EventKind.NOTIFICATION, None, ""),
        ({"hook_event_name": "WhatComesNext"}, EventKind.OTHER, None, ""),
    ],
)
def test_what_each_event_says(payload: dict[str, Any], kind: EventKind, outcome: SpanOutcome | None, error: str) -> None:
    """One event, one meaning; wrong types cost their field."""
    made = event(payload)
    assert (made.kind, made.outcome, made.error_type) == (kind, outcome, error)


def test_a_question_about_a_command_names_its_call() -> None:
    """By the command's hash, which is that of its call; any other question is about whatever was called last."""
    asked = event({"hook_event_name": "Notification", "notification_type": "permission_prompt", "message": "Run command: pip install x"}).tool
    called = event({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "pip install x", "description": "Install"}}).tool
    assert asked and called
    assert (asked.name, asked.input_hash) == (called.name, called.input_hash) == ("bash", called.input_hash)


def test_what_the_client_asks_itself_is_no_persons_prompt() -> None:
    """A command that ended in the background prompts it."""
    notice = '<system_notification>\nShell command "Tests" (shellId: 1) has completed successfully.\n</system_notification>'
    made = event({"hook_event_name": "UserPromptSubmit", "prompt": notice})
    assert (made.kind, made.prompt_source, made.background_id) == (EventKind.PROMPT_SUBMITTED, "task_notification", "1")
    began = event(post("Bash", "<command started in background with shellId: 1>", command="pytest", mode="async")).tool
    assert began and (began.is_background, began.background_id) == (True, "1")


def test_an_event_that_no_payload_names_is_named_by_its_command() -> None:
    """SubagentStart has keys in camel case and no name; nothing else may be unnamed."""
    payload = {"sessionId": "5a1c", "agent_id": "a", "agentName": "explore", "transcriptPath": "/x/events.jsonl"}
    made = event_of(payload, {"agent": "copilot-cli", "event": "SubagentStart"}, TIME_NS, "u")
    assert (made.kind, made.session_id, made.agent_type, made.transcript_path) == (EventKind.SUBAGENT_STARTED, "5a1c", "explore", "/x/events.jsonl")
    for odd in (payload, {"hook_event_name": "Stop"}):
        with pytest.raises(Rejected):
            event_of(odd, {"agent": "copilot-cli"}, TIME_NS, "u")


def test_texts_leave_by_the_capture_level() -> None:
    """At the default level nothing of a prompt, a command, a path or an output."""
    payload = post("Edit", "File updated", path="/srv/shop/pay.py", old_str="a", new_str="b")
    plain, full = event(payload), event(payload, "full")
    assert plain.tool and full.tool
    assert (plain.tool.input_text, plain.tool.output_text, plain.tool.file_path) == ("", "", "")
    assert (plain.tool.file_extension, plain.tool.output_size, full.tool.output_text, full.tool.file_path) == (
        "py",
        12,
        "File updated",
        "/srv/shop/pay.py",
    )


def test_a_tool_keeps_the_clients_own_name() -> None:
    """Whatever the hooks call it; and has a kind."""
    seen = {one.tool.name: one.tool.kind for name in TRUTH for one in hooks(name) if one.tool}
    assert seen == {"bash": "shell", "view": "read", "edit": "edit", "grep": "search", "task": "agent"}
    assert set(seen) <= set(KINDS)
    server = event({"hook_event_name": "PreToolUse", "tool_name": "mcp__github__list_issues"}).tool
    assert server and (server.kind, server.mcp_server) == (ToolKind.MCP, "github")


@pytest.mark.parametrize(
    ("words", "is_in_terminal", "entrypoint"),
    [
        (["copilot"], True, "cli"),
        (["copilot", "--resume=5a1c"], True, "cli"),
        (["copilot", "-p", "Fix it"], True, "prompt"),
        (["copilot", "--prompt=Fix it"], True, "prompt"),
        (["copilot"], False, "prompt"),
        ([], False, ""),
    ],
)
def test_somebody_sits_at_a_terminal_alone(words: list[str], is_in_terminal: bool, entrypoint: str) -> None:
    """A prompt on the command line, or through a pipe, has nobody in front of it."""
    assert entrypoint_of(words, is_in_terminal) == entrypoint


@pytest.mark.parametrize(
    ("stat", "expected"),
    [
        (b"26695 (cop) ilot) S 26692 26692 26692 34817 26692 4194304 1", True),
        (b"26695 (copilot) S 26692 26692 26692 0 -1 4194304 1", False),
    ],
)
def test_a_terminal_that_was_opened_after_the_first_look_is_one(stat: bytes, expected: bool) -> None:
    """The kernel is asked, which knows terminals that come while a relay runs."""
    assert is_in_terminal(stat) is expected
    assert isinstance(has_terminal(psutil.Process()), bool)


def test_how_a_client_was_started_is_asked_of_its_process() -> None:
    """As long as it lives; what is only shown by the session file says nothing of it."""
    made = event({"hook_event_name": "Stop"}, ppid=str(os.getpid()))
    assert with_entrypoint(made).entrypoint in ("cli", "prompt")
    assert with_entrypoint(made).is_attended is (with_entrypoint(made).entrypoint == "cli")
    for odd in (event({"hook_event_name": "Stop"}, ppid="4194999"), event({"hook_event_name": "Stop"}, source="transcript")):
        assert with_entrypoint(odd) == odd


def test_its_session_file_is_known_before_it_is_there() -> None:
    """The client writes it half a second late, and most payloads do not name it."""
    agent = agent_named("copilot-cli")
    assert agent.title == "GitHub Copilot CLI"
    assert agent.completed(event({"hook_event_name": "Stop"})).transcript_path.endswith("/session-state/5a1c/events.jsonl")
    assert agent.completed(event({"hook_event_name": "Stop", "transcript_path": "/x/events.jsonl"})).transcript_path == "/x/events.jsonl"
