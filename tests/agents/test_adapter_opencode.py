"""OpenCode's captures: what its plugin told of real sessions, through adapter and fold, held against what was seen to happen."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from hookline.agent_event import AgentEvent, process_gone
from hookline.agents import agent_named, event_of
from hookline.agents.opencode.tools import KINDS
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.contract.tool_kinds import ToolKind
from hookline.errors import Rejected
from hookline.privacy.capture import capture_rules
from hookline.settings.schema import CaptureSettings
from support.agent_captures import captured, rows, spans_of, told
from support.cases import with_each

AGENT = "opencode-1.18.33"
TRUTH = {  # by hand, from the scenario and the times in the captured parts
    "tools": [
        "invoke_agent opencode success 5433ms",
        "  execute_tool bash success 525ms",
        "  execute_tool read success 111ms",
        "  execute_tool bash success 31ms",
        "  execute_tool edit success 54ms",
        "  execute_tool bash failure exit_1 55ms",
    ],
    "denied": [
        "invoke_agent opencode success 5181ms",
        "  wait_permission bash denied 172ms",
        "  execute_tool bash denied denied 0ms",
    ],
    "subagent": [
        "invoke_agent opencode success 6065ms",
        "  execute_tool task success 2349ms",
        "    invoke_agent general success 2333ms",
        "      execute_tool grep success 28ms",
        "      execute_tool bash success 755ms",
        "  execute_tool bash success 53ms",
    ],
    "api_error": ["invoke_agent opencode failure APIError_400 5097ms", "  execute_tool bash success 608ms"],
    "interrupt": [  # `opencode run` without a terminal does not hear SIGINT: the call ran its whole minute
        "invoke_agent opencode success 63482ms",
        "  execute_tool bash success 142ms",
        "  execute_tool bash success 60032ms",
    ],
    "resume": [
        "invoke_agent opencode success 8321ms",
        "  execute_tool bash success 796ms",
        "  execute_tool read success 117ms",
        "  execute_tool bash success 220ms",
        "  execute_tool edit success 66ms",
        "  execute_tool bash failure exit_1 62ms",
        "invoke_agent opencode success 3757ms",
    ],
}
TRUTH |= {  # of another run, whose database is beside it: a model that answers 400, then goes on; a client that was killed
    "beside_resumed": [
        "invoke_agent opencode failure APIError_400 26976ms",
        "  execute_tool bash success 1353ms",
        "invoke_agent opencode success 27218ms",
        "  execute_tool bash success 2823ms",
        "  wait_permission read denied 123ms",
        "  execute_tool read denied denied 0ms",
    ],
    "beside_killed": [
        "invoke_agent opencode unknown timed_out 24205ms",
        "  execute_tool bash success 2226ms",
        "  execute_tool bash unknown timed_out 0ms",
    ],
}
COMMON = {"session_id": "ses_1", "cwd": "/srv/shop", "prompt_id": "msg_1"}


def event(payload: dict[str, Any], level: Literal["metadata", "full"] = "metadata") -> AgentEvent:
    """Return the event of a payload."""
    return event_of(
        {**COMMON, **payload},
        {"agent": "opencode", "ppid": "77", "entrypoint": "tui"},
        1_000,
        "u",
        capture=capture_rules(CaptureSettings(level=level)),
    )


def call(**more: Any) -> dict[str, Any]:
    """Return the payload of a call's part."""
    return {"hook_event_name": "message.part.updated", "tool_name": "bash", "call_id": "call_1", "tool_input": {"command": "ls"}, **more}


@with_each("scenario", TRUTH)
def test_sessions_of_the_real_client(scenario: str) -> None:
    """Names, outcomes, parents and times."""
    assert told(spans_of(captured("opencode", rows(AGENT, f"{scenario}.told.jsonl")))) == TRUTH[scenario]


def test_a_client_that_is_killed_says_nothing() -> None:
    """What it had open ends with its process, as the kernel saw it."""
    told_before = [one for one in captured("opencode", rows(AGENT, "interrupt.told.jsonl")) if one.kind is not EventKind.TURN_ENDED][:5]
    gone = process_gone(told_before[0].session_id, "opencode", 4711, "", told_before[-1].time_ns + 2_000_000_000, is_seen=True)
    assert told(spans_of([*told_before, gone])) == [
        "invoke_agent opencode interrupted process_gone 4920ms",
        "  execute_tool bash success 142ms",
        "  execute_tool bash interrupted process_gone 2000ms",
    ]


def test_ids_are_the_clients_own() -> None:
    """History finds the same calls and prompts in the database."""
    spans = spans_of(captured("opencode", rows(AGENT, "tools.told.jsonl")))
    assert {span.attributes[semconv.PROMPT_ID] for span in spans} == {"msg_2146c11c1001oAR7beLrU3fSKT"}
    assert [span.attributes.get(semconv.TOOL_CALL_ID) for span in spans][1] == "call_f06ae98fa3df4a1a_0"
    assert [span.attributes.get(semconv.PROCESS_EXIT_CODE) for span in spans] == [None, 0, None, 0, None, 1]


def test_a_session_ends_with_its_process_and_goes_on_in_another() -> None:
    """Whoever goes on with a session tells it under the same id."""
    events = captured("opencode", rows(AGENT, "resume.told.jsonl"))
    edges = [(one.kind, one.start_source, one.end_reason) for one in events if one.kind in (EventKind.SESSION_STARTED, EventKind.SESSION_ENDED)]
    started, ended = EventKind.SESSION_STARTED, EventKind.SESSION_ENDED
    assert edges == [(started, "startup", ""), (ended, "", "dispose"), (started, "continue", ""), (ended, "", "dispose")]
    assert len({one.session_id for one in events}) == 1


