"""Metrics by minute and hour say what their points say, in whatever order and however often those come and are worked out."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from hookline.errors import Refused
from hookline_collector.rollups.metric_rollups import GRACE_S, MetricRollups
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.soaking import examples
from support.stores import emptied_store, fresh_token

__all__ = ["emptied_store"]
pytestmark = pytest.mark.long
NOON_S = 1_790_002_800  # 2026-09-21T15:00:00Z, a whole hour
NS = 10**9
HOUR_S = 3600
DELTA, CUMULATIVE = 1, 2
CURVE = """SELECT toUnixTimestamp(time), points, mean, least, most, last, increase, observations, bucket_counts, attributes
FROM metric_curves(since = {since:DateTime}, until = {until:DateTime}, points = {points:UInt32}, metric = {metric:String}) ORDER BY series, time"""
RAW = """SELECT toUnixTimestamp(Bucket), Points, Total / Points, Min, Max, Last, Increase, Observations, BucketCounts, Attributes
FROM metric_buckets(since = {since:DateTime}, until = {until:DateTime}, seconds = 3600, metric = {metric:String}) ORDER BY Series, Bucket"""


def send(
    store: Store,
    kind: str,
    points: Sequence[tuple[float, Any]],
    series: str = "a",
    begun: float = 0,
    temporality: int = CUMULATIVE,
    name: str = "m",
) -> None:
    """Store points as (seconds after noon, value); of a histogram the value is its two bucket counts."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "shop"
    metric = resource.scope_metrics.add().metrics.add(name=name, unit="s")
    data = getattr(metric, kind)
    if kind != "gauge":
        data.aggregation_temporality = temporality
    if kind == "sum":
        data.is_monotonic = True
    for at, value in points:
        point = data.data_points.add(time_unix_nano=int((NOON_S + at) * NS), start_time_unix_nano=int((NOON_S + begun) * NS))
        point.attributes.add(key="series").value.string_value = series
        if kind == "histogram":
            point.bucket_counts.extend(value)
            point.explicit_bounds.append(1.0)
            point.count, point.sum, point.min, point.max = sum(value), value[0] * 0.5 + value[1] * 2.0, 0.5, 2.0
        else:
            point.as_double = value
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())


def curve(store: Store, points: int = 5, metric: str = "m", since: float = 0, until: float = 5 * HOUR_S) -> list[tuple[Any, ...]]:
    found = store.query(CURVE, {"since": NOON_S + since, "until": NOON_S + until, "points": points, "metric": metric})
    return [(at - NOON_S, *more) for at, *more in found]


def raw(store: Store) -> list[tuple[Any, ...]]:
    found = store.query(RAW, {"since": NOON_S, "until": NOON_S + 5 * HOUR_S, "metric": "m"})
    return [(at - NOON_S, *more) for at, *more in found]


def rollups(store: Store, after_s: float) -> MetricRollups:
    return MetricRollups(store, lambda: NOON_S + after_s)


def test_gauges_sums_and_histograms_by_the_minute_and_by_the_hour(emptied_store: Store) -> None:
    """Mean, least, most and last of a gauge; an hour that is not over comes from its points.

    Sums grow by what was told or by the difference, over the hour's end too, and over a restart; a total that was there before it was seen has not
    grown. Histograms have their observations and buckets, from running totals and from intervals.
    """
    send(emptied_store, "gauge", [(0, 1.0), (30, 3.0), (61, 8.0), (HOUR_S, 5.0)], name="gauge")
    send(emptied_store, "sum", [(10, 2.0), (HOUR_S + 10, 3.0)], series="delta", temporality=DELTA, name="sum")
    send(emptied_store, "sum", [(10, 100.0), (3000, 104.0), (HOUR_S + 10, 110.0)], series="old", begun=-90_000, name="sum")
    send(emptied_store, "sum", [(HOUR_S + 20, 7.0)], series="old", begun=HOUR_S + 15, name="sum")
    send(emptied_store, "histogram", [(10, (1, 2)), (20, (4, 2))], series="running", begun=5, name="histogram")
    send(emptied_store, "histogram", [(10, (1, 2)), (20, (4, 2))], series="delta", temporality=DELTA, name="histogram")
    assert rollups(emptied_store, HOUR_S + GRACE_S - 1).catch_up() == 0
    assert rollups(emptied_store, HOUR_S + GRACE_S).catch_up() == 1
    by_hour, by_minute = curve(emptied_store, metric="gauge"), curve(emptied_store, points=60, metric="gauge", until=HOUR_S)
    assert [row[:6] for row in by_hour] == [(0, 3, 4.0, 1.0, 8.0, 8.0), (HOUR_S, 1, 5.0, 5.0, 5.0, 5.0)]
    assert [row[:6] for row in by_minute] == [(0, 2, 2.0, 1.0, 3.0, 3.0), (60, 1, 8.0, 8.0, 8.0, 8.0)]
    assert by_hour[0][-1] == {"series": "a"}
    assert curve(emptied_store, metric="other") == []
    rollups(emptied_store, 3 * HOUR_S).catch_up()
    assert emptied_store.query("SELECT uniqExact(toStartOfHour(Bucket)) FROM otel_metrics_1h").scalar() == 2
    grown = {(row[-1]["series"], row[0]): row[6] for row in curve(emptied_store, metric="sum")}
    assert grown == {("delta", 0): 2.0, ("delta", HOUR_S): 3.0, ("old", 0): 4.0, ("old", HOUR_S): 6.0 + 7.0}
    found = {row[-1]["series"]: row[6:9] for row in curve(emptied_store, metric="histogram")}
    assert found == {"running": (4 * 0.5 + 2 * 2.0, 6, [4, 2]), "delta": (5 * 0.5 + 4 * 2.0, 9, [5, 4])}


