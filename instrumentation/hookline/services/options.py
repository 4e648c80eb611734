"""What a service may say of how it is watched, and where its telemetry goes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from hookline.export.endpoint import OtlpEndpoint

DEFAULT_ENDPOINT: Final = "http://127.0.0.1:4318"
DEFAULT_GRPC_ENDPOINT: Final = "http://127.0.0.1:4317"
_LOOPBACK: Final = ("127.", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """The options of `hookline.instrument`, under the same names; what they mean stands there."""

    service: str = ""
    endpoint: str = ""
    slow_s: float = 1.0
    one_in: int = 1_000
    logs_a_second: float = 5.0
    metrics_every_s: float = 15.0
    max_pending: int = 2_000
    sql_comments: bool = False
    plans: bool = False


def endpoint_of(options: ServiceOptions, environment: Mapping[str, str] | None = None) -> OtlpEndpoint:
    """Return where telemetry goes: what `instrument` was told, else OpenTelemetry's own variables, else a collector on this machine."""
    environment = os.environ if environment is None else environment
    protocol = environment.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    is_grpc = protocol == "grpc"
    url = options.endpoint or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", "") or (DEFAULT_GRPC_ENDPOINT if is_grpc else DEFAULT_ENDPOINT)
    is_local = (urlsplit(url if "://" in url else f"//{url}").hostname or "").startswith(_LOOPBACK)
    if "://" not in url:
        url = f"http://{url}" if is_local else f"https://{url}"
    return OtlpEndpoint(
        url=url.rstrip("/"),
        is_grpc=is_grpc,
        is_local=is_local,
        headers=headers_of(environment.get("OTEL_EXPORTER_OTLP_HEADERS", "")),
        certificate=environment.get("OTEL_EXPORTER_OTLP_CERTIFICATE", ""),
        timeout_s=10.0,
    )


def headers_of(text: str) -> dict[str, str]:
    """Read `name=value,name=value`, percent-encoded, as OTEL_EXPORTER_OTLP_HEADERS has it."""
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return {unquote(name.strip()).lower(): unquote(value.strip()) for name, _, value in pairs}


def wants_cumulative(environment: Mapping[str, str] | None = None) -> bool:
    """Whether counters are wanted as totals: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative. Growth adds up without a search for
    restarts.
    """
    environment = os.environ if environment is None else environment
    return environment.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "").lower() == "cumulative"
