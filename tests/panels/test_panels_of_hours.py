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
from support.shop_telemetry import NOON_NS, NS, SHOP, Point, Told, database, durations, of_logs, of_metrics, of_spans, request_told, sample
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
WAITS = [("", ""), ("Lock", "tuple"), ("Timeout", "PgSleep"), ("Timeout", "VacuumDelay"), ("Lock", "PgSleep"), ("IO", "DataFileRead")]
NOT_ALWAYS_AT_WORK = [
    {"postgresql.wait_event_type": kind, "postgresql.wait_event": event, "postgresql.state": state, "hookline.db.wait.class": told}
    for (kind, event), state, told in product(WAITS, ("active", "idle in transaction (aborted)"), ("", "", "sleep", "cpu", "idle_in_transaction"))
]
"""What sessions do, as the view of samples and the panel must both understand it."""
PANELS = (("databases", 5), ("services", 4), ("services", 5))
BY_WHOLE_HOURS = tuple(("services", number) for number in (1, 2, 3, 8, 10, 11))
"""These count the first hour whole, where their intervals are hours; single points they know to the second."""
RANGES = (
    PanelRange(START_S * 1000, (START_S + HOURS * HOUR_S) * 1000),
    PanelRange((START_S + 1_020) * 1000, (START_S + HOURS * HOUR_S - 300) * 1000, 600_000),
    PanelRange((START_S + 1_200) * 1000, (START_S + 2_400) * 1000),
    PanelRange((START_S + HOUR_S) * 1000, (START_S + HOURS * HOUR_S) * 1000, HOUR_S * 1000),
    PanelRange((START_S + 600) * 1000, (START_S + 3 * HOUR_S) * 1000, HOUR_S * 1000),
)
WITHIN_MINUTES = (
    PanelRange((START_S + 1_010) * 1000, (START_S + HOURS * HOUR_S - 310) * 1000),
    PanelRange((START_S + 1_805) * 1000, (START_S + 2 * HOUR_S + 1_800) * 1000),
    PanelRange((START_S + 1_230) * 1000, (START_S + 2_440) * 1000),
    PanelRange((START_S + 1_010) * 1000, (START_S + 2 * HOUR_S + 1_830) * 1000, HOUR_S * 1000),
)
REQUESTS = """SELECT
    sum(observations), sumIf(observations, attributes['error.type'] != '') / sum(observations), sum(increase) / sum(observations),
    (SELECT count() FROM requests_between(since = toDate({since:UInt32}), until = toDate({until:UInt32}))
     WHERE started >= toDateTime({since:UInt32}) AND started <= toDateTime({until:UInt32}) AND has_log = 1)
FROM histogram_values(
    metrics = ['http.server.request.duration', 'rpc.server.call.duration'], since = {since:UInt32}, until = {until:UInt32}, step = {step:UInt32})
HAVING sum(observations) > 0"""
CALLS = """SELECT
    attributes['db.query.summary'], service, attributes['hookline.db.statement_hash'],
    sum(observations), sum(increase) / sum(observations), sum(increase)
FROM histogram_values(metrics = ['db.client.operation.duration'], since = {since:UInt32}, until = {until:UInt32}, step = {step:UInt32})
GROUP BY ALL
HAVING sum(observations) > 0"""


@pytest.mark.parametrize("seed", by_portions([1, 2, 3]))
def test_a_panel_shows_the_same_before_and_after_hours_were_worked_out(derived_store: Store, seed: int) -> None:
    """Of running totals too, those that begin anew or were not seen for an hour among them, and of ranges that begin within an hour."""
    random = Random(seed)
    for table in (*ROLLED, *TOLD):
        derived_store.command(f"TRUNCATE TABLE {table}")
    for name in ("shop-db", "other-db"):
        derived_store.insert(Signal.LOGS, of_logs(database(name), list(samples(random, 400))), fresh_token())
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


