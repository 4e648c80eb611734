"""The captures of the real client, span by span. Times are milliseconds after the session's first event."""

from inline_snapshot import snapshot

from hookline.agents import process_gone, tick
from hookline.agents.claude_code import ClaudeCode
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, Transcript
from hookline.contract import semconv
from hookline.fold import order
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import SpanRecord
from support.replay import FIXTURES, SHOP, final_spans, logs_of, read_capture, replay, replay_capture, spans_of, tell


def told(name: str) -> list[str]:
    start_ns = min(event.time_ns for event in read_capture(name))
    return tell(spans_of(replay_capture(name)), start_ns)


def only(name: str, span_name: str) -> SpanRecord:
    return next(span for span in spans_of(replay_capture(name)) if span.name == span_name)


def test_tools_gives_five_calls_under_their_prompt() -> None:
    """Each call runs for as long as the client's own clock says, up to its end; the failing command carries its exit code."""
    assert told("tools") == snapshot(
        [
            "execute_tool Bash 269..717 success in invoke_agent claude-code",
            "execute_tool Read 869..893 success in invoke_agent claude-code",
            "execute_tool Bash 882..901 success in invoke_agent claude-code",
            "execute_tool Edit 1036..1044 success in invoke_agent claude-code",
            "execute_tool Bash 1183..1193 failure exit_1 in invoke_agent claude-code",
            "invoke_agent claude-code 88..1349 success root",
        ]
    )


def test_subagent_gives_the_subagents_calls_under_its_span_under_the_agent_call() -> None:
    """prompt → Agent call → subagent → its calls."""
    assert told("subagent") == snapshot(
        [
            "execute_tool Grep 409..424 success in invoke_agent general-purpose",
            "execute_tool Bash 571..905 success in invoke_agent general-purpose",
            "execute_tool Agent 265..1070 success in invoke_agent claude-code",
            "invoke_agent general-purpose 280..1005 success in execute_tool Agent",
            "execute_tool Bash 1195..1202 success in invoke_agent claude-code",
            "invoke_agent claude-code 92..1348 success root",
        ]
    )


def test_denied_gives_a_wait_that_ends_when_the_denial_is_seen() -> None:
    """A refused call has no end of its own: its batch closes it."""
    assert told("denied") == snapshot(
        [
            "wait_permission Bash 232..251 denied by batch in invoke_agent claude-code",
            "execute_tool Bash 251..251 denied denied by batch in invoke_agent claude-code",
            "invoke_agent claude-code 68..336 success root",
        ]
    )


def test_api_error_fails_the_turn_with_the_clients_error_type() -> None:
    """StopFailure instead of Stop."""
    assert told("api_error") == snapshot(
        ["execute_tool Bash 213..234 success in invoke_agent claude-code", "invoke_agent claude-code 57..872 failure unknown root"]
    )


def test_resume_gives_two_traces_of_one_session() -> None:
    """A second process goes on with the same session id."""
    assert told("resume") == snapshot(
        [
            "execute_tool Bash 210..635 success in invoke_agent claude-code",
            "execute_tool Bash 804..849 success in invoke_agent claude-code",
            "execute_tool Read 809..856 success in invoke_agent claude-code",
            "execute_tool Edit 991..1009 success in invoke_agent claude-code",
            "execute_tool Bash 1123..1130 failure exit_1 in invoke_agent claude-code",
            "invoke_agent claude-code 55..1226 success root",
            "invoke_agent claude-code 1730..1845 success root",
        ]
    )
    assert len({span.trace_id for span in spans_of(replay_capture("resume"))}) == 2