def test_late_points_are_worked_in_and_nothing_counts_twice(emptied_store: Store) -> None:
    """By several collectors, one after the other; the hour behind a late point follows it."""
    send(emptied_store, "sum", [(100, 10.0), (HOUR_S + 100, 30.0)], begun=0)
    assert rollups(emptied_store, 3 * HOUR_S).catch_up() == 2
    send(emptied_store, "sum", [(3500, 25.0)], begun=0)
    assert rollups(emptied_store, 3 * HOUR_S).catch_up() == 2
    rollups(emptied_store, 3 * HOUR_S).catch_up()
    assert [row[6] for row in curve(emptied_store)] == [25.0, 5.0]


def test_what_was_cut_off_is_worked_out_again(emptied_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between the rows and the note of them."""
    send(emptied_store, "gauge", [(0, 1.0), (30, 3.0)])
    cut, write = rollups(emptied_store, 2 * HOUR_S), emptied_store.write

    def fail(table: str, lines: bytes) -> None:
        raise Refused("gone")

    monkeypatch.setattr(emptied_store, "write", fail)
    with pytest.raises(Refused):
        cut.catch_up()
    monkeypatch.setattr(emptied_store, "write", write)
    assert cut.catch_up() == 1
    assert [row[1] for row in curve(emptied_store)] == [2]


def test_what_was_worked_out_outlives_its_points(emptied_store: Store) -> None:
    """The retention takes the points; what comes late then does not stand for the whole hour."""
    send(emptied_store, "gauge", [(0, 1.0), (30, 3.0)])
    rollups(emptied_store, 3 * HOUR_S).catch_up()
    emptied_store.command("TRUNCATE TABLE otel_metrics_gauge")
    send(emptied_store, "gauge", [(40, 5.0)])
    assert MetricRollups(emptied_store, lambda: NOON_S + 90_000 * 3).catch_up() == 0
    assert [row[1:4] for row in curve(emptied_store)] == [(2, 2.0, 1.0)]


def test_many_hours_of_points_are_worked_out_by_and_by(emptied_store: Store) -> None:
    """So many hours in one go, and what is left meanwhile comes from its points."""
    send(emptied_store, "gauge", [(hour * HOUR_S, 1.0) for hour in range(3)])
    late = MetricRollups(emptied_store, lambda: NOON_S + 100 * HOUR_S, most_hours=2)
    assert late.catch_up() == 2
    everything = [row[:2] for row in curve(emptied_store, points=100, until=100 * HOUR_S)]
    assert everything == [(hour * HOUR_S, 1) for hour in range(3)]
    assert late.catch_up() == 1
    assert [row[:2] for row in curve(emptied_store, points=100, until=100 * HOUR_S)] == everything


@settings(max_examples=examples(9), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    points=st.lists(
        st.tuples(
            st.sampled_from(("gauge", "sum", "histogram")),
            st.integers(0, 3 * HOUR_S - 1),
            st.integers(0, 50),
            st.sampled_from((-7200, 0, 4000)),
        ),
        min_size=1,
        max_size=25,
        unique_by=lambda point: point[:2],
    ),
    visits=st.lists(st.integers(0, 4 * HOUR_S), min_size=1, max_size=3),
)
def test_worked_out_or_not_the_figures_are_the_same(emptied_store: Store, points: list[tuple[str, int, int, int]], visits: list[int]) -> None:
    """After any history of arrivals, and of when somebody worked out what was there."""
    for table in ("gauge", "sum", "histogram", "minutes", "1h"):
        emptied_store.command(f"TRUNCATE TABLE otel_metrics_{table}")
    emptied_store.command("TRUNCATE TABLE metric_rollup_hours")
    for number, visit in enumerate(visits):
        arrived: defaultdict[tuple[str, int], list[tuple[float, Any]]] = defaultdict(list)
        for kind, at, value, begun in points[number :: len(visits)]:
            arrived[kind, min(begun, at)].append((at, (value, 1) if kind == "histogram" else float(value)))
        for (kind, begun), told in arrived.items():  # together: each insert costs as much as a thousand points
            send(emptied_store, kind, told, begun=begun)
        rollups(emptied_store, visit).catch_up()
    rollups(emptied_store, 4 * HOUR_S).catch_up()
    assert curve(emptied_store) == raw(emptied_store)
