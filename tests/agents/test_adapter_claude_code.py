"""Claude Code's payloads, one by one, as the client's documentation and captures have them."""

import json
from typing import Any

import pytest

from hookline.agent_event import Place
from hookline.agents import AgentEvent
from hookline.agents.claude_code.hooks import READERS
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import METADATA_ONLY, capture_rules
from hookline.settings.schema import CaptureSettings
from support.cases import with_each
from support.replay import adapt

COMMON = {
    "session_id": "7d1c2f0a-3f5e-4a53-9b0e-0b6f7a1d9e10",
    "prompt_id": "0f4c2c52-64a8-4b0e-8a34-6d1f1c8f2b77",
    "transcript_path": "/home/ana/.claude/projects/-srv-shop/7d1c2f0a-3f5e-4a53-9b0e-0b6f7a1d9e10.jsonl",
    "cwd": "/srv/shop",
    "permission_mode": "acceptEdits",
}
ENV = {"agent": "claude-code", "claude_pid": "8990", "host": "laptop"}

# The samples of all 31 events.
SAMPLES: list[dict[str, Any]] = [
    {"hook_event_name": "SessionStart", "source": "startup", "model": "claude-sonnet-5"},
    {"hook_event_name": "Setup", "trigger": "maintenance"},
    {"hook_event_name": "InstructionsLoaded", "file_path": "/srv/shop/CLAUDE.md", "memory_type": "Project", "load_reason": "session_start"},
    {"hook_event_name": "UserPromptSubmit", "prompt": "add a retry to the payment client"},
    {"hook_event_name": "UserPromptExpansion", "expansion_type": "slash_command", "command_name": "review", "prompt": "/review src"},
    {"hook_event_name": "MessageDisplay", "turn_id": "51a0", "message_id": "9be2", "index": 0, "final": False, "delta": "I will look at "},
    {
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": "pytest -q"},
        "tool_use_id": "toolu_01Qz",
        "effort": {"level": "high"},
    },
    {"hook_event_name": "PermissionRequest", "tool_name": "Bash", "tool_input": {"command": "pip install tenacity"}, "permission_suggestions": []},
    {
        "hook_event_name": "PermissionDenied",
        "tool_name": "Bash",
        "tool_input": {"command": "rm -rf build"},
        "tool_use_id": "toolu_01Ra",
        "reason": "Blocked",
    },
    {
        "hook_event_name": "PostToolUse",
        "tool_name": "Write",
        "tool_input": {"file_path": "/srv/shop/pay.py", "content": "…"},
        "tool_use_id": "toolu_01Rb",
    },
    {
        "hook_event_name": "PostToolUseFailure",
        "tool_name": "Bash",
        "tool_input": {"command": "x"},
        "tool_use_id": "toolu_01Qz",
        "error": "Exit code 1\n2 failed",
    },
    {
        "hook_event_name": "PostToolBatch",
        "tool_calls": [{"tool_name": "Read", "tool_input": {}, "tool_use_id": "toolu_01Rc", "tool_response": "  1\timport os\n"}],
    },
    {"hook_event_name": "Notification", "message": "Claude needs your permission", "notification_type": "permission_prompt"},
    {"hook_event_name": "SubagentStart", "agent_id": "a3f9c1d2e4b5a697", "agent_type": "Explore"},
    {"hook_event_name": "SubagentStop", "agent_id": "a3f9c1d2e4b5a697", "agent_type": "Explore", "last_assistant_message": "Found 3 callers."},
    {"hook_event_name": "TaskCreated", "task_id": "4", "task_subject": "write retry test"},
    {"hook_event_name": "TaskCompleted", "task_id": "4", "task_subject": "write retry test"},
    {"hook_event_name": "Stop", "stop_hook_active": False, "last_assistant_message": "Done.", "background_tasks": [{"id": "b1", "type": "shell"}]},
    {"hook_event_name": "StopFailure", "error": "rate_limit", "error_details": "429", "last_assistant_message": "API Error: rate limited"},
    {"hook_event_name": "TeammateIdle", "teammate_name": "tester", "team_name": "session-1a2b3c4d"},
    {"hook_event_name": "ConfigChange", "source": "project_settings", "file_path": "/srv/shop/.claude/settings.json"},
    {"hook_event_name": "CwdChanged", "old_cwd": "/srv/shop", "new_cwd": "/srv/shop/api"},
    {"hook_event_name": "DirectoryAdded", "directory": "/srv/lib", "source": "slash_command"},
    {"hook_event_name": "FileChanged", "file_path": "/srv/shop/.envrc", "event": "change"},
    {"hook_event_name": "WorktreeCreate", "name": "feature-retry"},
    {"hook_event_name": "WorktreeRemove", "worktree_path": "/srv/shop/.claude/worktrees/feature-retry"},
    {"hook_event_name": "PreCompact", "trigger": "auto", "custom_instructions": ""},
    {"hook_event_name": "PostCompact", "trigger": "auto", "compact_summary": "Work so far"},
    {"hook_event_name": "Elicitation", "mcp_server_name": "jira", "message": "Pick a project", "mode": "form"},
    {"hook_event_name": "ElicitationResult", "mcp_server_name": "jira", "action": "accept", "elicitation_id": "e-17", "content": {"key": "PAY"}},
    {"hook_event_name": "SessionEnd", "reason": "prompt_input_exit"},
]
FULL = capture_rules(CaptureSettings(level="full"))
INPUTS = capture_rules(CaptureSettings(level="inputs"))


