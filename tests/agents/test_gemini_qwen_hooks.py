"""Hooks of the real Gemini CLI and Qwen Code, through adapter and fold: spans by hand-checked expectation, and what each payload says."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hookline.agents import AGENTS, AgentEvent, process_gone
from hookline.agents.gemini_family import end_of, identity
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.fold import order
from hookline.privacy.capture import capture_rules
from hookline.settings.schema import CaptureSettings
from hookline.system.json_lines import parse_line
from support.captures import FOLDERS, PID, event_of_hook, hook_events, hook_payloads, moved, told, told_of_hooks
from support.cases import with_each
from support.replay import adapt, final_spans, replay, spans_of

# Times in ms after the capture's first event; each by the payloads of the capture, read by hand.
EXPECTED = {
    ("gemini-cli", "tools"): [
        "invoke_agent gemini-cli 90..5356 success root",
        "execute_tool run_shell_command 1013..1587 success in invoke_agent gemini-cli",
        "execute_tool read_file 2302..2544 success in invoke_agent gemini-cli",
        "execute_tool run_shell_command 2317..2581 success in invoke_agent gemini-cli",
        "execute_tool replace 3913..4045 success in invoke_agent gemini-cli",
        "execute_tool run_shell_command 4529..4653 failure exit_1 in invoke_agent gemini-cli",
    ],
    ("gemini-cli", "denied"): [  # without a person the client says nothing of it; the session file does (below)
        "invoke_agent gemini-cli 278..1815 success root",
        "execute_tool run_shell_command 1300..1300 unknown by turn_end in invoke_agent gemini-cli",
    ],
    ("gemini-cli", "interrupt"): [
        "invoke_agent gemini-cli 89..3401 interrupted by session_end root",
        "execute_tool run_shell_command 691..802 success in invoke_agent gemini-cli",
        "execute_tool run_shell_command 1267..3401 interrupted by session_end in invoke_agent gemini-cli",
    ],
    ("gemini-cli", "resume"): [
        "invoke_agent gemini-cli 92..3698 success root",
        "execute_tool run_shell_command 709..1246 success in invoke_agent gemini-cli",
        "execute_tool read_file 1778..1897 success in invoke_agent gemini-cli",
        "execute_tool run_shell_command 1788..1904 success in invoke_agent gemini-cli",
        "execute_tool replace 2567..2668 success in invoke_agent gemini-cli",
        "execute_tool run_shell_command 3144..3241 failure exit_1 in invoke_agent gemini-cli",
        "invoke_agent gemini-cli 9533..10162 success root",
    ],
    ("gemini-cli", "subagent"): [  # whose the inner calls are is inferred: they ran while that call did
        "invoke_agent gemini-cli 86..4982 success root",
        "execute_tool invoke_agent 684..3396 success in invoke_agent gemini-cli",
        "invoke_agent generalist 684..3396 success by call_end in execute_tool invoke_agent",
        "execute_tool grep_search 1167..1285 success in invoke_agent generalist",
        "execute_tool run_shell_command 1755..2193 success in invoke_agent generalist",
        "execute_tool complete_task 3223..3304 success in invoke_agent generalist",
        "execute_tool run_shell_command 4145..4257 success in invoke_agent gemini-cli",
    ],
    ("qwen-code", "tools"): [  # runs by the client's own durations
        "invoke_agent qwen-code 401..5292 success root",
        "execute_tool run_shell_command 1230..1661 success in invoke_agent qwen-code",
        "execute_tool read_file 2272..2396 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 2279..2320 success in invoke_agent qwen-code",
        "execute_tool edit 3298..3323 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 4559..4714 failure exit_1 in invoke_agent qwen-code",
    ],
    ("qwen-code", "denied"): [
        "invoke_agent qwen-code 297..1193 success root",
        "execute_tool run_shell_command 860..860 denied denied by batch in invoke_agent qwen-code",
    ],
    ("qwen-code", "resume"): [
        "invoke_agent qwen-code 394..4333 success root",
        "execute_tool run_shell_command 1069..1490 success in invoke_agent qwen-code",
        "execute_tool read_file 2086..2182 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 2091..2135 success in invoke_agent qwen-code",
        "execute_tool edit 3197..3215 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 3992..4011 failure exit_1 in invoke_agent qwen-code",
        "invoke_agent qwen-code 10660..11085 success root",
    ],
    ("qwen-code", "subagent"): [
        "invoke_agent qwen-code 322..5436 success root",
        "execute_tool agent 870..2737 success in invoke_agent qwen-code",
        "invoke_agent general-purpose 891..2577 success in execute_tool agent",
        "execute_tool grep_search 1366..1382 success in invoke_agent general-purpose",
        "execute_tool run_shell_command 1808..2153 success in invoke_agent general-purpose",
        "execute_tool run_shell_command 4342..4544 success in invoke_agent qwen-code",
    ],
    ("qwen-code", "interactive"): [  # yes to the first, Escape to the second; then a compression
        "invoke_agent qwen-code 15440..36288 interrupted by next_event root",
        "wait_permission run_shell_command 17566..27484 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 27484..27592 success in invoke_agent qwen-code",
        "wait_permission run_shell_command 27975..36288 denied by batch in invoke_agent qwen-code",
        "execute_tool run_shell_command 36288..36288 denied denied by batch in invoke_agent qwen-code",
        "compact_context 43345..43614 success in invoke_agent qwen-code",
    ],
}
GONE = {  # killed, stopped or failed without a word: the kernel says when the process ended
    ("gemini-cli", "kill9"): [
        "invoke_agent gemini-cli 88..3000 interrupted by process_gone root",
        "execute_tool run_shell_command 683..803 success in invoke_agent gemini-cli",
        "execute_tool run_shell_command 1303..3000 interrupted by process_gone in invoke_agent gemini-cli",
    ],
    ("gemini-cli", "api_error"): [
        "invoke_agent gemini-cli 87..3000 interrupted by process_gone root",
        "execute_tool run_shell_command 673..782 success in invoke_agent gemini-cli",
    ],
    ("qwen-code", "kill9"): [
        "invoke_agent qwen-code 665..4000 interrupted by process_gone root",
        "execute_tool run_shell_command 1931..1981 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 2485..4000 interrupted by process_gone in invoke_agent qwen-code",
    ],
    ("qwen-code", "interrupt"): [
        "invoke_agent qwen-code 1180..6000 interrupted by process_gone root",
        "execute_tool run_shell_command 2293..2324 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 3220..5322 interrupted interrupted in invoke_agent qwen-code",
    ],
}
GEMINI_INTERACTIVE = [  # yes to the first, Escape to the second; then a compression, and a session after /clear
    "invoke_agent gemini-cli 12611..31639 interrupted interrupted root",
    "execute_tool run_shell_command 13317..22799 success in invoke_agent gemini-cli",
    "wait_permission run_shell_command 13455..22799 success in invoke_agent gemini-cli",
    "wait_permission run_shell_command 24993..31638 denied in invoke_agent gemini-cli",
    "execute_tool run_shell_command 31638..31638 denied denied in invoke_agent gemini-cli",
    "compact_context 37676..37855 success in invoke_agent gemini-cli",
]


@with_each("agent, scenario", EXPECTED)
def test_what_the_clients_hooks_tell(agent: str, scenario: str) -> None:
    """Calls with their outcomes, waits, subagents and turns."""
    assert told_of_hooks(agent, scenario) == EXPECTED[agent, scenario]


@pytest.mark.parametrize(("agent", "scenario"), GONE, ids=[" ".join(key) for key in GONE])
def test_a_client_that_ends_without_a_word(agent: str, scenario: str) -> None:
    """What was running ran until the process ended."""
    events = hook_events(agent, scenario)
    at_ns = events[0].time_ns + int(GONE[agent, scenario][0].split("..")[1].split()[0]) * 1_000_000
    gone = process_gone(events[0].session_id, agent, int(PID), "", at_ns, is_seen=True)
    assert told_of_hooks(agent, scenario, [gone]) == GONE[agent, scenario]


def signs_of(agent: str, scenario: str, name: str = "") -> Iterator[AgentEvent]:
    """Yield what the capture's session files show, as the relay leaves it in the spool."""
    transcripts = AGENTS[agent].transcripts()
    assert transcripts is not None
    event = hook_events(agent, scenario)[0]
    main = Path(moved(agent, scenario, event.transcript_path))
    reader = transcripts.signs(event.session_id, main, "")
    for line in main.read_bytes().splitlines():
        for sign in reader.read(parse_line(line)) if transcripts.may_show(line) else ():
            payload = {"cwd": "/srv/shop", **sign.payload}
            yield adapt(json.dumps(payload).encode(), {"agent": agent, "source": "transcript"}, sign.time_ns, sign.name)


