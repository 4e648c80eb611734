"""Agents that name neither their calls nor their subagents: what belongs together is found, what nobody can know stays open."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hookline.agent_event import BatchCall, ToolUse
from hookline.agents import AgentEvent, tick
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.fold import FoldState, fold, order
from hookline.fold.placing import unmarked as at_work
from hookline.records import SpanRecord
from support.replay import final_spans, logs_of, replay, spans_of
from support.simulated_client import MS, START_NS, simulate
from support.soaking import examples

RANDOMS = st.integers(0, 2**32 - 1).map(Random)
QUICK = settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
SHELL, SAME = ToolUse("shell", input_hash="h1"), ToolUse("shell", input_hash="h1")


def at(ms: int, kind: EventKind, tool: ToolUse | None = None, **fields: object) -> AgentEvent:
    """Return an event of one session, so many ms after its beginning."""
    values: dict[str, object] = {"tool": tool, **fields}
    return AgentEvent(START_NS + ms * MS, f"{kind}-{ms}", "other-agent", kind, "s1", str(kind), **values)  # type: ignore[arg-type]


def told(events: Sequence[AgentEvent]) -> list[str]:
    """Return the final spans, in the order of their beginning: name, from, to, outcome, and who closed them."""
    spans = sorted(final_spans(spans_of(replay(events))).values(), key=lambda span: (span.start_ns, span.end_ns, span.name))
    return [_line(span) for span in spans]


def _line(span: SpanRecord) -> str:
    begin, end = ((moment - START_NS) // MS for moment in (span.start_ns, span.end_ns))
    closed = span.attributes.get(semconv.CLOSED_BY)
    return f"{span.name} {begin}..{end} {span.attributes[semconv.OUTCOME]}" + (f" by {closed}" if closed else "")


PROMPT, DONE = at(0, EventKind.PROMPT_SUBMITTED), at(900, EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)


def test_equal_calls_side_by_side_end_in_the_order_in_which_they_began() -> None:
    """Nobody can tell them apart: the oldest first, and each has an id of its own on span and record."""
    steps = replay(
        [
            PROMPT,
            at(10, EventKind.TOOL_STARTED, SHELL),
            at(20, EventKind.TOOL_STARTED, SAME),
            at(30, EventKind.TOOL_STARTED, ToolUse("shell", input_hash="h2")),
            at(40, EventKind.TOOL_ENDED, SHELL, outcome=SpanOutcome.SUCCESS),
            at(50, EventKind.TOOL_FAILED, SAME, outcome=SpanOutcome.FAILURE, error_type="exit_1"),
            DONE,
        ]
    )
    calls = {span.attributes[semconv.TOOL_CALL_ID]: _line(span) for span in spans_of(steps) if span.name.startswith("execute_tool")}
    assert calls == {
        "event-tool_started-10": "execute_tool shell 10..40 success",
        "event-tool_started-20": "execute_tool shell 20..50 failure",
        "event-tool_started-30": "execute_tool shell 30..50 unknown by turn_end",
    }
    ends = [log.attributes[semconv.TOOL_CALL_ID] for log in logs_of(steps) if log.event_name in ("hookline.tool_ended", "hookline.tool_failed")]
    assert ends == ["event-tool_started-10", "event-tool_started-20"]


def test_an_end_that_nothing_fits_is_a_call_of_its_own() -> None:
    """And what a transcript shows of no call that hooks told of makes none."""
    events = [
        PROMPT,
        at(10, EventKind.TOOL_STARTED, SHELL),
        at(20, EventKind.TOOL_ENDED, ToolUse("read", input_hash="h1", duration_ns=5 * MS), outcome=SpanOutcome.SUCCESS),
        at(30, EventKind.TOOL_INTERRUPTED, ToolUse("read", input_hash="h9"), source="transcript", is_beside=True),
        DONE,
        tick(START_NS + 5_000 * MS),
    ]
    assert told(events) == [
        "invoke_agent other-agent 0..900 success",
        "execute_tool shell 10..20 unknown by turn_end",
        "execute_tool read 15..20 success",
    ]


def test_an_end_that_is_read_before_its_request_is_the_end_of_it() -> None:
    """The made id is the request's, whichever came first."""
    begun, ended = at(10, EventKind.TOOL_STARTED, SHELL), at(40, EventKind.TOOL_ENDED, SHELL, outcome=SpanOutcome.SUCCESS)
    right = final_spans(spans_of(replay([PROMPT, begun, ended, DONE])))
    assert final_spans(spans_of(replay([PROMPT, ended, begun, DONE]))).keys() == right.keys()