def made(fields: dict[str, Any], env: dict[str, str] = ENV, capture: Any = METADATA_ONLY) -> AgentEvent:
    payload = json.dumps({**COMMON, **fields}).encode()
    return adapt(payload, env, 1_000, "u1", lambda cwd: Place(project=cwd.rpartition("/")[2]), capture)


def tool(fields: dict[str, Any], capture: Any = METADATA_ONLY) -> Any:
    event = made(fields, capture=capture)
    assert event.tool is not None
    return event.tool


def post(name: str, response: Any, tool_input: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "hook_event_name": "PostToolUse",
        "tool_name": name,
        "tool_use_id": "t1",
        "tool_input": tool_input or {},
        "tool_response": response,
        **fields,
    }


@with_each("sample", SAMPLES)
def test_every_documented_event_is_known(sample: dict[str, Any]) -> None:
    """The sample of the documentation becomes the event's kind, with the common fields read."""
    event = made(sample)
    assert event.kind is READERS[str(sample["hook_event_name"])][0]
    assert (event.session_id, event.prompt_id, event.pid) == (COMMON["session_id"], COMMON["prompt_id"], 8990)
    assert (event.time_ns, event.uid, event.agent, event.name) == (1_000, "u1", "claude-code", sample["hook_event_name"])


def test_all_31_events_are_in_the_table() -> None:
    """None is forgotten."""
    assert {sample["hook_event_name"] for sample in SAMPLES} == set(READERS)
    assert len(READERS) == 31


def test_an_event_of_a_newer_client_is_kept_as_other() -> None:
    """Never an error."""
    assert made({"hook_event_name": "BrandNew", "tool_name": 5, "whatever": [1]}).kind is EventKind.OTHER


@with_each(
    "payload",
    [
        *(
            b"",
            b"{",
            b"[]",
            b"null",
            b'"text"',
            b"\xff\xfe",
            b'{"hook_event_name":"Stop"}',
            b'{"session_id":"s"}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
        ),
        *(b'{"hook_event_name":"Stop","session_id":' + value + b"}" for value in (b"null", b'""', b"7", b"[]")),
    ],
)
def test_an_unusable_payload_is_rejected_with_what_is_wrong(payload: bytes) -> None:
    """No JSON object, no session, no event name, nested beyond reason."""
    with pytest.raises(Rejected, match="payload"):
        adapt(payload, ENV, 1, "u")


