"""Kimi Code: what its hooks and session files make, each line checked by hand against the capture."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from hookline.agent_event import AgentEvent, tick
from hookline.agents import event_of
from hookline.agents.kimi_code.completing import completed
from hookline.contract import semconv
from hookline.contract.events import EventKind
from hookline.fold import order
from hookline.records import SpanRecord
from support.captured_agents import Captured, tokens_of
from support.replay import final_spans, logs_of, replay, spans_of

KIMI = "kimi-code-2.1.0"
EXPECTED = {
    "tools": [
        "invoke_agent kimi-code 88..1663 success root",
        "execute_tool Bash 333..840 success in invoke_agent kimi-code",
        "execute_tool Read 958..1145 success in invoke_agent kimi-code",
        "execute_tool Bash 1037..1163 success in invoke_agent kimi-code",
        "execute_tool Edit 1269..1362 success in invoke_agent kimi-code",
        "execute_tool Bash 1452..1549 failure exit_1 in invoke_agent kimi-code",
    ],
    "failing": [
        "invoke_agent kimi-code 91..592 success root",
        "execute_tool Bash 359..499 failure exit_7 in invoke_agent kimi-code",
    ],
    "api_error": [
        "invoke_agent kimi-code 88..567 failure APIStatusError root",
        "execute_tool Bash 333..452 success in invoke_agent kimi-code",
    ],
    "interrupt": [
        "invoke_agent kimi-code 94..2733 interrupted interrupted root",
        "execute_tool Bash 346..443 success in invoke_agent kimi-code",
        "execute_tool Bash 581..2618 interrupted interrupted in invoke_agent kimi-code",
    ],
    "kill9": [
        "invoke_agent kimi-code 86..693 unknown by timed_out root",
        "execute_tool Bash 399..594 success in invoke_agent kimi-code",
        "execute_tool Bash 693..693 unknown by timed_out in invoke_agent kimi-code",
    ],
    "two_subagents": [  # at once, of one kind, on a busy machine: what their hooks tell may be either's, their files tell it
        "invoke_agent kimi-code 812..12857 success root",
        "execute_tool Agent 2648..11051 success in invoke_agent kimi-code",
        "execute_tool Agent 3378..10184 success in invoke_agent kimi-code",
        "invoke_agent coder 3678..9946 success in execute_tool Agent",
        "invoke_agent coder 3898..9112 success in execute_tool Agent",
        "execute_tool Grep 4674..5711 success in invoke_agent coder",
        "execute_tool Bash 4910..6206 success in invoke_agent coder",
        "execute_tool Bash 6710..7821 success in invoke_agent coder",
        "execute_tool Grep 7072..7305 success in invoke_agent coder",
        "execute_tool Bash 11605..11706 success in invoke_agent kimi-code",
    ],
    "subagent": [
        "invoke_agent kimi-code 91..1733 success root",
        "execute_tool Agent 368..1471 success in invoke_agent kimi-code",
        "invoke_agent coder 435..1367 success in execute_tool Agent",
        "execute_tool Grep 633..752 success in invoke_agent coder",
        "execute_tool Bash 841..1258 success in invoke_agent coder",
        "execute_tool Bash 1545..1638 success in invoke_agent kimi-code",
    ],
    "resume": [
        "invoke_agent kimi-code 92..1635 success root",
        "execute_tool Bash 334..833 success in invoke_agent kimi-code",
        "execute_tool Read 948..1123 success in invoke_agent kimi-code",
        "execute_tool Bash 1027..1158 success in invoke_agent kimi-code",
        "execute_tool Edit 1256..1349 success in invoke_agent kimi-code",
        "execute_tool Bash 1434..1533 failure exit_1 in invoke_agent kimi-code",
        "invoke_agent kimi-code 6698..6915 success root",
    ],
    "permission": [
        "invoke_agent kimi-code 495..10919 success root",
        "wait_permission Bash 1119..5189 success in invoke_agent kimi-code",
        "execute_tool Bash 5189..5537 success in invoke_agent kimi-code",
        "wait_permission Bash 6087..10516 denied in invoke_agent kimi-code",
        "execute_tool Bash 10516..10516 denied denied in invoke_agent kimi-code",
        "invoke_agent kimi-code 14505..15920 success root",
        "compact_context 18486..19081 success in invoke_agent kimi-code",
    ],
}
HISTORY = {
    "tools": [
        "invoke_agent kimi-code 0..1565 success root",
        "execute_tool Bash 256..676 success in invoke_agent kimi-code",
        "execute_tool Bash 954..976 success in invoke_agent kimi-code",
        "execute_tool Read 985..992 success in invoke_agent kimi-code",
        "execute_tool Edit 1194..1197 success in invoke_agent kimi-code",
        "execute_tool Bash 1364..1379 failure exit_1 in invoke_agent kimi-code",
    ],
    "subagent": [
        "invoke_agent kimi-code 0..1628 success root",
        "execute_tool Agent 279..1276 success in invoke_agent kimi-code",
        "invoke_agent coder 315..1247 success in execute_tool Agent",
        "execute_tool Grep 552..575 success in invoke_agent coder",
        "execute_tool Bash 756..1079 success in invoke_agent coder",
        "execute_tool Bash 1452..1466 success in invoke_agent kimi-code",
    ],
    "permission": [
        "invoke_agent kimi-code 0..10463 success root",
        "wait_permission Bash 404..4381 success in invoke_agent kimi-code",
        "execute_tool Bash 4381..4531 success in invoke_agent kimi-code",
        "wait_permission Bash 5208..9397 denied in invoke_agent kimi-code",
        "execute_tool Bash 9520..9520 denied denied in invoke_agent kimi-code",
        "invoke_agent kimi-code 14194..15434 success root",
        "compact_context 17453..18126 success in invoke_agent kimi-code",
    ],
}
TOKENS = {  # what the scripted model said: 2112 in, 2000 of them cached, and 30 out, a request
    "tools": (5 * 2112, 5 * 30, 5 * 2000),
    "subagent": (6 * 2112, 6 * 30, 6 * 2000),
    "resume": (6 * 2112, 6 * 30, 6 * 2000),
    "permission": (5 * 2112, 5 * 30, 5 * 2000),
}


@pytest.mark.parametrize("scenario", EXPECTED)
def test_hooks_and_what_the_session_file_adds_become_these_spans(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In ms after the first hook."""
    assert Captured(KIMI, scenario, monkeypatch).lines() == EXPECTED[scenario]


