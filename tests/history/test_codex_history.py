"""Codex's rollouts as history: the same spans as hooks give, once, and the tokens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from hookline.agent_event import NOWHERE
from hookline.agents.codex import Codex
from hookline.agents.codex.rollout_access import CodexRollouts
from hookline.agents.codex.rollout_files import header_at
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment
from hookline.contract import semconv
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import FoldStep, LogRecord, SpanRecord
from support.codex_captures import FOLDER, events_of, hooks_of, rollouts_of
from support.replay import replay, spans_of, tell

ROLLOUTS = CodexRollouts(Codex())
QUIET_NS = 1
LATER_NS = 2_000_000_000_000_000_000


def laid_out(home: Path, *scenarios: str) -> Path:
    """Put rollouts where the client has them; return the folder of all."""
    for scenario in scenarios:
        for path in rollouts_of(scenario):
            day = home / ".codex/sessions" / path.name[8:18].replace("-", "/")
            day.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, day)
    return ROLLOUTS.root({"HOME": str(home)})


def read(
    conversation: Conversation, marks: dict[Path, Mark] | None = None, delivered: frozenset[str] = frozenset()
) -> tuple[list[FoldStep], dict[Path, Mark]]:
    """Read a conversation to its end; return the steps and the marks after all was accepted."""
    around = ReaderEnvironment(lambda folder: NOWHERE, METADATA_ONLY, lambda session, prompt: prompt in delivered)
    known = marks or {transcript.path: Mark() for transcript in conversation.transcripts}
    reader = ROLLOUTS.history(conversation, known, around)
    steps = list(reader.steps(LATER_NS, QUIET_NS))
    reader.acknowledge(tuple(uid for step in steps for uid in step.released))
    return steps, reader.marks()


def only(home: Path, scenario: str) -> Conversation:
    (found,) = ROLLOUTS.conversations(laid_out(home, scenario))
    return found


def spans(steps: list[FoldStep]) -> list[SpanRecord]:
    return spans_of(steps)


def tokens(steps: list[FoldStep]) -> list[LogRecord]:
    return [log for step in steps for log in step.logs]


def test_a_conversation_is_told_as_its_hooks_told_it(tmp_path: Path) -> None:
    """The ids are the same, so nothing is there twice; the times are the client's own."""
    steps, _ = read(only(tmp_path, "tools"))
    begun_ns = min(event.time_ns for event in hooks_of("tools"))
    assert tell(spans(steps), begun_ns) == snapshot(
        [
            "execute_tool Bash 1599..2092 success in invoke_agent codex",
            "execute_tool Bash 3536..3536 success in invoke_agent codex",
            "execute_tool Bash 3506..3559 success in invoke_agent codex",
            "execute_tool apply_patch 4652..4817 success in invoke_agent codex",
            "execute_tool Bash 7086..7163 failure exit_1 in invoke_agent codex",
            "invoke_agent codex -187..8324 success root",
        ]
    )
    by_hooks = spans_of(replay(events_of("tools")))
    assert {span.span_id for span in spans(steps)} == {span.span_id for span in by_hooks}
    assert {span.trace_id for span in spans(steps)} == {span.trace_id for span in by_hooks}


@pytest.mark.parametrize("scenario", ["tools", "tools_direct", "subagent", "api_error", "interrupt", "resume", "outlived"])
def test_history_and_hooks_make_the_same_spans(scenario: str, tmp_path: Path) -> None:
    """Ids, parents, names and outcomes, of everything but what a hook alone knows."""

    def told(found: list[SpanRecord]) -> dict[int, tuple[str, int | None, str]]:
        return {span.span_id: (span.name, span.parent_id, str(span.attributes[semconv.OUTCOME])) for span in found}

    steps, _ = read(only(tmp_path, scenario))
    assert told(spans(steps)) == told(spans_of(replay(events_of(scenario))))


def test_a_refused_call_without_an_id_makes_none(tmp_path: Path) -> None:
    """It would stand beside the one that a hook told of."""
    steps, _ = read(only(tmp_path, "denied"))
    assert [span.name for span in spans(steps)] == ["invoke_agent codex"]


def test_turns_that_hooks_delivered_are_passed_over_and_their_tokens_are_not(tmp_path: Path) -> None:
    """Hooks know no tokens."""
    conversation = only(tmp_path, "resume")
    first = next(event.prompt_id for event in hooks_of("resume") if event.prompt_id)
    steps, _ = read(conversation, delivered=frozenset({first}))
    assert [span.name for span in spans(steps)] == ["invoke_agent codex"]
    assert len(tokens(steps)) == 6