@with_each("value", [None, 7, -1.5, True, "text", [], [1, [2]], {}, {"a": {"b": []}}, 10**400, "x" * 100_000])
def test_wrong_types_cost_their_field_and_never_the_event(value: Any) -> None:
    """Every field of every sample, replaced by anything that JSON can hold."""
    for sample in SAMPLES:
        for key in {*sample, *COMMON, "effort", "model", "duration_ms", "tool_response"} - {"hook_event_name", "session_id"}:
            event = made({**sample, key: value})
            assert event.kind is READERS[str(sample["hook_event_name"])][0]


def test_numbers_that_are_none_are_left_out() -> None:
    """NaN, infinities and negative durations."""
    for text in ("NaN", "Infinity", "-Infinity", "-5", "1e400", '"12"', "1e30"):
        payload = b'{"session_id":"s","hook_event_name":"PostToolUse","tool_name":"Bash","duration_ms":' + text.encode() + b"}"
        event = adapt(payload, ENV, 1, "u")
        assert event.tool is not None
        assert event.tool.duration_ns is None


def test_lone_surrogates_and_bad_utf8_come_out_as_valid_text() -> None:
    """Whatever is sent on can be encoded."""
    payload = b'{"session_id":"s\\ud800","hook_event_name":"UserPromptSubmit","prompt":"a\\udfff\xff","agent_type":"\\ud83d\\ude00"}'
    event = adapt(payload, ENV, 1, "u", capture=FULL)
    for text in (event.session_id, event.prompt_text, event.agent_type):
        assert text.encode()
    assert event.agent_type == "😀"


def test_of_duplicate_keys_the_last_counts() -> None:
    """As in JavaScript."""
    assert adapt(b'{"session_id":"a","session_id":"b","hook_event_name":"Stop"}', ENV, 1, "u").session_id == "b"


def test_long_names_are_cut() -> None:
    """A name is no place for a novel."""
    event = made({"hook_event_name": "PreToolUse", "tool_name": "T" * 9_999, "tool_use_id": "i" * 9_999})
    assert event.tool is not None
    assert (len(event.tool.name), len(event.tool.call_id)) == (200, 256)


@with_each("given, pid", [("8990", 8990), ("", None), ("0", None), ("1", None), ("-5", None), ("x", None), ("9" * 30, None), ("٣٤", None)])
def test_a_pid_is_a_plain_number_of_a_process_other_than_init(given: str, pid: int | None) -> None:
    """Whatever the environment line holds."""
    assert made({"hook_event_name": "Stop"}, {"agent": "claude-code", "claude_pid": given}).pid == pid


def test_a_tool_input_has_one_hash_whatever_the_order_of_its_keys() -> None:
    """The batch lists the keys of an Edit in another order than its request."""
    one = tool({"hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": {"a": 1, "b": [1, {"c": "ü"}]}})
    two = tool({"hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": {"b": [1, {"c": "ü"}], "a": 1}})
    assert (one.input_hash, one.input_size) == (two.input_hash, two.input_size)
    assert one.input_size == len('{"a":1,"b":[1,{"c":"ü"}]}'.encode())


def test_a_tool_input_may_be_a_text_or_missing() -> None:
    """Not every tool takes an object."""
    assert tool({"hook_event_name": "PreToolUse", "tool_name": "X", "tool_input": "abc"}).input_size == 3
    assert tool({"hook_event_name": "PreToolUse", "tool_name": "X"}).input_size is None


