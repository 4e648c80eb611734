"""What a client and its machine tell beside the records of `shown_days`: requests with their first token, versions, hooks, pressure, costly commands.

All of it ends a while before now, so that a range up to now holds it whole. `wrong_request` is one that a collector refuses.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from random import Random

from hookline.contract.scopes import AGENT_SCOPE, CLAUDE_NATIVE_SCOPE_PREFIX
from hookline.resources.machine import MachineSample
from hookline.resources.points import machine_metrics
from support.agent_records import T0, S, call, event, requests_of, turn
from support.shop_telemetry import NS, Attributes, Point, Served, Told, of_logs, of_metrics, of_spans
from support.shown_days import PROTOBUF, place, tell_metrics

AGENT: Attributes = {"service.name": "claude-code", "user.name": "ana", "host.name": "laptop"}
SESSION = "day-1-0"
"""One of the sessions of the day before."""
HOOK_BOUNDS = (0.005, 0.01, 0.05, 0.1)


def tell_client(url: str, now_ns: int) -> None:
    """Tell a collector, at its address for OTLP/HTTP."""
    for path, body in client_requests(now_ns):
        _post(f"{url}{path}", body)
    for minutes in range(10, 30, 5):
        sample = MachineSample(now_ns - minutes * 60 * NS, 0.4, 16 << 30, 6 << 30, {"cpu": 0.1, "memory": 0.02, "io": 0.3})
        tell_metrics(url, machine_metrics(sample))


def wrong_request(url: str) -> None:
    """Send what is no request; the collector refuses it, and counts that."""
    try:
        _post(f"{url}/v1/traces", b"\xff\xff")
    except urllib.error.HTTPError as refused:
        refused.close()


def client_requests(now_ns: int) -> Iterator[tuple[str, bytes]]:
    """Yield requests, as path and body."""
    chance = Random(9)
    begun = now_ns - 3600 * NS
    for version in ("2.1.328", "2.1.329"):
        spans = [_request(begun + n * 30 * NS, chance) for n in range(8)] + [_run(begun + n * 40 * NS, chance) for n in range(6)]
        yield "/v1/traces", of_spans({**AGENT, "service.version": version}, spans, f"{CLAUDE_NATIVE_SCOPE_PREFIX}.tracing")
    yield "/v1/logs", of_logs(AGENT, list(_hooks(begun, chance)), f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events")
    yield "/v1/metrics", of_metrics(AGENT, list(_own_hooks(begun)), AGENT_SCOPE)
    at, where = (begun - T0) / S, place("shop")
    costly = [
        call(
            f"toolu_costly_{n:020d}",
            at + n * 60,
            at + n * 60 + 20,
            "Bash",
            "costly",
            "costly-1",
            hookline__tool__process_cpu_ms=4_000 * (n + 1),
            **where,
        )
        for n in range(3)
    ]
    records = [turn(at, at + 300, "costly", "costly-1", **where), *costly]
    ends = [event("session.start", at, "costly", **where), event("session.end", at + 400, "costly", **where)]
    for signal, body in requests_of([*records, *ends]):
        yield f"/v1/{signal.value}", body


def _used(ms: int) -> dict[str, int]:
    return {"hookline__tool__process_cpu_ms": ms}


def _request(at_ns: int, chance: Random) -> Served:
    ms = chance.randrange(900, 9_000)
    known = {"session.id": SESSION, "gen_ai.request.model": "claude-opus-4-5", "model": "claude-opus-4-5", "duration_ms": ms, "ttft_ms": ms // 3}
    return Served("claude_code.llm_request", at_ns, ms / 1e3, known, chance.randbytes(16), chance.randbytes(8), kind=1)


def _run(at_ns: int, chance: Random) -> Served:
    known = {"session.id": SESSION, "gen_ai.tool.call.id": f"toolu_client_{chance.getrandbits(60):020d}", "success": True, "duration_ms": 400}
    return Served("claude_code.tool.execution", at_ns, 0.4, known, chance.randbytes(16), chance.randbytes(8), kind=1)


def _hooks(begun_ns: int, chance: Random) -> Iterator[Told]:
    for n, hook in enumerate(("SessionStart", "PreToolUse", "PostToolUse", "Stop") * 4):
        known = {"event.name": "hook_execution_complete", "session.id": SESSION, "hook_event": hook, "num_hooks": "2"}
        yield Told("", begun_ns + n * 20 * NS, known | {"total_duration_ms": str(chance.randrange(4, 60))})


def _own_hooks(begun_ns: int) -> Iterator[Point]:
    for minute in range(10):
        counts = [3, 2, 1, 0, 0]
        where = {"hookline.project.name": "shop"}
        yield Point("hookline.hook.duration", begun_ns + minute * 60 * NS, 0.06, where, "histogram", "s", counts, HOOK_BOUNDS)


def _post(url: str, body: bytes) -> None:
    with urllib.request.urlopen(urllib.request.Request(url, body, PROTOBUF), timeout=60) as answer:
        answer.read()