def test_background_subagents_outlive_their_turn_and_stay_under_their_calls() -> None:
    """The Agent calls end at once, the turn soon after; the subagents go on in the same trace."""
    assert told("background") == snapshot(
        [
            "execute_tool Agent 357..369 success in invoke_agent claude-code",
            "execute_tool Agent 507..522 success in invoke_agent claude-code",
            "invoke_agent claude-code 95..894 success root",
            "execute_tool Bash 564..1426 success in invoke_agent general-purpose",
            "execute_tool Bash 878..1540 success in invoke_agent general-purpose",
            "invoke_agent general-purpose 313..1662 success in execute_tool Agent",
            "invoke_agent general-purpose 509..1794 success in execute_tool Agent",
            "invoke_agent claude-code 1782..1908 success root",
            "invoke_agent claude-code 2035..2131 success root",
        ]
    )
    subagents = [span for span in spans_of(replay_capture("background")) if span.name == "invoke_agent general-purpose"]
    assert all(span.attributes[semconv.TOOL_BACKGROUND] is True for span in subagents)
    assert len({span.parent_id for span in subagents}) == 2


def test_the_clients_own_prompts_are_told_from_a_persons() -> None:
    """When a background task ends, the client prompts itself."""
    prompts = [span for span in spans_of(replay_capture("background")) if span.name == "invoke_agent claude-code"]
    assert [span.attributes[semconv.PROMPT_SOURCE] for span in prompts] == ["user", "task_notification", "task_notification"]


def test_parallel_subagents_of_one_type_are_told_apart() -> None:
    """Two Agent calls at once: each response names its subagent."""
    assert told("parallel_agents") == snapshot(
        [
            "execute_tool Bash 496..931 failure timeout in invoke_agent claude-code",
            "execute_tool Bash 574..934 success in invoke_agent general-purpose",
            "execute_tool Bash 852..1173 success in invoke_agent general-purpose",
            "execute_tool Agent 695..1504 success in invoke_agent claude-code",
            "invoke_agent general-purpose 414..1066 success in execute_tool Agent",
            "execute_tool Agent 411..1552 success in invoke_agent claude-code",
            "invoke_agent general-purpose 421..1513 success in execute_tool Agent",
            "invoke_agent claude-code 169..1832 success root",
        ]
    )


def test_a_turn_that_a_stop_hook_keeps_going_is_sent_again_with_the_later_end() -> None:
    """Same span id, same start, later end."""
    assert told("stop_hook") == snapshot(
        [
            "execute_tool Bash 266..297 success in invoke_agent claude-code",
            "invoke_agent claude-code 73..397 success root",
            "invoke_agent claude-code 73..484 success root",
        ]
    )
    first, second = (span for span in spans_of(replay_capture("stop_hook")) if span.parent_id is None)
    assert (first.span_id, first.start_ns) == (second.span_id, second.start_ns)
    assert first.end_ns < second.end_ns


def test_a_call_carries_what_is_known_of_it() -> None:
    """All attributes of a failed command at the level `metadata`."""
    failed = [span for span in spans_of(replay_capture("tools")) if span.error]
    assert dict(failed[0].attributes) == snapshot(
        {
            "session.id": "24317a28-1712-42cb-b965-cd7ea641b154",
            "gen_ai.conversation.id": "24317a28-1712-42cb-b965-cd7ea641b154",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.agent.name": "claude-code",
            "hookline.capture.level": "metadata",
            "hookline.source": "hook",
            "hookline.project.name": "shop",
            "hookline.project.id": "0f1e2d3c4b5a6978",
            "vcs.repository.name": "shop",
            "vcs.repository.url.full": "https://git.example.com/acme/shop",
            "vcs.owner.name": "acme",
            "vcs.ref.head.name": "main",
            "vcs.ref.head.type": "branch",
            "vcs.ref.head.revision": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "hookline.prompt.id": "5b94b319-a7a4-456f-bf31-2689f596deae",
            "process.pid": 8990,
            "hookline.permission.mode": "default",
            "hookline.effort": "medium",
            "hookline.outcome": "failure",
            "error.type": "exit_1",
            "hookline.evidence": "observed",
            "hookline.evidence.source": "hook",
            "gen_ai.tool.name": "Bash",
            "hookline.tool.kind": "shell",
            "gen_ai.tool.call.id": "toolu_adb66fccf0fe434d8ce98929",
            "gen_ai.tool.type": "function",
            "hookline.tool.input.size": 67,
            "hookline.tool.input.hash": "7797dd4c60da6f11",
            "gen_ai.operation.name": "execute_tool",
            "hookline.tool.requested_at": "1795212694936077377",
            "hookline.tool.run_ms": 10,
            "hookline.tool.output.size": 20,
            "process.exit.code": 1,
        }
    )


