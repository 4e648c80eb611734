"""How the collector stands: `/healthz`, `/readyz`, `/metrics` and `/api/v1/status`.

`/healthz` says that the process answers, `/readyz` that it can take and store telemetry, and how much room the disk has; neither needs a token,
because whoever restarts or routes to a collector has none. `/metrics` holds counts alone; it needs no token while the collector is bound to
loopback, and needs it elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hookline_collector.api.http.endpoint import ApiEndpoint
from hookline_collector.api.http.json_answers import answer
from hookline_collector.observe.exposition import MetricsReading, to_prometheus
from hookline_collector.observe.health import CollectorStatus

TEXT = "text/plain"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class StandingApi:
    """Health and figures. `metrics_open` lets whoever has no token read the figures."""

    def __init__(self, status: Callable[[], CollectorStatus], reading: Callable[[], MetricsReading], *, metrics_open: bool) -> None:
        self._status = status
        self._reading = reading
        ready = "Whether telemetry is taken and stored, and how much room the disk has; 503 with the reason when not."
        self.routes = (
            ApiEndpoint("GET", "/healthz", self.healthz, "Whether the process answers.", content=(TEXT,), is_open=True),
            ApiEndpoint("GET", "/readyz", self.readyz, ready, content=(TEXT,), is_open=True),
            ApiEndpoint("GET", "/metrics", self.metrics, "The collector's own figures for Prometheus.", content=(TEXT,), is_open=metrics_open),
            ApiEndpoint("GET", "/api/v1/status", self.status, "Health of each part and the balance of each signal.", CollectorStatus),
        )

    async def healthz(self, _: Request) -> Response:
        """Answer at all."""
        return PlainTextResponse("ok\n")

    async def readyz(self, _: Request) -> Response:
        """Answer with a line that says so, then one a remark; the disk's always."""
        status = self._status()
        remarks = "".join(f"note: {part.words}\n" for part in status.parts if part.is_remark or (part.name == "disk" and part.ok))
        if status.ready:
            return PlainTextResponse(f"ready\n{remarks}")
        return PlainTextResponse(f"not ready: {status.reason}\n{remarks}", HTTPStatus.SERVICE_UNAVAILABLE)

    async def metrics(self, _: Request) -> Response:
        """Answer in the text format of Prometheus."""
        return Response(to_prometheus(self._reading()), headers={"Content-Type": PROMETHEUS})

    async def status(self, _: Request) -> Response:
        """Answer with all parts and signals."""
        return answer(self._status())
