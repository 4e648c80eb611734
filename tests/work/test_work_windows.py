"""Five-hour windows, burn, the wall, conversations."""

import pytest

from hookline.system.clock import NS_PER_S as NS
from hookline_collector.work.burn import burn_of, projection_of, wall_of
from hookline_collector.work.conversation import conversations, root_of
from hookline_collector.work.weeks import WEEK_NS, Week
from hookline_collector.work.windows import HOUR_NS, WINDOW_NS, LimitReading, ModelRequest, windows

BASE = 1_790_002_800 * NS  # a full hour
MIN = 60 * NS


def request(minutes: float, tokens: int = 100, cost: float | None = 0.01) -> ModelRequest:
    """A request so many minutes after BASE."""
    return ModelRequest(BASE + round(minutes * MIN), input_tokens=tokens, cost_usd=cost, model="m")


def shape(found: list[object]) -> list[tuple[object, ...]]:
    """Source, start and end in hours after BASE, number of requests."""
    return [(w.source, (w.start_ns - BASE) / HOUR_NS, (w.end_ns - BASE) / HOUR_NS, len(w.requests)) for w in found]  # type: ignore[attr-defined]


def test_a_window_begins_at_the_full_hour_and_lasts_five() -> None:
    """Whatever the minute of its first request."""
    assert shape([*windows([request(17), request(200)])]) == [("estimated", 0, 5, 2)]


def test_a_requests_tokens_are_all_that_it_was_billed_for() -> None:
    """Also what was written to the cache, read from it, and answered."""
    assert ModelRequest(BASE, input_tokens=1, output_tokens=20, cache_creation_tokens=300, cache_read_tokens=4_000).tokens == 4_321


def test_a_request_exactly_five_hours_in_still_belongs_to_the_window() -> None:
    """Strictly greater begins the next."""
    assert shape([*windows([request(0), request(100), request(300)])]) == [("estimated", 0, 5, 3)]
    assert shape([*windows([request(0), request(300)])]) == [("estimated", 0, 5, 2)]
    assert shape([*windows([request(0), request(100), request(300.001)])]) == [("estimated", 0, 5, 2), ("estimated", 5, 10, 1)]


def test_a_silence_of_more_than_five_hours_is_a_gap() -> None:
    """From five hours after the last request to the next one."""
    assert shape([*windows([request(30), request(30 + 301)])]) == [("estimated", 0, 5, 1), ("gap", 5.5, 5 + 31 / 60, 0), ("estimated", 5, 10, 1)]


def test_an_observed_window_is_five_hours_before_its_reset_and_leaves_nothing_to_guess() -> None:
    """Its requests are its own; the estimate before it ends where it begins."""
    seen = LimitReading(BASE + 7 * HOUR_NS + 20 * MIN, 40.0)
    found = windows([request(0), request(130), request(141), request(430), request(441)], [seen, LimitReading(seen.resets_at_ns, 30.0)])
    assert shape([*found]) == [("estimated", 0, 2 + 20 / 60, 2), ("observed", 2 + 20 / 60, 7 + 20 / 60, 2), ("estimated", 7 + 20 / 60, 12, 1)]
    assert found[1].observation == seen


def test_a_window_is_active_until_its_end() -> None:
    """Half open, and never a gap."""
    (window,) = windows([request(0), request(299)])
    assert window.is_active(BASE)
    assert not window.is_active(BASE - 1)
    assert window.is_active(BASE + 5 * HOUR_NS - 1)
    assert not window.is_active(BASE + 5 * HOUR_NS)


def test_burn_and_projection_are_the_public_rules() -> None:
    """Tokens from first to last request; on to the end of the window."""
    (window,) = windows([request(0, 1000, 1.0), request(60, 2000, 2.0)])
    burn = burn_of(window)
    assert burn is not None
    assert (burn.tokens_per_min, burn.cost_per_h) == (50, 3)
    projection = projection_of(window, BASE + 120 * MIN)
    assert projection is not None
    assert (projection.tokens, projection.cost_usd, projection.remaining_min) == (3000 + 50 * 180, 3 + 3 * 3, 180)
    assert burn_of(windows([request(0)])[0]) is None
    assert projection_of(window, BASE + 5 * HOUR_NS) is None


