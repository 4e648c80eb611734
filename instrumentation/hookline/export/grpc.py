"""OTLP over gRPC: the SDK's exporters with a watched stub.

`retryable_error_codes` is given a code that no failure has, so the exporter makes one attempt; on UNAVAILABLE it still
rebuilds its channel. gRPC keeps connections (and their reconnect pauses, up to two minutes) in a pool that all channels
to one address share; each exporter gets its own, so that a rebuilt channel connects at once: delivery does the pausing. The stub is wrapped where the
SDK makes it; were that place renamed, every failure would be retried without its reason (a test keeps watch).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC's core writes to the terminal of whoever started the relay

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

from hookline.export.attempt import AttemptResult, SdkExporter
from hookline.export.endpoint import OtlpEndpoint
from hookline.export.result import ExportOutcome, ExportResult, from_grpc, rejected_items
from hookline.system.clock import NS_PER_S

_RETRY_INFO_KEY = "google.rpc.retryinfo-bin"  # what the Python SDK reads
_STATUS_KEY = "grpc-status-details-bin"  # what every other SDK reads
_NO_RETRIES = frozenset({grpc.StatusCode.OK})
_CHANNEL_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)
_EXPORTERS = {"traces": OTLPSpanExporter, "logs": OTLPLogExporter, "metrics": OTLPMetricExporter}


class _WatchedStub:
    """The SDK's stub, noting each call's answer."""

    def __init__(self, stub: Any, attempt: AttemptResult) -> None:
        self._stub = stub
        self._attempt = attempt

    def Export(self, request: Any, metadata: Any = None, timeout: float | None = None) -> Any:  # noqa: N802 - the service's name
        try:
            response = self._stub.Export(request=request, metadata=metadata, timeout=timeout)
        except grpc.RpcError as error:
            self._attempt.result = result_of(error)
            raise
        self._attempt.result = ExportResult(ExportOutcome.ACCEPTED, *rejected_items(response))
        return response


def result_of(error: grpc.RpcError) -> ExportResult:
    """Interpret a failed call by its code, details and the delay in its trailing metadata."""
    code = error.code()
    return from_grpc(code.name if code else "UNKNOWN", error.details() or "", _retry_after_s(error.trailing_metadata() or ()))


def _retry_after_s(metadata: Any) -> float | None:
    found = dict(metadata)
    info = RetryInfo()
    if _RETRY_INFO_KEY in found:
        info.ParseFromString(found[_RETRY_INFO_KEY])
        return _seconds(info)
    if _STATUS_KEY in found:
        status = Status()
        status.ParseFromString(found[_STATUS_KEY])
        return next((_seconds(info) for detail in status.details if detail.Unpack(info)), None)
    return None


def _seconds(info: RetryInfo) -> float:
    return max(0.0, float(info.retry_delay.seconds) + float(info.retry_delay.nanos) / NS_PER_S)


def open_grpc(signal: str, endpoint: OtlpEndpoint) -> tuple[SdkExporter, AttemptResult]:
    """Open the exporter of one signal."""
    attempt = AttemptResult()
    base: Any = _EXPORTERS[signal]

    class Watched(base):  # type: ignore[misc] # one body for three classes that share their constructor
        def _initialize_channel_and_stub(self) -> None:
            super()._initialize_channel_and_stub()
            self._client: Any = _WatchedStub(self._client, attempt)
            attempt.is_watched = True

    exporter = Watched(
        endpoint=endpoint.url,
        insecure=endpoint.is_plain,
        credentials=None if endpoint.is_plain else _credentials(endpoint.certificate),
        headers=tuple(endpoint.headers.items()) or None,
        timeout=endpoint.timeout_s,
        channel_options=(*_CHANNEL_OPTIONS, ("grpc.enable_http_proxy", 0 if endpoint.is_local else 1)),
        retryable_error_codes=_NO_RETRIES,
    )
    return exporter, attempt


def _credentials(certificate: str) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(Path(certificate).read_bytes() if certificate else None)