def test_what_a_source_beside_the_hooks_saw_ends_the_oldest_open_call() -> None:
    """Also one that a rule had closed; an input that it does not tell fits any."""
    stopped = at(300, EventKind.TOOL_INTERRUPTED, ToolUse("shell"), source="transcript", is_beside=True, outcome=SpanOutcome.INTERRUPTED)
    assert told([PROMPT, at(10, EventKind.TOOL_STARTED, SHELL), DONE, stopped]) == [
        "invoke_agent other-agent 0..900 success",
        "execute_tool shell 10..300 interrupted",
    ]


@pytest.mark.parametrize("asked_first", [True, False])
def test_a_permission_without_an_id_is_of_the_call_with_its_input(asked_first: bool) -> None:
    """Asked before the call is announced, or after it."""
    asked, begun = (20, 30) if asked_first else (30, 20)
    events = [
        PROMPT,
        at(10, EventKind.TOOL_STARTED, ToolUse("shell", input_hash="h2")),
        at(asked, EventKind.PERMISSION_REQUESTED, replace(SHELL, asks_ahead=asked_first)),
        at(begun, EventKind.TOOL_STARTED, SHELL),
        at(500, EventKind.TOOL_ENDED, replace(SHELL, duration_ns=100 * MS), outcome=SpanOutcome.SUCCESS),
    ]
    found = [line for line in told([*sorted(events, key=lambda event: event.time_ns), DONE]) if "h2" not in line and "unknown" not in line]
    assert found == ["invoke_agent other-agent 0..900 success", f"wait_permission shell {asked}..400 success", "execute_tool shell 400..500 success"]


@pytest.mark.parametrize("said", [ToolUse("", input_hash="h1"), None], ids=["only the input", "nothing"])
def test_a_permission_that_names_no_tool_is_of_the_newest_open_call(said: ToolUse | None) -> None:
    """Of those with its input, if it tells that; the one that was asked about least."""
    asked = [at(30, EventKind.PERMISSION_REQUESTED, said), at(31, EventKind.PERMISSION_REQUESTED, said)]
    steps = replay([PROMPT, at(10, EventKind.TOOL_STARTED, SHELL), at(20, EventKind.TOOL_STARTED, SAME), *asked])
    ids = [log.attributes[semconv.TOOL_CALL_ID] for log in logs_of(steps) if log.event_name == "hookline.permission_requested"]
    assert ids == ["event-tool_started-20", "event-tool_started-10"]


def test_a_call_that_asks_again_waits_again() -> None:
    """An address first, then the command: what ran in between ended the first wait."""
    events = [
        PROMPT,
        at(10, EventKind.TOOL_STARTED, SHELL),
        at(20, EventKind.PERMISSION_REQUESTED, SHELL),
        at(50, EventKind.TOOL_RUNNING, SHELL, is_beside=True, source="transcript"),
        at(60, EventKind.PERMISSION_REQUESTED, SHELL),
        at(65, EventKind.TOOL_RUNNING, SHELL, is_beside=True, source="transcript"),
        at(90, EventKind.TOOL_ENDED, SHELL, outcome=SpanOutcome.SUCCESS),
        DONE,
    ]
    waits = [line for line in told(events) if not line.startswith("invoke")]
    assert waits == ["wait_permission shell 20..60 success", "wait_permission shell 60..65 success", "execute_tool shell 65..90 success"]


def test_a_call_that_was_refused_before_it_was_announced_is_made_of_its_batch() -> None:
    """With the wait for the person who refused it."""
    batch = BatchCall("c1", "shell", "h1", is_denied=True, is_unannounced=True)
    events = [PROMPT, at(10, EventKind.PERMISSION_REQUESTED, SHELL), at(70, EventKind.TOOL_BATCH_ENDED, batch=(batch,)), DONE]
    assert told(events) == [
        "invoke_agent other-agent 0..900 success",
        "wait_permission shell 10..70 denied by batch",
        "execute_tool shell 70..70 denied by batch",
    ]


