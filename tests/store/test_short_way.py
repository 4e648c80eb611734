"""Two ways into the tables for large requests of spans, one result: what goes the short way is stored as it would be by the long one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.insert import insertion, short_way
from hookline_collector.store.insert.short_way import mentions_agents, scopes_of
from hookline_collector.wire.block_body import BlockBody
from hookline_collector.wire.protobuf import framed
from support.cases import with_each
from support.soaking import examples
from support.stored_rows import stored
from support.stores import empty, filled, fresh_token, kept_open

NOON_NS = 1_790_000_000 * 10**9
DAY_NS = 86_400 * 10**9
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
plain_values = st.one_of(
    st.builds(lambda v: AnyValue(string_value=v), texts),
    st.builds(lambda v: AnyValue(bool_value=v), st.booleans()),
    st.builds(lambda v: AnyValue(int_value=v), st.integers(-(2**63), 2**63 - 1) | st.just(0)),
    st.builds(lambda v: AnyValue(double_value=v), st.floats() | st.just(-0.0)),
    st.builds(lambda v: AnyValue(array_value=ArrayValue(values=[v])), st.builds(lambda v: AnyValue(string_value=v), texts)),
    st.just(AnyValue()),
)
keys = st.sampled_from(("a", "http.route", "error.type", "service.name", "session.id", "host.name", "hookline.request.first_byte")) | texts
some_attributes = st.lists(
    st.builds(lambda key, value: KeyValue(key=key, value=value), keys, plain_values) | st.builds(KeyValue, key=keys), max_size=4
)
times = st.integers(0, 5 * DAY_NS).map(lambda after: NOON_NS + after) | st.sampled_from((0, 2**63 - 1))


@pytest.fixture(scope="module")
def both() -> tuple[Store, Store]:
    """Two databases: one for either way."""
    return kept_open("embedded", 1), kept_open("embedded", 2)


@pytest.fixture(autouse=True)
def by_views(both: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """Small requests go the ways of large ones, whatever their scopes and resources are."""
    monkeypatch.setattr(insertion, "direct_rows", lambda signal, payload: None)
    monkeypatch.setattr(insertion, "LIMIT_BYTES", 0)
    monkeypatch.setattr(insertion, "_SEARCHED_FIRST", 1)
    for store in both:
        monkeypatch.setattr(store._inserter, "_to_search_first", 0)
    monkeypatch.setattr(short_way, "LEAST_SCOPE_BYTES", 0)
    monkeypatch.setattr(short_way, "MOST_GROWTH", 100.0)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Spans of any kind under any resources and scopes, none of them an agent's; one or more requests end to end."""
    return b"".join(draw(st.lists(one_request(), min_size=1, max_size=2)))


@st.composite
def one_request(draw: st.DrawFn) -> bytes:
    request = ExportTraceServiceRequest()
    for _ in range(draw(st.integers(1, 2))):
        entry = request.resource_spans.add(schema_url=draw(texts))
        entry.resource.attributes.extend(draw(some_attributes))
        for _ in range(draw(st.integers(0, 3))):
            scoped = entry.scope_spans.add(schema_url=draw(texts))
            scoped.scope.name, scoped.scope.version = draw(texts), draw(texts)
            scoped.scope.attributes.extend(draw(some_attributes))
            for _ in range(draw(st.integers(0, 3))):
                add_span(draw, scoped)
    return request.SerializeToString()


def add_span(draw: st.DrawFn, scoped: Any) -> None:
    at = draw(times)
    span = scoped.spans.add(
        trace_id=draw(st.binary(max_size=16)),
        span_id=draw(st.binary(max_size=8)),
        parent_span_id=draw(st.binary(max_size=8)),
        trace_state=draw(texts),
        name=draw(texts),
        kind=draw(st.sampled_from((2, 2, 0, 1, 3, 5))),
        start_time_unix_nano=at,
        end_time_unix_nano=max(0, at + draw(st.sampled_from((-5, 0, 3 * 10**9, 2**62)))),
    )
    span.attributes.extend(draw(some_attributes))
    span.status.code = draw(st.sampled_from(Status.StatusCode.values()))
    span.status.message = draw(texts)
    for _ in range(draw(st.integers(0, 2))):
        span.events.add(name=draw(texts), time_unix_nano=draw(times)).attributes.extend(draw(some_attributes))
        span.links.add(trace_id=draw(st.binary(max_size=16)), trace_state=draw(texts)).attributes.extend(draw(some_attributes))