def test_gemini_says_in_its_file_what_it_tells_no_hook() -> None:
    """A refused call, a stopped turn, the end of a compression: each at its own moment."""
    assert told_of_hooks("gemini-cli", "interactive", signs_of("gemini-cli", "interactive")) == GEMINI_INTERACTIVE
    lines = told_of_hooks("gemini-cli", "denied", signs_of("gemini-cli", "denied"))
    assert lines[1] == "execute_tool run_shell_command 1401..1401 denied denied in invoke_agent gemini-cli"


def test_signs_may_come_behind_later_hooks() -> None:
    """The file is read a moment later than the hooks': the refusal behind the person's next step is the same refusal."""
    events, signs = hook_events("gemini-cli", "interactive"), list(signs_of("gemini-cli", "interactive"))
    stopped, compressed = signs[:-1], signs[-1:]
    late = [*order(events[:9]), *reversed(stopped), *order(events[9:10]), *compressed, *order(events[10:])]
    assert told(replay(late), events[0].time_ns) == GEMINI_INTERACTIVE


def test_what_is_inferred_is_marked() -> None:
    """A subagent's end follows from its call's, a call's by the turn's end from nothing else."""
    spans = final_spans(spans_of(replay(order(hook_events("gemini-cli", "subagent"))))).values()
    (agent,) = [span for span in spans if span.name == "invoke_agent generalist"]
    assert (agent.attributes[semconv.EVIDENCE], agent.attributes[semconv.CLOSED_BY]) == ("derived", "call_end")
    spans = final_spans(spans_of(replay(order(hook_events("gemini-cli", "denied"))))).values()
    (call,) = [span for span in spans if span.name == "execute_tool run_shell_command"]
    assert (call.attributes[semconv.EVIDENCE], call.attributes[semconv.OUTCOME]) == ("derived", "unknown")


