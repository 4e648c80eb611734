"""History of agents whose session files are lines of JSON: the clients' own files, read into spans and tokens, and read on."""

import json
import re
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from hookline.agents import AGENTS, AgentEvent
from hookline.agents.equipment import Conversation, DeliveredPrompt, HistoryReader, Mark
from hookline.contract import semconv
from hookline.contract.events import EventKind
from hookline.fold import order
from hookline.records import FoldStep, SpanRecord
from support.captures import FOLDERS, conversation_of, history_of, hook_events, read_whole, told
from support.cases import with_each
from support.replay import final_spans, replay, spans_of

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
STARTS_AND_ENDS = (EventKind.TOOL_STARTED, EventKind.TOOL_ENDED)

# Times in ms after the prompt; each by the files of the capture, read by hand.
GEMINI_TOOLS = [
    "invoke_agent gemini-cli 0..4916 success root",
    "execute_tool run_shell_command 567..1271 success in invoke_agent gemini-cli",
    "execute_tool read_file 1858..2510 success in invoke_agent gemini-cli",
    "execute_tool run_shell_command 1858..2510 success in invoke_agent gemini-cli",
    "execute_tool replace 3472..3688 success in invoke_agent gemini-cli",
    "execute_tool run_shell_command 4086..4306 failure exit_1 in invoke_agent gemini-cli",
]
GEMINI_SUBAGENT = [
    "invoke_agent gemini-cli 0..4652 success root",
    "execute_tool invoke_agent 350..3154 success in invoke_agent gemini-cli",
    "invoke_agent generalist 453..3063 success in execute_tool invoke_agent",
    "execute_tool grep_search 826..1036 success in invoke_agent generalist",
    "execute_tool run_shell_command 1419..2195 success in invoke_agent generalist",
    "execute_tool complete_task 2879..3063 success in invoke_agent generalist",
    "execute_tool run_shell_command 3811..4044 success in invoke_agent gemini-cli",
]
QWEN_TOOLS = [
    "invoke_agent qwen-code 0..4800 success root",
    "execute_tool run_shell_command 554..1365 success in invoke_agent qwen-code",
    "execute_tool read_file 1569..2200 success in invoke_agent qwen-code",
    "execute_tool run_shell_command 1569..2200 success in invoke_agent qwen-code",
    "execute_tool edit 2519..3190 success in invoke_agent qwen-code",
    "execute_tool run_shell_command 3695..4610 failure exit_1 in invoke_agent qwen-code",
]
QWEN_SUBAGENT = [
    "invoke_agent qwen-code 0..5027 success root",
    "execute_tool agent 376..2667 success in invoke_agent qwen-code",
    "invoke_agent general-purpose 492..2172 success in execute_tool agent",
    "execute_tool grep_search 877..1141 success in invoke_agent general-purpose",
    "execute_tool run_shell_command 1231..2028 success in invoke_agent general-purpose",
    "execute_tool run_shell_command 3408..4712 success in invoke_agent qwen-code",
]
EXPECTED = {
    ("gemini-cli", "tools"): GEMINI_TOOLS,
    ("gemini-cli", "subagent"): GEMINI_SUBAGENT,
    ("gemini-cli", "denied"): [
        "invoke_agent gemini-cli 0..1003 success root",
        "execute_tool run_shell_command 590..590 denied denied in invoke_agent gemini-cli",
    ],
    ("gemini-cli", "interrupt"): [  # the call that was stopped is not written
        "invoke_agent gemini-cli 0..540 unknown by timed_out root",
        "execute_tool run_shell_command 347..540 success in invoke_agent gemini-cli",
    ],
    ("gemini-cli", "api_error"): [  # nor is the error, in a session without a terminal
        "invoke_agent gemini-cli 0..529 unknown by timed_out root",
        "execute_tool run_shell_command 335..529 success in invoke_agent gemini-cli",
    ],
    ("gemini-cli", "interactive"): [
        "invoke_agent gemini-cli 0..18724 interrupted interrupted root",
        "execute_tool run_shell_command 397..10168 success in invoke_agent gemini-cli",
        "execute_tool run_shell_command 18723..18723 denied denied in invoke_agent gemini-cli",
    ],
    ("qwen-code", "tools"): QWEN_TOOLS,
    ("qwen-code", "subagent"): QWEN_SUBAGENT,
    ("qwen-code", "denied"): [
        "invoke_agent qwen-code 0..823 success root",
        "execute_tool run_shell_command 573..573 denied denied in invoke_agent qwen-code",
    ],
    ("qwen-code", "interrupt"): [
        "invoke_agent qwen-code 0..4208 interrupted interrupted root",
        "execute_tool run_shell_command 667..1350 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 1578..4208 interrupted interrupted in invoke_agent qwen-code",
    ],
    ("qwen-code", "kill9"): [
        "invoke_agent qwen-code 0..1696 unknown by timed_out root",
        "execute_tool run_shell_command 819..1441 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 1696..1696 unknown by timed_out in invoke_agent qwen-code",
    ],
    ("qwen-code", "api_error"): [
        "invoke_agent qwen-code 0..843 failure BadRequestError root",
        "execute_tool run_shell_command 359..693 success in invoke_agent qwen-code",
    ],
    ("qwen-code", "interactive"): [
        "invoke_agent qwen-code 0..20699 interrupted interrupted root",
        "execute_tool run_shell_command 835..12058 success in invoke_agent qwen-code",
        "execute_tool run_shell_command 20699..20699 denied denied in invoke_agent qwen-code",
    ],
}
TOOLS = [("gemini-cli", "tools", 38), ("qwen-code", "tools", 30)]