def assert_same(both: tuple[Store, Store], payload: bytes) -> None:
    """Both ways fill every table alike."""
    short, long = both
    for store in both:
        empty(store)
    short.insert(Signal.TRACES, bytearray(payload), fresh_token())  # as a large segment is read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insertion, "scopes_of", lambda payload: None)
        long.insert(Signal.TRACES, payload, fresh_token())
    tables = sorted(filled(short) | filled(long))
    assert stored(short, tables) == stored(long, tables)


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each request that was tried by the short way was taken there."""
    took, found = insertion.Inserter._took_short_way, list[bool]()

    def noted(self: insertion.Inserter, scopes: BlockBody, token: str) -> bool:
        found.append(took(self, scopes, token))
        return found[-1]

    monkeypatch.setattr(insertion.Inserter, "_took_short_way", noted)
    return found


def test_both_ways_store_the_same(both: tuple[Store, Store], went: list[bool]) -> None:
    """Values of every kind, also where none is, events and links, and times past what a date can be."""

    @settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
    @given(payload=requests())
    def check(payload: bytes) -> None:
        went.clear()
        assert_same(both, payload)
        assert went[-1:] in ([], [True])

    check()
    assert True in went


def request(*spans: dict[str, Any], scope: str = "", resource: str = "shop") -> ExportTraceServiceRequest:
    """Return a request of spans under one scope."""
    made = ExportTraceServiceRequest()
    entry = made.resource_spans.add()
    entry.resource.attributes.add(key="service.name").value.string_value = resource
    scoped = entry.scope_spans.add()
    scoped.scope.name = scope
    for number, fields in enumerate(spans):
        scoped.spans.add(**{"trace_id": number.to_bytes(16, "big"), "span_id": b"s" * 8, "name": "n", "start_time_unix_nano": NOON_NS} | fields)
    return made


def of_value(value: bytes) -> bytes:
    """Return a request of two spans, of which the last has an attribute whose value has these bytes."""
    body = request({}, {"attributes": [KeyValue(key="marker", value=AnyValue(string_value="0123456789"))]}).SerializeToString()
    old = AnyValue(string_value="0123456789").SerializeToString()
    assert len(value) == len(old)
    return body.replace(old, value)


@with_each(
    "value",
    [
        b"\x3a\x0a" + b"\x00\x01abcdefgh",  # bytes
        b"\x3a\x0a" + b"-310000000",
        b"\x3a\x06-31999\x10\x01\x10\x01",
        b"\x3a\x08-0031999\x10\x01",
        b"\x10\x01\x32\x03abc\x10\x01\x32\x01a",  # a list that the search for nesting does not find
        b"\x3a\x00\x3a\x00\x3a\x00\x3a\x00\x3a\x00\x3a\x00",  # no bytes, six times over
    ],
)
def test_a_value_that_the_short_way_cannot_tell_goes_the_long_one(both: tuple[Store, Store], went: list[bool], value: bytes) -> None:
    """Nothing of it is in twice, and it is stored as ever."""
    went.clear()
    body = of_value(value)
    assert_same(both, body)
    assert True not in went
    assert both[0].query("SELECT count() FROM otel_traces").scalar() == 2


def test_what_the_reader_refuses_at_the_very_end_of_a_large_request_is_in_once(both: tuple[Store, Store], went: list[bool]) -> None:
    """The short way's reader has read all of it by then, and nothing of it is stored."""
    many = [request(*({} for _ in range(512)), resource=f"shop {n}").SerializeToString() for n in range(12)]
    body = b"".join(
        [*many, request({"attributes": [KeyValue(key="k", value=AnyValue(bytes_value=b"no text"))]}, resource="last").SerializeToString()]
    )
    assert_same(both, body)
    assert went == [False, False]  # as it came, and once nested values were looked for
    assert both[0].query("SELECT count(), uniq(ServiceName) FROM otel_traces").rows == ((12 * 512 + 1, 13),)


