"""Two ways into the tables, one result: rows that Python makes are those that the engine's views make, for any request."""

import re
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from hookline.errors import Refused
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.insert import insertion
from hookline_collector.store.insert.direct.activity_rows import ACTIVITY, PLACES, SUSPENDS
from hookline_collector.store.insert.direct.attribute_texts import double_text
from hookline_collector.store.insert.direct.call_rows import CALLS
from hookline_collector.store.insert.direct.database_rows import LOCKS, PLANS, RELATIONS, SAMPLES, STATEMENTS, VERDICTS
from hookline_collector.store.insert.direct.direct_rows import LIMIT_BYTES, MOST_DAYS, direct_rows
from hookline_collector.store.insert.direct.log_rows import LOGS
from hookline_collector.store.insert.direct.point_rows import POINTS
from hookline_collector.store.insert.direct.request_rows import CALLED, REQUESTS
from hookline_collector.store.insert.direct.row_binary import RowBatch, RowLayout
from hookline_collector.store.insert.direct.session_rows import SESSIONS
from hookline_collector.store.insert.direct.sip_hash import sip_hash
from hookline_collector.store.insert.direct.span_rows import SPANS, TRACES
from hookline_collector.store.insert.direct.usage_rows import LIMITS, USAGE
from hookline_collector.store.insert.nesting import flatten
from hookline_collector.store.schema import migrations as migrations_module
from support.agent_records import FIXTURES, requests_of
from support.cases import with_each
from support.replay import logs_of, replay_capture, spans_of
from support.soaking import examples
from support.stored_rows import stored
from support.stores import emptied_store, empty, filled, fresh_token, kept_open

__all__ = ["emptied_store"]
OF_SERVICES = (REQUESTS, CALLED, SAMPLES, LOCKS, STATEMENTS, PLANS, RELATIONS, VERDICTS)
LAYOUTS: tuple[RowLayout, ...] = (SPANS, TRACES, LOGS, *POINTS.values(), CALLS, ACTIVITY, PLACES, SUSPENDS, SESSIONS, USAGE, LIMITS, *OF_SERVICES)
TABLES = {layout.table for layout in LAYOUTS}
NOON_NS = 1_790_000_000 * 10**9
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module")
def both() -> tuple[Store, Store]:
    """Two databases: one for either way."""
    return kept_open("embedded", 1), kept_open("embedded", 2)


def by_views(store: Store, signal: Signal, payload: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(insertion, "direct_rows", lambda signal, payload: None)
        store.insert(signal, payload, fresh_token())


def assert_same(both: tuple[Store, Store], signal: Signal, payload: bytes) -> None:
    """Both ways fill every table alike."""
    direct, views = both
    for store in both:
        empty(store)
    direct.insert(signal, payload, fresh_token())
    by_views(views, signal, payload, pytest.MonkeyPatch())
    tables = sorted(TABLES & (filled(direct) | filled(views)))
    assert stored(direct, tables) == stored(views, tables)


def attributes(pool: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=value) for key, value in pool.items()]


def read_by_name(*ways: str) -> set[str]:
    """Return the attributes of databases' records that the migrations read as a text, a whole number or a decimal."""
    folder = Path(migrations_module.__file__).parent / "sql" / "migrations"
    sql = "".join(path.read_text() for path in sorted(folder.glob("007[2-6]*.sql")))
    found = {way: set(re.findall(rf"\b{way}\('([^']+)'\)", sql)) for way in ("number", "decimal")}
    found["text"] = set(re.findall(r"LogAttributes\['([^']+)'\]", sql)) - found["number"] - found["decimal"]
    return set().union(*(found.get(way, set()) for way in ways))


