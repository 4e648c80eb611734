"""Nested values become JSON text, wherever they stand, and everything else is passed on byte for byte."""

import base64
import json
import math
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from hookline_collector.signal import Signal
from hookline_collector.store.insert import nesting
from hookline_collector.store.insert.nesting import flatten, plain
from support.soaking import examples

CHECKSUM = b"\xa5\x06\x2a\x06\x12\x2a"  # a field that the schema does not know, as the journal writes it

scalars = st.one_of(
    st.builds(lambda v: AnyValue(string_value=v), st.text(max_size=300)),
    st.builds(lambda v: AnyValue(bool_value=v), st.booleans()),
    st.builds(lambda v: AnyValue(int_value=v), st.integers(-(2**63), 2**63 - 1)),
    st.builds(lambda v: AnyValue(double_value=v), st.floats()),
    st.builds(lambda v: AnyValue(bytes_value=v), st.binary(max_size=300)),
    st.just(AnyValue()),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda vs: AnyValue(array_value=ArrayValue(values=vs)), st.lists(inner, max_size=4)),
        st.builds(
            lambda kv: AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key=k, value=v) for k, v in kv.items()])),
            st.dictionaries(st.text(max_size=4), inner, max_size=4),
        ),
    ),
    max_leaves=12,
)
attributes = st.lists(st.builds(lambda k, v: KeyValue(key=k, value=v), st.text(max_size=8), values), max_size=5)


def is_nested(value: AnyValue) -> bool:
    return value.WhichOneof("value") in ("array_value", "kvlist_value")


def expected(value: AnyValue) -> AnyValue:
    """What must be stored for a value: itself, or a text that holds it as JSON."""
    return AnyValue(string_value=json.dumps(plain(value))) if is_nested(value) else value


def same(stored: AnyValue, sent: AnyValue) -> bool:
    if is_nested(sent):
        return stored.WhichOneof("value") == "string_value" and equal(json.loads(stored.string_value), plain(sent))
    return stored.SerializeToString() == sent.SerializeToString()


def equal(a: Any, b: Any) -> bool:
    """Equality in which NaN and infinities are the null that JSON makes of them."""
    if isinstance(b, float) and not math.isfinite(b):
        return a is None
    if isinstance(b, dict):
        return isinstance(a, dict) and a.keys() == b.keys() and all(equal(a[key], b[key]) for key in b)
    if isinstance(b, list):
        return isinstance(a, list) and len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


@settings(max_examples=examples(150), deadline=None)
@given(resource=attributes, scope=attributes, span=attributes, event=attributes, link=attributes, name=st.text(max_size=200))
def test_spans_lose_nothing(
    resource: list[KeyValue], scope: list[KeyValue], span: list[KeyValue], event: list[KeyValue], link: list[KeyValue], name: str
) -> None:
    """Each attribute of resource, scope, span, event and link is what it was, or its JSON; the rest is untouched."""
    request = ExportTraceServiceRequest()
    entry = request.resource_spans.add(schema_url=name)
    entry.resource.attributes.extend(resource)
    scoped = entry.scope_spans.add(schema_url=name)
    scoped.scope.attributes.extend(scope)
    scoped.spans.add(name="before")
    sent = scoped.spans.add(name=name, span_id=b"\x2a\x06\x12\x08\x2a\x06\x12\x02", attributes=span)
    sent.events.add(name="e", attributes=event)
    sent.links.add(attributes=link)
    body = request.SerializeToString()
    stored = ExportTraceServiceRequest.FromString(flatten(Signal.TRACES, body + CHECKSUM + body + CHECKSUM))
    assert len(stored.resource_spans) == 2
    for entry_stored in stored.resource_spans:
        span_stored = entry_stored.scope_spans[0].spans[1]
        pairs = (
            (entry_stored.resource.attributes, resource),
            (entry_stored.scope_spans[0].scope.attributes, scope),
            (span_stored.attributes, span),
            (span_stored.events[0].attributes, event),
            (span_stored.links[0].attributes, link),
        )
        for after, before in pairs:
            assert [a.key for a in after] == [b.key for b in before]
            assert all(same(a.value, b.value) for a, b in zip(after, before, strict=True))
        assert (span_stored.name, span_stored.span_id, entry_stored.schema_url) == (name, sent.span_id, name)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(attributes, max_size=4), st.lists(attributes, max_size=2))
def test_what_is_spliced_is_what_would_be_written_anew(spans: list[list[KeyValue]], event: list[list[KeyValue]]) -> None:
    """Byte for byte, whichever attributes are nested."""
    request = ExportTraceServiceRequest()
    scoped = request.resource_spans.add().scope_spans.add()
    for span in spans:
        sent = scoped.spans.add(trace_id=b"\x12\x04\x2a\x02" * 4, start_time_unix_nano=0x122A02122A02, flags=256, attributes=span)
        for each in event:
            sent.events.add(attributes=each)
    body = request.SerializeToString()
    with patch.object(nesting, "_spliced", return_value=None):
        parsed = flatten(Signal.TRACES, body)
    assert flatten(Signal.TRACES, body) == parsed


@settings(max_examples=examples(100), deadline=None)
@given(body=values, record=attributes)
def test_log_bodies_lose_nothing(body: AnyValue, record: list[KeyValue]) -> None:
    """A body of any type is what it was, or its JSON."""
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(body=body, attributes=record)
    stored = ExportLogsServiceRequest.FromString(flatten(Signal.LOGS, request.SerializeToString())).resource_logs[0].scope_logs[0].log_records[0]
    assert same(stored.body, body)
    assert all(same(a.value, b.value) for a, b in zip(stored.attributes, record, strict=True))