def test_a_repeated_token_stores_nothing_twice(both: tuple[Store, Store], went: list[bool]) -> None:
    """In none of the tables of the chain."""
    store = both[0]
    empty(store)
    body, token = request(*({"kind": 2} for _ in range(100))).SerializeToString(), fresh_token()
    for _ in range(3):
        store.insert(Signal.TRACES, body, token)
    counts = [store.query(f"SELECT count() FROM {table}").scalar() for table in ("otel_traces", "otel_traces_trace_id_ts", "requests_state")]
    assert counts == [100, 100, 100]
    assert went == [True] * 3


def test_a_request_that_is_told_twice_in_one_insert_counts_once(both: tuple[Store, Store], went: list[bool]) -> None:
    """Rows of one key are not made one before they are stored, but whoever asks for requests sees one."""
    twice = [{"kind": 2, "trace_id": b"t" * 16, "end_time_unix_nano": NOON_NS + took} for took in (10**9, 3 * 10**9)]
    assert_same(both, request(*twice).SerializeToString())
    assert went == [True]
    assert both[0].query("SELECT count(), max(duration_s) FROM requests").rows == ((1, 3.0),)
    assert both[0].query("SELECT count() FROM requests_state FINAL").scalar() == 1


@pytest.mark.long
def test_a_hundred_thousand_small_spans_are_one_block(both: tuple[Store, Store], went: list[bool]) -> None:
    """So a request on too many days is refused before any of it is stored."""
    store = both[0]
    empty(store)
    store.insert(Signal.TRACES, request(*({} for _ in range(100_000))).SerializeToString(), fresh_token())
    assert went == [True]
    assert store.query(
        "SELECT count(), sum(rows) FROM system.parts WHERE active AND database = currentDatabase() AND table = 'otel_traces'"
    ).rows == ((1, 100_000),)


@with_each("scope", ["hookline.agent", "hookline.history", "com.anthropic.claude_code", "com.anthropic.claude_code.tracing"])
def test_where_an_agent_speaks_the_way_is_the_long_one(scope: str) -> None:
    """The agents' views hang on that alone."""
    assert not mentions_agents(request({}).SerializeToString())
    assert mentions_agents(request({}, scope=scope).SerializeToString())
    assert mentions_agents(request({}, scope=scope).SerializeToString() + request({}).SerializeToString())


def test_what_is_small_in_pieces_large_when_repeated_or_no_request_goes_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the short way would be the dear one; and it is for ClickHouse to refuse what cannot be read."""
    body = request({}).SerializeToString()
    assert scopes_of(b"") is None
    assert scopes_of(body[:-1]) is None
    assert scopes_of(framed(15, b"another field")) is None
    monkeypatch.setattr(short_way, "LEAST_SCOPE_BYTES", len(body))
    assert scopes_of(body) is not None
    assert scopes_of(body[:-1] + b"x") is not None  # inside a scope nothing is looked at
    many = ExportTraceServiceRequest.FromString(body)
    many.resource_spans[0].scope_spans.add()
    assert scopes_of(many.SerializeToString()) is None
    monkeypatch.setattr(short_way, "LEAST_SCOPE_BYTES", 0)
    assert scopes_of(many.SerializeToString()) is not None
    monkeypatch.setattr(short_way, "MOST_GROWTH", 1.0)
    many.resource_spans[0].resource.attributes[0].value.string_value = "x" * 1000
    assert scopes_of(many.SerializeToString()) is None


def test_nested_values_go_the_short_way_once_they_are_flattened_and_are_looked_for_first_for_a_while(
    both: tuple[Store, Store], went: list[bool]
) -> None:
    """An empty array, too, which has no bytes of its own."""
    for array in (ArrayValue(values=[AnyValue(string_value="v")]), ArrayValue()):
        went.clear()
        body = request({"attributes": [KeyValue(key="k", value=AnyValue(array_value=array))]}).SerializeToString()
        for _ in range(3):
            assert_same(both, body)
        assert went == [False, True, True, False, True]
        both[0]._inserter._to_search_first = 0