def history(agent: str, scenario: str) -> tuple[list[str], HistoryReader]:
    reader = history_of(agent, conversation_of(agent, scenario))
    steps = read_whole(reader)
    start_ns = min(span.start_ns for span in spans_of(steps))
    return told(steps, start_ns), reader


@with_each("agent, scenario", EXPECTED)
def test_what_the_clients_files_tell(agent: str, scenario: str) -> None:
    """Calls, outcomes, subagents and ends of turns."""
    lines, reader = history(agent, scenario)
    assert lines == EXPECTED[agent, scenario]
    assert all(mark.damaged == 0 for mark in reader.marks().values())


@pytest.mark.parametrize(("agent", "scenario", "output"), TOOLS)
def test_tokens_are_those_of_the_file(agent: str, scenario: str, output: int) -> None:
    """One record a request, under its prompt; what was cached is a part of the input."""
    reader = history_of(agent, conversation_of(agent, scenario))
    steps = read_whole(reader)
    logs = [log for step in steps for log in step.logs]
    (root,) = [span for span in spans_of(steps) if span.parent_id is None]
    assert len(logs) == len({log.uid for log in logs}) == 5
    lengths = [log.attributes.get(semconv.DURATION_MS) for log in logs]
    assert lengths == ([446, 82, 82, 126, 68] if agent == "qwen-code" else [None] * 5)
    for log in logs:
        assert log.attributes[semconv.USAGE_INPUT] == 2112
        assert log.attributes[semconv.USAGE_CACHE_READ] == 2000
        assert log.attributes[semconv.USAGE_UNCACHED_INPUT] == 112
        assert log.attributes[semconv.USAGE_OUTPUT] == output
        assert log.attributes[semconv.PROMPT_ID] == root.attributes[semconv.PROMPT_ID]
        assert log.service == agent


@pytest.mark.parametrize("agent", FOLDERS)
def test_a_subagents_tokens_are_its_own(agent: str) -> None:
    """Three requests of six, each under the subagent's name, all of the one prompt."""
    steps = read_whole(history_of(agent, conversation_of(agent, "subagent")))
    logs = [log for step in steps for log in step.logs]
    assert [log.attributes[semconv.USAGE_SIDECHAIN] for log in logs] == [False, True, True, True, False, False]
    (ran,) = {
        str(span.attributes[semconv.AGENT_ID]) for span in spans_of(steps) if semconv.AGENT_ID in span.attributes and span.name.startswith("inv")
    }
    assert {log.attributes.get(semconv.AGENT_ID) for log in logs} == {None, ran}
    assert len({log.attributes[semconv.PROMPT_ID] for log in logs}) == 1


@pytest.mark.parametrize("agent", FOLDERS)
def test_a_resumed_session_is_read_on(agent: str, tmp_path: Path) -> None:
    """What was read is not told again, wherever the first reading stopped; everything is told once."""
    conversation = conversation_of(agent, "resume")
    whole = spans_of(read_whole(history_of(agent, conversation)))
    path = tmp_path / conversation.transcripts[0].path.name
    lines = conversation.transcripts[0].path.read_bytes().splitlines(keepends=True)
    for stop in range(2, len(lines), 7):
        path.write_bytes(b"".join(lines[:stop]))
        first = history_of(agent, at(conversation, path))
        spans = spans_of(settled(first, first.steps(2 * 10**18, 2 * 10**18)))
        path.write_bytes(b"".join(lines))
        second = history_of(agent, at(conversation, path), first.marks())
        spans += spans_of(read_whole(second))
        assert {(span.span_id, span.name) for span in spans} == {(span.span_id, span.name) for span in whole}
        assert len({span.span_id for span in spans}) == len(whole)
    last = history_of(agent, at(conversation, path), settled_marks(agent, at(conversation, path)))
    assert not spans_of(read_whole(last)) and not last.lines


