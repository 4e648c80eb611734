"""Durations of requests and calls, counted for 0.3 us each.

A histogram of the SDK takes 10 us a value. Here a value is a place in a sorted tuple (`bisect`) and one more in a list. The places are finer than the
buckets that the conventions name, and hold each of their bounds, so one list gives the exact buckets for export and percentiles within 15 %.

Any thread may count. CPython switches threads at calls and jumps, not within `counts[place] += 1`; where that should ever not hold, a count is lost.
DurationSeries are bounded: past `MAX_SERIES` a metric counts into one series of its own, `otel.metric.overflow`.

Where a process has a MeterProvider of its own, its histograms get the values too, and tell them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from hookline.contract.services import DB_BOUNDS, HTTP_BOUNDS, LAG_BOUNDS, ServiceMetric

if TYPE_CHECKING:
    from opentelemetry.context import Context

_STEPS: Final = (100, 115, 125, 150, 175, 200, 225, 250, 300, 350, 400, 450, 500, 600, 675, 750, 850)
BOUNDS_NS: Final = tuple(
    sorted(
        {step * 10**power for power in range(2, 10) for step in _STEPS} | {round(bound * 1e9) for bound in (*HTTP_BOUNDS, *DB_BOUNDS, *LAG_BOUNDS)}
    )
)
"""From 10 us to 850 s."""
MAX_SERIES: Final = 2_000
OVERFLOW: Final = {"otel.metric.overflow": True}

Labels = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class CountedExemplar:
    """One measurement that has a trace to look at."""

    ns: int
    time_ns: int
    trace_id: int
    span_id: int


class DurationSeries:
    """One set of labels of a metric. `record` is the histogram of the process's own provider; where there is one, that is what is told."""

    def __init__(self, labels: Labels, record: Callable[..., Any] | None = None) -> None:
        self.labels = labels
        self.record = record
        self.counts = [0] * (len(BOUNDS_NS) + 1)
        self.total_ns = 0
        self.exemplars: dict[int, CountedExemplar] = {}
        self.sent_counts: list[int] = []
        self.sent_total_ns = 0

    def add(self, ns: int, context: Context | None = None) -> int:
        """Count a duration; return its place. `context` holds its span, where there is one."""
        place = bisect_left(BOUNDS_NS, ns)
        self.counts[place] += 1
        self.total_ns += ns
        if self.record is not None:
            self.record(ns / 1e9, self.labels, context)
        return place

    def show(self, exemplar: CountedExemplar) -> None:
        """Keep a measurement to look at, the newest of each place."""
        self.exemplars[bisect_left(BOUNDS_NS, exemplar.ns)] = exemplar


@dataclass(frozen=True, slots=True)
class Buckets:
    """What a series counted in the buckets of its metric."""

    labels: Labels
    counts: tuple[int, ...]
    total_s: float
    exemplars: tuple[CountedExemplar, ...]


@dataclass(slots=True)
class DurationTable:
    """The series of one metric. `record` as in `DurationSeries`; `sums_up` leaves what was sent in what is sent next."""

    metric: ServiceMetric
    record: Callable[..., Any] | None = None
    series: dict[Any, DurationSeries] = field(default_factory=dict)
    places: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.places = tuple(BOUNDS_NS.index(round(bound * 1e9)) + 1 for bound in self.metric.bounds)

    def of(self, key: Any, labels: Callable[[], Labels]) -> DurationSeries:
        """Return the series of a key, made with `labels()` when it is first asked for."""
        found = self.series.get(key)
        if found is None:
            if len(self.series) >= MAX_SERIES:
                key, labels = None, lambda: OVERFLOW
            found = self.series.get(key) or self.series.setdefault(key, DurationSeries(labels(), self.record))
        return found

    def collect(self, *, sums_up: bool) -> list[Buckets]:
        """Return what was counted since the last time, or since the start; series without anything new are left out of the former."""
        found = (self._take(series, sums_up=sums_up) for series in list(self.series.values()))
        return [buckets for buckets in found if buckets is not None]

    def _take(self, series: DurationSeries, *, sums_up: bool) -> Buckets | None:
        counts, total_ns, exemplars = list(series.counts), series.total_ns, series.exemplars
        series.exemplars = {}
        before = series.sent_counts or [0] * len(counts)
        if counts == before and not (sums_up and any(counts)):
            return None
        shown, shown_ns = counts, total_ns
        if not sums_up:
            shown, shown_ns = [now - then for now, then in zip(counts, before, strict=True)], total_ns - series.sent_total_ns
            series.sent_counts, series.sent_total_ns = counts, total_ns
        return Buckets(series.labels, gathered(shown, self.places), shown_ns / 1e9, tuple(exemplars.values()))


def gathered(counts: Sequence[int], places: Sequence[int]) -> tuple[int, ...]:
    """Add fine places up to the buckets that end at the given ones."""
    edges = (0, *places, len(counts))
    return tuple(sum(counts[begin:end]) for begin, end in pairwise(edges))


def percentile_ns(counts: Sequence[int], share: float) -> int:
    """Return the upper end of the place in which a percentile lies; 0 of nothing."""
    wanted = sum(counts) * share
    seen = 0
    for place, count in enumerate(counts):
        seen += count
        if count and seen >= wanted:
            return BOUNDS_NS[min(place, len(BOUNDS_NS) - 1)]
    return 0