@pytest.mark.parametrize("agent", FOLDERS)
def test_every_event_of_every_capture_is_read(agent: str) -> None:
    """With its session, its client's process and, where the client says it, its prompt."""
    kinds = set()
    for scenario in sorted(path.name for path in FOLDERS[agent].iterdir() if path.is_dir()):
        for event in hook_events(agent, scenario):
            assert (event.agent, event.pid, event.cwd, event.is_beside) == (agent, int(PID), "/srv/shop", False)
            assert event.session_id and event.transcript_path
            kinds.add(event.kind)
    assert {EventKind.SESSION_STARTED, EventKind.PROMPT_SUBMITTED, EventKind.TOOL_STARTED, EventKind.TOOL_ENDED, EventKind.TURN_ENDED} < kinds
    assert {EventKind.SESSION_ENDED, EventKind.PERMISSION_REQUESTED, EventKind.COMPACTION_STARTED, EventKind.TOOL_FAILED} < kinds


def names(events: Iterable[AgentEvent], kind: EventKind) -> list[str]:
    return [event.name for event in events if event.kind is kind]


def test_what_gemini_fires_all_the_time_is_nothing() -> None:
    """PreCompress comes before every request; only a person's own compression is one."""
    events = hook_events("gemini-cli", "interactive")
    assert names(events, EventKind.OTHER) == ["PreCompress", "PreCompress"]
    assert len(names(events, EventKind.COMPACTION_STARTED)) == 1


