"""What is sent is what stands in the tables: every field of the three signals, in the words of the exporter."""

from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.stores import emptied_store as store
from support.stores import fresh_token

__all__ = ["store"]
KINDS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
NOON = 1_790_000_000_123_456_789
NOON_TEXT = "2026-09-21T14:13:20.123456789Z"
INFINITY = float("inf")


def rows(store: Store, table: str, order: str = "1") -> list[dict[str, Any]]:
    return store.query(f"SELECT * FROM {table} ORDER BY {order}").as_dicts()


def fill_attributes(holder: Any) -> dict[str, str]:
    """Add one attribute of each type; return what must stand in the table."""
    for key, kind, value, _ in VALUES:
        attribute = holder.add(key=key)
        if kind:
            setattr(attribute.value, kind, value)
        else:
            attribute.value.SetInParent()
    nested = holder.add(key="nested").value.kvlist_value.values.add(key="list").value.array_value
    nested.values.add().int_value = 1
    nested.values.add().string_value = 'say "x"'
    holder.add(key="no value")
    return {key: text for key, _, _, text in VALUES} | {"nested": '{"list":[1,"say \\"x\\""]}', "no value": ""}


VALUES: list[tuple[str, str, Any, str]] = [
    ("text", "string_value", "plain 'quoted' \\ \t ☃", "plain 'quoted' \\ \t ☃"),
    ("empty text", "string_value", "", ""),
    ("nothing", "", None, ""),
    ("true", "bool_value", True, "true"),
    ("false", "bool_value", False, "false"),
    ("zero", "int_value", 0, "0"),
    ("least", "int_value", -(2**63), "-9223372036854775808"),
    ("most", "int_value", 2**63 - 1, "9223372036854775807"),
    ("whole float", "double_value", 2.0, "2"),
    ("float", "double_value", 0.1, "0.1"),
    ("small float", "double_value", 1e-7, "1e-7"),
    ("zero float", "double_value", 0.0, "0"),
    ("infinite", "double_value", INFINITY, "inf"),
    ("bytes", "bytes_value", b"\x00\xff", "AP8="),
    ("no bytes", "bytes_value", b"", ""),
]


def test_a_span_with_everything(store: Store) -> None:
    """Ids in hex, kinds and codes by name, nested values as JSON, events and links."""
    request = ExportTraceServiceRequest()
    entry = request.resource_spans.add(schema_url="https://opentelemetry.io/schemas/1")
    entry.resource.attributes.add(key="service.name").value.string_value = "claude-code"
    scoped = entry.scope_spans.add()
    scoped.scope.name, scoped.scope.version = "hookline.agent", "1.2"
    span = scoped.spans.add(
        trace_id=bytes(range(16)), span_id=b"\x01" * 8, parent_span_id=b"\xab" * 8, trace_state="a=b", name="execute_tool Bash", kind=3,
        start_time_unix_nano=NOON, end_time_unix_nano=NOON + 1_500, flags=257, dropped_attributes_count=3,
    )  # fmt: skip
    texts = fill_attributes(span.attributes)
    span.status.code, span.status.message = Status.STATUS_CODE_ERROR, "it broke"
    event_texts = fill_attributes(span.events.add(time_unix_nano=NOON + 1, name="exception").attributes)
    span.events.add(time_unix_nano=NOON + 2, name="again")
    link_texts = fill_attributes(span.links.add(trace_id=b"\xff" * 16, span_id=b"\x02" * 8, trace_state="c=d").attributes)
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    assert rows(store, "otel_traces") == [
        {
            "Timestamp": NOON_TEXT,
            "TraceId": "000102030405060708090a0b0c0d0e0f",
            "SpanId": "01" * 8,
            "ParentSpanId": "ab" * 8,
            "TraceState": "a=b",
            "SpanName": "execute_tool Bash",
            "SpanKind": "Client",
            "ServiceName": "claude-code",
            "ResourceAttributes": {"service.name": "claude-code"},
            "ScopeName": "hookline.agent",
            "ScopeVersion": "1.2",
            "SpanAttributes": texts,
            "Duration": 1_500,
            "StatusCode": "Error",
            "StatusMessage": "it broke",
            "Events.Timestamp": ["2026-09-21T14:13:20.123456790Z", "2026-09-21T14:13:20.123456791Z"],
            "Events.Name": ["exception", "again"],
            "Events.Attributes": [event_texts, {}],
            "Links.TraceId": ["ff" * 16],
            "Links.SpanId": ["02" * 8],
            "Links.TraceState": ["c=d"],
            "Links.Attributes": [link_texts],
        }
    ]
    assert rows(store, "otel_traces_trace_id_ts") == [
        {"TraceId": "000102030405060708090a0b0c0d0e0f", "Start": "2026-09-21T14:13:20Z", "End": "2026-09-21T14:13:20Z"}
    ]


