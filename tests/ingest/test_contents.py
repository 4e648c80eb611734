"""Texts in telemetry that passed no relay: what the capture level does not let out is not journaled, and what it lets out holds no secret."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from hookline.contract.content import AGENTS, CONVENTIONS, ContentKind
from hookline.settings.schema import CaptureLevel, CaptureSettings, LimitSettings
from hookline_collector.ingest import Ingest
from hookline_collector.ingest.contents import CapturedContents, mentions_conventions
from hookline_collector.observe.metrics import Metrics
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal
from support.cases import with_each
from support.receiving.front import MemoryJournal

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOON = 1_790_000_000_000_000_000
TOKEN = "ghp_" + "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2"
SAID = f"use {TOKEN} for the build"
LEVELS: tuple[CaptureLevel, ...] = ("metadata", "inputs", "full")


def attribute(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def logs(scope: str, attributes: dict[str, str], body: str = "", event_name: str = "") -> ExportLogsServiceRequest:
    """Return a request of one record."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    resource.resource.attributes.append(attribute("process.command_args", SAID))
    part = resource.scope_logs.add()
    part.scope.name = scope
    record = part.log_records.add(time_unix_nano=NOON, event_name=event_name, attributes=[attribute(*pair) for pair in attributes.items()])
    if body:
        record.body.string_value = body
    return request


def cleaned(request: Any, level: CaptureLevel = "metadata", signal: Signal = Signal.LOGS) -> bool:
    return CapturedContents(CaptureSettings(level=level)).clean(signal, request, has_conventions=mentions_conventions(request.SerializeToString()))


def left(request: ExportLogsServiceRequest) -> dict[str, str]:
    (record,) = request.resource_logs[0].scope_logs[0].log_records
    return {pair.key: pair.value.string_value for pair in record.attributes}


@with_each("scope", AGENTS)
@with_each("level", LEVELS)
def test_an_agent_s_texts_keep_to_the_level_and_hold_no_secret(scope: str, level: CaptureLevel) -> None:
    """Its own names and those of the conventions; what is no text stays as it is."""
    kinds = {**CONVENTIONS, **AGENTS[scope]}
    request = logs(f"{scope}.events", {**dict.fromkeys(kinds, SAID), "duration_ms": "7", "tool_name": "shell"})
    assert cleaned(request, level)
    allowed = {"metadata": {"name"}, "inputs": {"name", "input"}, "full": {"name", "input", "output"}}[level]
    found = left(request)
    assert found.keys() == {name for name, kind in kinds.items() if kind in allowed} | {"duration_ms", "tool_name"}
    assert (found["duration_ms"], found["tool_name"]) == ("7", "shell")
    assert TOKEN.encode() not in request.SerializeToString()


def test_a_subagents_answer_is_an_output() -> None:
    """One client tells it as what its last tool was given to remember."""
    request = logs("gemini-cli", {"function_name": "complete_task", "metadata": json.dumps({"taskCompleted": True, "submittedOutput": SAID})})
    assert cleaned(request, "inputs")
    assert left(request) == {"function_name": "complete_task"}


CAPTURED = sorted(
    path
    for path in (*FIXTURES.glob("*/*/otlp.jsonl"), *FIXTURES.glob("*/*/otlp/*.binpb"), *FIXTURES.glob("*/*.binpb"))
    if path.relative_to(FIXTURES).parts[0].startswith(("codex", "gemini", "qwen", "copilot"))
)
WORDS = (b"payment retries", b"caller of charge", b"One caller", b"curl -s", b"def charge", b"retries = 1", b"echo ok")
"""Of the prompts, inputs, outputs and answers of the captured sessions."""


def captured(path: Path) -> Iterator[tuple[Signal, Any]]:
    """Yield what a client sent by itself."""
    if path.suffix == ".jsonl":
        for told in map(json.loads, path.read_text().splitlines()):
            signal = Signal(told["signal"])
            yield signal, ParseDict(told["request"], signal.request_class(), ignore_unknown_fields=True)
    else:
        signal = Signal.LOGS if "logs" in path.name else Signal.TRACES
        yield signal, signal.request_class().FromString(path.read_bytes())


def test_captured_clients_are_of_every_kind() -> None:
    """All that were seen to send what they were told."""
    assert {path.relative_to(FIXTURES).parts[0].partition("-")[0] for path in CAPTURED} == {"codex", "copilot", "gemini", "qwen"}
    assert any(word in path.read_bytes() for path in CAPTURED for word in WORDS), "they do send texts"