def test_a_prompt_that_nobody_gave_is_none() -> None:
    """Qwen Code fires an empty one after every batch of calls; Gemini CLI one of its own where a model gave no answer."""
    nudge = {"session_id": "s", "hook_event_name": "BeforeAgent", "prompt": "[System: You previously returned an empty response with no text.]"}
    assert event_of_hook("gemini-cli", 1, 1, nudge).kind is EventKind.OTHER
    events = hook_events("qwen-code", "tools")
    assert names(events, EventKind.PROMPT_SUBMITTED) == ["UserPromptSubmit"]
    assert names(events, EventKind.OTHER) == ["UserPromptSubmit"] * 4


def test_calls_have_the_id_that_the_session_file_has() -> None:
    """Not the one that is made up for the hook; and an event names another session's prompt, or a command's, for none."""
    events = hook_events("qwen-code", "tools")
    ids = {event.tool.call_id for event in events if event.tool}
    assert ids and all(call_id.startswith("call_") for call_id in ids)
    prompts = {(event.session_id, event.prompt_id) for event in hook_events("qwen-code", "interactive") if event.prompt_id}
    assert all(prompt.startswith(f"{session}########") for session, prompt in prompts)
    assert len({prompt for _, prompt in prompts}) == 2  # the prompt's, and that of the notices behind the compression


def test_after_clear_a_session_goes_on_from_another() -> None:
    """Both agents name the old one's end and the new one's beginning."""
    for agent in FOLDERS:
        events = [event for event in hook_events(agent, "interactive") if event.kind in (EventKind.SESSION_STARTED, EventKind.SESSION_ENDED)]
        assert [event.end_reason or event.start_source for event in events if (event.end_reason or event.start_source) == "clear"] == ["clear"] * 2
        assert len({event.session_id for event in events}) == 2


def test_kinds_and_measures_of_calls() -> None:
    """In the words that compare agents; the exit code from the text."""
    for agent, edit in (("gemini-cli", "replace"), ("qwen-code", "edit")):
        tools = {event.tool.name: event.tool for event in hook_events(agent, "tools") if event.tool and event.kind is EventKind.TOOL_ENDED}
        assert {name: str(tool.kind) for name, tool in tools.items()} == {"run_shell_command": "shell", "read_file": "read", edit: "edit"}
        assert tools["run_shell_command"].exit_code == 0
        assert (tools["read_file"].file_extension, tools["read_file"].exit_code) == ("py", None)
        (failed,) = [event for event in hook_events(agent, "tools") if event.kind is EventKind.TOOL_FAILED]
        assert failed.tool and (failed.tool.exit_code, failed.error_type, failed.outcome) == (1, "exit_1", SpanOutcome.FAILURE)


