"""The providers of OpenTelemetry that a process already has: they are kept, and get what is theirs.

Spans, metrics and logs are looked at each by itself. A provider that is set later than `instrument` was called is not seen.
"""

from __future__ import annotations

import os
import socket
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource

from hookline.contract import semconv
from hookline.contract import services as names
from hookline.version import VERSION


@dataclass(frozen=True, slots=True)
class FoundProviders:
    """The process's own providers; None where it has none."""

    tracer: Any = None
    meter: Any = None
    logger: Any = None


def found_providers() -> FoundProviders:
    """Return what was set. What the API puts in the place of nothing stands in the API's own modules."""
    return FoundProviders(*map(_real, (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider())))


def _real(provider: Any) -> Any:
    module = type(provider).__module__
    return None if module.startswith(("opentelemetry.trace", "opentelemetry.metrics", "opentelemetry._logs")) else provider


def resource_of(service: str, found: FoundProviders) -> Resource:
    """Return who sends: what the process's own provider says of it, else what `instrument` and OpenTelemetry's variables say."""
    known = next((provider.resource for provider in (found.tracer, found.logger) if isinstance(getattr(provider, "resource", None), Resource)), None)
    named = Resource({SERVICE_NAME: service}) if service else Resource({})
    ours: dict[str, str | int] = {
        names.SERVICE_INSTANCE_ID: str(uuid.uuid4()),
        semconv.HOST_NAME: socket.gethostname(),
        names.RESOURCE_PID: os.getpid(),
        semconv.DISTRO_NAME: "hookline",
        semconv.DISTRO_VERSION: VERSION,
    }
    told = known if known is not None else Resource.create({})
    if str(told.attributes.get(SERVICE_NAME, "unknown_service")).startswith("unknown_service") and not service:
        named = Resource({SERVICE_NAME: program_name()})
    return Resource({**ours}, semconv.SCHEMA_URL).merge(told).merge(named)


def program_name() -> str:
    """Return the name of the program, for a service that nobody named."""
    name = Path(sys.argv[0] if sys.argv and sys.argv[0] not in {"", "-c", "-m"} else sys.executable)
    return (name.parent.name if name.name == "__main__.py" else name.stem) or "python"
