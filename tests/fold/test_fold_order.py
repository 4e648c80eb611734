"""Order and repetition: what the file clock cannot tell apart, files read twice, files that arrive late."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.agents import AgentEvent
from hookline.contract.events import EventKind
from hookline.fold import order
from hookline.fold.order import TICK_NS
from hookline.records import SpanRecord
from support.cases import with_each
from support.replay import final_spans, read_capture, replay, spans_of
from support.simulated_client import MS, Client, simulate
from support.soaking import examples

CAPTURES = ("tools", "subagent", "denied", "api_error", "resume", "background", "parallel_agents", "stop_hook")
RANDOMS = st.integers(0, 2**32 - 1).map(Random)  # a seed is drawn, not every choice: a hundred times as fast
QUICK = settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))


def told(spans: Iterable[SpanRecord]) -> Counter[tuple[object, ...]]:
    """Return what the final spans say, without ids that come from a file's uid and without a nanosecond more or less."""
    kept = (span for span in final_spans(spans).values() if span.name not in ("compact_context", "wait_answer jira"))  # seconds long in truth
    return Counter(
        (span.trace_id, span.name, span.start_ns // 1000, span.end_ns // 1000, span.attributes["hookline.outcome"], span.attributes.get("error.type"))
        for span in kept
    )


def exact(spans: Iterable[SpanRecord]) -> list[tuple[object, ...]]:
    return sorted((span.span_id, span.parent_id, span.start_ns, span.end_ns, repr(sorted(span.attributes.items()))) for span in spans)


def coarse(events: Iterable[AgentEvent]) -> list[AgentEvent]:
    """Return events as a file clock with ticks of 4 ms stamps them."""
    return [replace(event, time_ns=event.time_ns // TICK_NS * TICK_NS) for event in events]


def renamed(events: Sequence[AgentEvent], random: Random) -> list[AgentEvent]:
    """Return events whose uids, and so the order in which equal times are sorted, mean nothing."""
    return [replace(event, uid=f"{random.getrandbits(64):016x}-{n}") for n, event in enumerate(events)]


@with_each("name", CAPTURES)
def test_files_of_one_tick_may_be_listed_in_any_order(name: str) -> None:
    """A capture stamped by a coarse clock and listed in any order gives the spans of the true order."""
    events = coarse(read_capture(name))
    expected = told(spans_of(replay(events)))
    for seed in range(20):
        random = Random(seed)
        shuffled = renamed(events, random)
        random.shuffle(shuffled)
        assert told(spans_of(replay(order(shuffled)))) == expected


@QUICK
@given(RANDOMS)
def test_a_hasty_client_and_a_coarse_clock_give_the_spans_of_the_true_order(random: Random) -> None:
    """Events a millisecond apart, four to a tick: their order comes from what they mean."""
    client = Client(random, "hasty", 77, step_ms=(0, 2), is_plain=True)
    client.start()
    for _ in range(3):
        client.now_ns += 20 * MS
        client.turn()
    events = coarse(client.events)
    shuffled = renamed(events, random)
    random.shuffle(shuffled)
    assert told(spans_of(replay(order(shuffled)))) == told(spans_of(replay(events)))


@QUICK
@given(RANDOMS)
def test_files_read_twice_change_nothing(random: Random) -> None:
    """A repeated uid makes no span and no record, wherever it comes again."""
    events = order(simulate(random))
    repeated = list(events)
    for event in events:
        if random.random() < 0.3:
            repeated.insert(random.randint(repeated.index(event) + 1, len(repeated)), event)
    steps = replay(repeated)
    assert exact(spans_of(steps)) == exact(spans_of(replay(events)))
    released = [uid for step in steps for uid in step.released]
    assert sum("background" not in log.event_name for step in steps for log in step.logs) == len(events)
    assert set(released) <= {event.uid for event in events}


@QUICK
@given(RANDOMS)
def test_order_is_a_pure_function_of_the_set_of_events(random: Random) -> None:
    """Whatever order the folder lists them in."""
    events = simulate(random)
    shuffled = list(events)
    random.shuffle(shuffled)
    assert order(shuffled) == order(events)


@QUICK
@given(RANDOMS, st.integers(1, 6))
def test_an_end_that_is_read_before_its_request_still_makes_the_whole_call(random: Random, distance: int) -> None:
    """The files of one call may be read the wrong way round, with others in between."""
    client = Client(random, "late", 77)
    client.start()
    client.fire_prompt()
    tools = [client.request("", name) for name in ("Bash", "Read", "Grep")]
    starts = [event for event in client.events if event.kind is EventKind.TOOL_STARTED]
    for tool in tools:
        client.finish("", tool, way=random.choice(("success", "failure", "auto_denied")))
    client.close_batch("", tools)
    client.stop()
    late = list(client.events)
    moved = random.choice(starts)
    late.remove(moved)
    late.insert(min(client.events.index(moved) + distance, len(late)), moved)
    assert told(spans_of(replay(late))) == told(spans_of(replay(client.events)))


ENDS = (
    EventKind.PERMISSION_DENIED,
    EventKind.TOOL_INTERRUPTED,
    EventKind.TOOL_ENDED,
    EventKind.TOOL_FAILED,
    EventKind.ELICITATION_ANSWERED,
    EventKind.COMPACTION_ENDED,
)


@with_each("agent_id", ["", "helper"])
@with_each("kind", ENDS)
def test_within_a_tick_what_ends_comes_before_the_batch_that_it_is_part_of(kind: EventKind, agent_id: str) -> None:
    """Whatever the file clock says of them, in a subagent as well."""
    batch = AgentEvent(1, "a", "claude-code", EventKind.TOOL_BATCH_ENDED, "s", "", agent_id=agent_id)
    end = AgentEvent(2, "b", "claude-code", kind, "s", "", agent_id=agent_id)
    assert order([batch, end]) == [end, batch]