@pytest.mark.parametrize(
    ("details", "name", "given"),
    [
        ({"type": "exec", "command": "make"}, "run_shell_command", {"command": "make", "description": "Build"}),
        ({"type": "edit", "title": "Confirm Edit: a.py", "filePath": "/srv/shop/a.py"}, "replace", {"file_path": "a.py", "new_string": "x"}),
        ({"type": "edit", "title": "Confirm Write: a.py", "filePath": "/srv/shop/a.py"}, "write_file", {"file_path": "/srv/shop/./a.py"}),
        ({"type": "edit", "title": "Anything: a.py", "filePath": "/srv/shop/a.py"}, "replace", {"file_path": "a.py"}),
        ({"type": "mcp", "title": "Confirm", "serverName": "git_hub", "toolName": "get_issue"}, "mcp_git_hub_get_issue", {"n": 1}),
        ({"type": "ask_user", "title": "?"}, "ask_user", {"questions": []}),
        ({"type": "info", "title": "Confirm Web Fetch", "urls": ["https://a.example"]}, "web_fetch", {"prompt": "Read https://a.example"}),
    ],
)
def test_a_permission_finds_its_call(details: dict[str, Any], name: str, given: dict[str, Any]) -> None:
    """By the command, the file or the server's tool that a notice names; the call's own request says more, and other words."""
    common = {"session_id": "s", "cwd": "/srv/shop", "transcript_path": "/t"}
    payloads: list[dict[str, Any]] = [
        {"hook_event_name": "BeforeAgent", "prompt": "Go on."},
        {"hook_event_name": "BeforeTool", "tool_name": "read_file", "tool_input": {"file_path": "other.txt"}},
        {"hook_event_name": "AfterTool", "tool_name": "read_file", "tool_input": {"file_path": "other.txt"}, "tool_response": {"llmContent": "x"}},
        {"hook_event_name": "BeforeTool", "tool_name": name, "tool_input": given},
        {"hook_event_name": "Notification", "notification_type": "ToolPermission", "details": details},
        {"hook_event_name": "AfterTool", "tool_name": name, "tool_input": given | {"context": 50}, "tool_response": {"llmContent": "done"}},
    ]
    if name not in ("run_shell_command", "replace", "write_file"):  # of others everything is compared
        payloads[-1]["tool_input"] = given
    events = [event_of_hook("gemini-cli", n * 10**9, n, common | payload) for n, payload in enumerate(payloads, 1)]
    lines = told(replay(events), 10**9)
    assert [line.split(" in ")[0] for line in lines] == [
        "execute_tool read_file 1000..2000 success",
        f"execute_tool {name} 3000..5000 success",
        f"wait_{'answer' if name == 'ask_user' else 'permission'} {name} 4000..5000 success",
    ]


NOTICES = {"Request cancelled.": EventKind.TURN_INTERRUPTED, "error": EventKind.TURN_FAILED, "": EventKind.TURN_ENDED}


@pytest.mark.parametrize(("notice", "kind"), NOTICES.items(), ids=["stopped", "failed", "answered"])
def test_how_a_turn_of_gemini_ended_stands_in_its_file(tmp_path: Path, notice: str, kind: EventKind) -> None:
    """AfterAgent comes whether the model answered, a person pressed Escape while it thought, or the API failed."""
    path = tmp_path / "session-2026-11-26T11-57-5cef125b.jsonl"
    message = {"id": "m", "timestamp": "2026-11-26T11:58:12.203Z", "type": "error" if notice == "error" else "info", "content": notice}
    later = {"id": "n", "timestamp": "2026-11-26T12:58:12.203Z", "type": "info", "content": "Request cancelled."}
    prompt = {"id": "p", "timestamp": "2026-11-26T11:58:09.412Z", "type": "user", "content": [{"text": "bravo"}]}
    path.write_text(
        "".join(
            json.dumps(line, separators=(",", ":")) + "\n" for line in (later | {"timestamp": "2026-11-26T11:57:00.000Z"}, prompt, message, later)
        )
    )
    payload = {"session_id": "s", "hook_event_name": "AfterAgent", "transcript_path": str(path), "prompt_response": "[no response text]"}
    event = event_of_hook("gemini-cli", 1_795_694_293_655_000_000, 1, payload)
    assert event.kind is kind
    assert AGENTS["gemini-cli"].completed(event).kind is kind
    missing = event_of_hook("gemini-cli", 1, 1, payload | {"transcript_path": str(tmp_path / "gone.jsonl")})
    assert missing.kind is EventKind.TURN_ENDED


