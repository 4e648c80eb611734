"""Stored once: an insert may be repeated by its token, in every table of the chain, whole or by portions."""

import itertools
import threading
from collections.abc import Callable

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.errors import Refused, Rejected
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.insert import insertion
from hookline_collector.store.insert.portions import portions
from support.stores import fresh_token
from support.stores import store_on_either as store

__all__ = ["store"]
NOON_S = 1_790_000_000
KINDS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def spans(count: int, days: int = 3, resources: int = 2, service: str = "s") -> bytes:
    """Spans over several days, so that an insert writes several parts in each table."""
    request = ExportTraceServiceRequest()
    for r in range(resources):
        entry = request.resource_spans.add()
        entry.resource.attributes.add(key="service.name").value.string_value = service
        listed = entry.scope_spans.add().spans
        for i in range(count // resources):
            number = r * count + i
            at = (NOON_S + number % days * 86_400) * 10**9 + number
            span = listed.add(
                trace_id=number.to_bytes(16, "big"), span_id=number.to_bytes(8, "big"), name="x", start_time_unix_nano=at, end_time_unix_nano=at
            )
            span.attributes.add(key="session.id").value.string_value = f"session {number % 7}"
    return request.SerializeToString()


def logs(count: int) -> bytes:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for i in range(count):
        records.add(time_unix_nano=(NOON_S + i % 3 * 86_400) * 10**9 + i).body.string_value = f"line {i}"
    return request.SerializeToString()


def points(count: int) -> bytes:
    request = ExportMetricsServiceRequest()
    listed = request.resource_metrics.add().scope_metrics.add().metrics
    for kind in KINDS:
        data_points = getattr(listed.add(name=kind), kind).data_points
        for i in range(count):
            data_points.add(time_unix_nano=(NOON_S + i % 3 * 86_400) * 10**9 + i)
    return request.SerializeToString()


def count(store: Store, table: str) -> int:
    return int(store.query(f"SELECT count() FROM {table}").scalar())


def add_totals(store: Store) -> Callable[[], None]:
    """Put an aggregating table behind otel_traces, as the derived tables are; return what takes it away."""
    store.command(
        "CREATE TABLE totals (service LowCardinality(String), n SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY service "
        "SETTINGS non_replicated_deduplication_window = 1000"
    )
    store.command("CREATE MATERIALIZED VIEW totals_mv TO totals AS SELECT ServiceName AS service, count() AS n FROM otel_traces GROUP BY service")

    def drop() -> None:
        store.command("DROP VIEW totals_mv SYNC")
        store.command("DROP TABLE totals SYNC")

    return drop


@pytest.fixture
def by_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small requests go the way of the large ones."""
    monkeypatch.setattr(insertion, "direct_rows", lambda signal, payload: None)


@pytest.fixture(params=["rows of Python", "views"])
def way(request: pytest.FixtureRequest) -> None:
    """Either way into the tables."""
    if request.param == "views":
        request.getfixturevalue("by_views")


@pytest.mark.usefixtures("way")
def test_a_repeated_token_stores_nothing_twice_in_any_table_of_the_chain(store: Store) -> None:
    """Rows, look-ups and sums over three days, after three tries each."""
    drop = add_totals(store)
    try:
        bodies = ((Signal.TRACES, spans(300)), (Signal.LOGS, logs(90)), (Signal.METRICS, points(30)))
        tokens = {signal: fresh_token() for signal, _ in bodies}
        for _, (signal, body) in itertools.product(range(3), bodies):
            store.insert(signal, body, tokens[signal])
        assert count(store, "otel_traces") == count(store, "otel_traces_trace_id_ts") == 300
        assert store.query("SELECT sum(n) FROM totals").scalar() == 300
        assert count(store, "otel_logs") == 90
        assert [count(store, f"otel_metrics_{kind}") for kind in KINDS] == [30] * 5
    finally:
        drop()


@pytest.mark.usefixtures("way")
def test_equal_bytes_under_another_token_are_other_data(store: Store) -> None:
    """Two agents may well send the same."""
    body = spans(10)
    for _ in range(2):
        store.insert(Signal.TRACES, body, fresh_token())
    assert count(store, "otel_traces") == count(store, "otel_traces_trace_id_ts") == 20


def test_one_token_for_two_signals_stores_both(store: Store) -> None:
    """A token counts within its tables."""
    token = fresh_token()
    store.insert(Signal.TRACES, spans(4), token)
    store.insert(Signal.LOGS, logs(4), token)
    assert (count(store, "otel_traces"), count(store, "otel_logs")) == (4, 4)


@pytest.mark.usefixtures("by_views")
def test_a_chain_that_broke_in_the_middle_is_completed_by_the_next_try(store: Store) -> None:
    """The rows are in, a view behind them fails: the retry adds what is missing and nothing else."""
    store.command("CREATE TABLE late (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 1000")
    store.command("CREATE MATERIALIZED VIEW late_mv TO late AS SELECT throwIf(count() = 40, 'not yet')::UInt64 + count() AS n FROM otel_traces")
    token, body = fresh_token(), spans(40)
    with pytest.raises(Refused):
        store.insert(Signal.TRACES, body, token)
    store.command("DROP VIEW late_mv SYNC")
    store.command("CREATE MATERIALIZED VIEW late_mv TO late AS SELECT count() AS n FROM otel_traces")
    for _ in range(2):
        store.insert(Signal.TRACES, body, token)
    found = (count(store, "otel_traces"), count(store, "otel_traces_trace_id_ts"), store.query("SELECT sum(n) FROM late").scalar())
    store.command("DROP VIEW late_mv SYNC")
    store.command("DROP TABLE late SYNC")
    assert found == (40, 40, 40)


@pytest.mark.long
@pytest.mark.usefixtures("by_views")
def test_a_large_payload_goes_in_by_portions_and_still_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a try ends in the middle: what is stored stays, the rest follows."""
    monkeypatch.setattr(insertion, "portions", lambda body, limit=2_000: portions(body, limit))
    body, token = spans(200), fresh_token()
    assert len(list(portions(body, 2_000))) > 5
    inserter, write = store._inserter, store._inserter._write
    calls = itertools.count(1)

    def fail_at_the_fourth(signal: Signal, part: bytes, name: str, *, is_plain: bool) -> None:
        if next(calls) == 4:
            raise OSError("the connection broke")
        write(signal, part, name, is_plain=is_plain)

    monkeypatch.setattr(inserter, "_write", fail_at_the_fourth)
    with pytest.raises(Refused):
        store.insert(Signal.TRACES, body, token)
    assert 0 < count(store, "otel_traces") < 200
    for _ in range(2):
        store.insert(Signal.TRACES, body, token)
    assert count(store, "otel_traces") == count(store, "otel_traces_trace_id_ts") == 200


@pytest.mark.usefixtures("by_views")
def test_what_does_not_fit_in_memory_now_is_tried_again_as_it_is_and_stored_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that runs out of memory after it took the insert, twice: the same token makes the third try safe."""
    write, failures = store._inserter._write, itertools.chain([True] * 2, itertools.repeat(False))

    def write_then_run_out(signal: Signal, part: bytes, name: str, *, is_plain: bool) -> None:
        write(signal, part, name, is_plain=is_plain)
        if next(failures):
            raise DatabaseError("Code: 241. DB::Exception: memory limit exceeded", code=241)

    monkeypatch.setattr(store._inserter, "_write", write_then_run_out)
    body, token = spans(200), fresh_token()
    for _ in range(2):
        with pytest.raises(Refused):
            store.insert(Signal.TRACES, body, token)
    store.insert(Signal.TRACES, body, token)
    assert count(store, "otel_traces") == count(store, "otel_traces_trace_id_ts") == 200


@pytest.mark.usefixtures("by_views")
def test_one_item_that_cannot_fit_is_rejected_and_a_small_one_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A span of nine megabytes would never fit; a span of a few bytes fails for want of memory only at the moment."""

    def out_of_memory(signal: Signal, part: bytes, name: str, *, is_plain: bool) -> None:
        raise DatabaseError("Code: 241. DB::Exception: memory limit exceeded", code=241)

    monkeypatch.setattr(store._inserter, "_write", out_of_memory)
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(name="x")
    with pytest.raises(Refused):
        store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    span.status.message = "x" * 9_000_000
    with pytest.raises(Rejected, match="memory"):
        store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())


