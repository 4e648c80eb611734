"""A shop with a service and databases, as OTLP: what `hookline.instrument` and `hookline databases` send of it, and the OpenTelemetry Collector.

Builders make one record each, with the words of the contract; `of_logs`, `of_spans` and `of_metrics` put them into requests under a resource.
`looks_at`, `statements_of` and `relations_of` play a busy database.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from hookline.contract.databases import DATABASE_SCOPE, DatabaseEvent
from hookline.contract.services import HTTP_DURATION, SERVICES_SCOPE, SLOW_REQUEST_RECORD

NS = 10**9
NOON_NS = 1_790_002_800 * NS  # 2026-09-21T15:00:00Z, a whole hour
Attributes = Mapping[str, Any]
SHOP: Attributes = {"service.name": "shop", "service.version": "1.4", "service.instance.id": "shop-1", "host.name": "web"}
SERVER, CLIENT = 2, 3
STATEMENTS = (
    ("6b1f0a2c3d4e5f60", "select * from orders where id = ?", "SELECT orders", 0.9),
    ("11aa22bb33cc44dd", "update stock set left = left - ? where sku = ?", "UPDATE stock", 4.2),
    ("99ee88dd77cc66bb", "select count(*) from orders where state = ?", "SELECT orders", 310.0),
    ("0123456789abcdef", "insert into events (kind, body) values (?, ?)", "INSERT events", 0.4),
    ("feedfacecafebeef", "select i.* from items i join orders o on o.id = i.order_id where o.customer = ?", "SELECT items, orders", 21.0),
)


def database(name: str = "shop-db", address: str = "10.0.0.5", port: int = 5432) -> Attributes:
    """Return the resource of a database that the agent watches."""
    return {
        "service.name": "hookline-databases",
        "hookline.db.name": name,
        "db.system.name": "postgresql",
        "server.address": address,
        "server.port": port,
    }


@dataclass(frozen=True, slots=True)
class Told:
    """A log record."""

    name: str
    time_ns: int
    attributes: Attributes
    trace_id: bytes = b""
    span_id: bytes = b""


@dataclass(frozen=True, slots=True)
class Served:
    """A span."""

    name: str
    start_ns: int
    duration_s: float
    attributes: Attributes
    trace_id: bytes
    span_id: bytes
    parent_id: bytes = b""
    kind: int = SERVER
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a gauge, of a sum that grows (`of` = sum), or of a histogram's counts (an exponential one has one bucket).

    It tells of the last ten seconds, or from `begun_ns` on.
    """

    metric: str
    time_ns: int
    value: float
    attributes: Attributes = field(default_factory=dict)
    of: str = "gauge"
    unit: str = "1"
    counts: Sequence[int] = ()
    bounds: Sequence[float] = ()
    is_delta: bool = True
    begun_ns: int = 0


def of_logs(resource: Attributes, records: Sequence[Told], scope: str = DATABASE_SCOPE) -> bytes:
    """Return a request with records."""
    request = ExportLogsServiceRequest()
    entry = request.resource_logs.add()
    entry.resource.attributes.extend(attributes_of(resource))
    scoped = entry.scope_logs.add()
    scoped.scope.name = scope
    for record in records:
        scoped.log_records.add(
            time_unix_nano=record.time_ns, event_name=record.name, trace_id=record.trace_id, span_id=record.span_id
        ).attributes.extend(attributes_of(record.attributes))
    return request.SerializeToString()


def of_spans(resource: Attributes, spans: Sequence[Served], scope: str = SERVICES_SCOPE) -> bytes:
    """Return a request with spans."""
    request = ExportTraceServiceRequest()
    entry = request.resource_spans.add()
    entry.resource.attributes.extend(attributes_of(resource))
    scoped = entry.scope_spans.add()
    scoped.scope.name = scope
    for span in spans:
        made = scoped.spans.add(
            name=span.name,
            kind=span.kind,
            trace_id=span.trace_id,
            span_id=span.span_id,
            parent_span_id=span.parent_id,
            start_time_unix_nano=span.start_ns,
            end_time_unix_nano=span.start_ns + int(span.duration_s * NS),
        )
        made.attributes.extend(attributes_of(span.attributes))
        if span.has_failed:
            made.status.code = 2  # type: ignore[assignment]
    return request.SerializeToString()