@with_each(
    "told_text, has_error, outcome, error_type",
    [
        ("Output: Exit Code: 3\nExit Code: 1\nProcess Group PGID: 7", False, SpanOutcome.FAILURE, "exit_1"),
        ("Output: (empty)\nProcess Group PGID: 7", False, SpanOutcome.SUCCESS, ""),
        ("Output: x\nExit Code: 0\nSignal: (none)", False, SpanOutcome.SUCCESS, ""),
        ("Output: x\nSignal: 15\nProcess Group PGID: 7", False, SpanOutcome.FAILURE, "signal_15"),
        ("<untrusted_context>\nCommand was cancelled by user before it could complete.", False, SpanOutcome.INTERRUPTED, "interrupted"),
        ("Command was automatically cancelled because it exceeded the timeout of 5 minutes.", False, SpanOutcome.FAILURE, "timeout"),
        ("Tool execution denied by policy.", True, SpanOutcome.DENIED, "denied"),
        ("[Operation Cancelled] Reason: User denied execution.", True, SpanOutcome.DENIED, "denied"),
        ("[Operation Cancelled] Reason: Operation cancelled by user", True, SpanOutcome.INTERRUPTED, "interrupted"),
        ("File not found: a.py", True, SpanOutcome.FAILURE, "not_found"),
        ("Something else", True, SpanOutcome.FAILURE, "tool_error"),
    ],
)
def test_how_a_command_ended(told_text: str, has_error: bool, outcome: SpanOutcome, error_type: str) -> None:
    """By the last such line of what the model was told."""
    end = end_of("run_shell_command", told_text, has_error=has_error)
    assert (end.outcome, end.error_type) == (outcome, error_type)


def test_what_names_a_call() -> None:
    """The client fills other fields in before a call runs."""
    assert identity("grep_search", {"pattern": "x"}) == identity("grep_search", {"pattern": "x", "context": 50})
    assert identity("replace", {"file_path": "a/../b.py"}, "/srv") == identity("write_file", {"file_path": "/srv/b.py"}, "/other") == "/srv/b.py"
    assert identity("mcp_a_b", {"x": 1}) == {"x": 1}
    assert identity("run_shell_command", None) is None


@with_each("agent", FOLDERS)
@with_each("payload", [{}, {"session_id": "s"}, {"hook_event_name": "X"}, {"session_id": 1, "hook_event_name": "X"}])
def test_what_cannot_be_used_is_rejected(agent: str, payload: dict[str, Any]) -> None:
    """It has no session, or no name."""
    with pytest.raises(Rejected):
        adapt(json.dumps(payload).encode(), {"agent": agent}, 1, "u")


@pytest.mark.parametrize("agent", FOLDERS)
def test_wrong_types_cost_only_their_field(agent: str) -> None:
    """A newer or broken client costs a field, never the event."""
    wrongs: tuple[Any, ...] = (None, 1, "x", [], [1], {}, {"a": []}, True)
    for wrong in wrongs:
        for name in {payload["hook_event_name"] for _, payload in hook_payloads(agent, "interactive")}:
            keys = (
                "tool_name",
                "tool_input",
                "tool_response",
                "details",
                "tool_calls",
                "prompt",
                "background_tasks",
                "mcp_context",
                "timestamp",
                "error",
            )
            payload = {"session_id": "s", "hook_event_name": name, **dict.fromkeys(keys, wrong)}
            assert adapt(json.dumps(payload).encode(), {"agent": agent}, 1, "u").session_id == "s"


@pytest.mark.parametrize("agent", FOLDERS)
def test_texts_leave_only_where_they_may(agent: str) -> None:
    """Nothing of prompts, inputs and outputs by default; at the level full they are there, redacted."""
    for scenario in ("tools", "subagent", "denied"):
        for event in hook_events(agent, scenario):
            tool = event.tool
            assert not (event.prompt_text or event.answer_text or event.error_text)
            assert not tool or not (tool.input_text or tool.output_text or tool.file_path)
    full = capture_rules(CaptureSettings(level="full"))
    events = hook_events(agent, "tools", full)
    assert [event.prompt_text for event in events if event.kind is EventKind.PROMPT_SUBMITTED] == ["Make the payment retries three."]
    assert any(event.tool and "sleep 0.4; ls" in event.tool.input_text for event in events)
    assert any(event.answer_text.endswith("The retries are in; two tests fail.") for event in events)