def unmarked(hash_: str = "agent") -> ToolUse:
    """Return a call that runs a subagent of which nothing says what it does."""
    return ToolUse("invoke_agent", input_hash=hash_, starts_agent=True, wanted_agent_type="finder", runs_unmarked=True)


def test_what_is_called_while_one_unmarked_subagent_works_is_the_subagent_s() -> None:
    """Its end is its call's; a Stop inside it is nobody's turn's."""
    events = [
        PROMPT,
        at(10, EventKind.TOOL_STARTED, unmarked()),
        at(20, EventKind.TOOL_STARTED, SHELL),
        at(25, EventKind.PERMISSION_REQUESTED, SHELL),
        at(30, EventKind.TOOL_ENDED, SHELL, outcome=SpanOutcome.SUCCESS),
        at(40, EventKind.TOOL_STARTED, SHELL),
        at(50, EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS),
        at(60, EventKind.TOOL_ENDED, unmarked(), outcome=SpanOutcome.SUCCESS),
        at(70, EventKind.TOOL_STARTED, SAME),
        at(80, EventKind.TOOL_ENDED, SAME, outcome=SpanOutcome.SUCCESS),
        DONE,
    ]
    assert told(events) == [
        "invoke_agent other-agent 0..900 success",
        "execute_tool invoke_agent 10..60 success",
        "invoke_agent finder 10..60 success by call_end",
        "execute_tool shell 20..30 success",
        "wait_permission shell 25..30 success",
        "execute_tool shell 40..60 unknown by call_end",
        "execute_tool shell 70..80 success",
    ]
    spans = spans_of(replay(events))
    (agent,) = (span for span in spans if span.name == "invoke_agent finder")
    inside = [span for span in spans if span.parent_id == agent.span_id]
    assert [span.name for span in inside] == ["wait_permission shell", "execute_tool shell", "execute_tool shell"]
    assert agent.attributes[semconv.EVIDENCE] == "derived"
    assert next(span for span in spans if span.name == "execute_tool invoke_agent").span_id == agent.parent_id


def test_while_two_unmarked_subagents_work_nobody_knows_whose_a_call_is() -> None:
    """It stays the main conversation's; of two of one type neither start nor end is anybody's, so their calls' count."""
    events = [
        PROMPT,
        at(10, EventKind.TOOL_STARTED, unmarked("a")),
        at(11, EventKind.TOOL_STARTED, unmarked("b")),
        at(12, EventKind.SUBAGENT_STARTED, agent_type="finder"),
        at(20, EventKind.TOOL_STARTED, SHELL),
        at(30, EventKind.TOOL_ENDED, SHELL, outcome=SpanOutcome.SUCCESS),
        at(40, EventKind.SUBAGENT_ENDED, agent_type="finder", outcome=SpanOutcome.SUCCESS),
        at(50, EventKind.TOOL_ENDED, unmarked("b"), outcome=SpanOutcome.FAILURE, error_type="tool_error"),
        at(60, EventKind.TOOL_ENDED, unmarked("a"), outcome=SpanOutcome.SUCCESS),
        DONE,
    ]
    agents = [line.removeprefix("invoke_agent finder ") for line in told(events) if "finder" in line]
    assert agents == ["10..60 success by call_end", "11..50 failure by call_end"]
    (shell,) = (span for span in spans_of(replay(events)) if span.name == "execute_tool shell")
    assert semconv.AGENT_ID not in shell.attributes


