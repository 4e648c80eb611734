"""How the collector stands: `/healthz`, `/readyz`, `/metrics` and `/api/v1/status`.

`/healthz` says that the process answers, `/readyz` that it can take and store telemetry; neither needs a token, because
whoever restarts or routes to a collector has none, and neither tells more than a word. `/metrics` holds counts alone; it needs no
token while the collector is bound to loopback, and needs it elsewhere.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import ApiEndpoint
from hookline_collector.api.http.json_answers import answer
from hookline_collector.observe.exposition import to_prometheus
from hookline_collector.observe.health import CollectorStatus

TEXT = "text/plain"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def endpoints(context: Context, *, metrics_open: bool) -> tuple[ApiEndpoint, ...]:
    """Return the routes of this module."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        status = context.status()
        remarks = "".join(f"note: {part.words}\n" for part in status.parts if part.is_remark)
        if status.ready:
            return PlainTextResponse(f"ready\n{remarks}")
        return PlainTextResponse(f"not ready: {status.reason}\n{remarks}", HTTPStatus.SERVICE_UNAVAILABLE)

    async def metrics(_: Request) -> Response:
        return Response(to_prometheus(context.reading()), headers={"Content-Type": PROMETHEUS})

    async def status(_: Request) -> Response:
        return answer(context.status())

    return (
        ApiEndpoint("GET", "/healthz", healthz, "Whether the process answers.", content=(TEXT,), is_open=True),
        ApiEndpoint("GET", "/readyz", readyz, "Whether telemetry is taken and stored; 503 with the reason when not.", content=(TEXT,), is_open=True),
        ApiEndpoint("GET", "/metrics", metrics, "The collector's own figures for Prometheus.", content=(TEXT,), is_open=metrics_open),
        ApiEndpoint("GET", "/api/v1/status", status, "Health of each part and the balance of each signal.", CollectorStatus),
    )
