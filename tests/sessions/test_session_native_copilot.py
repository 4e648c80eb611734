"""Copilot CLI's own spans: tokens of a live session as its session file adds them up, and nothing that hooks tell."""

from __future__ import annotations

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.agents import agent_named
from hookline.contract import semconv
from hookline.contract.scopes import Source
from hookline_collector.sessions.facts import Facts
from hookline_collector.signal import Signal
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.requests import observations, of_span
from support.agent_captures import FIXTURES, captured, rows

AGENT = "copilot-cli-1.0.102"
SESSION = "e83b5a6b-4579-46ae-a2d7-606d5d4c7a08"


def native() -> list[Observation]:
    """Return what the captured spans say."""
    request = ExportTraceServiceRequest.FromString((FIXTURES / AGENT / "subagent.traces.binpb").read_bytes())
    return list(observations(Signal.TRACES, request))


def test_each_request_counts_once() -> None:
    """What an invoke_agent span adds up, a subagent's and the session's, is none of its own; told again it is the same."""
    facts = Facts(SESSION)
    for seen in (*native(), *native()):
        facts.add(seen)
    tokens = facts.tokens["native"]
    assert (tokens.input, tokens.cache_read, tokens.output) == (672, 12_000, 180), "as session.shutdown has it"
    assert {(seen.session_id, seen.seen, seen.source) for seen in native()} == {(SESSION, ObservationKind.USAGE, Source.NATIVE)}
    assert facts.place["agent"][1] == "copilot-cli"


def test_a_request_is_named_as_in_the_session_file() -> None:
    """So whoever counts both counts it once."""
    transcripts, event = agent_named("copilot-cli").transcripts(), captured("copilot-cli", rows(AGENT, "subagent.hooks.jsonl"))[0]
    assert transcripts
    ((records, _),) = transcripts.usage(FIXTURES / AGENT / "subagent.events.jsonl", 0, event)
    assert {f"{semconv.RESPONSE_ID}={record.attributes[semconv.RESPONSE_ID]}" for record in records} == {seen.key for seen in native()}


def test_a_request_that_failed_says_nothing() -> None:
    """It has no id and used no tokens; nor does a span of a session that is not named."""
    attributes = {semconv.CONVERSATION_ID: SESSION, "error.type": "ModelCallError"}
    assert list(of_span("chat claude-sonnet-4.5", 1, 2, attributes, Source.NATIVE)) == []
    assert list(of_span("chat claude-sonnet-4.5", 1, 2, {semconv.RESPONSE_ID: "chatcmpl-1"}, Source.NATIVE)) == []
    assert list(of_span("chat x", 1, 2, {**attributes, semconv.RESPONSE_ID: "chatcmpl-1", semconv.USAGE_OUTPUT: "many"}, Source.HOOK)) == []