NUMBERS = ("", "0", "7", "12345678901", "1.5", "3600000", "86400000.25", "1e3", "2.5e-7", "0.01234567890123456789")
ODD = ("x", "+4", "99999999999999999999", " 5", "inf", "nan", "1_000", "0x10", "\u0664")
CHOICES: dict[str, Sequence[str]] = {
    "session.id": ("s1", "s2", "", "hookline-doctor-1"),
    "hookline.prompt.id": ("p1", "p2", ""),
    "prompt.id": ("p1", ""),
    "event.name": ("api_request", "tool_result", "user_prompt", "claude_code.tool_decision"),
    "user.name": ("ana", ""),
    "user.email": ("ana@example.com",),
    "hookline.project.name": ("shop", ""),
    "vcs.ref.head.name": ("main",),
    "vcs.ref.head.revision": ("abc",),
    "gen_ai.agent.id": ("a1", ""),
    "agent_id": ("a2",),
    "gen_ai.request.model": ("opus", "<synthetic>"),
    "model": ("haiku", "<synthetic>"),
    "hookline.outcome": ("success", "failure", "interrupted", "denied", "unknown", ""),
    "hookline.closed_by": ("batch", "turn_end", "process_gone", "other", ""),
    "hookline.evidence": ("observed", "derived", "inferred", "odd", ""),
    "hookline.evidence.source": ("hook", "native", "transcript", "process", "rule", "odd"),
    "hookline.source": ("hook", "transcript", "process", "statusline", "relay", "odd", ""),
    "hookline.session.interactive": ("false", "true"),
    "hookline.session.entrypoint": ("sdk-py", "cli"),
    "hookline.session.end_reason": ("logout", "other", ""),
    "hookline.session.start_source": ("compact", "resume", ""),
    "session.previous_id": ("s0",),
    "gen_ai.tool.call.id": ("c1", "a-call-with-a-long-name-0123456789", ""),
    "tool_use_id": ("c1", "c2", ""),
    "gen_ai.tool.name": ("Bash", "Agent", "Task", ""),
    "tool_name": ("Agent", "Task", "AskUserQuestion", "ExitPlanMode", "Read"),
    "hookline.tool.background": ("true", "false"),
    "hookline.tool.requested_at": ("", "1790000000000000000", "x"),
    "success": ("true", "false", ""),
    "decision": ("accept", "reject", ""),
    "source": ("user_permanent", "config", ""),
    "query_source": ("agent:x", "repl"),
    "command_source": ("builtin", "custom"),
    "hookline.prompt.source": ("absorbed", "task_notification", "typed", ""),
    "hookline.wait.reason": ("answer", "permission", ""),
    "error": ("overloaded",),
    "error.type": ("timeout", ""),
    "error_type": ("timeout", ""),
    "log.record.uid": ("u1", "u2"),
    "hookline.permission.outcome": ("allowed",),
    "hookline.mcp.server.name": ("db",),
    "file.extension": ("py",),
    "hookline.request.id": ("r1", ""),
    "request_id": ("r1", "r2", ""),
    "gen_ai.response.id": ("m1", ""),
    "event.sequence": ("4",),
    "hookline.account": ("acc", ""),
    "user.account_uuid": ("uuid",),
    "hookline.usage.sidechain": ("true", "false"),
}
COUNTED = (
    *(
        "duration_ms",
        "hookline.tool.run_ms",
        "hookline.tool.process_cpu_ms",
        "hookline.tool.input.size",
        "hookline.tool.output.size",
        "tool_input_size_bytes",
        "tool_result_size_bytes",
    ),
    *("user_prompt_length", "hookline.prompt.length", "prompt_length", "cost_usd", "input_tokens", "output_tokens", "cache_read_tokens"),
    *("cache_creation_tokens", "cache_creation_1h_tokens", "hookline.usage.uncached_input_tokens", "hookline.usage.cache_creation_1h"),
    *("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens"),
    *("hookline.limits.five_hour.resets_at", "hookline.limits.seven_day.resets_at", "hookline.limits.five_hour.used_percent"),
)
SPAN_NAMES = (
    *("invoke_agent claude-code", "execute_tool Bash", "execute_tool Agent", "wait_permission Bash", "wait_answer Bash", "compact_context"),
    *("claude_code.tool", "claude_code.tool.execution", "claude_code.tool.blocked_on_user", "claude_code.interaction", "else"),
)
EVENT_NAMES = (
    *(
        "session.start",
        "session.end",
        "session.closed",
        "process_gone",
        "suspended",
        "prompt_submitted",
        "tool_started",
        "tool_running",
        "tool_ended",
    ),
    *("tool_failed", "tool_interrupted", "tool_batch_ended", "permission_requested", "permission_denied", "elicitation_requested"),
    *("elicitation_answered", "turn_ended", "turn_failed", "turn_interrupted", "turn_quiet", "subagent_started", "subagent_completed", "compaction"),
    *("user_prompt", "api_request", "api_error", "tool_result", "tool_decision", "assistant_response", "usage", "limits", "else"),
)
SCOPES = ("hookline.agent", "hookline.history", "com.anthropic.claude_code", "com.anthropic.claude_code.events", "hookline.collector", "other")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
plain_values = st.one_of(
    st.builds(lambda v: AnyValue(string_value=v), texts),
    st.builds(lambda v: AnyValue(bool_value=v), st.booleans()),
    st.builds(lambda v: AnyValue(int_value=v), st.integers(-(2**63), 2**63 - 1)),
    st.builds(lambda v: AnyValue(double_value=v), st.floats()),
    st.builds(lambda v: AnyValue(bytes_value=v), st.binary(max_size=9)),
    st.just(AnyValue()),
)
any_attributes = st.lists(
    st.builds(lambda k, v: KeyValue(key=k, value=v), st.sampled_from(("a", "b", "service.name", "user.name")) | texts, plain_values), max_size=3
)
whole_counts = st.integers(0, 10**9).map(str) | st.decimals(0, 10**6, places=3).map(str)
"""Most numbers are whole or plain, else nearly every request would be odd."""
agent_attributes = st.fixed_dictionaries(
    {"session.id": st.sampled_from(("s1", "s2", "s3"))},
    optional={
        **{key: st.sampled_from(values) for key, values in CHOICES.items() if key != "session.id"},
        **{
            key: whole_counts if key in ("duration_ms", "hookline.tool.run_ms", "cost_usd") or "limits" in key else st.integers(0, 10**9).map(str)
            for key in COUNTED
        },
    },
)
times = st.integers(0, 5 * DAY_NS).map(lambda after: NOON_NS + after)