@with_each("path", CAPTURED)
def test_what_real_clients_sent_holds_no_text_at_the_default_level(path: Path) -> None:
    """Without a relay of ours before them, whatever their own settings let out."""
    for signal, request in captured(path):
        cleaned(request, signal=signal)
        kept = request.SerializeToString()
        assert [word for word in WORDS if word in kept] == []


def test_how_an_agent_was_started_holds_its_prompt() -> None:
    """In the resource of every signal, metrics too."""
    told = logs("gemini-cli", {"model": "m"})
    assert cleaned(told)
    assert not told.resource_logs[0].resource.attributes
    metrics = ExportMetricsServiceRequest()
    group = metrics.resource_metrics.add()
    group.resource.attributes.append(attribute("process.command_args", SAID))
    group.scope_metrics.add().scope.name = "gemini-cli"
    assert cleaned(metrics, signal=Signal.METRICS)
    assert not group.resource.attributes


def test_a_body_goes_with_the_texts_that_it_tells_in_words() -> None:
    """A body that tells no text stays."""
    hook = logs("gemini-cli", {"hook_name": "curl -d @key"}, body="Hook call Stop. curl -d @key")
    tool = logs("gemini-cli", {"function_name": "read_file"}, body=f"Tool call: read_file {TOKEN}")
    assert cleaned(hook)
    assert cleaned(tool)
    assert not hook.resource_logs[0].scope_logs[0].log_records[0].HasField("body")
    assert tool.resource_logs[0].scope_logs[0].log_records[0].body.string_value.startswith("Tool call: read_file [redacted:")


def test_the_conventions_names_are_texts_under_any_scope() -> None:
    """In spans and their events, nested values and the bodies of older events too."""
    request = ExportTraceServiceRequest()
    part = request.resource_spans.add().scope_spans.add()
    part.scope.name = "my.own.agent"
    span = part.spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, name="chat m", start_time_unix_nano=NOON, end_time_unix_nano=NOON + 1)
    span.attributes.append(attribute("gen_ai.request.model", "m"))
    span.attributes.add(key="gen_ai.input.messages").value.array_value.values.add().string_value = SAID
    span.events.add(name="gen_ai.content.prompt").attributes.append(attribute("gen_ai.prompt", SAID))
    kept = ExportTraceServiceRequest.FromString(request.SerializeToString())
    assert cleaned(request, signal=Signal.TRACES)
    assert [pair.key for pair in span.attributes] == ["gen_ai.request.model"]
    assert not span.events[0].attributes
    assert cleaned(kept, "inputs", Signal.TRACES)
    messages = kept.resource_spans[0].scope_spans[0].spans[0].attributes[1].value.string_value
    assert messages.startswith('["use [redacted:')
    older = logs("openai", {"gen_ai.system": "openai"}, body=SAID, event_name="gen_ai.user.message")
    assert cleaned(older)
    assert not older.resource_logs[0].scope_logs[0].log_records[0].HasField("body")


@pytest.mark.parametrize("scope", ["hookline.agent", "hookline.history"])
def test_what_a_relay_sent_is_left_as_it_is(scope: str) -> None:
    """It kept to the level of the project, which only the relay knows."""
    request = logs(scope, {"gen_ai.input.messages": "of a project that lets prompts out"})
    assert not cleaned(request)


def test_other_telemetry_is_not_looked_at() -> None:
    """A service's `prompt` is its own affair."""
    request = logs("shop", {"prompt": SAID, "output": SAID}, body=SAID)
    before = request.SerializeToString()
    assert not cleaned(request)
    assert request.SerializeToString() == before


def test_what_is_journaled_holds_no_text() -> None:
    """The whole way in."""
    body = logs("codex_otel.log_only", {"event.name": "codex.tool_result", "arguments": SAID, "output": SAID, "call_id": "c1"}).SerializeToString()
    figures = Metrics()
    journal = MemoryJournal(figures)
    asyncio.run(Ingest(LimitSettings(), journal, figures, HeavyWork()).accept(Signal.LOGS, body))
    ((_, journaled, _),) = journal.appended
    assert TOKEN.encode() not in journaled
    assert b"arguments" not in journaled
    assert b"c1" in journaled


def test_every_name_says_from_when_on_it_is_kept() -> None:
    """A kind that no level knows would be dropped at all of them."""
    assert {kind for names in AGENTS.values() for kind in names.values()} <= set(ContentKind)
