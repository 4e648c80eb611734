"""A server that is away, slow or broken: callers are told to try again, and it works when it is back."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.errors import Refused
from hookline.settings import Settings
from hookline.settings.schema import StoreSettings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.clickhouse_server import ClickHouseServer, Mood
from support.stores import fresh_token, make_database
from support.template import FOR_EVER

MANY = 4_000
"""Spans that go through ClickHouse's own reader: fewer become rows in Python."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClickHouseServer]:
    with ClickHouseServer(tmp_path / "server") as running:
        yield running


def settings(url: str) -> Settings:
    return Settings(retention=FOR_EVER, store=StoreSettings(url=url, insert_timeout_s=1.0, query_max_s=1.0))


def opened(server: ClickHouseServer) -> Store:
    make_database(settings(server.url))
    return Store.open(settings(server.url))


def one_span() -> bytes:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(name="x", start_time_unix_nano=1)
    return request.SerializeToString()


def test_a_server_that_nobody_answers_at_is_refused(tmp_path: Path) -> None:
    """Opening a store without its server fails at once, with the address in the message."""
    begun = time.monotonic()
    with pytest.raises(Refused, match="ClickHouse does not answer"):
        Store.open(settings("http://127.0.0.1:1"))
    assert time.monotonic() - begun < 5


@pytest.mark.long
def test_a_store_lives_through_a_restart_of_its_server(server: ClickHouseServer) -> None:
    """Killed, every call is Refused; started again on the same data, the same store goes on, and a repeated token stores nothing twice."""
    store = opened(server)
    token = fresh_token()
    store.insert(Signal.TRACES, one_span(), token)
    server.stop()
    for call in (lambda: store.insert(Signal.TRACES, one_span(), token), store.ping, lambda: store.people_query("SELECT 1")):
        with pytest.raises(Refused):
            call()
    server.start()
    store.ping()
    store.insert(Signal.TRACES, one_span(), token)
    store.insert(Signal.TRACES, one_span(), fresh_token())
    assert store.query("SELECT count() FROM otel_traces").scalar() == 2
    store.close()


@pytest.mark.long
@pytest.mark.parametrize("mood", ["error", "hang"])
def test_a_server_that_misbehaves_is_tried_again(server: ClickHouseServer, mood: Mood) -> None:
    """An error without a code, and no answer within the time an insert may take."""
    store = opened(server)
    server.answer(mood)
    begun = time.monotonic()
    with pytest.raises(Refused):
        store.insert(Signal.TRACES, one_span(), fresh_token())
    assert time.monotonic() - begun < 10
    server.answer("ok")
    store.insert(Signal.TRACES, one_span(), fresh_token())
    assert store.query("SELECT count() FROM otel_traces").scalar() == 1
    store.close()


@pytest.mark.long
def test_an_insert_whose_connection_the_server_closes_goes_out_once_more(server: ClickHouseServer) -> None:
    """A server closes connections that it kept, sometimes as an insert comes: that is no outage, and nobody need wait for the next attempt."""
    store = opened(server)
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for _ in range(MANY):
        spans.add(name="x" * 100, start_time_unix_nano=1)
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    server.answer("hang_up")
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    assert store.query("SELECT count() FROM otel_traces").scalar() == 2 * MANY
    store.close()


@pytest.mark.long
def test_tables_that_somebody_dropped_are_no_fault_of_the_data(server: ClickHouseServer) -> None:
    """Rows wait for the table to come back, instead of going to the quarantine."""
    store = opened(server)
    store.command("DROP TABLE otel_traces SYNC")
    with pytest.raises(Refused):
        store.insert(Signal.TRACES, one_span(), fresh_token())
    store.close()
