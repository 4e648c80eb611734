"""The state machine: Prometheus' semantics case by case, and against a model that says them differently."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.alert_model import Look, state_after
from alerts.making import MINUTE, S, rule_of
from alerts.prometheus_cases import OUR_CASES, PROMETHEUS_CASES
from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition, alert_from_object, alert_to_object, labels_of
from hookline_collector.alerts.rule import AlertRule
from hookline_collector.alerts.state_machine import RESOLVED_RETENTION_NS, Sample, next_moment, step
from support.cases import with_each
from support.soaking import examples

RULE = rule_of("metric: x\nabove: 5")
NOTHING = Alert(labels_of({"alertname": "Tested"}), RULE.origin)
START = 1_800_000_000 * S
SHORT = {"i": AlertState.INACTIVE, "p": AlertState.PENDING, "f": AlertState.FIRING, "r": AlertState.RESOLVED}


def run(rule: AlertRule, values: list[float | None], every_ns: int = MINUTE) -> tuple[str, list[AlertTransition]]:
    """Evaluate a rule once a minute; return the states, a letter each, and the transitions."""
    alert, states, changes = NOTHING, "", []
    for at, value in enumerate(values):
        alert, change = step(alert, Sample(value), START + at * every_ns, rule)
        states += alert.state.value[0]
        changes += [change] if change else []
    return states, changes


@with_each("case, keys, values, states", PROMETHEUS_CASES + OUR_CASES)
def test_prometheus_cases(case: str, keys: str, values: list[float | None], states: str) -> None:
    """Each as it is said there, restated as ours; one evaluation a minute."""
    assert run(rule_of(f"metric: x\nabove: 5\n{keys}"), values)[0] == states, case


def test_moments_are_those_of_prometheus() -> None:
    """Active since the first breach, fired when `for` had passed, resolved at the first evaluation without one; the value is the last in breach."""
    _, changes = run(rule_of("metric: x\nabove: 5\nfor: 1m"), [6, 7, 8, 1])
    assert [(each.from_state.value, each.to_state.value, each.at_ns - START) for each in changes] == [
        ("inactive", "pending", 0),
        ("pending", "firing", MINUTE),
        ("firing", "resolved", 3 * MINUTE),
    ]
    assert [each.alert.changes for each in changes] == [1, 2, 3]
    last = changes[-1].alert
    assert (last.active_at_ns, last.fired_at_ns, last.resolved_at_ns, last.value) == (START, START + MINUTE, START + 3 * MINUTE, 8)
    assert last.keep_until_ns == last.resolved_at_ns + RESOLVED_RETENTION_NS


def test_a_longer_for_sends_a_firing_alert_back_and_each_change_has_its_own_id() -> None:
    """Somebody changed the rule: the alert goes on in its episode, and no two changes share an id."""
    short, long = rule_of("metric: x\nabove: 5\nfor: 1m"), rule_of("metric: x\nabove: 5\nfor: 5m")
    alert, changes = NOTHING, []
    for minute, rule in enumerate([short, short, long, long, long, long, short]):
        alert, change = step(alert, Sample(6), START + minute * MINUTE, rule)
        changes += [change] if change else []
    assert [each.to_state.value for each in changes] == ["pending", "firing", "pending", "firing"]
    assert len({each.id for each in changes}) == 4
    assert {each.alert.active_at_ns for each in changes} == {START}


def test_a_clock_that_was_set_back_makes_nobody_wait_longer() -> None:
    """Neither for `for` nor for the end of keeping; and a firing alert does not fall back."""
    rule = rule_of("metric: x\nabove: 5\nfor: 2m\nkeep_firing_for: 2m")
    alert, _ = step(NOTHING, Sample(6), START, rule)
    alert, _ = step(alert, Sample(6), START - 3600 * S, rule)
    alert, _ = step(alert, Sample(6), START - 3600 * S + 2 * MINUTE, rule)
    assert alert.state is AlertState.FIRING
    alert, change = step(alert, Sample(6), START - 7200 * S, rule)
    assert (alert.state, change) == (AlertState.FIRING, None)
    alert, _ = step(alert, Sample(1), START, rule)
    alert, _ = step(alert, Sample(1), START - 3600 * S, rule)
    alert, _ = step(alert, Sample(1), START - 3600 * S + 2 * MINUTE, rule)
    assert alert.state is AlertState.RESOLVED


def test_a_window_that_was_not_watched_whole_shows_only_what_cannot_change() -> None:
    """After a restart: a count that is past its limit is past it; that there are few items says nothing, and ends nothing."""
    above, below = rule_of("span: '*'\nabove: 5"), rule_of("span: '*'\nbelow: 5")
    fired, _ = step(NOTHING, Sample(6, is_partial=True), START, above)
    assert fired.state is AlertState.FIRING
    assert step(fired, Sample(1, is_partial=True), START + MINUTE, above)[0].state is AlertState.FIRING
    assert step(fired, Sample(None, is_partial=True), START + MINUTE, above)[0].state is AlertState.FIRING
    assert step(fired, Sample(1), START + MINUTE, above)[0].state is AlertState.RESOLVED
    assert step(NOTHING, Sample(1, is_partial=True), START, below)[0].state is AlertState.INACTIVE
    assert step(NOTHING, Sample(1), START, below)[0].state is AlertState.FIRING


def test_an_alert_says_when_it_changes_by_time_alone() -> None:
    """So nobody has to look at it before."""
    rule = rule_of("metric: x\nabove: 5\nfor: 2m\nkeep_firing_for: 3m")
    alert, _ = step(NOTHING, Sample(6), START, rule)
    assert next_moment(alert, rule) == START + 2 * MINUTE
    alert, _ = step(alert, Sample(6), START + 2 * MINUTE, rule)
    assert next_moment(alert, rule) is None
    alert, _ = step(alert, Sample(1), START + 3 * MINUTE, rule)
    assert next_moment(alert, rule) == START + 6 * MINUTE
    alert, _ = step(alert, Sample(1), START + 6 * MINUTE, rule)
    assert next_moment(alert, rule) == START + 6 * MINUTE + RESOLVED_RETENTION_NS + 1


LOOKS = st.lists(
    st.tuples(st.sampled_from([0, 1, 20, 60, 61, 600]), st.booleans(), st.sampled_from([0, 0, 60, 120]), st.sampled_from([0, 0, 60, 120])),
    max_size=25,
)


@settings(max_examples=examples(300), deadline=None)
@example(looks=[(0, True, 0, 0), (0, False, 0, 0), (0, True, 0, 0)], restarts=set(), is_fixed=False)
@given(looks=LOOKS, restarts=st.sets(st.integers(0, 24)), is_fixed=st.booleans())
def test_the_machine_does_what_the_model_says(looks: list[tuple[int, bool, int, int]], restarts: set[int], is_fixed: bool) -> None:
    """Breaches and gaps, evaluations late or twice at one moment, restarts (the alert goes through its file), rules that change on the way."""
    alert, at_ns, seen, ids, told = NOTHING, START, [], set(), []
    for index, (pause_s, is_breach, for_s, keep_s) in enumerate(looks):
        at_ns += pause_s * S
        for_ns, keep_ns = (60 * S, 60 * S) if is_fixed else (for_s * S, keep_s * S)
        rule = replace(RULE, for_ns=for_ns, keep_firing_for_ns=keep_ns)
        seen.append(Look(at_ns, is_breach, for_ns, keep_ns))
        before = alert.state
        alert, change = step(alert, Sample(6.0 if is_breach else 1.0), at_ns, rule)
        if index in restarts:
            alert = alert_from_object(alert_to_object(alert))
        state, active_at_ns = state_after(seen)
        assert alert.state.value == state
        assert state == "inactive" or alert.active_at_ns == active_at_ns
        if change:
            assert change.id not in ids or pause_s == 0  # one that was dropped and begins again in the same nanosecond is the same
            assert (change.from_state, change.to_state) == (before if before is not AlertState.RESOLVED else AlertState.INACTIVE, alert.state)
            told.append(change)
            ids.add(change.id)
    assert all(later.from_state in (earlier.to_state, AlertState.INACTIVE) for earlier, later in pairwise(told))


@settings(max_examples=examples(200), deadline=None)
@given(moves=st.lists(st.tuples(st.integers(-10_000, 10_000), st.sampled_from([None, 1.0, 4.0, 6.0]), st.booleans()), max_size=30))
def test_a_clock_that_jumps_breaks_nothing(moves: list[tuple[int, float | None, bool]]) -> None:
    """Whatever the clock does: states follow each other as they may, moments are set where the state has them, and it still ends."""
    rule = rule_of("metric: x\nabove: 5\nclear: 3\nfor: 1m\nkeep_firing_for: 1m")
    may = {("i", "p"), ("p", "f"), ("p", "i"), ("f", "r"), ("f", "p"), ("r", "p")}
    alert, now_ns = NOTHING, START
    for jump_s, value, is_partial in moves:
        now_ns = max(1, now_ns + jump_s * S)
        before = alert
        alert, change = step(alert, Sample(value, is_partial), now_ns, rule)
        pair = (before.state.value[0], alert.state.value[0])
        assert pair[0] == pair[1] or pair in may | {("r", "i")}
        assert (change is not None) == (pair[0] != pair[1] and pair != ("r", "i"))
        assert (alert.state is AlertState.FIRING) <= (alert.fired_at_ns > 0)
        assert (alert.state is AlertState.RESOLVED) <= (alert.resolved_at_ns > 0)
    for minute in range(30):
        alert, _ = step(alert, Sample(1.0), now_ns + minute * MINUTE, rule)
    assert alert.state is AlertState.INACTIVE