def test_a_span_with_nothing(store: Store) -> None:
    """Unset fields are the exporter's empty values; a span without an id of a trace is in no look-up."""
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add()
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    columns = "TraceId, SpanId, ParentSpanId, SpanKind, StatusCode, Duration, ServiceName, SpanAttributes, Events.Name"
    assert store.query(f"SELECT {columns} FROM otel_traces").rows == (("", "", "", "Unspecified", "Unset", 0, "", {}, []),)
    assert store.query("SELECT count() FROM otel_traces_trace_id_ts").scalar() == 0


def test_kinds_have_the_exporters_names(store: Store) -> None:
    """As `Server`, not `SPAN_KIND_SERVER`; a number that no version knows is empty."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for kind in Span.SpanKind.values():  # 0 to 5
        spans.add(kind=kind, start_time_unix_nano=NOON + kind)
    known = request.SerializeToString()
    store.insert(Signal.TRACES, known + known.replace(b"\x30\x05", b"\x30\x63"), fresh_token())
    names = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"]
    assert [kind for (kind,) in store.query("SELECT SpanKind FROM otel_traces ORDER BY Timestamp LIMIT 10")] == [n for n in names[:5] for _ in "12"]
    assert store.query("SELECT SpanKind FROM otel_traces ORDER BY Timestamp DESC, SpanKind LIMIT 2").rows == (("",), ("Consumer",))


def test_the_same_resource_with_many_scopes_stands_on_each_row(store: Store) -> None:
    """Rows keep the resource and the scope that they came under."""
    request = ExportTraceServiceRequest()
    for service in ("a", "b"):
        entry = request.resource_spans.add()
        entry.resource.attributes.add(key="service.name").value.string_value = service
        for scope in ("x", "y"):
            scoped = entry.scope_spans.add()
            scoped.scope.name = scope
            for i in range(2):
                scoped.spans.add(name=f"{service} {scope} {i}")
    request.resource_spans.add()
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    found = store.query("SELECT ServiceName, ScopeName, SpanName FROM otel_traces ORDER BY SpanName").rows
    assert found == tuple((s, x, f"{s} {x} {i}") for s in "ab" for x in "xy" for i in range(2))


ABSURD = [
    (0, 0, "1970-01-01T00:00:00.000000000Z", 0),
    (1, NOON, "1970-01-01T00:00:00.000000001Z", NOON - 1),
    (NOON, NOON - 5, NOON_TEXT, 0),
    (NOON + 1, 0, "2026-09-21T14:13:20.123456790Z", 0),
    (7_258_118_400 * 10**9, 7_258_118_401 * 10**9, "2100-01-01T00:00:00.000000000Z", 10**9),
    (2**64 - 1, 2**64 - 1, "2100-01-01T00:00:00.000000000Z", 0),
]


def test_absurd_times_are_stored_and_do_no_harm(store: Store) -> None:
    """From 1970 to past what a DateTime64 holds, in one request; a time after 2100 is 2100, as dates end soon after."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for i, (start, end, _, _) in enumerate(ABSURD):
        spans.add(trace_id=b"1" * 16, name=str(i), start_time_unix_nano=start, end_time_unix_nano=end)
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    found = store.query("SELECT Timestamp, Duration FROM otel_traces ORDER BY SpanName").rows
    assert found == tuple((stored, duration) for _, _, stored, duration in ABSURD)


def test_a_request_over_many_days_is_stored(store: Store) -> None:
    """A hundred and thirty days in one request are past the engine's default of a hundred partitions an insert."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for day in range(130):
        spans.add(start_time_unix_nano=(1_790_000_000 + day * 86_400) * 10**9)
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    assert store.query("SELECT uniqExact(toDate(Timestamp)) FROM otel_traces").scalar() == 130


def test_a_key_that_is_sent_twice_can_still_be_read(store: Store) -> None:
    """OTLP leaves it open; looking the key up gives the first value."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    for value in ("first", "second"):
        span.attributes.add(key="k").value.string_value = value
    store.insert(Signal.TRACES, request.SerializeToString(), fresh_token())
    assert store.query("SELECT SpanAttributes['k'] FROM otel_traces").rows == (("first",),)


