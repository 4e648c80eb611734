"""What `hookline.instrument()` sends of a service, in the words of the wire: scope, spans, log events, metrics and their attributes.

Stable OpenTelemetry names where there are any (semantic conventions 1.41: HTTP, database, code; release candidates: RPC, process),
`postgresql.*` as the OpenTelemetry Collector names them, `hookline.*` for the rest. Times are seconds unless a name says otherwise. All of it has the
scope `hookline.services` and the service's own resource: `service.name`, `service.version`, `service.instance.id`, `host.name`, `process.pid`.

    SERVER span     one a request: `GET /orders/{id}`, `shop.Orders/Get`, websockets too; no spans of single messages
    CLIENT span     one a database call or gRPC call, below the request, named by its summary: `SELECT orders`
    INTERNAL span   `background GET /orders/{id}`: what ran on after the answer had gone, where that was long or failed
    log event       `hookline.slow_request`, one for each request that was kept (`KeptBecause`); trace and span id are the SERVER span's
    log event       `hookline.loop_blocked`: a callback that held up the event loop, by its place
    log event       `hookline.route_regression`, of the collector: a route that became slower, under the service's name
    metrics         `METRICS`; the durations count every request and call, also those without a span
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SERVICES_SCOPE: Final = "hookline.services"
SLOW_REQUEST_RECORD: Final = "hookline.slow_request"
LOOP_BLOCKED_RECORD: Final = "hookline.loop_blocked"
ROUTE_REGRESSION_RECORD: Final = "hookline.route_regression"
BACKGROUND_SPAN: Final = "background"  # the first word of the name of what ran on after the answer


class KeptBecause(StrEnum):
    """Why a request was kept with its whole tree: `hookline.request.reason`, the first that holds."""

    FAILED = "failed"  # an exception, a status of 500 or more, an RPC code that is the server's fault
    LIMIT = "limit"  # took longer than the limit that was set
    ROUTE = "route"  # took longer than 99 of 100 recent requests of its route
    SAMPLED = "sampled"  # one in N


# Resource
SERVICE_INSTANCE_ID: Final = "service.instance.id"
RESOURCE_PID: Final = "process.pid"

# A request over HTTP: SERVER span and slow-request log
HTTP_METHOD: Final = "http.request.method"
HTTP_METHOD_ORIGINAL: Final = "http.request.method_original"
HTTP_ROUTE: Final = "http.route"
HTTP_STATUS: Final = "http.response.status_code"
URL_PATH: Final = "url.path"
URL_SCHEME: Final = "url.scheme"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
CLIENT_ADDRESS: Final = "client.address"
USER_AGENT: Final = "user_agent.original"
NETWORK_PROTOCOL: Final = "network.protocol.name"  # "http", "websocket"
NETWORK_PROTOCOL_VERSION: Final = "network.protocol.version"
ERROR_TYPE: Final = "error.type"  # class of the exception, or the status as a text
EXCEPTION_TYPE: Final = "exception.type"
EXCEPTION_MESSAGE: Final = "exception.message"  # redacted
EXCEPTION_STACKTRACE: Final = "exception.stacktrace"  # redacted

# A request or call over gRPC
RPC_SYSTEM: Final = "rpc.system.name"  # "grpc"
RPC_METHOD: Final = "rpc.method"  # "shop.Orders/Get"
RPC_STATUS: Final = "rpc.response.status_code"  # "OK", "NOT_FOUND"

# A database call: CLIENT span
DB_SYSTEM: Final = "db.system.name"  # postgresql, redis, clickhouse, sqlite, …
DB_NAMESPACE: Final = "db.namespace"
DB_OPERATION: Final = "db.operation.name"  # of systems without texts (redis): the command
DB_TEXT: Final = "db.query.text"  # folded: no literals, no comments
DB_SUMMARY: Final = "db.query.summary"
DB_BATCH_SIZE: Final = "db.operation.batch.size"
DB_STATUS: Final = "db.response.status_code"  # SQLSTATE, ClickHouse's code
DB_ROWS: Final = "db.response.returned_rows"
DB_STATEMENT_HASH: Final = "hookline.db.statement_hash"  # 16 hex of the folded text; the database's side has the same
DB_BACKEND_PID: Final = "postgresql.pid"  # with the time: which sample of the database is of this call
DB_QUERY_PLAN: Final = "postgresql.query_plan"  # of this very execution, where the server sent it as a notice (option `plans`)
DB_PLAN_HASH: Final = "hookline.db.plan.hash"  # its name, where the notice was JSON: the same as that of the plan which the agent of databases stored
DB_POOL_NAME: Final = "db.client.connection.pool.name"
DB_POOL_STATE: Final = "db.client.connection.state"  # used | idle
CODE_FILE: Final = "code.file.path"  # of the caller, not of a library
CODE_LINE: Final = "code.line.number"
CODE_FUNCTION: Final = "code.function.name"

# Of a request as a whole: slow-request log, and SERVER span where it says so
REQUEST_REASON: Final = "hookline.request.reason"  # a word of KeptBecause; span too
REQUEST_DURATION: Final = "hookline.request.duration"  # s, to the last byte of the answer
REQUEST_THRESHOLD: Final = "hookline.request.threshold"  # s: the limit, or the p99 of the route, that it was over
REQUEST_FIRST_BYTE: Final = "hookline.request.first_byte"  # s until the first byte of the answer; span too
REQUEST_DISCONNECTED: Final = "hookline.request.disconnected"  # true: the client left before the end; span too
REQUEST_CALLS: Final = "hookline.request.calls"  # JSON: what was called, in order, see CALL_FIELDS
REQUEST_CALLS_LEFT_OUT: Final = "hookline.request.calls_left_out"  # how many the list had no room for
REQUEST_DB_CALLS: Final = "hookline.request.db.calls"  # how many database calls
REQUEST_DB_TIME: Final = "hookline.request.db.time"  # s in them, side by side counted once
REQUEST_REPEATED: Final = "hookline.request.repeated"  # JSON: calls of one statement from one line (N+1), see REPEATED_FIELDS
REQUEST_REPEATED_MOST: Final = "hookline.request.repeated.most"  # the largest number of calls in it
REQUEST_LOOP_LAG: Final = "hookline.request.loop_lag"  # s: the longest that the event loop was held up meanwhile
REQUEST_GC_PAUSE: Final = "hookline.request.gc_pause"  # s in garbage collection meanwhile
REQUEST_SUPPRESSED: Final = "hookline.request.suppressed"  # how many slow-request logs were left out since the last one, for there were too many

#: Keys of the objects in `hookline.request.calls`; a key without a value is left out.
CALL_FIELDS: Final = ("at_ms", "ms", "kind", "system", "summary", "hash", "rows", "error", "file", "line", "function", "span_id")
#: Keys of the objects in `hookline.request.repeated`: `ms` is their sum.
REPEATED_FIELDS: Final = ("count", "ms", "system", "summary", "hash", "file", "line", "function")

# The event loop
LOOP_BLOCKED_FOR: Final = "hookline.loop.blocked"  # s until it was seen, of `hookline.loop_blocked`; with code.* and code.stacktrace of the callback
CODE_STACKTRACE: Final = "code.stacktrace"

# A route that became slower: `hookline.route_regression`, with the method and route of its requests
ROUTE_RATIO: Final = "hookline.route.regression.ratio"  # how many times as long a request takes
ROUTE_BEFORE_MS: Final = "hookline.route.regression.before_ms"
ROUTE_AFTER_MS: Final = "hookline.route.regression.after_ms"
ROUTE_SINCE: Final = "hookline.route.regression.since"  # ns
ROUTE_P: Final = "hookline.route.regression.p"
ROUTE_PARTS: Final = "hookline.route.regression.parts"  # JSON, before and after: see ROUTE_PART_NAMES
ROUTE_BESIDE: Final = "hookline.route.regression.beside"  # JSON: what else changed at that time, objects of at, kind, name, place

#: What is known of a route's requests: of a second; of one, its time in databases, calls, the rest; and how late the service's event loops were.
ROUTE_PART_NAMES: Final = ("requests", "db_ms", "db_calls", "rest_ms", "loop_ms")


@dataclass(frozen=True, slots=True)
class ServiceMetric:
    """A metric: `kind` is histogram, counter, updown or gauge; `labels` are the attributes of its points; `bounds` those of a histogram's buckets."""

    name: str
    unit: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    bounds: tuple[float, ...] = ()


