"""A service under `hookline.instrument`, and what it told a real OTLP receiver."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Unpack

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from hookline.contract.services import SLOW_REQUEST_RECORD
from hookline.services.active import active
from support.otlp_sink import HttpSink


@dataclass(frozen=True)
class ToldSpan:
    """A span in plain words."""

    name: str
    kind: str
    attributes: dict[str, Any]
    span_id: str
    parent_id: str
    trace_id: str
    seconds: float
    status: int
    events: list[str]
    started_ns: int


@dataclass
class WatchedService:
    """What was told, after `flush`."""

    sink: HttpSink
    seen: list[str] = field(default_factory=list)

    def flush(self) -> None:
        """Have everything sent."""
        watch = active()
        assert watch is not None
        assert watch.delivery.flush(10), watch.delivery.report

    @property
    def spans(self) -> list[ToldSpan]:
        """All spans, in the order of their beginning."""
        self.flush()
        return sorted(map(_told, self.sink.all_spans), key=lambda span: span.started_ns)

    @property
    def served(self) -> list[ToldSpan]:
        """Spans of requests and calls: on a busy machine a moment after an answer may be called background work."""
        return [span for span in self.spans if span.kind != "internal"]

    def span(self, name: str) -> ToldSpan:
        """Return the only span of a name."""
        found = [span for span in self.spans if span.name == name]
        assert len(found) == 1, [span.name for span in self.spans]
        return found[0]

    @property
    def logs(self) -> list[dict[str, Any]]:
        """All slow-request logs: their attributes, name and body. On a busy machine a blocked loop may be told of besides."""
        self.flush()
        told = [log for log in self.sink.all_logs if log.event_name == SLOW_REQUEST_RECORD]
        return [{**_attributes(log), "event": log.event_name, "body": log.body.string_value} for log in told]

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """Return the points of a metric with their labels."""
        self.flush()
        metrics = [metric for metric in self.sink.metrics if metric.name == name]
        return [(_attributes(point), point) for metric in metrics for point in getattr(metric, metric.WhichOneof("data") or "sum").data_points]

    def counts(self, name: str, *labels: str) -> dict[tuple[Any, ...], int]:
        """Return how often a histogram counted, by labels."""
        found: dict[tuple[Any, ...], int] = {}
        for attributes, point in self.points(name):
            key = tuple(attributes.get(label, "") for label in labels)
            found[key] = found.get(key, 0) + point.count
        return found


@contextmanager
def watched_service(**options: Unpack[hookline.InstrumentOptions]) -> Iterator[WatchedService]:
    """Watch this process, telling a receiver of ours; everything is kept unless told otherwise."""
    with HttpSink() as sink:
        chosen: hookline.InstrumentOptions = {"endpoint": sink.address, "one_in": 1, "logs_a_second": 10_000, "service": "shop", **options}
        hookline.instrument(**chosen)
        try:
            yield WatchedService(sink)
        finally:
            hookline.uninstrument()


def _told(span: Any) -> ToldSpan:
    return ToldSpan(
        span.name,
        {1: "internal", 2: "server", 3: "client"}[span.kind],
        _attributes(span),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.trace_id.hex(),
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        span.status.code,
        [event.name for event in span.events],
        span.start_time_unix_nano,
    )


def _attributes(record: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in record.attributes}


# A client of an ASGI application, without a server in between

Answer = tuple[int, bytes]


def scope_of(path: str, **more: Any) -> dict[str, Any]:
    """Return the scope of a request."""
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"shop.example"), (b"user-agent", b"test")],
        "scheme": "http",
        "http_version": "1.1",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 5000),
        "state": {},
        "extensions": {},
        **more,
    }


async def ask(app: Any, path: str, body: bytes = b"", on_sent: Callable[[Any], Awaitable[None]] | None = None, **more: Any) -> Answer:
    """Ask for a path; return status and body."""
    status, parts, asked = 0, [], iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(asked, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))
        if on_sent is not None:
            await on_sent(message)

    await app(scope_of(path, **more), receive, send)
    return status, b"".join(parts)


async def calls_of(service: WatchedService, work: Callable[[], Any], *, in_thread: bool = False) -> list[ToldSpan]:
    """Run some work in a request; return the spans of its calls."""

    async def endpoint(request: Request) -> Response:
        if in_thread:
            await asyncio.to_thread(work)
        else:
            made = work()
            if made is not None:
                await made
        return PlainTextResponse("done")

    await ask(hookline.instrument(Starlette(routes=[Route("/work", endpoint)])), "/work")
    spans = service.spans
    request = service.span("GET /work")
    calls = [span for span in spans if span.kind == "client"]
    assert all((span.parent_id, span.trace_id) == (request.span_id, request.trace_id) for span in calls)
    return calls


def told_json(value: str) -> Any:
    """Read what an attribute holds."""
    return json.loads(value)