def test_two_unmarked_subagents_of_two_types_have_their_own_starts_and_ends() -> None:
    """The type says which call is meant."""
    other = replace(unmarked("b"), wanted_agent_type="writer")
    events = [
        PROMPT,
        at(10, EventKind.TOOL_STARTED, unmarked("a")),
        at(11, EventKind.TOOL_STARTED, other),
        at(12, EventKind.SUBAGENT_STARTED, agent_type="writer"),
        at(40, EventKind.SUBAGENT_ENDED, agent_type="writer", outcome=SpanOutcome.SUCCESS),
        at(50, EventKind.TOOL_ENDED, other, outcome=SpanOutcome.SUCCESS),
        at(60, EventKind.TOOL_ENDED, unmarked("a"), outcome=SpanOutcome.SUCCESS),
        DONE,
    ]
    assert [line for line in told(events) if line.startswith("invoke_agent") and "other" not in line] == [
        "invoke_agent finder 10..60 success by call_end",
        "invoke_agent writer 12..40 success",
    ]


def test_a_later_event_says_whose_a_call_is() -> None:
    """As a file beside the hooks knows it: with two at work, and where the only one at work was thought of."""
    first, second = (replace(unmarked(name), call_id=f"agent-{name}") for name in "ab")
    calls = [replace(SHELL, call_id=f"shell-{n}", input_hash=str(n)) for n in range(3)]
    events = [
        PROMPT,
        at(10, EventKind.TOOL_STARTED, first),
        at(11, EventKind.TOOL_STARTED, calls[0]),  # of the conversation, beside the call of the subagent
        at(12, EventKind.TOOL_STARTED, second),
        at(20, EventKind.TOOL_STARTED, calls[1]),
        at(21, EventKind.TOOL_STARTED, calls[2]),
        at(22, EventKind.TOOL_STARTED, calls[2], agent_id="x2", parent_call_id="agent-b", is_beside=True),
        at(30, EventKind.TOOL_ENDED, calls[0], outcome=SpanOutcome.SUCCESS, is_conversations=True),
        at(31, EventKind.TOOL_ENDED, calls[1], outcome=SpanOutcome.SUCCESS, agent_id="x1", parent_call_id="agent-a"),
        at(32, EventKind.TOOL_ENDED, calls[2], outcome=SpanOutcome.SUCCESS),
        at(33, EventKind.TOOL_STARTED, calls[2], agent_id="x2", parent_call_id="agent-b", is_beside=True),  # read late: it is over
        at(50, EventKind.TOOL_ENDED, second, outcome=SpanOutcome.SUCCESS),
        at(60, EventKind.TOOL_ENDED, first, outcome=SpanOutcome.SUCCESS),
        DONE,
    ]
    spans = spans_of(replay(events))
    found = {span.attributes.get("gen_ai.tool.call.id"): span.attributes.get(semconv.AGENT_ID) for span in spans}
    assert {call.call_id: found[call.call_id] for call in calls} == {"shell-0": None, "shell-1": "of-agent-a", "shell-2": "of-agent-b"}
    assert {span.attributes.get(semconv.EVIDENCE_AGENT) for span in spans} == {None}
    assert len([span for span in spans if span.name == "execute_tool shell"]) == len(calls)


@pytest.mark.parametrize("kind", [EventKind.PROMPT_SUBMITTED, EventKind.TURN_ENDED, EventKind.TURN_FAILED])
def test_a_subagent_s_own_prompt_and_stop_are_nobody_s_turn(kind: EventKind) -> None:
    """They are told as `other`."""
    inside = at(20, kind, agent_id="a1", prompt_id="its-own")
    steps = replay([PROMPT, at(10, EventKind.SUBAGENT_STARTED, agent_id="a1"), inside, DONE])
    assert [log.event_name for log in logs_of(steps)][2] == "hookline.other"
    assert [_line(span) for span in spans_of(steps) if span.parent_id is None] == ["invoke_agent other-agent 0..900 success"]


FAILED = at(50, EventKind.REQUEST_ENDED, outcome=SpanOutcome.FAILURE, error_type="http_503")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (at(2_000, EventKind.PROMPT_SUBMITTED), "0..50 failure by next_prompt"),
        (at(2_000, EventKind.SESSION_ENDED), "0..50 failure by session_end"),
        (tick(START_NS + 60_100 * MS), "0..50 failure by request_failed"),
        (DONE, "0..900 success"),
        (at(60, EventKind.REQUEST_ENDED, outcome=SpanOutcome.SUCCESS), ""),
    ],
)
def test_a_turn_whose_last_request_failed_failed_with_it(after: AgentEvent, expected: str) -> None:
    """What comes after says so; a request that succeeds takes it back."""
    lines = [line.removeprefix("invoke_agent other-agent ") for line in told([PROMPT, FAILED, after])]
    assert lines == ([expected] if expected else [])