HTTP_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
DB_BOUNDS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
LAG_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

GC_GENERATION: Final = "cpython.gc.generation"
CPU_MODE: Final = "cpu.mode"
DISK_IO_DIRECTION: Final = "disk.io.direction"
SWITCH_TYPE: Final = "process.context_switch.type"
FAULT_TYPE: Final = "system.paging.fault.type"
PRESSURE_RESOURCE: Final = "hookline.resource"  # cpu | memory | io
SIGNAL: Final = "hookline.signal"  # traces | logs | metrics

HTTP_DURATION: Final = ServiceMetric(
    "http.server.request.duration",
    "s",
    "histogram",
    (HTTP_METHOD, URL_SCHEME, HTTP_ROUTE, HTTP_STATUS, ERROR_TYPE, NETWORK_PROTOCOL),
    "Duration of requests, to the last byte of the answer.",
    HTTP_BOUNDS,
)
ROUTE_LABELS: Final = (HTTP_METHOD, HTTP_ROUTE, RPC_METHOD)
ROUTE_DB_TIME: Final = ServiceMetric(
    "hookline.route.db.time", "s", "counter", ROUTE_LABELS, "Time of requests in database calls, side by side counted once, by route."
)
ROUTE_DB_CALLS: Final = ServiceMetric("hookline.route.db.calls", "{call}", "counter", ROUTE_LABELS, "Database calls of requests, by route.")
HTTP_ACTIVE: Final = ServiceMetric("http.server.active_requests", "{request}", "updown", (), "Requests under way.")
RPC_SERVER_DURATION: Final = ServiceMetric(
    "rpc.server.call.duration",
    "s",
    "histogram",
    (RPC_SYSTEM, RPC_METHOD, RPC_STATUS, ERROR_TYPE),
    "Duration of calls that were served.",
    HTTP_BOUNDS,
)
RPC_CLIENT_DURATION: Final = ServiceMetric(
    "rpc.client.call.duration",
    "s",
    "histogram",
    (RPC_SYSTEM, RPC_METHOD, RPC_STATUS, SERVER_ADDRESS, SERVER_PORT, ERROR_TYPE),
    "Duration of calls that were made.",
    HTTP_BOUNDS,
)
DB_DURATION: Final = ServiceMetric(
    "db.client.operation.duration",
    "s",
    "histogram",
    (DB_SYSTEM, DB_NAMESPACE, DB_SUMMARY, DB_STATEMENT_HASH, SERVER_ADDRESS, SERVER_PORT, DB_STATUS, ERROR_TYPE),
    "Duration of database calls.",
    DB_BOUNDS,
)
POOL_WAIT: Final = ServiceMetric(
    "db.client.connection.wait_time", "s", "histogram", (DB_POOL_NAME,), "Time until a pool gave a connection.", DB_BOUNDS
)
POOL_COUNT: Final = ServiceMetric("db.client.connection.count", "{connection}", "updown", (DB_POOL_NAME, DB_POOL_STATE), "Connections of a pool.")
POOL_MAX: Final = ServiceMetric("db.client.connection.max", "{connection}", "updown", (DB_POOL_NAME,), "Connections that a pool may have.")
LOOP_LAG: Final = ServiceMetric("hookline.loop.lag", "s", "histogram", (), "How late the event loop came to a timer.", LAG_BOUNDS)
LOOP_LONGEST: Final = ServiceMetric("hookline.loop.longest", "s", "gauge", (), "The longest hold-up of the event loop since the last reading.")
GC_PAUSE: Final = ServiceMetric("hookline.gc.pause", "s", "histogram", (GC_GENERATION,), "Pauses for garbage collection.", LAG_BOUNDS)
GC_COLLECTIONS: Final = ServiceMetric("cpython.gc.collections", "{collection}", "counter", (GC_GENERATION,), "Garbage collections.")
GC_COLLECTED: Final = ServiceMetric("cpython.gc.collected_objects", "{object}", "counter", (GC_GENERATION,), "Objects that were collected.")
CPU_TIME: Final = ServiceMetric("process.cpu.time", "s", "counter", (CPU_MODE,), "Processor time.")
MEMORY: Final = ServiceMetric("process.memory.usage", "By", "updown", (), "Resident memory.")
MEMORY_LIMIT: Final = ServiceMetric("hookline.process.memory.limit", "By", "updown", (), "Memory that its cgroup allows, where there is a limit.")
THREADS: Final = ServiceMetric("process.thread.count", "{thread}", "updown", (), "Threads.")
DESCRIPTORS: Final = ServiceMetric("process.unix.file_descriptor.count", "{file_descriptor}", "updown", (), "Open descriptors.")
DESCRIPTOR_LIMIT: Final = ServiceMetric(
    "hookline.process.file_descriptor.limit", "{file_descriptor}", "updown", (), "Descriptors that the process may open."
)
MEMORY_USED: Final = ServiceMetric("hookline.process.memory.used_percent", "%", "gauge", (), "Resident memory, of what its cgroup allows.")
DESCRIPTORS_USED: Final = ServiceMetric(
    "hookline.process.file_descriptor.used_percent", "%", "gauge", (), "Open descriptors, of those that the process may open."
)
DISK_IO: Final = ServiceMetric("process.disk.io", "By", "counter", (DISK_IO_DIRECTION,), "Bytes read from and written to disks.")
CONTEXT_SWITCHES: Final = ServiceMetric("process.context_switches", "{context_switch}", "counter", (SWITCH_TYPE,), "Context switches.")
PAGING_FAULTS: Final = ServiceMetric("process.paging.faults", "{fault}", "counter", (FAULT_TYPE,), "Page faults.")
UPTIME: Final = ServiceMetric("process.uptime", "s", "gauge", (), "Time since the process began.")
PRESSURE: Final = ServiceMetric(
    "hookline.system.pressure", "1", "gauge", (PRESSURE_RESOURCE,), "Share of the last ten seconds in which work waited for a resource."
)
DROPPED: Final = ServiceMetric("hookline.services.dropped", "{item}", "counter", (SIGNAL,), "Items that the collector did not take in time.")

METRICS: Final = (
    HTTP_DURATION,
    ROUTE_DB_TIME,
    ROUTE_DB_CALLS,
    HTTP_ACTIVE,
    RPC_SERVER_DURATION,
    RPC_CLIENT_DURATION,
    DB_DURATION,
    POOL_WAIT,
    POOL_COUNT,
    POOL_MAX,
    LOOP_LAG,
    LOOP_LONGEST,
    GC_PAUSE,
    GC_COLLECTIONS,
    GC_COLLECTED,
    CPU_TIME,
    MEMORY,
    MEMORY_LIMIT,
    MEMORY_USED,
    THREADS,
    DESCRIPTORS,
    DESCRIPTOR_LIMIT,
    DESCRIPTORS_USED,
    DISK_IO,
    CONTEXT_SWITCHES,
    PAGING_FAULTS,
    UPTIME,
    PRESSURE,
    DROPPED,
)