def drawn(known: dict[str, str], more: list[KeyValue]) -> list[KeyValue]:
    return [*attributes({key: AnyValue(string_value=value) for key, value in known.items()}), *more]


@st.composite
def span_requests(draw: st.DrawFn) -> bytes:
    request = ExportTraceServiceRequest()
    entry = request.resource_spans.add()
    entry.resource.attributes.extend(drawn({"service.name": "claude-code", "host.name": "laptop"}, draw(any_attributes)))
    for scope in draw(st.lists(st.sampled_from(SCOPES), min_size=1, max_size=3)):
        scoped = entry.scope_spans.add()
        scoped.scope.name = scope
        for _ in range(draw(st.integers(1, 4))):
            at = draw(times)
            span = scoped.spans.add(
                trace_id=draw(st.binary(max_size=16)),
                span_id=draw(st.binary(max_size=8)),
                parent_span_id=draw(st.binary(max_size=8)),
                trace_state=draw(texts),
                name=draw(st.sampled_from(SPAN_NAMES)),
                kind=draw(st.integers(0, 5)),
                start_time_unix_nano=at,
                end_time_unix_nano=at + draw(st.sampled_from((-5, 0, 3 * 10**9, DAY_NS, 40 * DAY_NS))),
            )
            span.attributes.extend(drawn(draw(agent_attributes), draw(any_attributes)))
            span.status.code = draw(st.sampled_from(Status.StatusCode.values()))
            span.status.message = draw(texts)
            for _ in range(draw(st.integers(0, 2))):
                span.events.add(name=draw(texts), time_unix_nano=draw(times)).attributes.extend(draw(any_attributes))
                span.links.add(trace_id=draw(st.binary(max_size=16)), trace_state=draw(texts)).attributes.extend(draw(any_attributes))
    return request.SerializeToString()


@st.composite
def log_requests(draw: st.DrawFn) -> bytes:
    request = ExportLogsServiceRequest()
    entry = request.resource_logs.add(schema_url=draw(texts))
    entry.resource.attributes.extend(drawn({"service.name": "claude-code"}, draw(any_attributes)))
    for scope in draw(st.lists(st.sampled_from(SCOPES), min_size=1, max_size=3)):
        scoped = entry.scope_logs.add(schema_url=draw(texts))
        scoped.scope.name, scoped.scope.version = scope, draw(texts)
        scoped.scope.attributes.extend(draw(any_attributes))
        for _ in range(draw(st.integers(1, 5))):
            prefix = draw(st.sampled_from(("", "hookline.", "claude_code.")))
            name = draw(st.sampled_from(EVENT_NAMES))
            record = scoped.log_records.add(
                time_unix_nano=draw(times | st.just(0)),
                observed_time_unix_nano=draw(times),
                severity_number=draw(st.integers(-3, 24)),
                severity_text=draw(texts),
                flags=draw(st.integers(0, 2**32 - 1)),
                event_name=draw(st.sampled_from((prefix + name, prefix + name, ""))),
                span_id=draw(st.binary(max_size=8)),
                trace_id=draw(st.binary(max_size=16)),
            )
            record.body.CopyFrom(draw(plain_values))
            record.attributes.extend(drawn(draw(agent_attributes), draw(any_attributes)))
    return request.SerializeToString()