def test_a_prompt_carries_what_is_known_of_it() -> None:
    """All attributes of a root span at the level `metadata`."""
    assert dict(only("tools", "invoke_agent claude-code").attributes) == snapshot(
        {
            "session.id": "24317a28-1712-42cb-b965-cd7ea641b154",
            "gen_ai.conversation.id": "24317a28-1712-42cb-b965-cd7ea641b154",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.agent.name": "claude-code",
            "hookline.capture.level": "metadata",
            "hookline.source": "hook",
            "hookline.project.name": "shop",
            "hookline.project.id": "0f1e2d3c4b5a6978",
            "vcs.repository.name": "shop",
            "vcs.repository.url.full": "https://git.example.com/acme/shop",
            "vcs.owner.name": "acme",
            "vcs.ref.head.name": "main",
            "vcs.ref.head.type": "branch",
            "vcs.ref.head.revision": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "hookline.prompt.id": "5b94b319-a7a4-456f-bf31-2689f596deae",
            "process.pid": 8990,
            "hookline.permission.mode": "default",
            "hookline.outcome": "success",
            "hookline.evidence": "observed",
            "hookline.evidence.source": "hook",
            "gen_ai.operation.name": "invoke_agent",
            "hookline.prompt.length": 31,
            "hookline.prompt.hash": "b053fdfe2cc2b011",
            "hookline.prompt.source": "user",
        }
    )


def test_a_wait_carries_what_is_known_of_it() -> None:
    """All attributes of a denied permission."""
    assert dict(only("denied", "wait_permission Bash").attributes) == snapshot(
        {
            "session.id": "65b8f73a-d702-44ef-9f88-3b1704008544",
            "gen_ai.conversation.id": "65b8f73a-d702-44ef-9f88-3b1704008544",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.agent.name": "claude-code",
            "hookline.capture.level": "metadata",
            "hookline.source": "hook",
            "hookline.project.name": "shop",
            "hookline.project.id": "0f1e2d3c4b5a6978",
            "vcs.repository.name": "shop",
            "vcs.repository.url.full": "https://git.example.com/acme/shop",
            "vcs.owner.name": "acme",
            "vcs.ref.head.name": "main",
            "vcs.ref.head.type": "branch",
            "vcs.ref.head.revision": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "hookline.prompt.id": "4a9b4686-d4b5-4895-b002-b3fa2461017d",
            "process.pid": 9396,
            "hookline.permission.mode": "default",
            "hookline.effort": "medium",
            "gen_ai.tool.name": "Bash",
            "hookline.tool.kind": "shell",
            "gen_ai.tool.call.id": "toolu_de438dd0571443e8abc79c73",
            "hookline.permission.outcome": "denied",
            "hookline.wait.reason": "permission",
            "hookline.wait.id": "1795212703136346292.9426",
            "hookline.outcome": "denied",
            "hookline.closed_by": "batch",
            "hookline.evidence": "derived",
            "hookline.evidence.source": "hook",
        }
    )


def test_every_event_gives_one_log_record_at_once() -> None:
    """Names and prompts of the records of a capture, one a step."""
    steps = replay_capture("denied")
    assert [len(step.logs) for step in steps] == [1] * len(steps)
    assert [(log.event_name, bool(log.trace_id)) for log in logs_of(steps)] == snapshot(
        [
            ("session.start", False),
            ("hookline.prompt_submitted", True),
            ("hookline.tool_started", True),
            ("hookline.permission_requested", True),
            ("hookline.tool_batch_ended", True),
            ("hookline.turn_ended", True),
            ("session.end", True),
        ]
    )


