"""Evidence from others than hooks: any subset, in any order, at any delay, makes no figure worse; and a crash loses nothing of it."""

from collections.abc import Iterable, Sequence
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.agents import AgentEvent
from hookline.contract.events import EventKind
from hookline.contract.evidence import RANKS
from hookline.contract.ids import span_id
from hookline.fold import order
from hookline.fold.known_by import INFERRED, OBSERVED
from hookline.records import FoldStep, SpanRecord
from support.replay import final_spans, replay, spans_of, standing
from support.simulated_client import Client, simulate_clients
from support.soaking import examples

RANDOMS = st.integers(0, 2**32 - 1).map(Random)  # a seed is drawn, not every choice: a hundred times as fast
QUICK = settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
LATEST_NS = 50 * 10**9  # less than what was closed is remembered after its session's end


def arriving(hooks: Sequence[AgentEvent], beside: Iterable[AgentEvent], random: Random) -> list[AgentEvent]:
    """Return all events as a relay gets them: hooks in order, what was seen beside them after some delay."""
    late = [(event.time_ns + random.choice((0, random.randint(0, 10**9), random.randint(0, LATEST_NS))), event) for event in beside]
    return [event for _, event in sorted([*((event.time_ns, event) for event in hooks), *late], key=lambda pair: (pair[0], pair[1].uid))]


def hooks_of(clients: Iterable[Client]) -> list[AgentEvent]:
    return order(event for client in clients for event in client.events)


def some(random: Random, events: Sequence[AgentEvent]) -> list[AgentEvent]:
    """Return a part of the events."""
    return [event for event in events if random.random() < 0.6]


def errors(clients: Iterable[Client], events: Sequence[AgentEvent]) -> dict[int, int]:
    """Return by how many microseconds each stopped turn and call misses the moment at which it was stopped."""
    final = final_spans(spans_of(replay(events)))
    truth = {span_id("turn", client.session_id, prompt): at for client in clients for prompt, at in client.stopped.items()}
    truth |= {span_id("call", client.session_id, call): at for client in clients for call, at in client.stopped_calls.items()}
    return {known: abs(final[known].end_ns - at) // 1000 for known, at in truth.items() if known in final}


@QUICK
@given(RANDOMS)
def test_no_added_evidence_makes_a_stopped_turn_or_call_worse(random: Random) -> None:
    """The errors with a part of the evidence are at least those with all of it, whenever each comes."""
    clients = simulate_clients(random)
    hooks, beside = hooks_of(clients), [event for client in clients for event in client.beside]
    part = some(random, beside)
    without = errors(clients, hooks)
    with_part = errors(clients, arriving(hooks, part, random))
    with_all = errors(clients, arriving(hooks, beside, random))
    assert without.keys() <= with_part.keys() <= with_all.keys()
    assert all(with_part[known] <= without[known] for known in without)
    assert all(with_all[known] <= with_part[known] for known in with_part)


@QUICK
@given(RANDOMS)
def test_with_all_evidence_a_stopped_turn_and_its_calls_end_when_they_were_stopped(random: Random) -> None:
    """To the microsecond, also when the session has moved on."""
    clients = simulate_clients(random)
    beside = [event for client in clients for event in client.beside]
    found = errors(clients, arriving(hooks_of(clients), beside, random))
    assert set(found.values()) <= {0}


@QUICK
@given(RANDOMS)
def test_the_order_in_which_evidence_comes_changes_no_final_end(random: Random) -> None:
    """At once, late or very late: the same turns and calls, with the same ends and the same evidence."""
    clients = simulate_clients(random)
    hooks, beside = hooks_of(clients), some(random, [event for client in clients for event in client.beside])
    at_once, late = told(replay(order([*hooks, *beside]))), told(replay(arriving(hooks, beside, random)))
    assert {known: at_once[known] for known in at_once.keys() & late.keys()} == {known: late[known] for known in at_once.keys() & late.keys()}
    only_one = [*(at_once[known] for known in at_once.keys() - late.keys()), *(late[known] for known in late.keys() - at_once.keys())]
    assert all(rank == RANKS[INFERRED] for _, rank, *_ in only_one), "a rule may have closed what is still open"


@QUICK
@given(RANDOMS, st.floats(0, 1))
def test_a_crash_loses_nothing_of_what_was_seen(random: Random, where: float) -> None:
    """The files that are left, read again in the order of their times, and what comes after: every final span as without the crash."""
    clients = simulate_clients(random)
    events = arriving(hooks_of(clients), some(random, [event for client in clients for event in client.beside]), random)
    steps = replay(events)
    at = round(where * len(events))
    released = {uid for step in steps[:at] for uid in step.released}
    left = order(event for event in events[:at] if event.uid not in released)
    again = [*steps[:at], *replay([*left, *events[at:]])]
    assert told(again) == told(steps)


@QUICK
@given(RANDOMS)
def test_no_better_copy_of_a_span_has_the_id_start_and_end_of_another(random: Random) -> None:
    """The collector would take it for one that it has, and the better told end with it."""
    clients = simulate_clients(random)
    beside = [event for client in clients for event in client.beside]
    for events in (arriving(hooks_of(clients), beside, random), order([*hooks_of(clients), *beside])):
        spans = spans_of(replay(events))
        seen = {(span.span_id, span.start_ns, span.end_ns, standing(span)) for span in spans}
        assert len({key[:3] for key in seen}) == len(seen)


@QUICK
@given(RANDOMS)
def test_what_a_call_was_denied_never_ran(random: Random) -> None:
    """Every denied call has no length; its wait has."""
    clients = simulate_clients(random)
    beside = [event for client in clients for event in client.beside]
    final = final_spans(spans_of(replay(arriving(hooks_of(clients), beside, random))))
    denied = [span for span in final.values() if span.name.startswith("execute_tool") and span.attributes["hookline.outcome"] == "denied"]
    assert all(span.start_ns == span.end_ns for span in denied)


def told(steps: Sequence[FoldStep]) -> dict[int, tuple[object, ...]]:
    """Return what the final copies of turns and calls say, without a nanosecond more or less; of what nobody saw only that it is there."""
    return {
        known: _says(span) for known, span in final_spans(spans_of(steps)).items() if span.name.startswith(("invoke_agent claude", "execute_tool"))
    }


def _says(span: SpanRecord) -> tuple[object, ...]:
    rank, end_ns = standing(span)
    if rank < RANKS[OBSERVED]:
        return span.name, RANKS[INFERRED]
    begin_ns = 0 if "hookline.evidence.start" in span.attributes or span.name.startswith("execute_tool") else span.start_ns
    return span.name, rank, span.attributes["hookline.outcome"], begin_ns // 1000, end_ns // 1000


def test_the_simulated_client_stops_turns_and_denies_calls() -> None:
    """A test of evidence without any would say nothing."""
    clients = [client for seed in range(20) for client in simulate_clients(Random(seed))]
    kinds = {event.kind for client in clients for event in client.beside}
    assert kinds == {EventKind.TURN_INTERRUPTED, EventKind.TOOL_INTERRUPTED, EventKind.PERMISSION_DENIED, EventKind.TOOL_RUNNING}