def test_the_plugins_process_is_the_client() -> None:
    """It runs in it; a server may have nobody in front of it."""
    made = event({"hook_event_name": "chat.message", "prompt": "Fix it", "model": "claude-sonnet-5", "provider": "anthropic"})
    assert (made.pid, made.entrypoint, made.is_attended, made.model, made.provider) == (77, "tui", True, "claude-sonnet-5", "anthropic")
    assert event_of({**COMMON, "hook_event_name": "chat.message"}, {"agent": "opencode", "entrypoint": "run"}, 1, "u").is_attended is False


@with_each(
    "payload, kind, outcome, error",
    [
        (call(status="running"), EventKind.TOOL_STARTED, None, ""),
        (call(status="completed", output="", exit=0), EventKind.TOOL_ENDED, SpanOutcome.SUCCESS, ""),
        (call(status="completed", output="", exit=2), EventKind.TOOL_ENDED, SpanOutcome.FAILURE, "exit_2"),
        (
            call(status="completed", output="x\n<bash_metadata>\nUser aborted the command\n"),
            EventKind.TOOL_ENDED,
            SpanOutcome.INTERRUPTED,
            "interrupted",
        ),
        (
            call(status="completed", output="<bash_metadata>\nbash tool terminated command after exceeding timeout 120000 ms"),
            EventKind.TOOL_ENDED,
            SpanOutcome.FAILURE,
            "timeout",
        ),
        (call(status="error", error="Tool execution aborted"), EventKind.TOOL_FAILED, SpanOutcome.INTERRUPTED, "interrupted"),
        (
            call(status="error", error="The user rejected permission to use this specific tool call."),
            EventKind.TOOL_FAILED,
            SpanOutcome.DENIED,
            "denied",
        ),
        (call(status="error", error="File not found: x"), EventKind.TOOL_FAILED, SpanOutcome.FAILURE, "not_found"),
        (call(status="error", error=["odd"]), EventKind.TOOL_FAILED, SpanOutcome.FAILURE, "tool_error"),
        (call(status="pending"), EventKind.OTHER, None, ""),
        ({"hook_event_name": "permission.replied", "reply": "once", "call_id": "call_1"}, EventKind.TOOL_RUNNING, None, ""),
        ({"hook_event_name": "permission.replied", "reply": "reject", "call_id": "call_1"}, EventKind.OTHER, None, ""),
        (
            {"hook_event_name": "session.error", "error_name": "MessageAbortedError"},
            EventKind.TURN_INTERRUPTED,
            SpanOutcome.INTERRUPTED,
            "interrupted",
        ),
        ({"hook_event_name": "session.error", "error_name": "ProviderAuthError"}, EventKind.TURN_FAILED, SpanOutcome.FAILURE, "ProviderAuthError"),
        ({"hook_event_name": "session.idle", "agent_id": "ses_2"}, EventKind.SUBAGENT_ENDED, SpanOutcome.SUCCESS, ""),
        ({"hook_event_name": "chat.message", "agent_id": "ses_2", "prompt": "Look"}, EventKind.OTHER, None, ""),
        ({"hook_event_name": "session.compacting"}, EventKind.COMPACTION_STARTED, None, ""),
        ({"hook_event_name": "what.comes.next"}, EventKind.OTHER, None, ""),
    ],
)
def test_what_each_event_says(payload: dict[str, Any], kind: EventKind, outcome: SpanOutcome | None, error: str) -> None:
    """One event, one meaning; wrong types cost their field."""
    made = event(payload)
    assert (made.kind, made.outcome, made.error_type) == (kind, outcome, error)


def test_a_subagents_events_name_no_prompt() -> None:
    """Its own message is not the person's: the root's open turn is the prompt's."""
    made = event(call(status="running", agent_id="ses_2", agent_type="explore"))
    assert (made.session_id, made.agent_id, made.agent_type, made.prompt_id) == ("ses_1", "ses_2", "explore", "")


@pytest.mark.parametrize("payload", [{"hook_event_name": "session.idle", "session_id": ""}, {"hook_event_name": ""}])
def test_what_cannot_be_used_is_refused(payload: dict[str, Any]) -> None:
    """No session, or no name."""
    with pytest.raises(Rejected):
        event(payload)


def test_texts_leave_by_the_capture_level() -> None:
    """At the default level nothing of a prompt, a command, a path or an output."""
    payload = call(
        status="completed", tool_name="edit", tool_input={"filePath": "/srv/shop/pay.py", "oldString": "a"}, output="done", output_size=4, exit=None
    )
    plain, full = event(payload), event(payload, "full")
    assert plain.tool and full.tool
    assert (plain.tool.input_text, plain.tool.output_text, plain.tool.file_path) == ("", "", "")
    assert (plain.tool.file_extension, plain.tool.output_size, full.tool.output_text, full.tool.file_path) == ("py", 4, "done", "/srv/shop/pay.py")


def test_every_tool_that_was_seen_has_a_kind() -> None:
    """And what nobody knows is other."""
    seen = {one.tool.name: one.tool.kind for name in TRUTH for one in captured("opencode", rows(AGENT, f"{name}.told.jsonl")) if one.tool}
    assert seen == {"bash": "shell", "read": "read", "edit": "edit", "grep": "search", "task": "agent"}
    assert set(seen) <= set(KINDS)
    unknown = event(call(status="running", tool_name="github_list_issues")).tool
    assert unknown and unknown.kind is ToolKind.OTHER


def test_it_is_in_the_registry() -> None:
    """Under the name that its sessions have."""
    assert agent_named("opencode").title == "OpenCode"