@pytest.mark.parametrize("agent", FOLDERS)
def test_turns_that_hooks_delivered_are_passed_over(agent: str) -> None:
    """By their id, or by the moment at which they began; tokens are read all the same, under the hooks' id."""
    conversation = conversation_of(agent, "resume")
    whole = read_whole(history_of(agent, conversation))
    first, second = sorted((span for span in spans_of(whole) if span.parent_id is None), key=lambda span: span.start_ns)
    known = str(first.attributes[semconv.PROMPT_ID])
    only = [DeliveredPrompt(known, first.start_ns, 31)]  # seconds before the second prompt, and yet not that one's
    by_id = read_whole(history_of(agent, conversation, delivered=only, is_delivered=lambda session, prompt: prompt == known))
    assert {span.trace_id for span in spans_of(by_id)} == {second.trace_id}
    began = [DeliveredPrompt("prompt-1", first.start_ns - 300_000_000, 31), DeliveredPrompt("prompt-2", second.start_ns - 300_000_000, 16)]
    by_time = read_whole(history_of(agent, conversation, delivered=began))
    assert not spans_of(by_time)
    of_prompts = [str(log.attributes[semconv.PROMPT_ID]) for step in by_time for log in step.logs]
    assert [of_prompts.count(name) for name in ("prompt-1", "prompt-2")] == [5, len(of_prompts) - 5]
    assert len(of_prompts) == len([log for step in whole for log in step.logs])


@pytest.mark.parametrize("agent", FOLDERS)
def test_damaged_lines_cost_themselves(agent: str, tmp_path: Path) -> None:
    """They are counted; the rest is told as before."""
    conversation = conversation_of(agent, "tools")
    lines = conversation.transcripts[0].path.read_bytes().splitlines(keepends=True)
    path = tmp_path / conversation.transcripts[0].path.name
    path.write_bytes(lines[0] + b"{broken\n" + b"[]\n" + b"".join(lines[1:]) + b'{"half": ')
    reader = history_of(agent, at(conversation, path))
    steps = read_whole(reader)
    assert told(steps, min(span.start_ns for span in spans_of(steps))) == EXPECTED[agent, "tools"]
    assert reader.marks()[path].damaged == 2


NUDGE = "[System: You successfully executed a tool but returned an empty response. Please analyze the tool output.]"


@pytest.mark.parametrize(
    ("said", "turns", "ended"),
    [(NUDGE, 1, False), ("Please continue.", 1, False), ("<session_context>\nThis is the Gemini CLI.", 1, True), ("And the timeout?", 2, True)],
)
def test_what_gemini_says_to_its_model_itself_is_no_prompt(tmp_path: Path, said: str, turns: int, ended: bool) -> None:
    """It goes on with the turn, or writes its history anew; only a person begins another one."""
    conversation = conversation_of("gemini-cli", "denied")
    path = tmp_path / conversation.transcripts[0].path.name
    message = {"id": "own", "timestamp": "2026-11-25T20:32:25.000Z", "type": "user", "content": [{"text": said}]}
    path.write_bytes(conversation.transcripts[0].path.read_bytes() + json.dumps(message).encode() + b"\n")
    lines = told(read_whole(history_of("gemini-cli", at(conversation, path))), 0)
    assert len([line for line in lines if line.endswith("root")]) == turns
    assert any("success root" in line for line in lines) is ended


