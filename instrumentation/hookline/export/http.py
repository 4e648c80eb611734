"""OTLP over HTTP: the SDK's exporters with a session that notes each answer.

The session ends the exporter's own retries by turning an answer that asks for one into an error that it does not
retry, after the answer was noted. A connection that the server closed while it was idle is tried once more at once.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from hookline.export.attempt import AttemptResult, SdkExporter
from hookline.export.endpoint import OtlpEndpoint
from hookline.export.local_post import LocalPost
from hookline.export.result import ExportOutcome, ExportResult, from_http, rejected_items, unreachable

_EXPORTERS: dict[str, tuple[Any, Any]] = {
    "traces": (OTLPSpanExporter, ExportTraceServiceResponse),
    "logs": (OTLPLogExporter, ExportLogsServiceResponse),
    "metrics": (OTLPMetricExporter, ExportMetricsServiceResponse),
}


class AttemptOver(Exception):
    """The attempt ended without acceptance; its result is noted."""


class AttemptSession(requests.Session):
    """A session that notes what the endpoint answered."""

    def __init__(self, attempt: AttemptResult, response_type: Any, is_local: bool) -> None:
        super().__init__()
        self._attempt = attempt
        attempt.is_watched = True
        self._response_type = response_type
        self._local = LocalPost() if is_local else None
        self.trust_env = not is_local
        self.auth = _keep_headers

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send; raise AttemptOver unless the endpoint took the data."""
        try:
            response = self._send_again_if_stale(*args, **kwargs)
        except requests.RequestException as error:
            self._attempt.result = unreachable(f"{type(error).__name__}: {error}")
            raise AttemptOver from error
        result = self._interpret(response)
        self._attempt.result = result
        if result.kind is not ExportOutcome.ACCEPTED:
            del response  # the error's traceback would keep it, and with it the connection, when the session is closed
            raise AttemptOver(result.why)
        return response

    def close(self) -> None:
        """Close the connections."""
        super().close()
        if self._local is not None:
            self._local.close()

    def _send_again_if_stale(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return self._send(*args, **kwargs)
        except requests.Timeout:
            raise
        except requests.ConnectionError:
            return self._send(*args, **kwargs)

    def _send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send once, by the short way where nothing lies in between."""
        url, body = kwargs.get("url", ""), kwargs.get("data")
        if self._local is None or not url.startswith("http://") or not isinstance(body, bytes):
            return super().request(*args, **kwargs)
        headers = {str(name): str(value) for name, value in (*self.headers.items(), *(kwargs.get("headers") or {}).items())}
        return self._local.post(url, headers, body, kwargs.get("timeout"))

    def _interpret(self, response: requests.Response) -> ExportResult:
        headers = response.headers
        delay_s = retry_after_s(headers.get("retry-after"), time.time())
        result = from_http(response.status_code, response.reason or "", delay_s, headers.get("location", ""))
        if result.kind is ExportOutcome.ACCEPTED and "protobuf" in headers.get("content-type", ""):
            return ExportResult(ExportOutcome.ACCEPTED, *rejected_items(self._response_type.FromString(response.content)))
        return result


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand in for an auth so that ~/.netrc does not overwrite the authorization of the settings."""
    return request


def retry_after_s(value: str | None, now: float) -> float | None:
    """Read a Retry-After header: seconds, or a date. None for none and for nonsense."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def open_http(signal: str, endpoint: OtlpEndpoint) -> tuple[SdkExporter, AttemptResult]:
    """Open the exporter of one signal."""
    attempt = AttemptResult()
    exporter_type, response_type = _EXPORTERS[signal]
    exporter = exporter_type(
        endpoint=f"{endpoint.url}/v1/{signal}",
        certificate_file=endpoint.certificate or None,
        headers=endpoint.headers,
        timeout=endpoint.timeout_s,
        session=AttemptSession(attempt, response_type, endpoint.is_local),
    )
    return exporter, attempt
