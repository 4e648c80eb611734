"""What a live transcript shows and no hook tells; the lines are shaped as Claude Code 2.1.329 wrote them."""

from __future__ import annotations

from hookline.agents.claude_code.seen import SeenReader
from hookline.agents.equipment import TranscriptSign
from support.transcript_lines import NO, Line, interrupt, line, prompt, result, use


def seen(*lines: Line, agent_id: str = "") -> list[TranscriptSign]:
    reader = SeenReader("s", "/t.jsonl", agent_id)
    return [found for parsed in lines for found in reader.read(parsed)]


def says(found: list[TranscriptSign]) -> list[tuple[str, str, str, str]]:
    """Return event, prompt, call and condition of each."""
    return [(f.payload["hook_event_name"], f.payload["prompt_id"], f.payload.get("tool_use_id", ""), f.unless) for f in found]


def test_no_at_a_permission_is_a_denial_and_the_turn_was_stopped() -> None:
    """With the call's input, so that its hash is the hook's, and each with its own time."""
    found = seen(
        prompt(1, "u1", "", "p1"),
        use(2, "u2", "u1", "c"),
        result(9, "u3", "u2", "c", NO, toolDenialKind="user-rejected", toolDenialBeforeRun=True, promptId="p1"),
        interrupt(9, "u4", "u3", promptId="p1"),
    )
    assert says(found) == [("PermissionDenied", "p1", "c", ""), ("TurnInterrupted", "p1", "", "")]
    assert found[0].payload["tool_input"] == {"command": "make"}
    assert found[0].time_ns == 1_795_644_009_500_000_000
    assert [f.name for f in found] == ["u3-0", "u4"]


def test_escape_in_a_call_stops_it_and_the_turn_that_it_was_of() -> None:
    """The lines name the prompt that waited behind, and come behind its line: what they answer says whose they are."""
    found = seen(
        prompt(1, "u1", "", "p1"),
        use(2, "u2", "u1", "c"),
        prompt(5, "u5", "u4", "p2", "<task-notification>", promptSource="system"),
        result(5, "u3", "u2", "c", NO, toolDenialKind="user-rejected", promptId="p2"),
        interrupt(5, "u4", "u3", promptId="p2"),
    )
    assert says(found) == [("ToolInterrupted", "p1", "c", ""), ("TurnInterrupted", "p1", "", "")]


def test_a_rule_that_denies_is_a_denial() -> None:
    """Of auto mode's classifier or the settings; what was cancelled with others was stopped."""
    found = seen(
        prompt(1, "u1", "", "p1"),
        use(2, "u2", "u1", "a"),
        use(2, "u3", "u2", "b"),
        result(3, "u4", "u2", "a", "no", toolDenialKind="permission-rule"),
        result(3, "u5", "u3", "b", "no", toolDenialKind="cancelled"),
    )
    assert says(found) == [("PermissionDenied", "p1", "a", ""), ("ToolInterrupted", "p1", "b", "")]


def test_a_prompt_that_was_typed_ahead_is_told_when_its_turn_begins_and_no_other_is() -> None:
    """Hooks tell of typed ones and of the client's notices to itself."""
    found = seen(
        prompt(1, "u1", "", "p1", promptSource="typed"),
        prompt(5, "u2", "u1", "p2", "<task-notification>...", promptSource="system"),
        prompt(7, "u3", "u2", "p3", "And then?", promptSource="queued"),
    )
    assert says(found) == [("UserPromptSubmit", "p3", "", "")]
    assert (found[0].payload["prompt"], found[0].payload["prompt_source"]) == ("And then?", "queued")