def test_a_log_record_with_everything(store: Store) -> None:
    """Every column of the exporter's newest table."""
    request = ExportLogsServiceRequest()
    entry = request.resource_logs.add(schema_url="resource schema")
    entry.resource.attributes.add(key="service.name").value.string_value = "claude-code"
    scoped = entry.scope_logs.add(schema_url="scope schema")
    scoped.scope.name, scoped.scope.version = "s", "v"
    scope_texts = fill_attributes(scoped.scope.attributes)
    record = scoped.log_records.add(
        time_unix_nano=NOON, observed_time_unix_nano=NOON + 9, severity_number=17, severity_text="ERROR", trace_id=b"\x01" * 16, span_id=b"\x02" * 8,
        flags=0x101, event_name="session.start",
    )  # fmt: skip
    record.body.string_value = "hello"
    texts = fill_attributes(record.attributes)
    store.insert(Signal.LOGS, request.SerializeToString(), fresh_token())
    assert rows(store, "otel_logs") == [
        {
            "Timestamp": NOON_TEXT,
            "TraceId": "01" * 16,
            "SpanId": "02" * 8,
            "TraceFlags": 1,
            "SeverityText": "ERROR",
            "SeverityNumber": 17,
            "ServiceName": "claude-code",
            "Body": "hello",
            "ResourceSchemaUrl": "resource schema",
            "ResourceAttributes": {"service.name": "claude-code"},
            "ScopeSchemaUrl": "scope schema",
            "ScopeName": "s",
            "ScopeVersion": "v",
            "ScopeAttributes": scope_texts,
            "LogAttributes": texts,
            "EventName": "session.start",
        }
    ]


def test_log_bodies_of_every_type_are_texts(store: Store) -> None:
    """Numbers, bytes, lists and maps; no body is empty."""
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    expected = []
    for i, (_, field, value, text) in enumerate(VALUES):
        record = records.add(time_unix_nano=NOON + i)
        if field:
            setattr(record.body, field, value)
        expected.append((text,))
    records.add(time_unix_nano=NOON + 100).body.kvlist_value.values.add(key="k").value.array_value.values.add().bool_value = False
    records.add(time_unix_nano=NOON + 101).body.array_value.SetInParent()
    store.insert(Signal.LOGS, request.SerializeToString(), fresh_token())
    assert store.query("SELECT Body FROM otel_logs ORDER BY Timestamp").rows == (*expected, ('{"k":[false]}',), ("[]",))


def test_a_log_record_without_a_time_has_the_time_it_was_observed_at(store: Store) -> None:
    """The exporter's fallback."""
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(observed_time_unix_nano=NOON)
    store.insert(Signal.LOGS, request.SerializeToString(), fresh_token())
    assert store.query("SELECT Timestamp FROM otel_logs").scalar() == NOON_TEXT


def metrics() -> tuple[ExportMetricsServiceRequest, Any, dict[str, Any]]:
    """A request, its list of metrics, and what the shared columns must hold."""
    request = ExportMetricsServiceRequest()
    entry = request.resource_metrics.add(schema_url="resource schema")
    entry.resource.attributes.add(key="service.name").value.string_value = "svc"
    scoped = entry.scope_metrics.add(schema_url="scope schema")
    scoped.scope.name, scoped.scope.version, scoped.scope.dropped_attributes_count = "s", "v", 4
    scope_texts = fill_attributes(scoped.scope.attributes)
    shared = {
        "ResourceAttributes": {"service.name": "svc"}, "ResourceSchemaUrl": "resource schema", "ScopeName": "s", "ScopeVersion": "v",
        "ScopeAttributes": scope_texts, "ScopeDroppedAttrCount": 4, "ScopeSchemaUrl": "scope schema", "ServiceName": "svc", "MetricName": "m",
        "MetricDescription": "d", "MetricUnit": "s", "StartTimeUnix": "2026-09-21T14:13:20.000000000Z", "TimeUnix": NOON_TEXT, "Flags": 1,
    }  # fmt: skip
    return request, scoped.metrics.add(name="m", description="d", unit="s"), shared


def point(points: Any, **fields: Any) -> tuple[Any, dict[str, str]]:
    """Add a data point; return it and what its attributes must be."""
    added = points.add(start_time_unix_nano=1_790_000_000 * 10**9, time_unix_nano=NOON, flags=1, **fields)
    return added, fill_attributes(added.attributes)


def add_exemplar(added: Any) -> dict[str, Any]:
    """Add two exemplars to a point; return their columns."""
    first = added.exemplars.add(time_unix_nano=NOON, as_int=-3, span_id=b"\x02" * 8, trace_id=b"\x01" * 16)
    texts = fill_attributes(first.filtered_attributes)
    added.exemplars.add(time_unix_nano=NOON, as_double=0.5)
    return {
        "Exemplars.FilteredAttributes": [texts, {}], "Exemplars.TimeUnix": [NOON_TEXT] * 2, "Exemplars.Value": [-3, 0.5],
        "Exemplars.SpanId": ["02" * 8, ""], "Exemplars.TraceId": ["01" * 16, ""],
    }  # fmt: skip


