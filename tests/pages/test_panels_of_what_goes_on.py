"""Panels while agents work: they say what a report of the same time says."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pages.conftest import shown
from support.page_walk import ZONE
from support.running import Running
from support.soaking import share

__all__ = ["shown"]
pytestmark = pytest.mark.long
LEAST_H = 1.5 / 3600
"""A panel ends at a whole second, as the plugin's macros do; it is compared with a report of the second before it."""


@pytest.mark.parametrize(("period", "days"), share([("7d", 6)], [("today", 0), ("7d", 6)], [("today", 0), ("7d", 6)]))
def test_the_clocks_of_a_panel_are_those_of_the_report(shown: Running, period: str, days: int) -> None:
    """Days that are over come from half hours, what goes on from stretches; the sum is one clock, which goes on between two reports."""
    before = reported_hours(shown, period)
    told = shown_hours(shown, days)
    after = reported_hours(shown, period)
    for least, hours, most in zip(before, told, after, strict=True):
        assert least - LEAST_H <= hours <= most + LEAST_H
    assert days == 0 or min(told) > 0


def shown_hours(shown: Running, days: int) -> list[float]:
    """Return what the first panel says since a midnight: you at least, agents, by the clock, what waited."""
    midnight = datetime.now(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    asked = {"from": int(midnight.timestamp() * 1000), "to": int(time.time() * 1000), "interval_ms": 7_200_000, "var.timezone": ZONE}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    panel = shown.client.get(f"/api/v1/dashboards/hookline-work/panels/1?{query}")
    return [hours for (hours,) in panel["targets"][0]["data"][:4]]


def reported_hours(shown: Running, period: str) -> list[float]:
    """Return the same of a report."""
    totals = shown.client.get(f"/api/v1/reports/work?period={period}&timezone={ZONE}&format=json")["totals"]
    seconds = (totals["human_s"], totals["agent_s"], totals["wall_s"], totals["permission_wait_s"] + totals["answer_wait_s"])
    return [each / 3600 for each in seconds]