@pytest.mark.parametrize("scenario", HISTORY)
def test_history_reads_the_same_from_the_session_files(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the client's own durations, in ms after the first prompt."""
    assert Captured(KIMI, scenario, monkeypatch).history_lines() == HISTORY[scenario]


@pytest.mark.parametrize("scenario", TOKENS)
def test_tokens_are_those_that_the_model_counted(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Subagents' included, each request once."""
    assert tokens_of(Captured(KIMI, scenario, monkeypatch).history()[1]) == TOKENS[scenario]


def test_hooks_and_history_know_a_turn_by_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a backfill passes over what hooks delivered; of a client without TurnStarted the session file says the number."""
    for scenario, words in (("resume", {}), ("turns_told", {"turns": "told"})):
        captured = Captured(KIMI, scenario, monkeypatch, **words)
        prompts = [event.prompt_id for event in captured.events() if event.kind is EventKind.PROMPT_SUBMITTED]
        assert prompts and [prompt.rpartition("/")[2] for prompt in prompts] == [f"turn-{n}" for n in range(len(prompts))]
        spans, logs = captured.history(delivered=prompts)
        assert not spans and logs


def test_a_subagents_stop_ends_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes in the middle of the turn, in the same session and without a mark; the conversation's file says that it was not over."""
    stops = [event for event in Captured(KIMI, "subagent", monkeypatch).events() if event.name == "Stop"]
    assert [event.kind for event in stops] == [EventKind.OTHER, EventKind.TURN_ENDED]


def whose(spans: Iterable[SpanRecord]) -> dict[str, tuple[str, str]]:
    """Return by call the call whose subagent made it, empty for the conversation's own, and how that is known where nothing says it."""
    known = {span.span_id: span for span in spans}
    calls = [span for span in known.values() if span.name.startswith("execute_tool")]
    parents = {str(span.attributes["gen_ai.tool.call.id"]): known[span.parent_id or 0] for span in calls}
    evidence = {str(span.attributes["gen_ai.tool.call.id"]): str(span.attributes.get(semconv.EVIDENCE_AGENT, "")) for span in calls}
    return {call_id: (str(agent.attributes.get(semconv.AGENT_ID, "")).removeprefix("of-"), evidence[call_id]) for call_id, agent in parents.items()}


FIRST, SECOND = "call_858d5e88e235410a_0", "call_858d5e88e235410a_1"
WHOSE = {
    FIRST: ("", ""),
    SECOND: ("", ""),
    "call_28139bfc947f4989_0": (FIRST, ""),
    "call_dc219764c6a84659_0": (FIRST, ""),
    "call_3a24a69d3cd3470a_0": (SECOND, ""),
    "call_3420e28cb8e845ad_0": (SECOND, ""),
    "call_67d1e6f2677d4196_0": ("", ""),
}


def test_calls_of_two_subagents_at_once_are_whose_their_files_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live: each hook is read before any line that was written after it, as a call's own is. Whose it is, the log tells while the call is open."""
    captured = Captured(KIMI, "two_subagents", monkeypatch)
    lines = sorted((json.loads(line)["time"] * 10**6, path, line) for path in wires(captured.home) for line in path.read_text().splitlines()[1:])
    adapted, seen = captured.adapted(), list[AgentEvent]()
    signs = list(captured.signs(captured.events()))
    for path in wires(captured.home):
        copy(path, captured.home, tmp_path, path.read_text().splitlines()[0])
    monkeypatch.setenv("HOME", str(tmp_path))
    for event in sorted(adapted, key=lambda event: event.time_ns):
        while lines and lines[0][0] <= event.time_ns:
            _, path, line = lines.pop(0)
            copy(path, captured.home, tmp_path, line)
        seen.append(captured.agent.completed(event))
    steps = replay([*order([*seen, *signs]), tick(seen[-1].time_ns + 10**14)])
    assert whose(final_spans(spans_of(steps)).values()) == WHOSE
    told = [log for log in logs_of(steps) if log.attributes.get("gen_ai.tool.call.id") == "call_dc219764c6a84659_0"]
    assert [(log.event_name, str(log.attributes.get(semconv.AGENT_ID, "")).removeprefix("of-")) for log in told] == [
        ("hookline.tool_started", ""),
        ("hookline.tool_started", FIRST),
        ("hookline.tool_ended", FIRST),
    ]


def wires(home: Path) -> list[Path]:
    return sorted(home.glob(".kimi-code/sessions/*/*/agents/*/wire.jsonl"))


def copy(path: Path, home: Path, to: Path, line: str) -> None:
    """Append a line of a captured file to its copy."""
    (to / path.relative_to(home)).parent.mkdir(parents=True, exist_ok=True)
    with (to / path.relative_to(home)).open("a") as file:
        file.write(f"{line}\n")


def test_a_call_that_only_its_time_places_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no session file names it."""
    captured = Captured(KIMI, "subagent", monkeypatch)
    events = [*captured.events(), *captured.signs(captured.events())]
    assert {evidence for _, evidence in whose(final_spans(spans_of(replay(order(events)))).values()).values()} == {""}
    alone = [replace(event, parent_call_id="", agent_id="", is_conversations=False) for event in captured.events()]
    assert sorted(whose(final_spans(spans_of(replay(order(alone)))).values()).values()) == [
        ("", ""),
        ("", ""),
        ("call_35d92c63cb044c93_0", "inferred"),
        ("call_35d92c63cb044c93_0", "inferred"),
    ]


def test_what_a_lost_hook_would_have_told_stands_in_the_session_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ends of calls were lost when the client ended before its hooks."""
    captured = Captured(KIMI, "turns_told", monkeypatch, turns="told")
    assert [line for line in captured.lines(with_signs=False) if " Bash " in line and "success" in line] == []
    found = [line.split(" in ")[0] for line in captured.lines() if " Bash " in line]
    assert found == ["execute_tool Bash 2810..3206 success", "execute_tool Bash 4606..4646 success"]


def test_a_prompt_typed_into_a_turn_begins_none() -> None:
    """The person steers: the turn under way takes it in."""
    payload = {"hook_event_name": "UserPromptSubmit", "session_id": "s", "cwd": "/srv/shop", "prompt": [{"type": "text", "text": "Faster"}]}
    steer = _event(payload | {"is_steer": True}, turns="told")
    assert (steer.kind, steer.is_absorbed, steer.prompt_length) == (EventKind.PROMPT_SUBMITTED, True, 6)
    assert _event(payload | {"is_steer": False}, turns="told").kind is EventKind.OTHER
    assert _event(payload | {"is_steer": False}).kind is EventKind.PROMPT_SUBMITTED


def _event(payload: dict[str, object], **words: str) -> AgentEvent:
    return event_of(payload, {"agent": "kimi-code", **words}, 2_000_000, "u")


@pytest.mark.parametrize(
    ("written", "is_own"),
    [
        ([], True),  # the client has not written more yet
        ([("step.end", {"finishReason": "end_turn"})], True),
        ([("tool.call", {"name": "Bash", "toolCallId": "c1"})], True),
        ([("tool.call", {"name": "Agent", "toolCallId": "c1"})], False),
        ([("tool.call", {"name": "Agent", "toolCallId": "c1"}), ("tool.result", {"toolCallId": "c1"})], True),
        ([("tool.call", {"name": "Agent", "toolCallId": "c1", "args": {"run_in_background": True}}), ("tool.result", {"toolCallId": "c1"})], False),
        ([("tool.call", {"name": "Agent", "args": {"run_in_background": True}}), ("step.end", {"finishReason": "end_turn"})], True),
    ],
)
def test_a_stop_is_the_conversations_own_unless_a_subagent_may_run(
    tmp_path: Path, written: list[tuple[str, dict[str, object]]], is_own: bool
) -> None:
    """Whatever of it can be read when the hook's event is: the client writes its file a moment later."""
    lines: list[dict[str, object]] = [{"type": "turn.prompt", "turnId": 0, "time": 1}]
    lines += [{"type": "context.append_loop_event", "time": 2, "event": {"type": kind, **event}} for kind, event in (("step.begin", {}), *written)]
    wire = tmp_path / "wire.jsonl"
    wire.write_text("".join(json.dumps(line) + "\n" for line in lines))
    stop = completed(_event({"hook_event_name": "Stop", "session_id": "s", "cwd": "/srv/shop"}), wire)
    assert (stop.kind is EventKind.TURN_ENDED) is is_own
    assert stop.prompt_id == ("s/turn-0" if is_own else "")
