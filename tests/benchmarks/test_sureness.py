"""How sure a back-tested figure is: against tables of the two intervals, and what a table then says."""

from __future__ import annotations

import pytest

from benchmarks.bench_forecasts import ForecastScore, table
from benchmarks.sureness import of_count, of_share


@pytest.mark.parametrize(
    ("held", "tried", "low", "high"),
    [(160, 200, 73.9, 85.0), (0, 10, 0.0, 27.8), (10, 10, 72.2, 100.0), (0, 0, 0.0, 100.0)],
)
def test_a_share_lies_where_wilson_says(held: int, tried: int, low: float, high: float) -> None:
    """Also where none or all were held, and of nothing it may be anything."""
    assert of_share(held, tried) == pytest.approx((low, high), abs=0.05)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.69), (1, 0.025, 5.57), (10, 4.80, 18.39)])
def test_a_count_is_of_a_mean_that_garwood_says(count: int, low: float, high: float) -> None:
    """The exact limits of a Poisson mean."""
    assert of_count(count) == pytest.approx((low, high), abs=0.005)


def test_the_table_names_what_lies_outside_and_what_surely_does() -> None:
    """By the share itself, and by all of its interval."""
    near = ForecastScore("steps", 12, 200, 200, 148, 200, 160)
    far = ForecastScore("steps", 30, 200, 200, 120, 200, 160)
    *_, last = table({"kinds": [(near, far)]})
    assert "2 of 2 lie outside 75 to 90 %: steps 12 steps ahead (74 %), steps 30 steps ahead (60 %)." in last
    assert last.endswith("that chance is no explanation: steps 30 steps ahead (60 %).")