@st.composite
def point_requests(draw: st.DrawFn) -> bytes:
    request = ExportMetricsServiceRequest()
    entry = request.resource_metrics.add(schema_url=draw(texts))
    entry.resource.attributes.extend(draw(any_attributes))
    scoped = entry.scope_metrics.add(schema_url=draw(texts))
    scoped.scope.name, scoped.scope.dropped_attributes_count = draw(texts), draw(st.integers(0, 9))
    scoped.scope.attributes.extend(draw(any_attributes))
    floats, counts = st.floats(), st.integers(0, 2**63)
    for kind in draw(st.lists(st.sampled_from((*POINTS, "none")), min_size=1, max_size=6)):
        metric = scoped.metrics.add(name=draw(texts), description=draw(texts), unit=draw(texts))
        if kind == "none":
            continue
        data = getattr(metric, kind)
        if kind not in ("gauge", "summary"):
            data.aggregation_temporality = draw(st.integers(0, 2))
        if kind == "sum":
            data.is_monotonic = draw(st.booleans())
        for _ in range(draw(st.integers(0, 2))):
            point = data.data_points.add(time_unix_nano=draw(times), start_time_unix_nano=draw(times), flags=draw(st.integers(0, 1)))
            point.attributes.extend(draw(any_attributes))
            if kind in ("gauge", "sum"):
                draw_number(draw, point)
            else:
                point.count, point.sum = draw(counts), draw(floats)
            if kind in ("histogram", "exponential_histogram") and draw(st.booleans()):
                point.min, point.max = draw(floats), draw(floats)
            if kind == "histogram":
                point.bucket_counts.extend(draw(st.lists(counts, max_size=3)))
                point.explicit_bounds.extend(draw(st.lists(floats, max_size=3)))
            if kind == "exponential_histogram":
                point.scale, point.zero_count, point.positive.offset = draw(st.integers(-9, 9)), draw(counts), draw(st.integers(-99, 99))
                point.negative.bucket_counts.extend(draw(st.lists(counts, max_size=3)))
            if kind == "summary":
                point.quantile_values.add(quantile=draw(floats), value=draw(floats))
            elif draw(st.booleans()):
                exemplar = point.exemplars.add(time_unix_nano=draw(times), span_id=draw(st.binary(max_size=8)), trace_id=draw(st.binary(max_size=16)))
                exemplar.filtered_attributes.extend(draw(any_attributes))
                draw_number(draw, exemplar)
    return request.SerializeToString()


def draw_number(draw: st.DrawFn, point: Any) -> None:
    if draw(st.booleans()):
        point.as_int = draw(st.integers(-(2**63), 2**63 - 1))
    elif draw(st.booleans()):
        point.as_double = draw(st.floats())


