"""Panels about statements and routes show the same before and after hours were worked out of what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import pytest

from hookline.contract.services import HTTP_DURATION, SERVICES_SCOPE
from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import PanelRange, expand
from hookline_collector.rollups.database_rollups import DatabaseRollups
from hookline_collector.rollups.metric_rollups import GRACE_S, HOUR_S, MetricRollups
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.cases import by_portions
from support.shop_telemetry import NOON_NS, NS, SHOP, Point, Told, database, durations, of_logs, of_metrics, sample
from support.stores import derived_store, fresh_token

__all__ = ["derived_store"]
pytestmark = pytest.mark.long
START_S, HOURS = NOON_NS // NS, 4
STATEMENTS = 12
"""More than the panel names."""
ROLLED = (
    "db_load_1m",
    "db_busy_1m",
    "db_classes_1m",
    "db_classes_1h",
    "db_load_1h",
    "db_rollup_hours",
    "otel_metrics_minutes",
    "otel_metrics_1h",
    "metric_rollup_hours",
)
TOLD = ("db_samples_state", *(f"otel_metrics_{kind}" for kind in ("gauge", "sum", "histogram", "exponential_histogram")))
PANELS = (("databases", 5), ("services", 4), ("services", 5))
BY_WHOLE_HOURS = (("services", 1), ("services", 2), ("services", 3), ("services", 11))
"""These count the first hour whole, where their intervals are hours; single points they know to the second."""
RANGES = (
    PanelRange(START_S * 1000, (START_S + HOURS * HOUR_S) * 1000),
    PanelRange((START_S + 1_020) * 1000, (START_S + HOURS * HOUR_S - 300) * 1000, 600_000),
    PanelRange((START_S + 1_200) * 1000, (START_S + 2_400) * 1000),
    PanelRange((START_S + HOUR_S) * 1000, (START_S + HOURS * HOUR_S) * 1000, HOUR_S * 1000),
    PanelRange((START_S + 600) * 1000, (START_S + 3 * HOUR_S) * 1000, HOUR_S * 1000),
)


@pytest.mark.parametrize("seed", by_portions([1, 2, 3]))
def test_a_panel_shows_the_same_before_and_after_hours_were_worked_out(derived_store: Store, seed: int) -> None:
    """Of running totals too, those that begin anew or were not seen for an hour among them, and of ranges that begin within an hour."""
    random = Random(seed)
    for table in (*ROLLED, *TOLD):
        derived_store.command(f"TRUNCATE TABLE {table}")
    for name in ("shop-db", "other-db"):
        derived_store.insert(Signal.LOGS, of_logs(database(name), list(samples(random, 150))), fresh_token())
    derived_store.insert(Signal.METRICS, of_metrics(SHOP, [*intervals(random, 60), *running(random, 60)], SERVICES_SCOPE), fresh_token())
    before = shown(derived_store)
    assert all(before[: len(RANGES)])
    for hours in (1.5, 2, 2.7, 3):
        until_s = START_S + hours * HOUR_S + GRACE_S
        DatabaseRollups(derived_store, lambda now_s=until_s: now_s).catch_up()  # type: ignore[misc]
        MetricRollups(derived_store, lambda now_s=until_s: now_s).catch_up()  # type: ignore[misc]
        assert shown(derived_store) == before
    names = {name for _, name, _ in before[0]}
    assert len(names) == 8
    assert "others" in names


def samples(random: Random, many: int) -> Iterator[Told]:
    """Yield sessions that were busy with statements, some more often than others; a few of no statement that is known."""
    for _ in range(many):
        number = min(random.randrange(STATEMENTS), random.randrange(STATEMENTS))
        text = {"hookline.db.statement_hash": f"{number:016x}" if number else "", "db.query.text": f"select {number} from orders"}
        at_ns = NOON_NS + random.randrange(HOURS * HOUR_S) * NS
        yield sample(at_ns, random.randrange(9), text | random.choice(({}, {"postgresql.state": "idle in transaction"})))


def intervals(random: Random, many: int) -> Iterator[Point]:
    """Yield what a service told of single minutes."""
    for minute in sorted(random.sample(range(HOURS * 60), many)):
        at_ns = NOON_NS + minute * 60 * NS
        yield durations(at_ns, "/cart", counts(random), 1.5, random.choice((200, 500)))
        yield replace(durations(at_ns, "/export", counts(random), 2.5), of="exponential_histogram")
        yield Point("process.memory.usage", at_ns, random.uniform(1e8, 2e8), {"of": "one"}, "sum", "By", is_delta=False)
        yield Point("process.memory.usage", at_ns, random.uniform(1e8, 2e8), {"of": "other"}, unit="By")


def running(random: Random, many: int) -> Iterator[Point]:
    """Yield running totals of a route that begin anew now and then, after an hour that nobody saw anything of."""
    total, begun_ns = counts(random), NOON_NS - 90_000 * NS
    for minute in sorted(random.sample([each for each in range(HOURS * 60) if not 70 < each < 135], many)):
        at_ns = NOON_NS + minute * 60 * NS
        more = counts(random)
        is_anew = random.random() < 0.1
        total, begun_ns = (more, at_ns - 5 * NS) if is_anew else ([old + new for old, new in zip(total, more, strict=True)], begun_ns)
        yield replace(durations(at_ns, "/orders/{id}", total, float(sum(total))), is_delta=False, begun_ns=begun_ns)


def counts(random: Random) -> list[int]:
    """Return counts by the contract's bounds."""
    return [random.randrange(4) for _ in range(len(HTTP_DURATION.bounds) + 1)]


def shown(store: Store) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each panel for each range."""
    found = []
    asked = [*product(PANELS, RANGES), *product(BY_WHOLE_HOURS, RANGES[:-1])]
    for (dashboard, number), panel_range in asked:
        bound = expand(built_dashboards()[f"hookline-{dashboard}"].panels[number].statements[0].sql, panel_range, {})
        rows: Sequence[Sequence[Any]] = store.query(bound.sql, bound.parameters).rows
        found.append([tuple(round(each, 6) if isinstance(each, float) else each for each in row) for row in rows])
    return found
