"""The collector's own figures: the same reading as Prometheus text and as OTLP metrics; the balance of each signal."""

from __future__ import annotations

import re

from hookline_collector.observe.exposition import MetricsReading, to_otlp, to_prometheus
from hookline_collector.observe.health import PartHealth, balances, first_trouble
from hookline_collector.observe.metrics import Metrics
from hookline_collector.signal import Signal

READING = MetricsReading(
    at_ns=2_000_000_000,
    started_ns=1_000_000_000,
    counts={("received", "traces", ""): 7, ("rejected", "traces", 'odd "name"\\\n'): 2, ("requests", "logs", ""): 1},
    gauges={("journal_bytes", "traces"): 12.5, ("store_available", ""): 1.0},
    process={"cpu_seconds": 1.25, "resident_bytes": 1000.0, "threads": 3.0},
)
SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)+\})? [0-9.e+]+')


def test_prometheus_text_is_well_formed_and_names_each_metric_once() -> None:
    """Every line is a comment or a sample; every metric has its help and type before its samples."""
    lines = to_prometheus(READING).splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples), samples
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(typed) == len(set(typed))
    assert {sample.split("{")[0].split()[0] for sample in samples} == set(typed)
    assert 'hookline_collector_received_total{signal="traces"} 7' in lines
    assert 'hookline_collector_rejected_total{signal="traces",reason="odd \\"name\\"\\\\\\n"} 2' in lines


def test_otlp_says_the_same_as_prometheus() -> None:
    """Counters are cumulative sums since the start, gauges are gauges, and the sender is named."""
    [resource] = to_otlp(READING).resource_metrics
    assert {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"] == "hookline-collector"
    [scope] = resource.scope_metrics
    assert scope.scope.name == "hookline.collector"
    metrics = {metric.name: metric for metric in scope.metrics}
    [received] = metrics["hookline.collector.received"].sum.data_points
    assert (received.as_double, received.start_time_unix_nano, received.time_unix_nano) == (7, 1_000_000_000, 2_000_000_000)
    assert {a.key: a.value.string_value for a in received.attributes} == {"hookline.signal": "traces"}
    assert metrics["hookline.collector.received"].sum.is_monotonic
    assert metrics["hookline.collector.journal_bytes"].gauge.data_points[0].as_double == 12.5


def test_a_signal_is_balanced_when_every_item_is_somewhere() -> None:
    """Received = stored + rejected + deduplicated + quarantined + in the journal."""
    figures = Metrics()
    figures.move(Signal.TRACES, {("received", ""): 10, ("stored", ""): 4, ("rejected", "x"): 1, ("deduplicated", ""): 2}, {"journal_items": 3.0})
    figures.move(Signal.LOGS, {("received", ""): 1})
    traces, logs, metrics = balances(*figures.snapshot())
    assert (traces.balanced, traces.in_journal, traces.rejected) == (True, 3, 1)
    assert not logs.balanced
    assert metrics.balanced


def test_what_is_wrong_is_said_of_the_first_part_that_does_not_work() -> None:
    """One reason, the most basic one; nothing when all works."""
    fine, away = PartHealth("journal", True, "0 of 1"), PartHealth("store", False, "does not answer")
    assert first_trouble((fine, away, PartHealth("handover", False, "waits"))) == "store: does not answer"
    assert first_trouble((fine,)) == ""