OF_A_REQUEST = {
    **dict.fromkeys(("http.route", "rpc.method", "http.request.method", "rpc.system.name", "error.type"), ("", "shop", "x")),
    **dict.fromkeys(("http.response.status_code", "rpc.response.status_code"), ("", "200", "OK")),
    "hookline.request.reason": ("failed", "limit", ""),
    "hookline.request.disconnected": ("true", "false"),
    "hookline.request.repeated": ("[]", ""),
    "hookline.request.calls": ("[]", "", '[{"hash": "a1"}, {"hash":"b2"}, {"hash":"a1"}]', '[{"hash": "no ☃"}]'),
    **{f"hookline.request.{name}": ("0.25", "3", "2e9", "") for name in ("duration", "threshold", "first_byte", "db.time", "loop_lag", "gc_pause")},
    **{f"hookline.request.{name}": ("0", "12", "") for name in ("db.calls", "repeated.most", "calls_left_out")},
}
OF_A_DATABASE = {
    **dict.fromkeys(read_by_name("text"), ("", "a b", "☃")),
    **dict.fromkeys(read_by_name("number"), ("", "0", "7", "12")),
    **{f"hookline.db.{name}": ("1790000000000000000", "8790000000000000000", "7", "0", "") for name in ("verdict.since", "verdict.until")},
    **dict.fromkeys(read_by_name("decimal"), ("", "0.5", "12", "1e3", "99e20")),
    "hookline.db.sample.pids": ("[12,34]", ""),
    "postgresql.pid": ("12", ""),
    "postgresql.blocking.pids": ("[12,34]", "{5,99999999999}", "", "x"),
}
OF_AN_INSTANCE = {
    "hookline.db.name": ("shop-db", ""),
    "server.address": ("10.0.0.5", ""),
    "server.port": ("5432",),
    "service.instance.id": ("i1",),
    "service.version": ("1.2",),
    "host.name": ("web",),
}
NAMES_OF_SERVICES = (
    "db.server.query_sample",
    "db.server.top_query",
    "db.server.query_plan",
    "hookline.db.relation",
    "hookline.db.verdict",
    "hookline.db.lock_tree",
)


def words(pool: Mapping[str, Sequence[str]]) -> st.SearchStrategy[dict[str, str]]:
    """Some of the words, each with one of its values."""
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in pool.items()})