def test_a_turn_that_goes_on_after_all_had_not_failed() -> None:
    """The client tried again later than anybody thought."""
    late = [tick(START_NS + 60_100 * MS), at(70_000, EventKind.REQUEST_ENDED, outcome=SpanOutcome.SUCCESS), at(71_000, EventKind.TURN_ENDED)]
    assert told([PROMPT, FAILED, *late]) == ["invoke_agent other-agent 0..71000 success"]


def test_a_stop_that_a_hook_reports_ends_what_was_open() -> None:
    """Whoever saw it is said."""
    stopped = at(300, EventKind.TURN_INTERRUPTED, outcome=SpanOutcome.INTERRUPTED)
    spans = spans_of(replay([PROMPT, at(10, EventKind.TOOL_STARTED, SHELL), stopped]))
    assert [(_line(span), span.attributes[semconv.EVIDENCE_SOURCE]) for span in spans] == [
        ("execute_tool shell 10..300 interrupted by interrupted", "hook"),
        ("invoke_agent other-agent 0..300 interrupted", "hook"),
    ]


def nameless(events: Iterable[AgentEvent]) -> list[AgentEvent]:
    """Return events as an agent would tell them that names no call; batches, which do nothing but name calls, are left out."""
    return [replace(event, tool=replace(event.tool, call_id="")) if event.tool else event for event in named(events)]


def named(events: Iterable[AgentEvent]) -> list[AgentEvent]:
    """Return events without batches."""
    return [event for event in events if event.kind is not EventKind.TOOL_BATCH_ENDED]


def plain(spans: Iterable[SpanRecord]) -> Counter[tuple[object, ...]]:
    """Return what the final spans say, without ids."""
    found = final_spans(spans).values()
    return Counter((span.name, span.start_ns, span.end_ns, span.attributes["hookline.outcome"], span.attributes.get("error.type")) for span in found)


@QUICK
@given(RANDOMS)
def test_calls_that_differ_are_told_apart_without_ids(random: Random) -> None:
    """The same spans as with ids: simulated sessions whose calls all have inputs of their own."""
    events = order(simulate(random, is_plain=True))
    assert plain(spans_of(replay(nameless(events)))) == plain(spans_of(replay(named(events))))


@QUICK
@given(RANDOMS, st.floats(0, 1), st.booleans())
def test_a_crash_changes_no_made_id(random: Random, where: float, is_unmarked: bool) -> None:
    """Attribute by attribute the same spans, also where equal calls cannot be told apart, and where the one subagent at work marks nothing."""
    events = order(nameless(simulate(random)))
    if is_unmarked:
        events = [unmarked_event(event) for event in events]
        assume(most_at_work(events) < 2)
    steps = replay(events)
    cut = round(where * len(events))
    released = {uid for step in steps[:cut] for uid in step.released}
    crashed = [*steps[:cut], *replay([*(event for event in events[:cut] if event.uid not in released), *events[cut:]])]
    assert exact(crashed) == exact(steps)


def unmarked_event(event: AgentEvent) -> AgentEvent:
    """Return an event as an agent would tell it whose subagents say nothing of themselves."""
    tool = replace(event.tool, runs_unmarked=event.tool.starts_agent, agent_id="", is_launch=False) if event.tool else None
    return replace(event, agent_id="", tool=tool)


def most_at_work(events: Iterable[AgentEvent]) -> int:
    """Return how many subagents without a mark are at work at once, at most."""
    state, most = FoldState(), 0
    for event in events:
        state, _ = fold(state, event)
        most = max(most, *(len(at_work(session)) for session in state.sessions.values()), 0)
    return most


def exact(steps: Iterable[object]) -> set[tuple[object, ...]]:
    """Return spans as values that can stand in a set."""
    return {
        (span.trace_id, span.span_id, span.parent_id, span.name, span.start_ns, span.end_ns, span.error, tuple(sorted(span.attributes.items())))
        for span in spans_of(steps)  # type: ignore[arg-type]
    }
