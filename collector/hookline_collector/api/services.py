"""`/api/v1/services`: what services answered, how long it took and what was slow, and `/api/v1/requests/{request_id}`: one request with its calls.

Rates and percentiles come from the services' own counts of every request (`http.server.request.duration`, `rpc.server.call.duration`); of a service
that sends none, from its spans: `known_by` says which.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hookline.contract import services as names
from hookline.system.clock import NS_PER_S, parse_iso
from hookline_collector.api.asked_lately import Lately, Row, ask, ask_for
from hookline_collector.api.http.endpoint import ApiEndpoint, InPath, Switch, Text, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.periods import LATELY
from hookline_collector.api.questions import Questions, Reading
from hookline_collector.api.rolled_up import Ends, RollupEnds, of_metrics, side_by_side
from hookline_collector.api.service_loads import duration_rows, durations_together, runtime_rows, statement_rows, statements_together, whole_service
from hookline_collector.api.stored_rows import number_of
from hookline_collector.databases.counted_durations import percentile
from hookline_collector.work.period import moment

NAME = InPath("name", "The service's name.")
REQUEST_ID = InPath("request_id", "The request: its trace and span, with a colon between.")
ROUTE = Text("route", "Only requests of this route.")
STATEMENT = Text("statement_hash", "Only requests that called this statement.")
NEWEST = Switch("newest", "true: the newest first, not the slowest.")
LIMIT = Whole("limit", "At most so many; 100 by default.", 100, most=1_000)
MAX_CALLS = 1_000
AROUND_S = 2.0
"""A sample stands for looks of some seconds, and clocks differ a little."""
ANY_REQUEST: Row = {"service": "", "route": "", "request_id": "", "statement_hash": "", "newest": 0, "all": 0, "limit": 100}


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """How many requests a service, or one of its routes, answered, and how long they took."""

    service: str
    route: str
    method: str
    served_requests: int
    failed_requests: int
    failed_percent: float | None
    request_rate: float
    total_s: float
    mean_s: float | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    known_by: str
    versions: tuple[str, ...]
    instances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceList:
    """Services, the one with most requests first."""

    services: tuple[ServiceFigures, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class ServiceRuntime:
    """What the processes of a service took."""

    cpu_cores: float | None
    memory_bytes: int | None
    threads: int | None
    file_descriptors: int | None
    loop_lag_s: float | None


@dataclass(frozen=True, slots=True)
class ServiceStatement:
    """A statement that a service calls."""

    statement_hash: str
    summary: str
    system: str
    calls: int
    total_s: float
    mean_s: float | None


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request that was kept, or came as a span."""

    service: str
    request_id: str
    trace_id: str
    span_id: str
    started: str
    duration_s: float
    route: str
    method: str
    response_status: str
    outcome: str
    error_type: str
    kept_because: str
    threshold_s: float
    first_byte_s: float
    disconnected: bool
    db_calls: int
    db_s: float
    loop_lag_s: float
    gc_s: float
    repeated_calls: int
    version: str
    instance: str
    host: str