def test_two_subagents_of_gemini_at_once_have_their_own_calls_in_history_and_none_live(tmp_path: Path) -> None:
    """No hook says whose a call is, so they stay the conversation's; each subagent's file has its own. Calls and outcomes are the same."""
    shutil.copytree(FOLDERS["gemini-cli"] / "subagent" / "files", tmp_path, dirs_exist_ok=True)
    (inner,) = tmp_path.glob("shop/chats/*/*.jsonl")
    (main,) = tmp_path.glob("shop/chats/*.jsonl")
    other = str(uuid.uuid5(uuid.NAMESPACE_OID, inner.stem))
    ids = {one: other if one == inner.stem else str(uuid.uuid5(uuid.NAMESPACE_OID, one)) for one in re.findall(UUID, inner.read_text())}
    inner.with_stem(other).write_text(re.sub(UUID, lambda found: ids[found[0]], inner.read_text()))
    lines = [json.loads(line) for line in main.read_text().splitlines()]
    for line in lines:
        started = [call for call in line.get("toolCalls", ()) if call["name"] == "invoke_agent"]
        line.get("toolCalls", []).extend([{**call, "id": f"{call['id']}-b", "agentId": other} for call in started])
    main.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    transcripts = AGENTS["gemini-cli"].transcripts()
    assert transcripts is not None
    (conversation,) = transcripts.conversations(tmp_path)
    read = spans_of(read_whole(history_of("gemini-cli", conversation)))
    hooks = hook_events("gemini-cli", "subagent")
    began, ended = (next(one.time_ns for one in hooks if one.tool and one.tool.starts_agent and one.kind is kind) for kind in STARTS_AND_ENDS)
    twice = [replace(one, uid=f"{one.uid}-b", time_ns=one.time_ns + 8_000_000) for one in hooks if one.tool and began <= one.time_ns <= ended]
    heard = final_spans(spans_of(replay(order([*hooks, *twice])))).values()
    assert sorted(calls_of(read)) == sorted(calls_of(heard))
    assert sum("invoke_agent generalist" in span.name for span in read) == sum("invoke_agent generalist" in span.name for span in heard) == 2
    owners = [span.attributes.get(semconv.AGENT_ID) for span in read if span.name.startswith(("execute_tool grep", "execute_tool run_shell"))]
    assert sorted(str(owner) for owner in owners) == sorted(["None", inner.stem, inner.stem, other, other])
    assert {span.attributes.get(semconv.AGENT_ID) for span in heard if span.name.startswith("execute_tool")} == {None}


def calls_of(spans: Iterable[SpanRecord]) -> list[tuple[str, str]]:
    """Return the calls and how they ended."""
    return [(span.name, str(span.attributes[semconv.OUTCOME])) for span in spans if span.name.startswith("execute_tool")]


@pytest.mark.parametrize("agent", FOLDERS)
def test_live_tokens_are_those_of_history(agent: str, tmp_path: Path) -> None:
    """The same records, with the same uids: read both ways they count once."""
    transcripts = AGENTS[agent].transcripts()
    assert transcripts is not None
    conversation = conversation_of(agent, "subagent")
    main = conversation.transcripts[0].path
    event = _event(agent, conversation.session_id)
    live: dict[str, object] = {}
    for path in (main, *(path for path, _ in transcripts.of_subagents(main))):
        for logs, _ in transcripts.usage(path, 0, event):
            live |= {log.uid: log.attributes[semconv.USAGE_OUTPUT] for log in logs}
    read = {log.uid: log.attributes[semconv.USAGE_OUTPUT] for step in read_whole(history_of(agent, conversation)) for log in step.logs}
    assert live == read and len(live) == 6


def test_every_conversation_is_found(tmp_path: Path) -> None:
    """Main files and subagents' together, by session; files that are none are passed over."""
    for agent, folder in FOLDERS.items():
        root = tmp_path / agent
        for scenario in ("tools", "subagent"):
            shutil.copytree(folder / scenario / "files", root, dirs_exist_ok=True)
        transcripts = AGENTS[agent].transcripts()
        assert transcripts is not None
        junk = next(root.glob("*/chats")) / "junk.jsonl"
        junk.write_text("{broken\n")
        found = [one for one in transcripts.conversations(root) if one.transcripts[0].path != junk]
        assert sorted(len(one.transcripts) for one in found) == [1, 2]
        assert all(transcripts.is_main(str(one.transcripts[0].path)) for one in found)


def at(conversation: Conversation, path: Path) -> Conversation:
    transcript = conversation.transcripts[0]
    return Conversation(conversation.session_id, (type(transcript)(path, path.stat().st_size, 0.0),))


def settled(reader: HistoryReader, steps: Iterable[FoldStep]) -> list[FoldStep]:
    """Return the steps, each acknowledged as if it had been accepted."""
    found = []
    for step in steps:
        reader.acknowledge(step.released)
        found.append(step)
    return found


def settled_marks(agent: str, conversation: Conversation) -> dict[Path, Mark]:
    reader = history_of(agent, conversation)
    settled(reader, reader.steps(2 * 10**18, 3600 * 10**9))
    return reader.marks()


def _event(agent: str, session_id: str) -> AgentEvent:
    return AgentEvent(0, "u", agent, EventKind.TURN_ENDED, session_id)