def test_a_log_record_carries_what_is_known_of_its_event() -> None:
    """All attributes of the record of a session's end."""
    assert dict(logs_of(replay_capture("tools"))[-1].attributes) == snapshot(
        {
            "log.record.uid": "1795212695155448265.9121",
            "session.id": "24317a28-1712-42cb-b965-cd7ea641b154",
            "hookline.hook.event": "SessionEnd",
            "gen_ai.agent.name": "claude-code",
            "hookline.prompt.id": "5b94b319-a7a4-456f-bf31-2689f596deae",
            "process.pid": 8990,
            "hookline.capture.level": "metadata",
            "hookline.source": "hook",
            "hookline.session.end_reason": "other",
            "hookline.project.name": "shop",
            "hookline.project.id": "0f1e2d3c4b5a6978",
            "vcs.repository.name": "shop",
            "vcs.repository.url.full": "https://git.example.com/acme/shop",
            "vcs.owner.name": "acme",
            "vcs.ref.head.name": "main",
            "vcs.ref.head.type": "branch",
            "vcs.ref.head.revision": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        }
    )


def test_all_files_of_a_finished_session_are_let_go_of() -> None:
    """After SessionEnd nothing is held; what a rule closed is for a minute, since who saw its end may come late."""
    for name in ("tools", "subagent", "denied", "api_error", "resume", "background", "parallel_agents", "stop_hook"):
        events = order(read_capture(name))
        later = [tick(events[-1].time_ns + 61 * 10**9)] if name == "denied" else []
        released = [uid for step in replay([*events, *later]) for uid in step.released]
        assert sorted(released) == sorted(event.uid for event in read_capture(name)), name


def test_sigint_ends_session_turn_and_command_and_no_hook_says_more() -> None:
    """The session file says that they were interrupted, and when."""
    assert told("interrupt") == snapshot(
        [
            "execute_tool Bash 3314..3514 success in invoke_agent claude-code",
            "execute_tool Bash 3997..7631 interrupted by session_end in invoke_agent claude-code",
            "invoke_agent claude-code 828..7631 interrupted by session_end root",
        ]
    )
    assert stopped("interrupt") == snapshot(
        [
            "invoke_agent claude-code 0..5315 interrupted interrupted root",
            "execute_tool Bash 2125..2874 success in invoke_agent claude-code",
            "execute_tool Bash 3155..5289 interrupted interrupted in invoke_agent claude-code",
        ]
    )


def test_a_client_that_is_killed_leaves_its_turn_and_its_command_to_the_end_of_its_process() -> None:
    """Nobody tells it; the kernel reports the exit, and history knows only that nothing came any more."""
    events = read_capture("kill9")
    gone = process_gone(events[0].session_id, "claude-code", events[0].pid or 0, "", events[-1].time_ns + 1_500_000_000, is_seen=True)
    assert tell(spans_of(replay([*order(events), gone])), events[0].time_ns) == snapshot(
        [
            "execute_tool Bash 2515..2704 success in invoke_agent claude-code",
            "execute_tool Bash 3024..4524 interrupted by process_gone in invoke_agent claude-code",
            "invoke_agent claude-code 1893..4524 interrupted by process_gone root",
        ]
    )
    assert stopped("kill9") == snapshot(
        [
            "invoke_agent claude-code 0..1155 unknown by timed_out root",
            "execute_tool Bash 439..928 success in invoke_agent claude-code",
            "execute_tool Bash 1155..1155 unknown by timed_out in invoke_agent claude-code",
        ]
    )


def stopped(scenario: str) -> list[str]:
    """Return what history reads of a scenario that has a session file of its own, in ms after its first span."""
    (path,) = (FIXTURES / scenario / "transcripts").rglob("*.jsonl")
    conversation = Conversation(path.stem, (Transcript(path, path.stat().st_size, 0.0),))
    transcripts = ClaudeCode().transcripts()
    reader = transcripts.history(conversation, {path: Mark()}, ReaderEnvironment(lambda _: SHOP, METADATA_ONLY, lambda *_: False))
    spans = sorted(final_spans(spans_of(reader.steps(2**62, 0))).values(), key=lambda span: (span.start_ns, span.name))
    return tell(spans, spans[0].start_ns)
