"""Windows: what they hold agrees with a list of the items themselves, and their size is bounded."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.making import S
from hookline_collector.alerts.rule import Aggregate
from hookline_collector.alerts.schedule import DueTimes
from hookline_collector.alerts.sliding import SLOTS, SlidingWindow
from support.soaking import examples

NOW = 1_800_000_000 * S
OVER = 60 * S


@settings(max_examples=examples(200), deadline=None)
@given(items=st.lists(st.tuples(st.integers(-90, 5), st.floats(-1e6, 1e6)), max_size=60))
def test_a_window_says_what_its_items_say(items: list[tuple[int, float]]) -> None:
    """Whatever the order of arrival: late ones in their own piece, those of the future now, those that are too old not at all."""
    window = SlidingWindow(OVER, with_sketch=True)
    for age_s, value in items:
        window.add(NOW + age_s * S, value, NOW)
    inside = [(min(age_s, 0), value) for age_s, value in items if age_s > -60]
    values = [value for _, value in inside]
    if not values:
        assert window.value(Aggregate.COUNT, NOW) is None
        return
    assert window.value(Aggregate.COUNT, NOW) == len(values)
    assert window.value(Aggregate.SUM, NOW) == pytest.approx(sum(values))
    assert window.value(Aggregate.RATE, NOW) == pytest.approx(sum(values) / 60)
    assert window.value(Aggregate.MIN, NOW) == min(values)
    assert window.value(Aggregate.MAX, NOW) == max(values)
    last = [value for age_s, value in inside if age_s == max(age for age, _ in inside)]
    assert window.value(Aggregate.LAST, NOW) in last


def test_percentiles_are_right_to_a_percent() -> None:
    """Of any distribution, also of values of both signs."""
    dice = random.Random(3)
    values = [dice.lognormvariate(0, 2) * dice.choice([1, 1, 1, -1]) for _ in range(5_000)]
    window = SlidingWindow(OVER, with_sketch=True)
    for at, value in enumerate(values):
        window.add(NOW - (at % 50) * S, value, NOW)
    for aggregate in (Aggregate.P50, Aggregate.P75, Aggregate.P90, Aggregate.P95, Aggregate.P99):
        assert aggregate.quantile is not None
        true = sorted(values)[int(aggregate.quantile * (len(values) - 1))]
        assert window.value(aggregate, NOW) == pytest.approx(true, rel=0.03, abs=1e-6)


def test_a_window_moves_in_steps_and_says_when() -> None:
    """What leaves it leaves at most a sixtieth late; it says when that is, so nobody looks before."""
    window = SlidingWindow(OVER)
    window.add(NOW, 1.0, NOW)
    window.add(NOW + 30 * S, 1.0, NOW + 30 * S)
    change_ns = window.next_change_ns()
    assert change_ns is not None
    assert OVER <= change_ns - NOW <= OVER + OVER // SLOTS
    assert window.value(Aggregate.COUNT, change_ns - 1) == 2
    assert window.value(Aggregate.COUNT, change_ns) == 1
    assert window.value(Aggregate.COUNT, NOW + 2 * OVER) is None
    assert window.next_change_ns() is None


def test_a_window_is_bounded_however_much_comes() -> None:
    """Sums by piece, not items."""
    window = SlidingWindow(OVER, with_sketch=True)
    for at in range(50_000):
        window.add(NOW + at * S // 100, math.sin(at), NOW + at * S // 100)
    assert len(window._pieces) <= SLOTS + 2
    assert window.count() == pytest.approx(6_000, rel=0.02)


def test_share_counts_what_matches() -> None:
    """In percent; weighted items count as often as they stand for."""
    window = SlidingWindow(OVER)
    for at in range(8):
        window.add(NOW, 1.0, NOW, is_match=at < 2)
    assert window.value(Aggregate.SHARE, NOW) == 25
    window.add(NOW, 5.0, NOW, weight=2)
    assert window.value(Aggregate.COUNT, NOW) == 10
    assert window.value(Aggregate.AVG, NOW) == pytest.approx(18 / 10)


@settings(max_examples=examples(100), deadline=None)
@given(moves=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.sampled_from(["put", "hasten", "drop", "take"])), max_size=40))
def test_due_times_are_those_said_last(moves: list[tuple[str, int, str]]) -> None:
    """Against a plain dictionary."""
    due, plain = DueTimes(), dict[str, int]()
    for name, moment, what in moves:
        if what == "put":
            due.put(name, moment)
            plain[name] = moment
        elif what == "hasten":
            assert due.hasten(name, moment) == (name not in plain or moment < plain[name])
            plain[name] = min(moment, plain.get(name, moment))
        elif what == "drop":
            due.drop(name)
            plain.pop(name, None)
        else:
            assert sorted(due.take(moment)) == sorted(each for each, at in plain.items() if at <= moment)
            plain = {each: at for each, at in plain.items() if at > moment}
        assert due.next_ns() == min(plain.values(), default=None)