def test_gauges_and_sums(store: Store) -> None:
    """Integers and doubles both are Float64; temporality and monotonicity stand with sums."""
    request, metric, shared = metrics()
    added, texts = point(metric.gauge.data_points, as_int=-7)
    exemplars = add_exemplar(added)
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    assert rows(store, "otel_metrics_gauge") == [shared | {"Attributes": texts, "Value": -7} | exemplars]
    request, metric, shared = metrics()
    metric.sum.aggregation_temporality, metric.sum.is_monotonic = 2, True
    added, texts = point(metric.sum.data_points, as_double=0.25)
    exemplars = add_exemplar(added)
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    assert rows(store, "otel_metrics_sum") == [
        shared | {"Attributes": texts, "Value": 0.25, "AggregationTemporality": 2, "IsMonotonic": True} | exemplars
    ]
    assert store.query("SELECT count() FROM otel_metrics_gauge").scalar() == 1


def test_histograms(store: Store) -> None:
    """Buckets, bounds, exemplars; an empty one, and one without minimum and maximum, have zeros."""
    request, metric, shared = metrics()
    metric.histogram.aggregation_temporality = 1
    added, texts = point(metric.histogram.data_points, count=3, sum=2.5, bucket_counts=[1, 2], explicit_bounds=[0.5], min=0.1, max=2)
    exemplars = add_exemplar(added)
    metric.histogram.data_points.add(time_unix_nano=NOON + 1)
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    full, empty = rows(store, "otel_metrics_histogram", "Count DESC")
    own = {"Count": 3, "Sum": 2.5, "BucketCounts": [1, 2], "ExplicitBounds": [0.5], "Min": 0.1, "Max": 2, "AggregationTemporality": 1}
    assert full == shared | {"Attributes": texts} | own | exemplars
    assert [empty[key] for key in own] == [0, 0, [], [], 0, 0, 1]


def test_exponential_histograms(store: Store) -> None:
    """Scale and offsets may be negative."""
    request, metric, shared = metrics()
    metric.exponential_histogram.aggregation_temporality = 2
    added, texts = point(metric.exponential_histogram.data_points, count=9, sum=-1.5, scale=-3, zero_count=2, min=-4, max=8)
    added.positive.offset, added.negative.offset = -7, 3
    added.positive.bucket_counts.extend([1, 2**40])
    added.negative.bucket_counts.extend([0, 5, 0])
    exemplars = add_exemplar(added)
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    own = {
        "Count": 9, "Sum": -1.5, "Scale": -3, "ZeroCount": 2, "PositiveOffset": -7, "PositiveBucketCounts": [1, 2**40], "NegativeOffset": 3,
        "NegativeBucketCounts": [0, 5, 0], "Min": -4, "Max": 8, "AggregationTemporality": 2,
    }  # fmt: skip
    assert rows(store, "otel_metrics_exponential_histogram") == [shared | {"Attributes": texts} | own | exemplars]


def test_summaries(store: Store) -> None:
    """Quantiles as the sender computed them."""
    request, metric, shared = metrics()
    added, texts = point(metric.summary.data_points, count=2, sum=3)
    added.quantile_values.add(quantile=0.5, value=1.5)
    added.quantile_values.add(quantile=0.99, value=9)
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    own = {"Count": 2, "Sum": 3, "ValueAtQuantiles.Quantile": [0.5, 0.99], "ValueAtQuantiles.Value": [1.5, 9]}
    assert rows(store, "otel_metrics_summary") == [shared | {"Attributes": texts} | own]


def test_numbers_that_are_none_are_kept(store: Store) -> None:
    """NaN and infinities of data points stand in the table as such."""
    request, metric, _ = metrics()
    for value in (float("nan"), INFINITY, -INFINITY):
        point(metric.gauge.data_points, as_double=value)
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    assert store.query("SELECT countIf(isNaN(Value)), countIf(Value > 1e308), countIf(Value < -1e308) FROM otel_metrics_gauge").rows == ((1, 1, 1),)


def test_the_kinds_of_one_request_go_to_their_tables(store: Store) -> None:
    """A request with all five kinds, and with metrics that have no points."""
    request, metric, _ = metrics()
    listed = request.resource_metrics[0].scope_metrics[0].metrics
    metric.gauge.data_points.add(as_int=1)
    for kind in KINDS:
        added = listed.add(name=kind)
        for _ in range(2):
            getattr(added, kind).data_points.add(time_unix_nano=NOON)
        getattr(listed.add(name="empty"), kind).SetInParent()
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    counts = [store.query(f"SELECT count() FROM otel_metrics_{k}").scalar() for k in KINDS]
    assert counts == [3, 2, 2, 2, 2]