def of_metrics(resource: Attributes, points: Sequence[Point], scope: str = DATABASE_SCOPE) -> bytes:
    """Return a request with points."""
    request = ExportMetricsServiceRequest()
    entry = request.resource_metrics.add()
    entry.resource.attributes.extend(attributes_of(resource))
    scoped = entry.scope_metrics.add()
    scoped.scope.name = scope
    for point in points:
        metric = scoped.metrics.add(name=point.metric, unit=point.unit)
        data = getattr(metric, point.of)
        if point.of != "gauge":
            data.aggregation_temporality = 1 if point.is_delta else 2
        if point.of == "sum":
            data.is_monotonic = True
        made = data.data_points.add(time_unix_nano=point.time_ns, start_time_unix_nano=point.begun_ns or point.time_ns - 10 * NS)
        made.attributes.extend(attributes_of(point.attributes))
        if point.of == "histogram":
            made.count, made.sum = sum(point.counts), point.value
            made.bucket_counts.extend(point.counts)
            made.explicit_bounds.extend(point.bounds)
        elif point.of == "exponential_histogram":
            made.count, made.sum = sum(point.counts), point.value
            made.positive.bucket_counts.append(made.count)
        else:
            made.as_double = point.value
    return request.SerializeToString()


def attributes_of(values: Attributes) -> list[KeyValue]:
    """Return attributes as OTLP has them."""
    return [KeyValue(key=key, value=_value(value)) for key, value in values.items()]


def _value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, list | tuple):
        found = AnyValue()
        found.array_value.values.extend(_value(each) for each in value)
        return found
    return AnyValue(string_value=str(value))


def sample(time_ns: int, pid: int, more: Attributes | None = None, *, statement: int = 0) -> Told:
    """Return a session as a look sees it; `more` are further attributes, or other values."""
    digest, text, summary, _ = STATEMENTS[statement]
    known = {
        "db.namespace": "shop",
        "postgresql.pid": pid,
        "postgresql.state": "active",
        "postgresql.wait_event_type": "",
        "postgresql.wait_event": "",
        "postgresql.application_name": "shop",
        "user.name": "app",
        "db.query.text": text,
        "db.query.summary": summary,
        "hookline.db.statement_hash": digest,
        "hookline.db.sample.interval": 1.0,
    }
    return Told(DatabaseEvent.QUERY_SAMPLE, time_ns, known | dict(more or {}))


def statement_told(time_ns: int, statement: int = 0, calls: int = 100, factor: float = 1.0, more: Attributes | None = None) -> Told:
    """Return what a statement did in an interval."""
    digest, text, summary, mean_ms = STATEMENTS[statement]
    known = {
        "db.namespace": "shop",
        "postgresql.rolname": "app",
        "postgresql.queryid": str(7_000_000 + statement),
        "postgresql.calls": calls,
        "postgresql.rows": calls * 3,
        "postgresql.total_exec_time": calls * mean_ms * factor,
        "postgresql.shared_blks_hit": calls * 40,
        "postgresql.shared_blks_read": calls * 2,
        "db.query.text": text,
        "db.query.summary": summary,
        "hookline.db.statement_hash": digest,
        "hookline.db.interval": 60.0,
    }
    return Told(DatabaseEvent.TOP_QUERY, time_ns, known | dict(more or {}))


def request_told(
    start_ns: int, duration_s: float, number: int, more: Attributes | None = None, *, route: str = "/orders/{id}", status: int = 200
) -> tuple[Served, Told]:
    """Return a request's SERVER span and the record of its having been slow."""
    trace_id, span_id = number.to_bytes(16, "big"), number.to_bytes(8, "big")
    known: dict[str, Any] = {"http.request.method": "GET", "http.route": route, "http.response.status_code": status}
    if status >= 500:
        known["error.type"] = str(status)
    span = Served(f"GET {route}", start_ns, duration_s, known, trace_id, span_id, has_failed=status >= 500)
    slow = {
        "hookline.request.reason": "failed" if status >= 500 else "limit",
        "hookline.request.duration": duration_s,
        "hookline.request.threshold": 0.5,
    }
    return span, Told(SLOW_REQUEST_RECORD, start_ns + int(duration_s * NS), known | slow | dict(more or {}), trace_id, span_id)


