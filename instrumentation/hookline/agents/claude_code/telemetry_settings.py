"""The client's own OpenTelemetry, switched on by variables in the `env` block of its settings.

A variable that is already set to something else stays as it is and is reported: people who send their telemetry elsewhere
must not find it redirected. Only values that Hookline put there, and that are still the same, are taken out again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from hookline.install.document import append, line_of, parse, remove
from hookline.install.hook_groups import UnexpectedShape
from hookline.settings import Settings
from hookline.settings.schema import CollectorSettings, RelaySettings

# The client's defaults (60 s, 5 s, 5 s) are too slow to watch work going on; these cost one small request each.
ENV = "env"
_INTERVALS_MS = {"OTEL_METRIC_EXPORT_INTERVAL": "10000", "OTEL_LOGS_EXPORT_INTERVAL": "1000", "OTEL_TRACES_EXPORT_INTERVAL": "1000"}


@dataclass(frozen=True, slots=True)
class EnvChange:
    """The new text, the variables that were put in, and those that already had another value."""

    text: str
    put: Mapping[str, str]
    in_the_way: Mapping[str, str]


def telemetry_env(settings: Settings, may_hold_secrets: bool) -> dict[str, str]:
    """Return the variables that send the client's telemetry where the relay sends its own."""
    env = {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": settings.relay.protocol,
        "OTEL_EXPORTER_OTLP_ENDPOINT": _endpoint(settings),
        **_INTERVALS_MS,
    }
    if settings.relay.headers and may_hold_secrets:
        env["OTEL_EXPORTER_OTLP_HEADERS"] = ",".join(f"{quote(k)}={quote(v)}" for k, v in settings.relay.headers.items())
    return env


def add_env(text: str, values: Mapping[str, str], put_before: Mapping[str, str], theirs: Mapping[str, str]) -> EnvChange:
    """Add variables; `put_before` are those of an earlier install, which are replaced where they are still the same."""
    existing = _env(text)
    if any(existing.get(key) != value for key, value in values.items()):
        text = remove_env(text, put_before, theirs)
        existing = _env(text)
    added = {key: value for key, value in values.items() if key not in existing}
    for key, value in added.items():
        text = _add(text, key, value)
    kept = {key: value for key, value in put_before.items() if existing.get(key) == value}
    return EnvChange(text, kept | added, {key: existing[key] for key, value in values.items() if existing.get(key, value) != value})


def remove_env(text: str, values: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Take out the variables that still have these values, and an `env` block that this leaves empty and that is not theirs."""
    for key in still_put(text, values):
        text = _remove(text, key, theirs)
    return text


def still_put(text: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return those of the variables that stand in the text with these values."""
    member = parse(text).member(ENV)
    found = member.node.value if member is not None and isinstance(member.node.value, dict) else {}
    return {key: value for key, value in values.items() if found.get(key) == value}


def _env(text: str) -> dict[str, str]:
    member = parse(text).member(ENV)
    if member is None:
        return {}
    if not isinstance(member.node.value, dict):
        raise UnexpectedShape('"env" must be an object of variables', line_of(text, member.start))
    return member.node.value


def _add(text: str, key: str, value: str) -> str:
    root = parse(text)
    env = root.member(ENV)
    return append(text, root, {key: value}, ENV) if env is None else append(text, env.node, value, key)


def _remove(text: str, key: str, theirs: Mapping[str, str]) -> str:
    root = parse(text)
    at_env = next(index for index, member in enumerate(root.members) if member.key == ENV)
    env = root.members[at_env].node
    if len(env.members) == 1 and ENV not in theirs:
        return remove(text, root, at_env, theirs.get("", ""))
    return remove(text, env, next(index for index, member in enumerate(env.members) if member.key == key), theirs.get(ENV, ""))


def _endpoint(settings: Settings) -> str:
    """The relay's endpoint; where only the collector's own address was changed, that."""
    if settings.relay.endpoint == RelaySettings().endpoint and settings.collector.otlp_grpc != CollectorSettings().otlp_grpc:
        return f"http://{settings.collector.otlp_grpc}"
    return settings.relay.endpoint