@pytest.mark.parametrize(
    ("name", "fields", "extension"),
    [
        ("Read", {"file_path": "/srv/shop/pay.py"}, "py"),
        ("Write", {"file_path": "C:\\src\\Main.CS"}, "cs"),
        ("Edit", {"file_path": "/srv/.envrc"}, ""),
        ("Edit", {"file_path": "/srv/a.tar.gz"}, "gz"),
        ("NotebookEdit", {"notebook_path": "/srv/x.ipynb"}, "ipynb"),
        ("Read", {"file_path": "/srv/a.secret token"}, ""),
        ("Bash", {"file_path": "/srv/a.py"}, ""),
    ],
)
def test_file_tools_tell_the_extension_and_nothing_else(name: str, fields: dict[str, str], extension: str) -> None:
    """The path itself needs the level `inputs`."""
    event = {"hook_event_name": "PreToolUse", "tool_name": name, "tool_input": fields}
    assert (tool(event).file_extension, tool(event).file_path) == (extension, "")
    if name != "Bash":
        assert tool(event, INPUTS).file_path == next(iter(fields.values()))


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("mcp__jira__search_issues", "jira"),
        ("mcp__plugin_acme_jira__search", "plugin_acme_jira"),
        ("mcp__a__b__c", "a"),
        ("Bash", ""),
        ("mcp__broken", ""),
    ],
)
def test_mcp_tools_name_their_server(name: str, server: str) -> None:
    """mcp__<server>__<tool>, a plugin's servers too."""
    assert tool({"hook_event_name": "PreToolUse", "tool_name": name, "tool_input": {}}).mcp_server == server


@with_each(
    "error, is_interrupt, error_type, exit_code, outcome",
    [
        ("Exit code 1\n2 failed", False, "exit_1", 1, SpanOutcome.FAILURE),
        ("Exit code 127\nfoo: not found", False, "exit_127", 127, SpanOutcome.FAILURE),
        ("Exit code 143\nCommand timed out after 0s", False, "timeout", 143, SpanOutcome.FAILURE),
        ("Command timed out after 2m 0.0s", False, "timeout", None, SpanOutcome.FAILURE),
        ("[Request interrupted by user for tool use]", False, "interrupted", None, SpanOutcome.INTERRUPTED),
        ("Exit code 137", True, "interrupted", 137, SpanOutcome.INTERRUPTED),
        ("Permission to use Bash with command rm has been denied.", False, "denied", None, SpanOutcome.DENIED),
        ("The user doesn't want to proceed with this tool use.", False, "denied", None, SpanOutcome.DENIED),
        ("File does not exist.", False, "not_found", None, SpanOutcome.FAILURE),
        ("InputValidationError: Read failed", False, "invalid_input", None, SpanOutcome.FAILURE),
        ("MCP error -32603: boom", False, "tool_error", None, SpanOutcome.FAILURE),
        ("", False, "tool_error", None, SpanOutcome.FAILURE),
    ],
)
def test_an_error_text_becomes_an_error_type(error: str, is_interrupt: bool, error_type: str, exit_code: int | None, outcome: SpanOutcome) -> None:
    """The types are few and say nothing private; the text stays here."""
    event = made({"hook_event_name": "PostToolUseFailure", "tool_name": "Bash", "error": error, "is_interrupt": is_interrupt, "duration_ms": 7})
    assert event.tool is not None
    assert (event.error_type, event.tool.exit_code, event.outcome, event.error_text) == (error_type, exit_code, outcome, "")
    assert (event.tool.duration_ns, event.tool.output_size) == (7_000_000, len(error))


def test_a_successful_command_has_the_exit_code_0() -> None:
    """Unless it goes on in the background or the client read its code as something else."""
    plain = {"stdout": "ok", "stderr": "", "interrupted": False, "isImage": False}
    assert tool(post("Bash", plain)).exit_code == 0
    assert tool(post("Bash", {**plain, "returnCodeInterpretation": "No matches found"})).exit_code is None
    assert (
        tool(post("Bash", {**plain, "backgroundTaskId": "b1"})).exit_code,
        tool(post("Bash", {**plain, "backgroundTaskId": "b1"})).is_background,
    ) == (None, True)
    assert tool(post("Read", plain)).exit_code is None