@dataclass(frozen=True, slots=True)
class StoredSlowerRoute:
    """A route that became slower: since when, and in a line what grew and what else changed at that time."""

    method: str
    route: str
    since_ns: int
    times_as_long: float
    before_s: float
    after_s: float
    summary: str


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    """One service: its figures, its routes, what it called and what its processes took, and the slowest requests."""

    totals: ServiceFigures
    routes: tuple[ServiceFigures, ...]
    slower_routes: tuple[StoredSlowerRoute, ...]
    statement_calls: tuple[ServiceStatement, ...]
    runtime: ServiceRuntime
    slow_requests: tuple[StoredRequest, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class SlowRequests:
    """Requests that were kept."""

    slow_requests: tuple[StoredRequest, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class RequestCall:
    """A call of a request: when, how long, of which statement, and from where in the code."""

    at_s: float
    duration_s: float
    kind: str
    system: str
    summary: str
    statement_hash: str
    result_rows: int | None
    error: str
    file: str
    line: int
    function: str
    span_id: str


@dataclass(frozen=True, slots=True)
class RepeatedStatement:
    """A statement that one line called again and again."""

    calls: int
    duration_s: float
    system: str
    summary: str
    statement_hash: str
    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class SeenMeanwhile:
    """What was seen of a request's statement in a database while it ran."""

    database: str
    looked: str
    namespace: str
    session_state: str
    wait_class: str
    wait_event: str
    statement_hash: str
    query_text: str
    application: str
    statement_s: float
    waited_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """One request: its row, what it called, what it called again and again, and what the databases were seen doing for it."""

    request: StoredRequest
    database_calls: tuple[RequestCall, ...]
    calls_left_out: int
    repeated: tuple[RepeatedStatement, ...]
    samples: tuple[SeenMeanwhile, ...]
    is_fresh: bool


class ServicesApi:
    """Services and their requests."""

    def __init__(self, questions: Questions, timezone: str) -> None:
        self._questions = questions
        self._ends = RollupEnds()
        self._timezone = timezone
        path, slow = "/api/v1/services", (NAME, LATELY, ROUTE, STATEMENT, NEWEST, LIMIT)
        self.routes = (
            ApiEndpoint("GET", path, self.list_services, "Services, the one with most requests first.", ServiceList, parameters=(LATELY,)),
            ApiEndpoint("GET", f"{path}/{{name}}", self.one, "One service with its routes.", ServiceDetail, parameters=(NAME, LATELY)),
            ApiEndpoint("GET", f"{path}/{{name}}/slow", self.slow, "A service's slow and failed requests.", SlowRequests, parameters=slow),
            ApiEndpoint(
                "GET", "/api/v1/requests/{request_id}", self.request, "One request with its calls.", RequestDetail, parameters=(REQUEST_ID, LATELY)
            ),
        )

    async def list_services(self, request: Request) -> Response:
        """Answer with a row a service."""
        asked = Lately.of(request, self._timezone)
        reading = await self._questions.begin(request)
        ends = await self._ends.read(reading)
        bound = of_metrics(asked, ends) | {"service": "", "by_route": 0}
        rows = await duration_rows(reading, asked, ends, service="", by_route=0)
        counted = [_counted(row, asked.seconds) for row in durations_together(rows)]
        told = await ask(reading, "service_spans", bound | {"counted": [each.service for each in counted]})
        found = sorted([*counted, *(_of_spans(row, asked.seconds) for row in told)], key=_most)
        return answer(ServiceList(tuple(found), reading.is_fresh))

    async def one(self, request: Request) -> Response:
        """Answer with one service."""
        asked, name = Lately.of(request, self._timezone), NAME.of(request)
        reading = await self._questions.begin(request)
        ends = await self._ends.read(reading)
        (totals, routes), slow, slower, statements, runtime = await asyncio.gather(
            _service(reading, asked, ends, name),
            ask_for(reading, StoredRequest, "slow_requests", ANY_REQUEST | asked.bound | {"service": name, "limit": 20}),
            ask(reading, "slower_routes", asked.bound | {"service": name}),
            statement_rows(reading, asked, ends, name),
            runtime_rows(reading, asked, ends, name),
        )
        if totals is None:
            raise HTTPException(404, f"nothing was told of a service {name} in this period; `hookline services` lists those that there are")
        return answer(
            {
                "totals": totals,
                "routes": sorted(routes, key=lambda row: -row.total_s),
                "slower_routes": [_slower(row["attributes"], row["summary"]) for row in slower],
                "statement_calls": [_statement(row) for row in statements_together(statements)],
                "runtime": _runtime(runtime, asked.seconds),
                "slow_requests": slow,
                "is_fresh": reading.is_fresh,
            }
        )

    async def slow(self, request: Request) -> Response:
        """Answer with requests that were kept."""
        asked = Lately.of(request, self._timezone)
        wanted = {"service": NAME.of(request), "route": ROUTE.of(request), "statement_hash": STATEMENT.of(request)}
        more = {"newest": int(NEWEST.of(request)), "limit": LIMIT.of(request)}
        reading = await self._questions.begin(request)
        found = await ask_for(reading, StoredRequest, "slow_requests", ANY_REQUEST | asked.bound | wanted | more)
        return answer({"slow_requests": found, "is_fresh": reading.is_fresh})

    async def request(self, request: Request) -> Response:
        """Answer with one request."""
        asked, request_id = Lately.of(request, self._timezone), REQUEST_ID.of(request)
        reading = await self._questions.begin(request)
        bound = asked.bound | {"request_id": request_id}
        found = await ask_for(reading, StoredRequest, "request", bound)
        if not found:
            raise HTTPException(404, "the store has no such request in this period; `hookline slow` lists those that were kept")
        told = {name: found[0].pop(name) for name in ("calls", "repeated", "calls_left_out")}
        calls = calls_of(told["calls"])
        return answer(
            {
                "request": found[0],
                "database_calls": calls,
                "calls_left_out": told["calls_left_out"],
                "repeated": repeated_of(told["repeated"]),
                "samples": await _seen(reading, found[0], calls),
                "is_fresh": reading.is_fresh,
            }
        )


async def _service(reading: Reading, asked: Lately, ends: Ends, name: str) -> tuple[ServiceFigures | None, list[ServiceFigures]]:
    """Return what a service answered in all and by route: as it counts, else as its spans say."""
    counted = durations_together(await duration_rows(reading, asked, ends, service=name, by_route=1))
    if counted:
        return _counted(whole_service(counted), asked.seconds), [_counted(row, asked.seconds) for row in counted]
    bound = of_metrics(asked, ends) | {"service": name}
    ways = [("service_spans", bound | {"by_route": by_route, "counted": []}) for by_route in (0, 1)]
    whole, routes = await side_by_side(reading, ways)
    return _of_spans(whole[0], asked.seconds) if whole else None, [_of_spans(row, asked.seconds) for row in routes]


def _most(each: ServiceFigures) -> tuple[int, str]:
    return -each.served_requests, each.service


def _counted(row: Mapping[str, Any], seconds: float) -> ServiceFigures:
    return _told(row, seconds, [percentile(row["counts"], row["bounds"], share) for share in (0.5, 0.95, 0.99)], "metrics")


def _of_spans(row: Mapping[str, Any], seconds: float) -> ServiceFigures:
    return _told(row, seconds, row["quantiles"], "spans")


def _told(row: Mapping[str, Any], seconds: float, percentiles: Sequence[float | None], known_by: str) -> ServiceFigures:
    served = row["served"]
    return ServiceFigures(
        service=row["service"],
        route=row["route"],
        method=row["method"],
        served_requests=served,
        failed_requests=row["failed"],
        failed_percent=100 * row["failed"] / served if served else None,
        request_rate=served / seconds,
        total_s=row["total_s"],
        mean_s=row["total_s"] / served if served else None,
        p50_s=percentiles[0],
        p95_s=percentiles[1],
        p99_s=percentiles[2],
        known_by=known_by,
        versions=tuple(row["versions"]),
        instances=tuple(row["instances"]),
    )


def _slower(attributes: Mapping[str, str], summary: str) -> StoredSlowerRoute:
    rpc = attributes.get(names.RPC_METHOD)
    return StoredSlowerRoute(
        method="grpc" if rpc else attributes.get(names.HTTP_METHOD, ""),
        route=rpc or attributes.get(names.HTTP_ROUTE, ""),
        since_ns=int(number_of(attributes, names.ROUTE_SINCE)),
        times_as_long=number_of(attributes, names.ROUTE_RATIO),
        before_s=number_of(attributes, names.ROUTE_BEFORE_MS) / 1e3,
        after_s=number_of(attributes, names.ROUTE_AFTER_MS) / 1e3,
        summary=summary,
    )


def _statement(row: Mapping[str, Any]) -> ServiceStatement:
    mean = row["total_s"] / row["calls"] if row["calls"] else None
    return ServiceStatement(row["statement_hash"], row["summary"], row["system"], row["calls"], row["total_s"], mean)


def _runtime(rows: Iterable[Mapping[str, Any]], seconds: float) -> ServiceRuntime:
    rows = list(rows)

    def most(metric: str) -> float | None:
        return max((row["at_most"] for row in rows if row["metric"] == metric), default=None)

    def whole(metric: str) -> int | None:
        value = most(metric)
        return None if value is None else int(value)

    cpu = [row["grown"] for row in rows if row["metric"] == "process.cpu.time"]
    return ServiceRuntime(
        sum(cpu) / seconds if cpu else None,
        whole("process.memory.usage"),
        whole("process.thread.count"),
        whole("process.unix.file_descriptor.count"),
        most("hookline.loop.longest"),
    )


async def _seen(reading: Reading, row: Row, calls: Sequence[RequestCall]) -> list[Row]:
    hashes = sorted({call.statement_hash for call in calls if call.statement_hash})
    start_ns = (parse_iso(row["started"]) or 0) - int(AROUND_S * NS_PER_S)
    end_ns = start_ns + int((row["duration_s"] + 2 * AROUND_S + 10) * NS_PER_S)
    days = {"first_day": moment(start_ns).date().isoformat(), "last_day": moment(end_ns).date().isoformat()}
    bound = {"hashes": hashes, "start_ns": start_ns, "end_ns": end_ns, **days}
    return [_without(each, "pids") for each in await ask_for(reading, SeenMeanwhile, "request_samples", bound)] if hashes else []


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def calls_of(text: str) -> list[RequestCall]:
    """Return a request's calls from the JSON of its record; what is no call is left out."""
    return [
        RequestCall(
            at_s=_number(each, "at_ms") / 1e3,
            duration_s=_number(each, "ms") / 1e3,
            kind=_text(each, "kind"),
            system=_text(each, "system"),
            summary=_text(each, "summary"),
            statement_hash=_text(each, "hash"),
            result_rows=int(_number(each, "rows")) if "rows" in each else None,
            error=_text(each, "error"),
            file=_text(each, "file"),
            line=int(_number(each, "line")),
            function=_text(each, "function"),
            span_id=_text(each, "span_id"),
        )
        for each in _objects(text)
    ]


def repeated_of(text: str) -> list[RepeatedStatement]:
    """Return what a request called again and again from the JSON of its record."""
    return [
        RepeatedStatement(
            calls=int(_number(each, "count")),
            duration_s=_number(each, "ms") / 1e3,
            system=_text(each, "system"),
            summary=_text(each, "summary"),
            statement_hash=_text(each, "hash"),
            file=_text(each, "file"),
            line=int(_number(each, "line")),
            function=_text(each, "function"),
        )
        for each in _objects(text)
    ]


def _objects(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return [each for each in found[:MAX_CALLS] if isinstance(each, dict)] if isinstance(found, list) else []


def _text(each: Mapping[str, Any], key: str) -> str:
    value = each.get(key, "")
    return value if isinstance(value, str) else ""


def _number(each: Mapping[str, Any], key: str) -> float:
    value = each.get(key, 0)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else 0.0
