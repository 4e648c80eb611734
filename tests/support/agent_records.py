"""Agents' records as export requests for a store: from captures, or made up in a few words."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource

from hookline.contract import semconv
from hookline.contract.scopes import AGENT_SCOPE
from hookline.export.sdk import make_resource, make_scope, to_sdk_log, to_sdk_span
from hookline.records import AttributeValue, LogRecord, SpanRecord
from hookline_collector.signal import Signal
from hookline_collector.store import Store

FIXTURES = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329"
T0 = 1_790_000_000_000_000_000  # 2026-09-21T14:13:20Z
S = 1_000_000_000
_tokens = itertools.count(1)


def resource(user: str = "ana", host: str = "laptop", agent: str = "claude-code") -> Resource:
    """Who sends."""
    return Resource({**make_resource(agent, user).attributes, semconv.HOST_NAME: host})


def send(
    store: Store,
    records: Sequence[SpanRecord | LogRecord],
    scope: str = AGENT_SCOPE,
    user: str = "ana",
    host: str = "laptop",
    token: str = "",
    agent: str = "claude-code",
) -> None:
    """Insert records as one relay sends them."""
    name = token or f"test-{next(_tokens)}"
    for signal, body in requests_of(records, scope, user, host, agent):
        store.insert(signal, body, f"{name}-{signal.value}")


def requests_of(
    records: Sequence[SpanRecord | LogRecord], scope: str = AGENT_SCOPE, user: str = "ana", host: str = "laptop", agent: str = "claude-code"
) -> Iterator[tuple[Signal, bytes]]:
    """Yield the requests in which one relay sends records."""
    spans = [to_sdk_span(record, resource(user, host, agent), make_scope(scope)) for record in records if isinstance(record, SpanRecord)]
    logs = [to_sdk_log(record, resource(user, host, agent), make_scope(scope)) for record in records if isinstance(record, LogRecord)]
    if spans:
        yield Signal.TRACES, encode_spans(spans).SerializeToString()
    if logs:
        yield Signal.LOGS, encode_logs(logs).SerializeToString()


def send_native(store: Store, *captures: str) -> None:
    """Insert what the client itself exported in captures: requests laid end to end are one request."""
    for signal in (Signal.TRACES, Signal.LOGS):
        paths = [path for capture in captures for path in sorted((FIXTURES / capture / "otlp").glob(f"*-{signal.value}.binpb"))]
        store.insert(signal, b"".join(path.read_bytes() for path in paths), f"native-{next(_tokens)}")


def identity(*parts: str, size: int = 8) -> int:
    """An id as the relay makes it: a hash of its parts."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:size], "big")


def span(name: str, key: str, start_s: float, end_s: float, session: str = "s1", prompt: str = "p1", **more: AttributeValue) -> SpanRecord:
    """One span of an agent; attributes' dots are written as two underscores (`gen_ai__tool__name`)."""
    attributes: dict[str, AttributeValue] = {
        semconv.SESSION_ID: session,
        semconv.PROMPT_ID: prompt,
        semconv.PROJECT_NAME: "shop",
        semconv.OUTCOME: "success",
        **{key.replace("__", "."): value for key, value in more.items()},
    }
    trace_id = identity("trace", session, prompt, size=16)
    return SpanRecord(trace_id, identity(name, session, key), None, name, _ns(start_s), _ns(end_s), attributes)


def turn(start_s: float, end_s: float, session: str = "s1", prompt: str = "p1", **more: AttributeValue) -> SpanRecord:
    """A prompt's turn."""
    return span("invoke_agent claude-code", prompt, start_s, end_s, session, prompt, **more)


def call(key: str, start_s: float, end_s: float, tool: str = "Bash", session: str = "s1", prompt: str = "p1", **more: AttributeValue) -> SpanRecord:
    """A tool call's run."""
    known: dict[str, AttributeValue] = {"gen_ai__tool__name": tool, "gen_ai__tool__call__id": key, "hookline__tool__run_ms": (end_s - start_s) * 1e3}
    return span(f"execute_tool {tool}", key, start_s, end_s, session, prompt, **{**known, **more})


def wait(
    key: str, start_s: float, end_s: float, reason: str = "permission", session: str = "s1", prompt: str = "p1", **more: AttributeValue
) -> SpanRecord:
    """A wait for a permission or an answer."""
    known: dict[str, AttributeValue] = {"hookline__wait__reason": reason, "gen_ai__tool__call__id": key}
    return span(f"wait_{reason} Bash", f"{key}-{start_s}", start_s, end_s, session, prompt, **{**known, **more})


def subagent(key: str, start_s: float, end_s: float, session: str = "s1", prompt: str = "p1", **more: AttributeValue) -> SpanRecord:
    """A subagent's run."""
    return span("invoke_agent Explore", key, start_s, end_s, session, prompt, **{"gen_ai__agent__id": key, **more})


def event(name: str, at_s: float, session: str = "s1", prompt: str = "", **more: AttributeValue) -> LogRecord:
    """A log event."""
    attributes: dict[str, AttributeValue] = {semconv.SESSION_ID: session, **{key.replace("__", "."): value for key, value in more.items()}}
    if prompt:
        attributes[semconv.PROMPT_ID] = prompt
    uid = f"{name}-{session}-{at_s}-{prompt}"
    return LogRecord(uid, name, _ns(at_s), {**attributes, semconv.LOG_RECORD_UID: uid})


def native_span(name: str, key: str, start_s: float, end_s: float, session: str = "s1", **more: AttributeValue) -> SpanRecord:
    """A span of the client itself: it knows its session and no prompt."""
    attributes = {semconv.SESSION_ID: session, **{key.replace("__", "."): value for key, value in more.items()}}
    return SpanRecord(identity("native", session, size=16), identity(name, session, key), None, name, _ns(start_s), _ns(end_s), attributes)


def native_event(name: str, at_s: float, session: str = "s1", prompt: str = "p1", span_id: str = "", **more: AttributeValue) -> LogRecord:
    """A log record of the client itself; `span_id` in hex is the span that it was written in."""
    attributes: dict[str, AttributeValue] = {"event__name": name, "prompt__id": prompt, "event__sequence": round(at_s * 10), **more}
    record = event("", at_s, session, "", **attributes)
    return replace(record, trace_id=1, span_id=int(span_id, 16)) if span_id else record


def shuffled(records: Iterable[SpanRecord | LogRecord], order: Sequence[int]) -> list[SpanRecord | LogRecord]:
    """Records in the order of random numbers."""
    return [record for _, record in sorted(zip(order, records, strict=False), key=lambda pair: pair[0])]


def _ns(at_s: float) -> int:
    return T0 + round(at_s * S)