def durations(time_ns: int, route: str, counts: Sequence[int], total_s: float, status: int = 200) -> Point:
    """Return the durations of a route's requests in an interval; `counts` by the contract's bounds."""
    known: dict[str, Any] = {"http.request.method": "GET", "http.route": route, "http.response.status_code": status}
    if status >= 500:
        known["error.type"] = str(status)
    return Point(HTTP_DURATION.name, time_ns, total_s, known, "histogram", "s", counts, HTTP_DURATION.bounds)


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a database is: mean sessions at a look, how often it is looked at, and how many statements and tables it knows."""

    sessions: float = 4.0
    every_s: float = 1.0
    statements: int = 200
    tables: int = 50
    seed: int = 7


WAITS: Sequence[tuple[str, str, float]] = (
    ("", "", 0.55),
    ("IO", "DataFileRead", 0.18),
    ("IO", "WALSync", 0.07),
    ("LWLock", "WALWrite", 0.05),
    ("Client", "ClientRead", 0.06),
    ("Lock", "transactionid", 0.04),
    ("LWLock", "BufferMapping", 0.03),
    ("IO", "BufFileWrite", 0.02),
)
TABLES = ("orders", "items", "customers", "stock", "events", "prices", "carts", "payments", "shipments", "users")


def texts_of(load: Load) -> list[tuple[str, str, str]]:
    """Return hash, text and summary of each statement that a database knows."""
    random = Random(load.seed)
    found = []
    for number in range(load.statements):
        table, other = random.choice(TABLES), random.choice(TABLES)
        columns = ", ".join(f"{table}.column_{random.randrange(40)}" for _ in range(random.randrange(2, 12)))
        text = f"select {columns} from {table} join {other} on {other}.id = {table}.{other}_id where {table}.column_{number} = ? limit ?"
        found.append((f"{random.getrandbits(64):016x}", text, f"SELECT {table} {other}"))
    return found


def looks_at(load: Load, start_ns: int, seconds: int) -> Iterator[Sequence[Told]]:
    """Yield what each look at a busy database shows: sessions come and go, and stay for some looks."""
    random, texts = Random(load.seed), texts_of(load)
    weights = [1 / (n + 1) for n in range(len(texts))]
    running: dict[int, tuple[int, int, tuple[str, str, float]]] = {}
    for look in range(int(seconds / load.every_s)):
        at = start_ns + int(look * load.every_s * NS)
        wanted = load.sessions * (1 + 0.6 * math.sin(look / 500))
        while len(running) < wanted and random.random() < 0.8:
            (statement,) = random.choices(range(len(texts)), weights)
            (wait,) = random.choices(WAITS, [each[2] for each in WAITS])
            running[random.randrange(4000, 4040)] = (look, statement, wait)
        yield [
            _seen(at, pid, texts[statement], wait, (look - begun) * load.every_s + 0.1, load.every_s)
            for pid, (begun, statement, wait) in sorted(running.items())
        ]
        for pid in [pid for pid in running if random.random() < 0.5]:
            del running[pid]


def _seen(at: int, pid: int, text: tuple[str, str, str], wait: tuple[str, str, float], running_s: float, every_s: float) -> Told:
    more: dict[str, Any] = {"postgresql.wait_event_type": wait[0], "postgresql.wait_event": wait[1], "hookline.db.sample.interval": every_s}
    more |= {"hookline.db.statement_hash": text[0], "db.query.text": text[1], "db.query.summary": text[2]}
    more |= {"hookline.db.statement.duration": running_s, "network.peer.address": "10.0.0.9"}
    if wait[0] == "Lock":
        more |= {
            "postgresql.blocking.pids": [4001],
            "postgresql.blocking.lock.mode": "ShareLock",
            "postgresql.blocking.wait_duration": int(running_s),
        }
    return sample(at, pid, more)


def statements_of(load: Load, at: int) -> list[Told]:
    """Return what the statements of a minute did: those that ran."""
    random = Random(f"{load.seed} {at}")
    found = []
    for number, (digest, text, summary) in enumerate(texts_of(load)):
        if random.random() < 3 / (number + 1) ** 0.5:
            named = {"hookline.db.statement_hash": digest, "db.query.text": text, "db.query.summary": summary}
            found.append(statement_told(at, 0, random.randrange(1, 5000), more=named | {"postgresql.queryid": str(10**15 + number)}))
    return found


def relations_of(load: Load, at: int) -> list[Told]:
    """Return what the tables of a minute were and did."""
    random = Random(f"{load.seed} {at}")
    found = []
    for number in range(load.tables):
        of = "hookline.db.relation"
        grown = {f"{of}.{name}": random.randrange(10_000) for name in ("index_scans", "inserted", "updated", "blocks_hit", "blocks_read")}
        known = {f"{of}.schema": "public", f"{of}.name": f"{TABLES[number % 10]}_{number}", f"{of}.size": 8192 * (1000 + number), f"{of}.rows": 10**6}
        dead = {f"{of}.dead_rows": random.randrange(10**5), f"{of}.vacuum_trigger": 200_050, "hookline.db.interval": 60.0, "db.namespace": "shop"}
        found.append(Told(DatabaseEvent.RELATION, at, known | grown | dead))
    return found
