"""Agents that nobody wrote an adapter for: spans by the GenAI conventions, told again as sessions, turns, calls and tokens.

    invoke_agent    a turn of the session that `gen_ai.conversation.id` names; below another span of the conventions a subagent's run
    execute_tool    a call
    chat, ...       the tokens of a request to a model

What is told is Hookline's own records of the same moments, beside the spans themselves, which are stored as they came. Their ids are hashes of the
spans' own, so a request that is sent again tells nothing twice. A prompt is a trace. Only spans are told that name a conversation and come under
no scope and no service of an agent that Hookline knows: those have hooks and session files, which tell more, and nothing shall be told twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from hookline.contract import semconv
from hookline.contract.content import contents_of
from hookline.contract.events import USAGE_RECORD, SpanName, SpanOutcome
from hookline.contract.evidence import EvidenceRank, EvidenceSource
from hookline.contract.ids import span_id, trace_id
from hookline.contract.known_agents import KNOWN_AGENTS
from hookline.contract.scopes import AGENT_SCOPE, Source
from hookline_collector.signal import Signal
from hookline_collector.signals.observations import plain

REQUESTS: Final = frozenset({"chat", "generate_content", "text_completion"})
_MARK: Final = semconv.OPERATION_NAME.encode()
_TOKENS: Final = (semconv.USAGE_INPUT, semconv.USAGE_OUTPUT, semconv.USAGE_CACHE_READ, semconv.USAGE_CACHE_CREATION)
_ERROR: Final = 2
Attributes = Mapping[str, Any]


def told_again(signal: Signal, message: Any, body: bytes) -> Iterator[tuple[Signal, bytes]]:
    """Yield the requests that tell of an unknown agent's spans; none where there are none."""
    if signal is not Signal.TRACES or _MARK not in body:
        return
    traces, logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
    for group in message.resource_spans:
        _tell(group, traces, logs)
    if traces.resource_spans:
        yield Signal.TRACES, traces.SerializeToString()
    if logs.resource_logs:
        yield Signal.LOGS, logs.SerializeToString()


def _tell(group: Any, traces: ExportTraceServiceRequest, logs: ExportLogsServiceRequest) -> None:
    shared = plain(group.resource.attributes)
    service = str(shared.get(semconv.SERVICE_NAME, ""))
    if service in KNOWN_AGENTS:
        return
    unknown = (part for part in group.scope_spans if Source.of(part.scope.name) is None and contents_of(part.scope.name) is None)
    found = {span.span_id: (span, plain(span.attributes)) for part in unknown for span in part.spans}
    genai = {key: pair for key, pair in found.items() if pair[1].get(semconv.OPERATION_NAME) and pair[1].get(semconv.CONVERSATION_ID)}
    spans: list[Any] = []
    records: list[Any] = []
    for span, of in genai.values():
        agent_id = _subagent_of(span, of, genai)
        operation = of[semconv.OPERATION_NAME]
        if operation in (SpanName.INVOKE_AGENT, SpanName.EXECUTE_TOOL):
            spans.append((span, of, agent_id))
        elif operation in REQUESTS and any(of.get(name) for name in _TOKENS):
            records.append((span, of, agent_id))
    if spans:
        part = traces.resource_spans.add(resource=group.resource).scope_spans.add(schema_url=semconv.SCHEMA_URL)
        part.scope.name = AGENT_SCOPE
        for span, of, agent_id in spans:
            _add_span(part, span, of, agent_id, service or "agent")
    if records:
        told = logs.resource_logs.add(resource=group.resource).scope_logs.add(schema_url=semconv.SCHEMA_URL)
        told.scope.name = AGENT_SCOPE
        for span, of, agent_id in records:
            _add_usage(told, span, of, agent_id)


def _subagent_of(span: Any, of: Attributes, genai: Mapping[bytes, tuple[Any, Attributes]]) -> str:
    """Return the subagent whose a span is, or which it is: the nearest run of an agent that stands below another span of the conventions."""
    seen = set[bytes]()
    while span.span_id not in seen:
        seen.add(span.span_id)
        above = genai.get(span.parent_span_id)
        if of[semconv.OPERATION_NAME] == SpanName.INVOKE_AGENT and above is not None:
            return str(of.get(semconv.AGENT_ID) or span.span_id.hex())
        if above is None:
            return ""
        span, of = above
    return ""


