"""Items on very many days: each day is a partition, so one small request could need more memory than the engine has, for ever."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.errors import Rejected
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.insert import days as days_module
from hookline_collector.store.insert import insertion
from support.cases import by_portions
from support.running import Running, wait_for
from support.stores import emptied_store, fresh_token

__all__ = ["emptied_store"]
DAY_NS = 86_400 * 10**9
FIRST_DAY = 18_262  # 2020-01-01
TWENTY_YEARS = 7_300
ROWS = "SELECT table, sum(rows) FROM system.parts WHERE active AND database = currentDatabase() AND table != 'schema_migrations' GROUP BY table"


def spans(days: int, name: str = "x", first_day: int = FIRST_DAY) -> bytes:
    """One span a day."""
    request = ExportTraceServiceRequest()
    scoped = request.resource_spans.add().scope_spans.add()
    for n in range(days):
        start = (first_day + n) * DAY_NS + 1
        trace_id = (n + 1).to_bytes(16, "big")  # zeros are no id
        scoped.spans.add(trace_id=trace_id, span_id=b"12345678", name=name, start_time_unix_nano=start, end_time_unix_nano=start + 1)
    return request.SerializeToString()


def logs(days: int) -> bytes:
    """One record a day."""
    request = ExportLogsServiceRequest()
    scoped = request.resource_logs.add().scope_logs.add()
    for n in range(days):
        scoped.log_records.add(observed_time_unix_nano=(FIRST_DAY + n) * DAY_NS + 1).body.string_value = "x"
    return request.SerializeToString()


def points(days: int) -> bytes:
    """One point a day of a sum, and one gauge."""
    request = ExportMetricsServiceRequest()
    scoped = request.resource_metrics.add().scope_metrics.add()
    scoped.metrics.add(name="g").gauge.data_points.add(time_unix_nano=FIRST_DAY * DAY_NS, as_int=1)
    total = scoped.metrics.add(name="s")
    for n in range(days):
        total.sum.data_points.add(time_unix_nano=(FIRST_DAY + n) * DAY_NS + 1, as_int=n)
    return request.SerializeToString()


CASES = [(Signal.TRACES, spans, "otel_traces"), (Signal.LOGS, logs, "otel_logs"), (Signal.METRICS, points, "otel_metrics_sum")]


@pytest.mark.parametrize(("signal", "of_days", "table"), by_portions(CASES))
def test_a_payload_over_many_days_is_stored_once(
    emptied_store: Store, monkeypatch: pytest.MonkeyPatch, signal: Signal, of_days: Callable[[int], bytes], table: str
) -> None:
    """More days than one insert takes: by runs of days, and a repetition stores nothing twice. With smaller limits, as each day costs a part."""
    monkeypatch.setattr(insertion, "direct_rows", lambda signal, payload: None)
    monkeypatch.setitem(insertion._SETTINGS, "max_partitions_per_insert_block", "6")
    monkeypatch.setattr(days_module, "RUN_DAYS", 4)
    monkeypatch.setattr(days_module, "_TIME_STEPS", 2)
    token = fresh_token()
    for _ in range(2):
        emptied_store.insert(signal, of_days(11), token)
    assert emptied_store.query(f"SELECT count() FROM {table}").scalar() == 11
    if signal is Signal.METRICS:
        assert emptied_store.query("SELECT count() FROM otel_metrics_gauge").scalar() == 1


@pytest.mark.parametrize(("signal", "of_days", "table"), CASES)
def test_a_request_over_twenty_years_is_rejected_and_leaves_nothing(
    emptied_store: Store, signal: Signal, of_days: Callable[[int], bytes], table: str
) -> None:
    """For good, with the reason; no table of the chain has a row of it."""
    with pytest.raises(Rejected, match=r"its items lie on 73.. days"):
        emptied_store.insert(signal, of_days(TWENTY_YEARS), fresh_token())
    assert [row for row in emptied_store.query(ROWS) if row[0] != "prices"] == []


def send(running: Running, body: bytes) -> None:
    """Send spans, as anybody on this machine can; all of them are taken."""
    request = urllib.request.Request(f"http://{running.found.otlp_http}/v1/traces", body, {"Content-Type": "application/x-protobuf"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert (answer.status, answer.read()) == (200, b"")


@pytest.mark.long
def test_requests_that_the_store_can_never_take_hold_up_nobody(collectors: Callable[..., Running]) -> None:
    """Five of them and a good span, then a death: after the restart, with five more, both good spans are stored and what is bad is set aside."""
    today = time.time_ns() // DAY_NS  # what is past its retention goes at once
    running = collectors()
    for life in range(2):
        for _ in range(5):
            send(running, spans(TWENTY_YEARS, "far"))
        send(running, spans(1, "good", today + life))
        if life == 0:
            running.kill()
            running = collectors()
    wait_for(lambda: running.query("SELECT count() AS n FROM otel_traces WHERE SpanName = 'good'") == [{"n": 2}], 30)
    wait_for(lambda: traces_of(running)["in_journal"] == 0, 30)
    status = running.client.get("/api/v1/status")
    assert (status["ready"], status["gauges"]["quarantine_files"], traces_of(running)["balanced"]) == (True, 10, True)


def traces_of(running: Running) -> dict[str, Any]:
    """Return the balance of spans."""
    found: dict[str, Any] = next(signal for signal in running.client.get("/api/v1/status")["signals"] if signal["signal"] == "traces")
    return found