def test_a_prompt_that_the_running_turn_took_in_is_told_when_it_is_taken_in() -> None:
    """It was typed ahead and gets no line of its own. What the person takes back, and the client's own notices, are none."""
    typed: Line = {"type": "queue-operation", "operation": "enqueue", "timestamp": "2026-11-25T22:00:05Z", "content": "prompt five"}
    taken = typed | {"operation": "remove", "timestamp": "2026-11-25T22:00:09Z", "reason": "absorbed_mid_turn", "commandUuid": "4ae0"}
    notice = taken | {"content": "<task-notification><task-id>b1</task-id>", "commandUuid": "4ae1"}
    found = seen(prompt(1, "u1", "", "p1"), typed, notice, taken, typed | {"operation": "remove", "reason": "taken_back"})
    assert says(found) == [("UserPromptSubmit", "p1", "", "")]
    assert (found[0].name, found[0].payload["prompt"], found[0].payload["prompt_source"]) == ("absorbed-s-4ae0", "prompt five", "absorbed")
    assert seen(prompt(1, "u1", "", "p1"), taken, agent_id="a1") == []


def test_every_call_is_told_unless_a_hook_tells_it() -> None:
    """One whose input the client refused fires none."""
    found = seen(prompt(1, "u1", "", "p1"), use(2, "u2", "u1", "c", "Read"), result(2, "u3", "u2", "c", "<tool_use_error>InputValidationError: path"))
    assert says(found) == [("PreToolUse", "p1", "c", "call:c"), ("PostToolUseFailure", "p1", "c", "call:c")]
    assert found[1].payload["error"].startswith("<tool_use_error>InputValidationError")


def test_a_notice_of_a_task_says_when_it_ended() -> None:
    """It is written when the command ends, long before the client gets to it."""
    content = "<task-notification>\n<task-id>b1</task-id>\n<tool-use-id>c</tool-use-id>\n<status>completed</status></task-notification>"
    entry: Line = {"type": "queue-operation", "operation": "enqueue", "timestamp": "2026-11-25T22:00:05Z", "content": content}
    found = seen(entry, entry | {"operation": "dequeue"}, entry | {"content": "typed ahead"})
    assert [(f.payload["hook_event_name"], f.payload["background_id"], f.payload["tool_use_id"]) for f in found] == [("BackgroundEnded", "b1", "c")]


def test_an_api_error_ends_the_turn_unless_a_hook_says_so() -> None:
    """As the client writes it."""
    found = seen(
        prompt(1, "u1", "", "p1"),
        line("assistant", 3, "u2", "u1", [{"type": "text", "text": "API Error"}], isApiErrorMessage=True, error="overloaded"),
    )
    assert says(found) == [("StopFailure", "p1", "", "end:p1")]


def test_a_subagents_transcript_shows_its_calls_and_no_prompts() -> None:
    """Its lines begin with what its caller told it."""
    found = seen(
        prompt(1, "u1", "", "p1"),
        use(2, "u2", "u1", "c"),
        result(3, "u3", "u2", "c", NO, toolDenialKind="user-rejected", toolDenialBeforeRun=True, promptId="p1"),
        interrupt(3, "u4", "u3", promptId="p1"),
        agent_id="a1",
    )
    assert [(f.payload["hook_event_name"], f.payload["agent_id"], f.payload["prompt_id"]) for f in found] == [("PermissionDenied", "a1", "p1")]


def test_lines_of_other_shapes_show_nothing() -> None:
    """The format is the client's own: what is not known is no error."""
    odd: list[Line] = [
        {},
        {"type": "user"},
        {"type": "user", "timestamp": "no time", "uuid": "u"},
        line("user", 1, "u1"),
        line("user", 1, "u2", "", [1, None, "x"]),
        line("assistant", 1, "u3", "", [{"type": "tool_use"}]),
        line("user", 1, "u4", "", [{"type": "tool_result"}]),
        {"type": "queue-operation", "operation": "enqueue", "timestamp": "2026-11-25T22:00:05Z", "content": 7},
        {
            "type": "queue-operation",
            "operation": "enqueue",
            "timestamp": "2026-11-25T22:00:05Z",
            "content": "<task-notification><task-id>../x</task-id>",
        },
    ]
    assert seen(*odd) == []
