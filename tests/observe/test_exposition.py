"""The collector's own figures: the same reading as Prometheus text and as OTLP metrics; the balance of each signal."""

from __future__ import annotations

import re
from pathlib import Path

from hookline_collector.observe.catalogue import (
    COUNTERS,
    DEDUPLICATED,
    GAUGES,
    JOURNAL_BYTES,
    JOURNAL_ITEMS,
    RECEIVED,
    REJECTED,
    REQUESTS,
    RULE_ALERTS,
    STORE_AVAILABLE,
    STORED,
)
from hookline_collector.observe.exposition import MetricsReading, read, to_otlp, to_prometheus
from hookline_collector.observe.health import PartHealth, balances, first_trouble
from hookline_collector.observe.metrics import Counter, Gauge, Metrics
from hookline_collector.signal import Signal

READING = MetricsReading(
    at_ns=2_000_000_000,
    started_ns=1_000_000_000,
    counts={(RECEIVED, "traces", ""): 7, (REJECTED, "traces", 'odd "name"\\\n'): 2, (REQUESTS, "logs", ""): 1},
    levels={(JOURNAL_BYTES, ("traces",)): 12.5, (STORE_AVAILABLE, ()): 1.0, (RULE_ALERTS, ("Mine", "firing")): 2.0},
    process={"cpu_seconds": 1.25, "resident_bytes": 1000.0, "threads": 3.0},
)
OWN: tuple[Counter | Gauge, ...] = (*COUNTERS, *GAUGES)
SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)+\})? [0-9.e+]+')


def test_prometheus_text_is_well_formed_and_names_each_metric_once() -> None:
    """Every line is a comment or a sample; every metric has its help and type before its samples."""
    lines = to_prometheus(READING).splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples), samples
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(typed) == len(set(typed))
    assert {sample.split("{")[0].split()[0] for sample in samples} <= set(typed)
    assert 'hookline_collector_received_total{signal="traces"} 7' in lines
    assert 'hookline_collector_rejected_total{signal="traces",reason="odd \\"name\\"\\\\\\n"} 2' in lines


def test_every_metric_is_there_from_the_start_with_its_meaning() -> None:
    """A scrape of a collector that has done nothing knows all names; what signals alone tell apart is 0 for each."""
    reading = read(Metrics(), 0)
    lines = to_prometheus(reading).splitlines()
    names = [f"hookline_collector_{c.name}_total" for c in COUNTERS] + [f"hookline_collector_{g.name}" for g in GAUGES]
    meanings = [metric.meaning for metric in OWN]
    for name, meaning in zip(names, meanings, strict=True):
        assert f"# HELP {name} {meaning}" in lines
    assert [f'hookline_collector_stored_total{{signal="{signal}"}} 0' for signal in ("logs", "metrics", "traces")] == [
        line for line in lines if line.startswith("hookline_collector_stored_total")
    ]
    [scope] = to_otlp(reading).resource_metrics[0].scope_metrics
    told = {metric.name: (metric.unit, metric.description) for metric in scope.metrics}
    for own in OWN:
        assert told[f"hookline.collector.{own.name}"] == (own.unit, own.meaning)
    assert all(unit and meaning for unit, meaning in told.values())


def test_the_documentation_lists_every_metric_as_it_is_declared() -> None:
    """Name, labels and meaning: a metric that is added is documented, one that is gone is not."""
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `hookline_collector_")]
    assert rows == [row_of(metric) for metric in OWN]


def row_of(metric: Counter | Gauge) -> str:
    """Return a metric's row in the documentation."""
    total = "_total" if isinstance(metric, Counter) else ""
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "–"
    return f"| `hookline_collector_{metric.name}{total}` | {labels} | `{metric.unit}` | {metric.meaning} |"


def test_otlp_says_the_same_as_prometheus() -> None:
    """Counters are cumulative sums since the start, gauges are gauges, and the sender is named."""
    [resource] = to_otlp(READING).resource_metrics
    assert {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"] == "hookline-collector"
    [scope] = resource.scope_metrics
    assert scope.scope.name == "hookline.collector"
    metrics = {metric.name: metric for metric in scope.metrics}
    logs, _, received = metrics["hookline.collector.received"].sum.data_points
    assert logs.as_double == 0
    assert (received.as_double, received.start_time_unix_nano, received.time_unix_nano) == (7, 1_000_000_000, 2_000_000_000)
    assert {a.key: a.value.string_value for a in received.attributes} == {"hookline.signal": "traces"}
    assert metrics["hookline.collector.received"].sum.is_monotonic
    assert metrics["hookline.collector.journal_bytes"].gauge.data_points[0].as_double == 12.5
    [rule] = metrics["hookline.collector.rule_alerts"].gauge.data_points
    assert {a.key: a.value.string_value for a in rule.attributes} == {"hookline.rule": "Mine", "hookline.state": "firing"}
    assert 'hookline_collector_rule_alerts{rule="Mine",state="firing"} 2' in to_prometheus(READING).splitlines()


def test_a_gauge_with_labels_is_set_as_a_whole() -> None:
    """What it had before and has no value now is gone."""
    figures = Metrics()
    figures.spread(RULE_ALERTS, {("A", "firing"): 1.0, ("B", "firing"): 2.0})
    figures.spread(RULE_ALERTS, {("B", "firing"): 3.0})
    assert read(figures, 0).level(RULE_ALERTS) == [({"rule": "B", "state": "firing"}, 3.0)]


def test_a_signal_is_balanced_when_every_item_is_somewhere() -> None:
    """Received = stored + rejected + deduplicated + quarantined + in the journal."""
    figures = Metrics()
    figures.move(Signal.TRACES, {(RECEIVED, ""): 10, (STORED, ""): 4, (REJECTED, "x"): 1, (DEDUPLICATED, ""): 2}, {JOURNAL_ITEMS: 3.0})
    figures.move(Signal.LOGS, {(RECEIVED, ""): 1})
    traces, logs, metrics = balances(*figures.snapshot())
    assert (traces.balanced, traces.in_journal, traces.rejected) == (True, 3, 1)
    assert not logs.balanced
    assert metrics.balanced


def test_what_is_wrong_is_said_of_the_first_part_that_does_not_work() -> None:
    """One reason, the most basic one; nothing when all works."""
    fine, away = PartHealth("journal", True, "0 of 1"), PartHealth("store", False, "does not answer")
    assert first_trouble((fine, away, PartHealth("delivery", False, "waits"))) == "store: does not answer"
    assert first_trouble((fine,)) == ""