def test_a_command_that_a_person_stopped_was_interrupted() -> None:
    """It ends as a success with `interrupted`."""
    event = made(post("Bash", {"stdout": "", "interrupted": True}))
    assert (event.outcome, event.error_type) == (SpanOutcome.INTERRUPTED, "interrupted")


def test_an_agent_call_tells_its_subagent() -> None:
    """In the background its response is only the launch."""
    launched = tool(post("Agent", {"isAsync": True, "status": "async_launched", "agentId": "ab04", "resolvedModel": "claude-opus-5-5"}))
    assert (launched.agent_id, launched.is_launch, launched.agent_model) == ("ab04", True, "claude-opus-5-5")
    done = tool(post("Task", {"status": "completed", "agentId": "ae1a", "content": []}, {"subagent_type": "Explore"}))
    assert (done.agent_id, done.is_launch, done.starts_agent, done.wanted_agent_type) == ("ae1a", False, True, "Explore")


def test_questions_wait_for_a_person() -> None:
    """AskUserQuestion and ExitPlanMode."""
    for name in ("AskUserQuestion", "ExitPlanMode"):
        assert tool({"hook_event_name": "PreToolUse", "tool_name": name, "tool_input": {}}).asks_person
    assert not tool({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {}}).asks_person


def test_a_batch_names_its_calls_and_tells_denials() -> None:
    """By the text of the result."""
    calls = [
        {"tool_use_id": "a", "tool_name": "Bash", "tool_input": {"command": "x"}, "tool_response": "This command requires approval"},
        {"tool_use_id": "b", "tool_name": "Bash", "tool_response": "ok: permission was denied in the log"},
        {"tool_use_id": "c", "tool_name": "Agent", "tool_response": [{"type": "text", "text": "x"}]},
        {"tool_name": "no id"},
        "nonsense",
    ]
    batch = made({"hook_event_name": "PostToolBatch", "tool_calls": calls}).batch
    assert [(call.call_id, call.is_denied) for call in batch] == [("a", True), ("b", False), ("c", None)]
    assert batch[0].input_hash == tool({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "x"}}).input_hash


def test_stop_names_the_subagents_that_go_on() -> None:
    """And nothing else that runs in the background."""
    tasks = [{"id": "ae7a", "type": "subagent", "status": "running"}, {"id": "b1", "type": "shell"}]
    assert made({"hook_event_name": "Stop", "background_tasks": tasks}).running_agents == ("ae7a",)


def test_a_failed_turn_has_the_clients_error_type() -> None:
    """As given; an unknown one is `unknown`."""
    assert made({"hook_event_name": "StopFailure", "error": "overloaded"}).error_type == "overloaded"
    assert made({"hook_event_name": "StopFailure", "error": None}).error_type == "unknown"


def test_a_prompt_that_the_client_gives_itself_is_not_a_persons() -> None:
    """A background task ended."""
    assert made({"hook_event_name": "UserPromptSubmit", "prompt": "<task-notification>\n<task-id>a</task-id>"}).prompt_source == "task_notification"
    assert made({"hook_event_name": "UserPromptSubmit", "prompt": "fix it"}).prompt_source == "user"


def test_a_prompt_that_was_typed_ahead_is_as_the_transcript_tells_it() -> None:
    """It waited for its turn, or the running turn took it in; any other word of the client is a person's prompt."""
    said = {
        source: made({"hook_event_name": "UserPromptSubmit", "prompt": "and?", "prompt_source": source}) for source in ("queued", "absorbed", "typed")
    }
    assert [event.prompt_source for event in said.values()] == ["queued", "absorbed", "user"]
    assert [event.is_absorbed for event in said.values()] == [False, True, False]


def test_a_changed_folder_is_the_new_one() -> None:
    """The place follows CwdChanged at once."""
    event = made({"hook_event_name": "CwdChanged", "old_cwd": "/srv/shop", "new_cwd": "/srv/lib"})
    assert (event.cwd, event.place.project) == ("/srv/lib", "lib")


