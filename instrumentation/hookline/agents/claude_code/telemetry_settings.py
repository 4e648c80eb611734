"""The client's own OpenTelemetry, switched on by variables in the `env` block of its settings.

`hookline.install.section_values` puts them in: what is set already stays, and only what is still ours goes again.
"""

from collections.abc import Mapping
from urllib.parse import quote

from hookline.install import section_values
from hookline.install.section_values import SectionChange, add_values, remove_values
from hookline.settings import Settings
from hookline.settings.telemetry_endpoint import native_endpoint

# The client's defaults (60 s, 5 s, 5 s) are too slow to watch work going on; these cost one small request each.
ENV = "env"
_INTERVALS_MS = {"OTEL_METRIC_EXPORT_INTERVAL": "10000", "OTEL_LOGS_EXPORT_INTERVAL": "1000", "OTEL_TRACES_EXPORT_INTERVAL": "1000"}


def telemetry_env(settings: Settings, may_hold_secrets: bool) -> dict[str, str]:
    """Return the variables that send the client's telemetry where the relay sends its own."""
    env = {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": settings.relay.protocol,
        "OTEL_EXPORTER_OTLP_ENDPOINT": native_endpoint(settings),
        **_INTERVALS_MS,
    }
    if settings.relay.headers and may_hold_secrets:
        env["OTEL_EXPORTER_OTLP_HEADERS"] = ",".join(f"{quote(k)}={quote(v)}" for k, v in settings.relay.headers.items())
    return env


def add_env(text: str, values: Mapping[str, str], put_before: Mapping[str, str], theirs: Mapping[str, str]) -> SectionChange:
    """Add variables; `put_before` are those of an earlier install, which are replaced where they are still the same."""
    return add_values(text, ENV, values, put_before, theirs)


def remove_env(text: str, values: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Take out the variables that still have these values, and an `env` block that this leaves empty and that is not theirs."""
    return remove_values(text, ENV, values, theirs)


def still_put(text: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return those of the variables that stand in the text with these values."""
    return section_values.still_put(text, ENV, values)