@st.composite
def service_spans(draw: st.DrawFn) -> bytes:
    request = ExportTraceServiceRequest()
    entry = request.resource_spans.add()
    entry.resource.attributes.extend(drawn({"service.name": "shop"} | draw(words(OF_AN_INSTANCE)), draw(any_attributes)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(times)
        span = entry.scope_spans.add().spans.add(
            trace_id=draw(st.binary(max_size=16)),
            span_id=draw(st.sampled_from((b"", b"1" * 8, b"2" * 8))),
            name=draw(texts),
            kind=draw(st.sampled_from((2, 2, 3))),
            start_time_unix_nano=at,
            end_time_unix_nano=at + draw(st.sampled_from((-5, 0, 3 * 10**9, 2**62))),
        )
        span.attributes.extend(drawn(draw(words(OF_A_REQUEST)), []))
        span.status.code = draw(st.sampled_from(Status.StatusCode.values()))
    return request.SerializeToString()


@st.composite
def service_logs(draw: st.DrawFn) -> bytes:
    request = ExportLogsServiceRequest()
    entry = request.resource_logs.add()
    entry.resource.attributes.extend(drawn(draw(words(OF_AN_INSTANCE)), draw(any_attributes)))
    scoped = entry.scope_logs.add()
    scoped.scope.name = draw(st.sampled_from(("hookline.databases", "other")))
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from((*NAMES_OF_SERVICES, "hookline.slow_request", "else")))
        record = scoped.log_records.add(
            time_unix_nano=draw(times),
            event_name=name,
            span_id=draw(st.sampled_from((b"", b"1" * 8))),
            trace_id=draw(st.binary(max_size=16)),
        )
        record.attributes.extend(drawn(draw(words(OF_A_REQUEST if "request" in name else OF_A_DATABASE)), []))
    return request.SerializeToString()


REQUESTS_DRAWN: dict[Signal, Callable[[], st.SearchStrategy[bytes]]] = {
    Signal.TRACES: span_requests,
    Signal.LOGS: log_requests,
    Signal.METRICS: point_requests,
}


@pytest.mark.parametrize("signal", Signal)
def test_both_ways_make_the_same_rows(both: tuple[Store, Store], signal: Signal) -> None:
    """Of any request: agents' words that mean something, and anything beside them."""
    taken = []

    @settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
    @given(payload=REQUESTS_DRAWN[signal]())
    def check(payload: bytes) -> None:
        taken.append(direct_rows(signal, payload) is not None)
        assert_same(both, signal, payload)

    check()
    assert sum(taken) > len(taken) * (0.7 if len(taken) > 50 else 0.3)  # else little was compared


@pytest.mark.parametrize(("signal", "drawing"), [(Signal.TRACES, service_spans), (Signal.LOGS, service_logs)])
def test_both_ways_make_the_same_rows_of_services_and_databases(
    both: tuple[Store, Store], signal: Signal, drawing: Callable[[], st.SearchStrategy[bytes]]
) -> None:
    """Of requests, samples, statements, plans, relations and verdicts, and of what a sender may write in their place."""
    taken = []

    @settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
    @given(payload=drawing())
    def check(payload: bytes) -> None:
        taken.append(direct_rows(signal, payload) is not None)
        assert_same(both, signal, payload)

    check()
    assert sum(taken) > len(taken) * (0.7 if len(taken) > 50 else 0.3)


@pytest.mark.parametrize("signal", [Signal.TRACES, *(pytest.param(each, marks=pytest.mark.long) for each in (Signal.LOGS, Signal.METRICS))])
def test_what_a_client_really_sends_makes_the_same_rows(both: tuple[Store, Store], signal: Signal) -> None:
    """Every capture, as far as it is small, and none of them is odd; as many at once as one way takes."""
    together = b""
    for capture in sorted(FIXTURES.iterdir()):
        payload = joined(sorted((capture / "otlp").glob(f"*-{signal.value}.binpb")))
        if payload:
            assert direct_rows(signal, flatten(signal, payload)) is not None
        if len(together) + len(payload) > LIMIT_BYTES:
            assert_same(both, signal, together)
            together = b""
        together += payload
    assert_same(both, signal, together)


def test_nothing_that_hookline_itself_sends_is_odd(both: tuple[Store, Store]) -> None:
    """Else every working day would go the dear way."""
    steps = [step for name in ("tools", "denied", "subagent") for step in replay_capture(name)]
    for signal, body in requests_of([*spans_of(steps), *logs_of(steps)]):
        assert direct_rows(signal, flatten(signal, body)) is not None
        assert_same(both, signal, body)


def joined(paths: list[Path]) -> bytes:
    found = b""
    for path in paths:
        if len(found) + path.stat().st_size < LIMIT_BYTES:
            found += path.read_bytes()
    return found


def request_of_numbers(key: str, *numbers: str) -> bytes:
    request = ExportLogsServiceRequest()
    scoped = request.resource_logs.add().scope_logs.add()
    scoped.scope.name = "com.anthropic.claude_code.events"
    for number in numbers:
        record = scoped.log_records.add(time_unix_nano=NOON_NS, event_name="api_request")
        record.attributes.extend(drawn({"session.id": "s1", "request_id": f"r{number}", key: number}, []))
    return request.SerializeToString()


@pytest.mark.parametrize("key", ["duration_ms", "input_tokens"])
def test_numbers_in_texts_are_read_as_the_engine_reads_them(both: tuple[Store, Store], key: str) -> None:
    """With fraction, exponent, and more digits than a double holds."""
    numbers = [number for number in NUMBERS if key == "duration_ms" or number.isdigit() or not number]
    payload = request_of_numbers(key, *numbers)
    assert direct_rows(Signal.LOGS, payload) is not None
    assert_same(both, Signal.LOGS, payload)


@with_each("number", ODD)
@with_each("key", ["duration_ms", "input_tokens"])
def test_what_is_hardly_a_number_is_left_to_the_views(key: str, number: str) -> None:
    """Nothing is guessed."""
    assert direct_rows(Signal.LOGS, request_of_numbers(key, number)) is None


def test_every_column_is_written_in_its_type(emptied_store: Store) -> None:
    """A layout names all columns of its table: one that a migration adds and Python forgets would get its default, unlike by the views."""
    for layout in LAYOUTS:
        rows = emptied_store.query("SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {t:String}", {"t": layout.table})
        assert {name for (name,) in rows} == set(layout.names), layout.table


def test_every_view_that_a_request_starts_has_its_twin_in_python(emptied_store: Store) -> None:
    """A new view behind the doors needs rows made in Python as well, and one behind a table would run for every small insert. Views of what was
    worked out are not a request's."""
    all_views = emptied_store.query("SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView'")
    views = [(text,) for (text,) in all_views if not re.search(r"FROM \S+?\.`?worked_", text)]
    assert views
    ends = {re.search(r"\bTO \S+?\.`?(\w+)`?", text)[1] for (text,) in views}  # type: ignore[index]
    assert ends - {"otlp_span", "otlp_record", "otlp_watched_record", "otlp_metric", "otlp_plain_span", "agent_spans", "agent_logs"} == {
        layout.table for layout in LAYOUTS
    }
    behind = {name for (text,) in views for name in re.findall(r"FROM \S+?\.`?(\w+)`?", text)}
    assert behind & {layout.table for layout in LAYOUTS} == set()


@settings(max_examples=examples(300), deadline=None)
@given(numbers=st.lists(st.floats(), min_size=50, max_size=50))
def test_doubles_are_printed_as_the_engine_prints_them(both: tuple[Store, Store], numbers: list[float]) -> None:
    """The fewest digits, an exponent where the engine has one."""
    bits = [int.from_bytes(struct.pack("<d", number), "little") for number in numbers]
    printed = both[0].query(f"SELECT arrayMap(b -> toString(reinterpretAsFloat64(b)), {bits}::Array(UInt64))").scalar()
    assert printed == [double_text(number) for number in numbers]


@settings(max_examples=examples(20), deadline=None)
@given(words=st.lists(texts, min_size=20, max_size=20))
def test_hashes_are_the_engine_s(both: tuple[Store, Store], words: list[str]) -> None:
    """Sets of prompts and calls from either way add up."""
    hashed = both[0].query("SELECT arrayMap(w -> toString(sipHash64(w)), {words:Array(String)})", {"words": words}).scalar()
    assert hashed == [str(sip_hash(word)) for word in words]


def test_what_is_large_spread_or_unreadable_goes_by_the_views() -> None:
    """Python makes rows only where that is cheap and certain."""
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for day in range(MOST_DAYS):
        records.add(time_unix_nano=NOON_NS + day * DAY_NS)
    assert direct_rows(Signal.LOGS, request.SerializeToString()) is not None
    records.add(time_unix_nano=NOON_NS + MOST_DAYS * DAY_NS)
    assert direct_rows(Signal.LOGS, request.SerializeToString()) is None
    del records[1:]
    records[0].body.string_value = "x" * LIMIT_BYTES
    assert direct_rows(Signal.LOGS, request.SerializeToString()) is None
    assert direct_rows(Signal.LOGS, b"\x0a\xff\xff") is None
    assert direct_rows(Signal.LOGS, b"") == []


def test_a_small_insert_that_broke_between_two_tables_is_completed(emptied_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans are in, what follows fails: the retry adds what is missing and nothing else."""
    inserter, write = emptied_store._inserter, emptied_store._inserter._write_rows
    request = ExportTraceServiceRequest()
    scoped = request.resource_spans.add().scope_spans.add()
    scoped.scope.name = "hookline.agent"
    span = scoped.spans.add(name="execute_tool Bash", trace_id=b"t" * 16, start_time_unix_nano=NOON_NS, end_time_unix_nano=NOON_NS)
    span.attributes.extend(drawn({"session.id": "s1", "gen_ai.tool.call.id": "c1"}, []))
    payload, token = request.SerializeToString(), fresh_token()
    tables = [table.layout.table for table in direct_rows(Signal.TRACES, payload) or ()]
    assert tables == ["otel_traces", "otel_traces_trace_id_ts", "tool_calls_state", "sessions_state"]
    for broken in tables:

        def fail(client: Client, table: RowBatch, name: str, broken: str = broken) -> None:
            if table.layout.table == broken:
                raise OSError("the connection broke")
            write(client, table, name)

        monkeypatch.setattr(inserter, "_write_rows", fail)
        with pytest.raises(Refused):
            emptied_store.insert(Signal.TRACES, payload, token)
    monkeypatch.setattr(inserter, "_write_rows", write)
    for _ in range(2):
        emptied_store.insert(Signal.TRACES, payload, token)
    assert [emptied_store.query(f"SELECT count() FROM {table}").scalar() for table in tables] == [1, 1, 1, 1]


def test_a_request_that_not_the_agent_itself_tells_counts_by_both_ways(both: tuple[Store, Store]) -> None:
    """The view asks for a record's name, not for its scope."""
    request = ExportLogsServiceRequest()
    scoped = request.resource_logs.add().scope_logs.add()
    scoped.scope.name = "hookline.agent"
    told = {"event.name": "api_request", "session.id": "s1", "request_id": "r1", "model": "opus", "output_tokens": "7"}
    record = scoped.log_records.add(time_unix_nano=1_790_000_000 * 10**9)
    record.attributes.extend(KeyValue(key=name, value=AnyValue(string_value=value)) for name, value in told.items())
    assert_same(both, Signal.LOGS, request.SerializeToString())
    assert both[0].query("SELECT output_tokens FROM usage_state").rows == ((7,),)
