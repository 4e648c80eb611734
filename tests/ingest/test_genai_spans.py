"""An agent without an adapter: what it sends by the GenAI conventions is sessions, turns, calls and tokens, once."""

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from hookline.agents import AGENTS
from hookline.contract.known_agents import KNOWN_AGENTS
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, load_prices, publish, report
from ingest.test_ingest import Bench
from support.answered import answered
from support.stores import emptied_store, fresh_token

__all__ = ["emptied_store"]
S = 1_000_000_000
NOON = 1_790_000_000 * S
TRACE = b"t" * 16


def attribute(key: str, value: Any) -> KeyValue:
    pair = KeyValue(key=key)
    setattr(pair.value, "int_value" if isinstance(value, int) else "string_value", value)
    return pair


def spans(service: str = "my-agent", scope: str = "my.framework", conversation: str = "conv-1") -> ExportTraceServiceRequest:
    """Return a turn of 60 s with a call, a subagent that calls once and fails, and a request to a model."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(attribute("service.name", service))
    part = group.scope_spans.add()
    part.scope.name = scope

    def add(key: bytes, parent: bytes, operation: str, start_s: int, end_s: int, **more: Any) -> None:
        named = {key.replace("__", "."): value for key, value in more.items()}
        values = {"gen_ai.operation.name": operation, "gen_ai.conversation.id": conversation, **named}
        part.spans.add(
            trace_id=TRACE, span_id=key * 8, parent_span_id=parent * 8, name=operation, start_time_unix_nano=NOON + start_s * S,
            end_time_unix_nano=NOON + end_s * S, attributes=[attribute(name, value) for name, value in values.items() if value != ""],
        )  # fmt: skip

    add(b"a", b"", "invoke_agent", 0, 60, gen_ai__agent__name="planner")
    add(b"b", b"a", "execute_tool", 5, 10, gen_ai__tool__name="shell", gen_ai__tool__call__id="call-1")
    add(b"c", b"a", "invoke_agent", 12, 30, gen_ai__agent__name="finder")
    add(b"d", b"c", "execute_tool", 14, 20, gen_ai__tool__name="grep", error__type="exit_1")
    usage = {"gen_ai__usage__input_tokens": 1000, "gen_ai__usage__output_tokens": 50, "gen_ai__usage__cache_read__input_tokens": 400}
    add(b"e", b"a", "chat", 1, 4, gen_ai__request__model="gpt-6.1-sol", gen_ai__response__id="resp-1", **usage)
    return request


def fed(bench: Bench, store: Store) -> None:
    for signal, body, _ in bench.journal.appended:
        store.insert(signal, body, fresh_token())


async def test_an_unknown_agent_shows_up_with_turns_calls_subagents_and_tokens(emptied_store: Store) -> None:
    """And a request that is sent again tells nothing twice."""
    bench = Bench()
    for _ in range(2):
        await bench.accept(Signal.TRACES, spans())
    assert [(signal, items) for signal, _, items in bench.journal.appended] == [
        (Signal.TRACES, 5),
        (Signal.TRACES, 4),
        (Signal.LOGS, 1),
        (Signal.TRACES, 5),
    ]
    bench.balance(Signal.TRACES)
    publish(load_prices(None), emptied_store.query, emptied_store.command)
    fed(bench, emptied_store)
    found = report(answered(emptied_store, NOON + 3600 * S), ReportRequest("2026-09-21..2026-09-21", "agent"), NOON + 3600 * S)
    (row,) = found.rows
    assert (row.key, row.sessions, row.prompts, row.tool_calls, row.failures, row.requests) == ("my-agent", 1, 1, 2, 1, 1)
    assert row.agent_once_s == 60
    assert (row.input_tokens, row.cache_read_tokens, row.output_tokens) == (600, 400, 50)
    assert row.cost_usd == pytest.approx((600 * 2 + 400 * 0.1 + 50 * 10) / 1e6)
    assert {(each.tool_kind, each.tool_calls, each.p50_s) for each in found.tool_kinds} == {("shell", 1, 5.0), ("search", 1, 6.0)}
    calls = emptied_store.query("SELECT call_id, agent_id != '' AS in_subagent, evidence, evidence_source FROM told_tool_calls ORDER BY started").rows
    assert calls == (("call-1", 0, "observed", "native"), ("64" * 8, 1, "observed", "native"))


@pytest.mark.parametrize("service", ["claude-code", "codex_exec", "goose"])
async def test_an_agent_that_has_hooks_is_not_told_again(service: str) -> None:
    """Nor one whose scopes are known under another name of the service, nor what names no conversation."""
    bench = Bench()
    await bench.accept(Signal.TRACES, spans(service))
    await bench.accept(Signal.TRACES, spans(scope="github.copilot"))
    await bench.accept(Signal.TRACES, spans(conversation=""))
    assert [items for _, _, items in bench.journal.appended] == [5, 5, 5]


def test_every_agent_with_hooks_is_known() -> None:
    """Or what it sends itself would be told twice."""
    assert set(AGENTS) <= KNOWN_AGENTS


async def test_what_is_told_again_holds_no_texts() -> None:
    """It is made of what the capture level let through."""
    request = spans()
    request.resource_spans[0].scope_spans[0].spans[1].attributes.append(attribute("gen_ai.tool.call.arguments", "rm -rf secret-thing"))
    bench = Bench()
    await bench.accept(Signal.TRACES, request)
    assert all(b"secret-thing" not in body for _, body, _ in bench.journal.appended)
    assert ExportLogsServiceRequest.FromString(bench.journal.appended[-1][1]).resource_logs
