"""The promise under everything: what the fold lets go of is never missed.

A crash at any point, with the released files removed, and the rest read again by a fresh process, gives the same spans.
"""

from collections.abc import Sequence
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.agents import AgentEvent, process_gone, tick
from hookline.contract.events import EventKind
from hookline.fold import FoldRules, FoldState, fold, order
from hookline.records import FoldStep, SpanRecord
from support.cases import with_each
from support.replay import final_spans, read_capture, replay, spans_of
from support.simulated_client import simulate
from support.soaking import examples

CAPTURES = ("tools", "subagent", "denied", "api_error", "resume", "background", "parallel_agents", "stop_hook")
RANDOMS = st.integers(0, 2**32 - 1).map(Random)  # a seed is drawn, not every choice: a hundred times as fast
QUICK = settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))


def frozen(span: SpanRecord) -> tuple[object, ...]:
    """Return a span as a value that can stand in a set."""
    return (span.trace_id, span.span_id, span.parent_id, span.name, span.start_ns, span.end_ns, span.error, tuple(sorted(span.attributes.items())))


def frozen_all(steps: Sequence[FoldStep]) -> set[tuple[object, ...]]:
    return {frozen(span) for span in spans_of(steps)}


def left_over(events: Sequence[AgentEvent], steps: Sequence[FoldStep]) -> list[AgentEvent]:
    """Return the events whose files are still there after these steps. Ticks and the like have none."""
    released = {uid for step in steps for uid in step.released}
    return [event for event in events if event.uid not in released and event.kind not in (EventKind.TICK, EventKind.PROCESS_GONE)]


def after_crash(events: Sequence[AgentEvent], steps: Sequence[FoldStep], at: int) -> list[FoldStep]:
    """Return all steps of a run that crashed after `at` events and began again with the files that were left."""
    return [*steps[:at], *replay([*left_over(events[:at], steps[:at]), *events[at:]])]


@with_each("name", CAPTURES)
def test_a_crash_after_any_event_of_a_capture_changes_no_span(name: str) -> None:
    """Real sessions: the same set of spans, attribute by attribute, wherever the relay dies."""
    events = order(read_capture(name))
    steps = replay(events)
    for at in range(len(events) + 1):
        assert frozen_all(after_crash(events, steps, at)) == frozen_all(steps), f"crash after {at}"


@QUICK
@given(RANDOMS, st.floats(0, 1))
def test_a_crash_at_any_point_of_any_session_changes_no_span(random: Random, where: float) -> None:
    """Simulated sessions with every kind of trouble: the same set of spans, attribute by attribute."""
    events = order(simulate(random))
    steps = replay(events)
    at = round(where * len(events))
    assert frozen_all(after_crash(events, steps, at)) == frozen_all(steps)


@QUICK
@given(RANDOMS, st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_any_number_of_crashes_changes_no_span(random: Random, places: list[float]) -> None:
    """Files survive several crashes in a row and are still enough."""
    events = order(simulate(random, sessions=1))
    whole = frozen_all(replay(events))
    steps: list[FoldStep] = []
    fed: list[AgentEvent] = []
    for at in sorted(round(place * len(events)) for place in places):
        state = FoldState()
        fresh = [*left_over(fed, steps), *[event for event in events[:at] if event not in fed]]
        for event in fresh:
            state, step = fold(state, event)
            steps.append(step)
        fed = list(events[:at])
    steps += replay([*left_over(fed, steps), *events[len(fed) :]])
    assert frozen_all(steps) == whole


@QUICK
@given(RANDOMS, st.floats(0, 1), st.booleans())
def test_a_crash_between_time_outs_and_lost_processes_keeps_every_final_span(random: Random, where: float, is_gone: bool) -> None:
    """Ticks and vanished processes leave no file; after the crash they are noticed again, and the spans end where they ended."""
    events = _with_ticks(order(simulate(random)), is_gone)
    steps = replay(events)
    at = round(where * len(events))
    crashed = after_crash(events, steps, at)
    expected = {key: (span.start_ns, span.end_ns, span.name) for key, span in final_spans(spans_of(steps)).items()}
    assert {key: (span.start_ns, span.end_ns, span.name) for key, span in final_spans(spans_of(crashed)).items()} == expected


@QUICK
@given(RANDOMS, st.floats(0, 1), st.floats(0, 1))
def test_a_crash_halfway_through_the_removal_of_files_keeps_every_final_span(random: Random, where: float, how_far: float) -> None:
    """Files are removed in the order given: whichever prefix is gone, what is left opens nothing that stays open."""
    events = order(simulate(random))
    steps = replay(events)
    at = round(where * len(events))
    if not at:
        return
    last = steps[at - 1].released
    kept = set(last[round(how_far * len(last)) :])
    removed = {uid for step in steps[:at] for uid in step.released} - kept
    again = [event for event in events[:at] if event.uid not in removed]
    crashed = [*steps[:at], *replay([*again, *events[at:]])]
    expected = {key: span.end_ns for key, span in final_spans(spans_of(steps)).items()}
    assert {key: span.end_ns for key, span in final_spans(spans_of(crashed)).items()} == expected


@QUICK
@given(RANDOMS)
def test_all_files_are_let_go_of_in_the_end(random: Random) -> None:
    """After the last event and enough time, no file is held and nothing is remembered."""
    events = order(simulate(random))
    gone = [process_gone(session, "claude-code", pid, "", events[-1].time_ns + 1) for session, pid in {(e.session_id, e.pid) for e in events} if pid]
    later = [tick(events[-1].time_ns + round(hours * 3600e9)) for hours in (7, 8, 9)]
    state, released = FoldState(), list[str]()
    for event in [*events, *gone, *later]:
        state, step = fold(state, event, FoldRules())
        released += step.released
    assert not state.sessions
    assert not state.gave_way
    assert set(released) >= {event.uid for event in events}
    assert len(released) == len(set(released))


def _with_ticks(events: list[AgentEvent], is_gone: bool) -> list[AgentEvent]:
    """Return the events with a tick after each pause, and with the end of every process after its last event."""
    mixed: list[AgentEvent] = []
    for event, following in zip(events, [*events[1:], None], strict=True):
        mixed.append(event)
        if following is None or following.time_ns - event.time_ns > 2_000_000_000:
            mixed.append(tick((following.time_ns if following else event.time_ns + 10**9) - 1))
    end_ns = events[-1].time_ns
    if is_gone:
        mixed += [
            process_gone(session, "claude-code", pid, "", end_ns + 1) for session, pid in sorted({(e.session_id, e.pid) for e in events if e.pid})
        ]
    return [*mixed, tick(end_ns + 7 * 3600 * 10**9), tick(end_ns + 8 * 3600 * 10**9)]