def test_reading_on_tells_only_what_is_new(tmp_path: Path) -> None:
    """Again and again; a file that grew is read from where it was."""
    conversation = only(tmp_path, "resume")
    path = conversation.transcripts[0].path
    whole = path.read_bytes()
    cut = whole.index(b'"source":"resume"') if b'"source":"resume"' in whole else whole.index(b"task_started", len(whole) // 2)
    path.write_bytes(whole[: whole.rindex(b"\n", 0, cut) + 1])
    (before,) = ROLLOUTS.conversations(ROLLOUTS.root({"HOME": str(tmp_path)}))
    first, marks = read(before)
    assert read(before, marks)[0] == [] or not spans(read(before, marks)[0])
    path.write_bytes(whole)
    (after,) = ROLLOUTS.conversations(ROLLOUTS.root({"HOME": str(tmp_path)}))
    second, _ = read(after, marks)
    assert [span.name for span in spans(second)] == ["invoke_agent codex"]
    assert len(tokens(first)) + len(tokens(second)) == 6
    assert len({log.uid for log in tokens(first) + tokens(second)}) == 6


def test_tokens_are_those_of_each_request(tmp_path: Path) -> None:
    """The input's count includes what was cached; a subagent's belong to its caller's prompt."""
    steps, _ = read(only(tmp_path, "subagent"))
    records = tokens(steps)
    assert len(records) == 7
    first = records[0].attributes
    wanted = (semconv.USAGE_INPUT, semconv.USAGE_UNCACHED_INPUT, semconv.USAGE_CACHE_READ, semconv.USAGE_OUTPUT, semconv.RESPONSE_MODEL)
    assert [first[name] for name in wanted] == [2112, 112, 2000, 30, "gpt-6.1-sol"]
    assert len({record.attributes[semconv.PROMPT_ID] for record in records}) == 1
    assert sum(bool(record.attributes[semconv.USAGE_SIDECHAIN]) for record in records) == 3


def test_live_and_history_name_tokens_alike(tmp_path: Path) -> None:
    """So they count once; reading may begin in the middle of a turn and still know the model."""
    conversation = only(tmp_path, "tools")
    path = conversation.transcripts[0].path
    event = hooks_of("tools")[0]
    whole = [record for batch, _ in ROLLOUTS.usage(path, 0, event) for record in batch]
    lines = path.read_bytes().splitlines(keepends=True)
    middle = sum(map(len, lines[: len(lines) // 2]))
    rest = [record for batch, _ in ROLLOUTS.usage(path, middle, event) for record in batch]
    assert [record.uid for record in whole] == [record.uid for record in tokens(read(conversation)[0])]
    assert 0 < len(rest) < len(whole)
    assert rest == whole[-len(rest) :]


def test_conversations_are_a_session_and_its_subagents(tmp_path: Path) -> None:
    """The session's own thread first; a folder of another day is looked into as well."""
    root = laid_out(tmp_path, "subagent", "denied")
    main, agent = rollouts_of("subagent")
    later = root / "2026/11/26"
    later.mkdir()
    (root / "2026/11/25" / agent.name).rename(later / agent.name)
    found = {conversation.session_id: conversation for conversation in ROLLOUTS.conversations(root)}
    header = header_at(main)
    assert header is not None
    assert [transcript.agent_id for transcript in found[header.session_id].transcripts] == ["", agent.stem[-36:]]
    assert len(found) == 2
    assert ROLLOUTS.of_subagents(root / "2026/11/25" / main.name) == [(later / agent.name, agent.stem[-36:])]


def test_a_variable_moves_the_rollouts(tmp_path: Path) -> None:
    """As it moves the hooks file."""
    assert ROLLOUTS.root({"CODEX_HOME": str(tmp_path)}) == tmp_path / "sessions"
    assert ROLLOUTS.is_main(f"/x/{rollouts_of('tools')[0].name}")
    assert not ROLLOUTS.is_main("/x/session.jsonl")


def test_damaged_lines_cost_themselves_alone(tmp_path: Path) -> None:
    """A newer client's too."""
    conversation = only(tmp_path, "tools")
    path = conversation.transcripts[0].path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"{broken\n", b'{"timestamp":"2026-11-25T20:28:10Z","type":"event_msg","payload":7}\n', *lines[3:]]))
    (changed,) = ROLLOUTS.conversations(ROLLOUTS.root({"HOME": str(tmp_path)}))
    steps, marks = read(changed)
    assert len(spans(steps)) == 6
    assert marks[path].damaged == 1
    assert FOLDER.exists()
