"""What the cleanup writes: the end of a session, and the spans that it left open, as OTLP requests of the collector's own.

The spans have the ids that the relay would have given them (they are hashes of what the span is), so should the relay come back
and tell the real end, it is the same span and the better
evidence counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

from hookline.contract import semconv
from hookline.contract.events import SESSION_CLOSED_RECORD, SpanName, SpanOutcome
from hookline.contract.evidence import DERIVED_CLOSINGS, EvidenceRank, EvidenceSource, SignalSource
from hookline.contract.ids import span_id, trace_id
from hookline.contract.scopes import AGENT_SCOPE, COLLECTOR_SCOPE
from hookline_collector.sessions.facts import Facts
from hookline_collector.sessions.state import SessionView
from hookline_collector.sessions.turns import is_reported_over
from hookline_collector.signal import Signal


@dataclass(frozen=True, slots=True)
class SessionClosing:
    """A session to close, why, and the moment of its end (Unix ns)."""

    view: SessionView
    reason: str
    ended_ns: int


@dataclass(frozen=True, slots=True)
class Orphan:
    """A span that nobody will end."""

    name: str
    span_id: int
    parent_id: int
    started_ns: int
    attributes: dict[str, str]


def orphans(facts: Facts, view: SessionView) -> Iterator[Orphan]:
    """Yield the spans that a session has open: its turn, calls and subagents."""
    session, prompt, agent = facts.session_id, view.prompt_id, view.agent
    turn = facts.turns.get(prompt)
    if turn is None:
        return
    root = span_id("turn", session, prompt)
    if not is_reported_over(facts, turn):
        yield Orphan(
            f"{SpanName.INVOKE_AGENT} {agent}", root, 0, turn.started_ns, {semconv.OPERATION_NAME: "invoke_agent", semconv.AGENT_NAME: agent}
        )
    for sub in view.subagents:
        own = {semconv.OPERATION_NAME: "invoke_agent", semconv.AGENT_ID: sub.agent_id, semconv.AGENT_NAME: sub.agent_name}
        yield Orphan(f"{SpanName.INVOKE_AGENT} {sub.agent_name}".strip(), span_id("agent", session, sub.agent_id, prompt), root, sub.started_ns, own)
    for call in view.running_calls:
        parent = span_id("agent", session, call.agent_id, prompt) if call.agent_id else root
        own = {semconv.OPERATION_NAME: "execute_tool", semconv.TOOL_NAME: call.tool, semconv.TOOL_CALL_ID: call.call_id, semconv.AGENT_NAME: agent}
        yield Orphan(f"{SpanName.EXECUTE_TOOL} {call.tool}".strip(), span_id("call", session, call.call_id), parent, call.started_ns, own)


def closing_requests(found: Iterable[tuple[SessionClosing, Iterable[Orphan]]]) -> Iterator[tuple[Signal, bytes]]:
    """Yield one logs request and one traces request for what is to be closed; nothing for nothing."""
    logs, traces = ExportLogsServiceRequest(), ExportTraceServiceRequest()
    for closing, open_spans in found:
        _add_end(logs, closing)
        _add_spans(traces, closing, open_spans)
    if logs.resource_logs:
        yield Signal.LOGS, logs.SerializeToString()
    if traces.resource_spans:
        yield Signal.TRACES, traces.SerializeToString()


def _add_end(logs: ExportLogsServiceRequest, closing: SessionClosing) -> None:
    v = closing.view
    uid = hashlib.sha256(f"closed\0{v.session_id}\0{closing.reason}\0{closing.ended_ns}".encode()).hexdigest()[:32]
    resource = logs.resource_logs.add(resource=_resource(v))
    scope = resource.scope_logs.add(schema_url=semconv.SCHEMA_URL)
    scope.scope.name = COLLECTOR_SCOPE
    own = {semconv.LOG_RECORD_UID: uid, semconv.END_REASON: closing.reason, **_of_session(v)}
    scope.log_records.add(event_name=SESSION_CLOSED_RECORD, time_unix_nano=closing.ended_ns, attributes=_attributes(own))


def _add_spans(traces: ExportTraceServiceRequest, closing: SessionClosing, open_spans: Iterable[Orphan]) -> None:
    spans = list(open_spans)
    if not spans:
        return
    v = closing.view
    scope = traces.resource_spans.add(resource=_resource(v)).scope_spans.add(schema_url=semconv.SCHEMA_URL)
    scope.scope.name = AGENT_SCOPE
    trace = trace_id(v.agent, v.session_id, v.prompt_id).to_bytes(16)
    shared = {
        **_of_session(v),
        semconv.CLOSED_BY: closing.reason,
        semconv.EVIDENCE: (EvidenceRank.DERIVED if closing.reason in DERIVED_CLOSINGS else EvidenceRank.INFERRED).word,
        semconv.EVIDENCE_SOURCE: EvidenceSource.RULE.word,
        semconv.OUTCOME: SpanOutcome.UNKNOWN,
        semconv.SIGNAL_SOURCE: SignalSource.COLLECTOR,
    }
    for span in spans:
        scope.spans.add(
            trace_id=trace,
            span_id=span.span_id.to_bytes(8),
            parent_span_id=span.parent_id.to_bytes(8) if span.parent_id else b"",
            name=span.name,
            kind=SpanMessage.SPAN_KIND_INTERNAL,
            start_time_unix_nano=span.started_ns,
            end_time_unix_nano=max(closing.ended_ns, span.started_ns),
            attributes=_attributes({**shared, **span.attributes}),
        )


def _of_session(v: SessionView) -> dict[str, str]:
    known = {
        semconv.SESSION_ID: v.session_id,
        semconv.CONVERSATION_ID: v.session_id,
        semconv.PROMPT_ID: v.prompt_id,
        semconv.PROJECT_NAME: v.project,
        semconv.VCS_HEAD_NAME: v.branch,
    }
    return {key: value for key, value in known.items() if value}


def _resource(v: SessionView) -> Resource:
    return Resource(attributes=_attributes({semconv.SERVICE_NAME: v.agent, semconv.HOST_NAME: v.host, semconv.USER_NAME: v.user}))


def _attributes(values: dict[str, str]) -> list[KeyValue]:
    found = []
    for key, value in values.items():
        pair = KeyValue(key=key)
        pair.value.string_value = value
        found.append(pair)
    return found
