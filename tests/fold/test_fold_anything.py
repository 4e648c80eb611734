"""Events that no client would send in such an order: nothing breaks, nothing is kept for ever."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.agent_event import BatchCall, ToolUse
from hookline.agents import AgentEvent, tick
from hookline.contract.events import EventKind, SpanOutcome
from hookline.fold import FoldState, fold, order
from hookline.records import FoldStep
from support.soaking import examples

START_NS = 1_795_000_000_000_000_000
SEEDS = st.integers(0, 2**32 - 1).map(Random)
QUICK = settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))


def anything(random: Random, n: int) -> AgentEvent:
    """Return an event with ids from small pools, at any time, also before the one before it."""
    pick = random.choice
    tool = ToolUse(
        pick(("Bash", "Agent", "AskUserQuestion")),
        pick(("", "c1", "c2", "c3")),
        input_hash=pick(("", "h1")),
        starts_agent=random.random() < 0.3,
        asks_person=random.random() < 0.2,
        agent_id=pick(("", "a1", "a2")),
        is_launch=random.random() < 0.3,
        duration_ns=pick((None, 0, 5_000_000, 10**15)),
    )
    return AgentEvent(
        START_NS + random.randint(0, 10 ** random.randint(6, 13)),
        f"u{n}",
        "claude-code",
        pick(list(EventKind)),
        pick(("s1", "s2", "s3")),
        prompt_id=pick(("", "p1", "p2")),
        agent_id=pick(("", "", "a1", "a2")),
        agent_type=pick(("", "Explore")),
        pid=pick((None, 7, 8)),
        tool=pick((None, tool, tool, tool)),
        batch=tuple(
            BatchCall(call_id, "Bash", "h1", pick((None, True, False))) for call_id in random.sample(("c1", "c2", "c3", "c9"), random.randint(0, 3))
        ),
        parent_call_id=pick(("", "c1", "c9")),
        outcome=pick((None, *SpanOutcome)),
        start_source=pick(("startup", "clear", "resume")),
        end_reason=pick(("other", "clear")),
        notification_type=pick(("idle_prompt", "permission_prompt", "")),
        mcp_server=pick(("", "jira")),
        running_agents=pick(((), ("a1",))),
    )


def run(events: list[AgentEvent]) -> tuple[FoldState, list[FoldStep]]:
    state, steps = FoldState(), []
    for event in events:
        state, step = fold(state, event)
        steps.append(step)
    return state, steps


@QUICK
@given(SEEDS, st.integers(1, 60), st.booleans())
def test_any_events_in_any_order_are_folded(random: Random, count: int, is_ordered: bool) -> None:
    """No exception; every span is well formed; every record is there once."""
    events = [anything(random, n) for n in range(count)]
    _, steps = run(order(events) if is_ordered else events)
    for step in steps:
        for span in step.spans:
            assert span.start_ns <= span.end_ns
            assert 0 < span.span_id < 2**64
            assert 0 < span.trace_id < 2**128
            assert span.parent_id != span.span_id
            assert span.attributes["hookline.outcome"]
            assert all(value is not None and value != "" for value in span.attributes.values())
    own = {event.uid for event in events if event.kind is not EventKind.TICK}
    assert sum(log.uid in own for step in steps for log in step.logs) == len(own)


@QUICK
@given(SEEDS, st.integers(1, 60))
def test_whatever_came_is_let_go_of_once_and_in_the_end(random: Random, count: int) -> None:
    """After a day without anything and the ends of all sessions, nothing is held."""
    events = [anything(random, n) for n in range(count)]
    ends = [
        AgentEvent(START_NS + 10**14 + n, f"end{n}", "claude-code", EventKind.SESSION_ENDED, session) for n, session in enumerate(("s1", "s2", "s3"))
    ]
    hours = [tick(START_NS + 2 * 10**14 + hour * 3600 * 10**9) for hour in range(24)]
    state, steps = run([*events, *ends, *hours])
    released = [uid for step in steps for uid in step.released]
    assert not state.sessions
    assert not state.gave_way
    assert len(released) == len(set(released))
    assert set(released) >= {event.uid for event in events if event.kind is not EventKind.TICK}


@QUICK
@given(SEEDS, st.integers(2, 40))
def test_a_final_span_ends_no_earlier_than_any_copy_before_it(random: Random, count: int) -> None:
    """A copy that corrects another is later: it counts."""
    _, steps = run(order([anything(random, n) for n in range(count)]))
    ends: dict[int, int] = {}
    for step in steps:
        for span in step.spans:
            assert span.end_ns >= ends.get(span.span_id, 0)
            ends[span.span_id] = span.end_ns