def test_unknown_cost_stays_unknown() -> None:
    """Never zero."""
    (window,) = windows([request(0, cost=None), request(60, cost=None)])
    assert window.cost_usd is None
    burn = burn_of(window)
    assert burn is not None
    assert burn.cost_per_h is None


def test_the_wall_comes_with_an_interval_that_holds_it() -> None:
    """Even burn has no spread; uneven burn has one; without burn there is no wall."""
    now = BASE + 60 * MIN
    (even,) = windows([request(n + 1, 100) for n in range(60)])
    wall = wall_of(even, now, 12_000)
    assert wall is not None
    assert wall.expected_ns == pytest.approx(now + 60 * MIN, abs=2 * MIN)
    assert wall.earliest_ns == pytest.approx(wall.expected_ns, abs=3 * MIN)
    (uneven,) = windows([request(n + 1, 600 if n < 10 else 0) for n in range(60)])
    spread = wall_of(uneven, now, 12_000)
    assert spread is not None
    assert spread.expected_ns is not None
    assert spread.earliest_ns is not None
    assert spread.earliest_ns < spread.expected_ns
    assert spread.latest_ns is None
    assert wall_of(even, BASE + 6 * HOUR_NS, 12_000) is None
    assert wall_of(even, now) is None


def test_an_observed_percentage_is_what_the_wall_is_measured_by() -> None:
    """Twenty percent in the last hour leave eighty for four more, past a reset in one."""
    now = BASE + 4 * HOUR_NS
    course = tuple((now - (60 - n) * MIN, 20 + n / 3) for n in range(61))
    (window,) = windows([request(1)], [LimitReading(BASE + WINDOW_NS, 40.0, course)])
    wall = wall_of(window, now)
    assert wall is not None
    assert wall.expected_ns is None
    (close,) = windows([request(1)], [LimitReading(BASE + WINDOW_NS, 90.0, tuple((at, percent + 50) for at, percent in course))])
    soon = wall_of(close, now)
    assert soon is not None
    assert soon.expected_ns == pytest.approx(now + 30 * MIN, abs=MIN)


def test_a_window_that_is_used_up_is_at_its_wall_now() -> None:
    """No rate needed."""
    (window,) = windows([request(1)], [LimitReading(BASE + WINDOW_NS, 100.0)])
    wall = wall_of(window, BASE + HOUR_NS)
    assert wall is not None
    assert wall.expected_ns == BASE + HOUR_NS


def test_sessions_that_continue_one_another_are_one_conversation() -> None:
    """Also across one that nobody saw; a circle agrees on one root."""
    assert conversations({"a": "", "b": "a", "c": "b", "d": "lost"}) == {"a": "a", "b": "a", "c": "a", "d": "lost"}
    circle = {"x": "y", "y": "z", "z": "x", "w": "x"}
    assert {root_of(each, circle) for each in circle} == {"x"}


def test_a_week_tells_its_pace_and_where_it_leads() -> None:
    """Half full after a quarter of its time: pace 2, twice full at its reset, used up half way. At pace 1 or below there is no wall."""
    end = 1_790_604_000 * NS
    start = end - WEEK_NS
    quarter = start + WEEK_NS // 4
    fast = Week("team", end, 50.0, quarter)
    assert (fast.is_active, fast.elapsed_percent, fast.pace, fast.projected_percent) == (True, 25.0, 2.0, 200.0)
    assert fast.wall_ns == start + WEEK_NS // 2
    assert Week("team", end, 25.0, quarter).wall_ns == 0
    assert Week("team", end, 100.0, quarter).wall_ns == quarter
    begun, over = Week("team", end, 1.0, start), Week("team", end, 80.0, end)
    assert (begun.pace, begun.projected_percent, begun.wall_ns) == (None, None, 0)
    assert (over.is_active, over.projected_percent, over.wall_ns) == (False, 80.0, 0)