def test_panels_that_read_whole_hours_show_what_the_minutes_say(derived_store: Store) -> None:
    """The minutes and points of `histogram_values`, whatever the range begins and ends within; and requests that were kept, at its edges too."""
    random = Random(4)
    for table in (*ROLLED, *TOLD, "requests_state"):
        derived_store.command(f"TRUNCATE TABLE {table}")
    derived_store.insert(Signal.METRICS, of_metrics(SHOP, [*intervals(random, 60), *running(random, 60)], SERVICES_SCOPE), fresh_token())
    ranges = (*RANGES, *WITHIN_MINUTES)
    told = [request_told(at_ns, random.uniform(0.5, 3), number) for number, at_ns in enumerate(at_edges(ranges), 1)]
    derived_store.insert(Signal.TRACES, of_spans(SHOP, [span for span, _ in told[::2]]), fresh_token())
    derived_store.insert(Signal.LOGS, of_logs(SHOP, [record for _, record in told[1::3]], SERVICES_SCOPE), fresh_token())
    derived_store.insert(Signal.LOGS, of_logs(SHOP, [record for _, record in told[::5]], SERVICES_SCOPE), fresh_token())
    for hours in (0, 1.5, 2.7, HOURS):
        now_s = START_S + hours * HOUR_S + GRACE_S
        MetricRollups(derived_store, lambda now_s=now_s: now_s).catch_up()  # type: ignore[misc]
        for each, (number, sql) in product(ranges, ((1, REQUESTS), (8, CALLS))):
            values = {"since": each.from_ms // 1000, "until": each.to_ms // 1000, "step": each.interval_s}
            assert sorted(shown_of(derived_store, "services", number, each)) == sorted(rounded(derived_store.query(sql, values).rows))


def at_edges(ranges: Sequence[PanelRange]) -> Iterator[int]:
    """Yield moments at the edges of the ranges, and a nanosecond or some seconds beside them."""
    for edge_ms in sorted({each.from_ms for each in ranges} | {each.to_ms for each in ranges}):
        yield from (edge_ms * 10**6 + beside for beside in (-5 * NS, -1, 0, 1, 5 * NS))


def samples(random: Random, many: int) -> Iterator[Told]:
    """Yield sessions that were busy with statements, some more often than others; a few of no statement that is known."""
    for _ in range(many):
        number = min(random.randrange(STATEMENTS), random.randrange(STATEMENTS))
        text = {"hookline.db.statement_hash": f"{number:016x}" if number else "", "db.query.text": f"select {number} from orders"}
        at_ns = NOON_NS + random.randrange(HOURS * HOUR_S) * NS
        yield sample(at_ns, random.randrange(9), text | random.choice(NOT_ALWAYS_AT_WORK))


def intervals(random: Random, many: int) -> Iterator[Point]:
    """Yield what a service told of single minutes."""
    for minute in sorted(random.sample(range(HOURS * 60), many)):
        at_ns = NOON_NS + minute * 60 * NS
        yield durations(at_ns, "/cart", counts(random), 1.5, random.choice((200, 500)))
        yield replace(durations(at_ns, "/export", counts(random), 2.5), of="exponential_histogram")
        yield called(durations(at_ns, "", counts(random), 0.5), "one")
        yield called(replace(durations(at_ns, "", counts(random), 0.7), of="exponential_histogram"), "other")
        yield Point("process.cpu.time", at_ns, 1.5, {"cpu.mode": "user"}, "sum", "s")
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
        told = replace(durations(at_ns, "/orders/{id}", total, float(sum(total))), is_delta=False, begun_ns=begun_ns)
        yield told
        yield replace(told, of="exponential_histogram", attributes=dict(told.attributes) | {"http.route": "/orders"})
        yield called(told, "one")
        yield Point("process.cpu.time", at_ns, float(sum(total)), {"cpu.mode": "system"}, "sum", "s", is_delta=False, begun_ns=begun_ns)


def called(told: Point, statement: str) -> Point:
    """Return durations of requests as those of calls of a statement."""
    attributes = {"db.system.name": "postgresql", "db.query.summary": f"SELECT {statement}", "hookline.db.statement_hash": statement}
    return replace(told, metric="db.client.operation.duration", attributes=attributes)


def counts(random: Random) -> list[int]:
    """Return counts by the contract's bounds."""
    return [random.randrange(4) for _ in range(len(HTTP_DURATION.bounds) + 1)]


def shown(store: Store) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each panel for each range."""
    asked = [*product(PANELS, RANGES), *product(BY_WHOLE_HOURS, RANGES[:-1])]
    return [shown_of(store, dashboard, number, panel_range) for (dashboard, number), panel_range in asked]


def shown_of(store: Store, dashboard: str, number: int, panel_range: PanelRange) -> list[tuple[Any, ...]]:
    """Return the rows of a panel."""
    bound = expand(built_dashboards()[f"hookline-{dashboard}"].panels[number].statements[0].sql, panel_range, {})
    return rounded(store.query(bound.sql, bound.parameters).rows)


def rounded(rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return rows without what depends on the order of sums."""
    return [tuple(round(each, 6) if isinstance(each, float) else each for each in row) for row in rows]