def test_metadata_lets_no_text_out() -> None:
    """Not a word of prompt, input, output, answer or error at the default level."""
    word = "xylophone"
    for sample in SAMPLES:
        fields = {"prompt": word, "tool_input": {"command": word}, "tool_response": {"stdout": word}, "error": f"Exit code 1\n{word}"}
        fields |= {"last_assistant_message": word, "error_details": word, "reason": word, "message": word, "compact_summary": word, "delta": word}
        if sample["hook_event_name"] == "StopFailure":
            del fields["error"]
        if sample["hook_event_name"] == "SessionEnd":
            del fields["reason"]
        assert word not in repr(made({**sample, **fields}))


def test_inputs_lets_prompts_and_inputs_out_and_no_outputs() -> None:
    """The level in between."""
    assert made({"hook_event_name": "UserPromptSubmit", "prompt": "fix the retries"}, capture=INPUTS).prompt_text == "fix the retries"
    asked = tool(post("Bash", {"stdout": "secret plan"}, {"command": "ls"}), INPUTS)
    assert (asked.input_text, asked.output_text) == ('{"command":"ls"}', "")


def test_full_lets_outputs_answers_and_errors_out() -> None:
    """Redacted all the same."""
    assert (
        tool(post("Bash", {"stdout": "token ghp_0123456789abcdefghijABCDEFGHIJ012345"}), FULL).output_text == '{"stdout":"token [redacted:github]"}'
    )
    assert made({"hook_event_name": "Stop", "last_assistant_message": "Done."}, capture=FULL).answer_text == "Done."
    assert (
        made({"hook_event_name": "PostToolUseFailure", "tool_name": "Bash", "error": "Exit code 1\nno"}, capture=FULL).error_text == "Exit code 1\nno"
    )


STATUS = {
    "model": {"id": "claude-sonnet-5", "display_name": "Sonnet"},
    "workspace": {"current_dir": "/srv/shop"},
    "cost": {"total_cost_usd": 0.25},
    "context_window": {"context_window_size": 200_000, "used_percentage": 12.5},
    "rate_limits": {
        "five_hour": {"used_percentage": 41, "resets_at": 1_795_220_000},
        "seven_day": {"used_percentage": 7.25, "resets_at": 1_795_700_000},
    },
}


def test_a_status_line_gives_limits_context_and_cost() -> None:
    """`kind=statusline` in the environment line."""
    event = made(STATUS, {**ENV, "kind": "statusline"})
    assert (event.kind, event.model, event.source) == (EventKind.STATUS, "claude-sonnet-5", "statusline")
    assert event.limits is not None
    assert (event.limits.five_hour_percent, event.limits.five_hour_resets_at) == (41.0, 1_795_220_000)
    assert (event.limits.seven_day_percent, event.limits.context_size, event.limits.cost_usd) == (7.25, 200_000, 0.25)


def test_a_status_line_without_limits_is_no_error() -> None:
    """Before the first answer, and for accounts that have none."""
    event = made({"context_window": {"used_percentage": None}, "rate_limits": None}, {**ENV, "kind": "statusline"})
    assert event.limits is not None
    assert (event.limits.context_percent, event.limits.five_hour_percent) == (None, None)


@pytest.mark.parametrize(
    ("entrypoint", "is_attended"),
    [("cli", True), ("claude-vscode", True), ("sdk-cli", False), ("sdk-py", False), ("mcp", False), ("claude-code-github-action", False), ("", None)],
)
def test_nobody_sits_at_a_client_that_a_program_started(entrypoint: str, is_attended: bool | None) -> None:
    """`claude -p` and the SDKs; a terminal and an editor have a person, and where nothing is said nothing is known."""
    assert made({"hook_event_name": "Stop"}, {**ENV, "entrypoint": entrypoint}).is_attended is is_attended