def _add_span(part: Any, span: Any, of: Attributes, agent_id: str, service: str) -> None:
    session, prompt = str(of[semconv.CONVERSATION_ID]), span.trace_id.hex()
    is_call = of[semconv.OPERATION_NAME] == SpanName.EXECUTE_TOOL
    call_id, tool = str(of.get(semconv.TOOL_CALL_ID) or span.span_id.hex()), str(of.get(semconv.TOOL_NAME) or "unknown")
    agent_name = str(of.get(semconv.AGENT_NAME) or "agent")
    turn, own_agent = span_id("turn", session, prompt), span_id("agent", session, agent_id, prompt)
    if is_call:
        own, parent, name = span_id("call", session, call_id), own_agent if agent_id else turn, f"{SpanName.EXECUTE_TOOL} {tool}"
    elif agent_id:
        own, parent, name = own_agent, turn, f"{SpanName.INVOKE_AGENT} {agent_name}"
    else:
        own, parent, name = turn, 0, f"{SpanName.INVOKE_AGENT} {service}"
    values = {**_common(of, session, prompt, agent_id), semconv.OPERATION_NAME: of[semconv.OPERATION_NAME]}
    has_failed = span.status.code == _ERROR or bool(of.get(semconv.ERROR_TYPE))
    values[semconv.OUTCOME] = SpanOutcome.FAILURE if has_failed else SpanOutcome.SUCCESS
    values[semconv.ERROR_TYPE] = str(of.get(semconv.ERROR_TYPE) or ("error" if has_failed else ""))
    if is_call:
        run_ms = max(0, span.end_time_unix_nano - span.start_time_unix_nano) // 1_000_000
        values |= {semconv.TOOL_NAME: tool, semconv.TOOL_CALL_ID: call_id, semconv.TOOL_RUN_MS: str(run_ms)}
    elif agent_id:
        values[semconv.AGENT_NAME] = agent_name
    part.spans.add(
        trace_id=trace_id(service, session, prompt).to_bytes(16, "big"),
        span_id=own.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=name,
        kind=1,
        start_time_unix_nano=span.start_time_unix_nano,
        end_time_unix_nano=span.end_time_unix_nano,
        attributes=_pairs(values),
    )


def _add_usage(part: Any, span: Any, of: Attributes, agent_id: str) -> None:
    session, prompt = str(of[semconv.CONVERSATION_ID]), span.trace_id.hex()
    uid = hashlib.sha256(b"genai" + span.trace_id + span.span_id).hexdigest()[:32]
    values = {
        **_common(of, session, prompt, agent_id),
        semconv.LOG_RECORD_UID: uid,
        semconv.RESPONSE_ID: str(of.get(semconv.RESPONSE_ID) or span.span_id.hex()),
        semconv.RESPONSE_MODEL: str(of.get(semconv.RESPONSE_MODEL) or of.get(semconv.REQUEST_MODEL) or ""),
        **{name: str(int(of[name])) for name in _TOKENS if of.get(name)},
    }
    part.log_records.add(event_name=USAGE_RECORD, time_unix_nano=span.end_time_unix_nano, attributes=_pairs(values))


def _common(of: Attributes, session: str, prompt: str, agent_id: str) -> dict[str, str]:
    return {
        semconv.SESSION_ID: session,
        semconv.CONVERSATION_ID: session,
        semconv.PROMPT_ID: prompt,
        semconv.AGENT_ID: agent_id,
        semconv.REQUEST_MODEL: str(of.get(semconv.REQUEST_MODEL) or ""),
        semconv.EVIDENCE: EvidenceRank.OBSERVED.word,
        semconv.EVIDENCE_SOURCE: EvidenceSource.NATIVE.word,
    }


def _pairs(values: Mapping[str, str]) -> Iterator[KeyValue]:
    for key, value in values.items():
        if value:
            pair = KeyValue(key=key)
            pair.value.string_value = value
            yield pair