@pytest.mark.parametrize("kind", ["gauge", "sum", "histogram", "exponential_histogram", "summary"])
def test_points_and_exemplars_of_every_kind_are_reached(kind: str) -> None:
    """Data points of all five kinds, and exemplars where there are some."""
    request = ExportMetricsServiceRequest()
    point = getattr(request.resource_metrics.add().scope_metrics.add().metrics.add(name="m"), kind).data_points.add()
    point.attributes.add(key="a").value.array_value.values.add().string_value = "x"
    if kind != "summary":
        point.exemplars.add().filtered_attributes.add(key="b").value.kvlist_value.values.add(key="k").value.int_value = 1
    metric = (
        ExportMetricsServiceRequest.FromString(flatten(Signal.METRICS, request.SerializeToString())).resource_metrics[0].scope_metrics[0].metrics[0]
    )
    stored = getattr(metric, kind).data_points[0]
    assert stored.attributes[0].value.string_value == '["x"]'
    assert kind == "summary" or stored.exemplars[0].filtered_attributes[0].value.string_value == '{"k":1}'


def test_a_request_without_nested_values_is_the_same_object() -> None:
    """No copy is made for the common case."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(name="***")
    for i in range(2000):
        span.attributes.add(key=f"key.{i}").value.string_value = "value" * (i % 40)
    body = request.SerializeToString()
    assert flatten(Signal.TRACES, body) is body


@pytest.mark.parametrize("signal", [Signal.TRACES, Signal.LOGS])
def test_an_id_that_agrees_with_a_value_costs_no_copy(signal: Signal) -> None:
    """Once in some thousand requests random bytes even have lengths that fit; what is passed on is the same object."""
    look_alike = b"\x12\x06\x2a\x04" + b"\xee" * 12
    request = signal.request_class()
    if signal is Signal.TRACES:
        request.resource_spans.add().scope_spans.add().spans.add(trace_id=look_alike, name="a span")
    else:
        request.resource_logs.add().scope_logs.add().log_records.add(trace_id=look_alike)
    body = request.SerializeToString()
    assert flatten(signal, body) is body


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.sampled_from([0x12, 0x2A, 0x32, 0x01, 0x80, 0xFF]), max_size=40).map(bytes), st.integers(1, 9))
def test_every_place_is_looked_at_even_within_another_and_over_the_edge_of_a_window(data: bytes, window: int) -> None:
    """The search finds what trying each byte finds."""
    patterns = nesting._PLACES_IN_LOGS
    with patch.object(nesting, "_WINDOW_BYTES", window):
        found = set(nesting._look_alikes(data, patterns))
    assert found == {at for at in range(len(data)) for pattern in patterns if pattern.match(data, at)}


def test_values_deeper_than_any_sender_writes_are_kept() -> None:
    """Forty levels of arrays; protobuf's own parser ends at fifty."""
    value = AnyValue(string_value="deep")
    for _ in range(40):
        value = AnyValue(array_value=ArrayValue(values=[value]))
    request = ExportTraceServiceRequest()
    request.resource_spans.add().resource.attributes.add(key="a", value=value)
    stored = ExportTraceServiceRequest.FromString(flatten(Signal.TRACES, request.SerializeToString()))
    assert stored.resource_spans[0].resource.attributes[0].value.string_value == "[" * 40 + '"deep"' + "]" * 40


def test_the_text_is_what_the_exporter_writes() -> None:
    """Keys sorted, whole floats without a fraction, bytes as base64, nothing as null."""
    entries = KeyValueList(
        values=[
            KeyValue(key="z", value=AnyValue(double_value=2.0)),
            KeyValue(key="a", value=AnyValue(bytes_value=b"\xff\x00")),
            KeyValue(key="m", value=AnyValue(array_value=ArrayValue(values=[AnyValue(), AnyValue(bool_value=True), AnyValue(double_value=0.5)]))),
        ]
    )
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(body=AnyValue(kvlist_value=entries))
    stored = ExportLogsServiceRequest.FromString(flatten(Signal.LOGS, request.SerializeToString()))
    assert stored.resource_logs[0].scope_logs[0].log_records[0].body.string_value == '{"a":"/wA=","m":[null,true,0.5],"z":2}'
    assert base64.b64decode("/wA=") == b"\xff\x00"


@pytest.mark.parametrize(
    "look_alike", [b"\x12\x02\x2a" + b"\xff" * 13, b"\x12" + b"\xff" * 4 + b"\x0f\x2a\x01", b"\x12\x02\x2a"], ids=["endless", "long", "cut off"]
)
def test_an_id_that_looks_like_a_value_is_passed_on(look_alike: bytes) -> None:
    """Random bytes of an id, also such as no length is written with, beside a value that is one."""
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(trace_id=look_alike)
    assert flatten(Signal.LOGS, request.SerializeToString()) == request.SerializeToString()
    record.body.array_value.values.add().string_value = "x"
    stored = ExportLogsServiceRequest.FromString(flatten(Signal.LOGS, request.SerializeToString())).resource_logs[0].scope_logs[0].log_records[0]
    assert (stored.trace_id, stored.body.string_value) == (look_alike, '["x"]')


@settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=200), st.sampled_from(list(Signal)))
def test_bytes_that_are_no_request_come_back_as_they_are_or_changed_but_never_fail(noise: bytes, signal: Signal) -> None:
    """Nothing raises: refusing such bytes is ClickHouse's part."""
    body = ExportTraceServiceRequest().SerializeToString() + noise
    assert isinstance(flatten(signal, body), bytes)