def test_a_checksum_between_requests_is_passed_over(store: Store) -> None:
    """As the journal writes its records: a request, then a field that the schema does not know."""
    checksum = b"\xa5\x06\x01\x02\x03\x04"
    store.insert(Signal.TRACES, spans(4) + checksum + spans(6, service="t") + checksum, fresh_token())
    assert store.query("SELECT ServiceName, count() FROM otel_traces GROUP BY ALL ORDER BY 1").rows == (("s", 4), ("t", 6))


@pytest.mark.parametrize("body", [b"\x0a\xff\xff\xff\x7f", b"\x0a\x02\x0a", b"\xff" * 40], ids=["cut off", "cut off inside", "noise"])
def test_bytes_that_are_no_request_are_rejected_and_leave_nothing(store: Store, body: bytes) -> None:
    """Rejected, so that they go to the quarantine; what was good in front of them is not stored in part."""
    for signal in Signal:
        with pytest.raises(Rejected):
            store.insert(signal, spans(2) + body if signal is Signal.TRACES else body, fresh_token())
    assert count(store, "otel_traces") == count(store, "otel_logs") == 0
    store.insert(Signal.TRACES, spans(2), fresh_token())
    assert count(store, "otel_traces") == 2


def test_an_empty_payload_is_no_rows(store: Store) -> None:
    """Neither an error nor a row."""
    for signal in Signal:
        store.insert(signal, b"", fresh_token())
    assert count(store, "otel_traces") == 0


def test_threads_insert_and_ask_at_the_same_time(store: Store) -> None:
    """Inserts of three signals, our queries and people's, from eight threads."""
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(3):
                if number % 4 == 0:
                    store.insert(Signal.TRACES, spans(50), fresh_token())
                elif number % 4 == 1:
                    store.insert(Signal.LOGS, logs(50), fresh_token())
                elif number % 4 == 2:
                    store.query("SELECT count() FROM otel_traces")
                else:
                    store.people_query("SELECT count() FROM otel_logs")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (count(store, "otel_traces"), count(store, "otel_logs")) == (300, 300)
