"""Days of a person as the pages show them, told to a running collector as relay and client tell it: over OTLP, now as it happens.

`tell(url, shown_days(now_ns))` gives some weeks of ordinary days and a full today: two projects side by side, subagents, permissions, a sleep, a
failure, a session that works, one that waits for a permission, one that waits for a prompt, limits of an account, and what processes took.
`python -m support.shown_days URL` tells them to a collector, for whoever wants to look.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.metrics.export import AggregationTemporality, Metric, MetricsData, ResourceMetrics, ScopeMetrics

from hookline.contract.scopes import AGENT_SCOPE, CLAUDE_NATIVE_SCOPE_PREFIX
from hookline.export.sdk import make_scope, to_sdk_log, to_sdk_span
from hookline.records import LogRecord, SpanRecord
from hookline.resources.points import TreePoint, tree_metrics
from hookline.resources.tree import TreeSample
from support.agent_records import T0, S, call, event, native_event, resource, subagent, turn, wait

NATIVE_SCOPE = f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"
HOUR, MINUTE = 3_600.0, 60.0
MODELS = ("claude-opus-4-5", "claude-sonnet-4-5")
TOOLS = ("Bash", "Read", "Edit", "Grep", "Write", "Bash", "Read", "Edit", "mcp__tickets__search")
PORTION = 2_000
PROTOBUF = {"Content-Type": "application/x-protobuf"}
Attributes = dict[str, Any]
Record = SpanRecord | LogRecord


@dataclass(frozen=True, slots=True)
class Told:
    """A record, and in whose scope it is told."""

    record: Record
    scope: str = AGENT_SCOPE


def place(project: str, branch: str = "main", revision: str = "a") -> Attributes:
    """Where work is."""
    return {"hookline__project__name": project, "vcs__ref__head__name": branch, "vcs__ref__head__revision": revision * 40}


def shown_days(now_ns: int, weeks: int = 3) -> Iterator[Told]:
    """Yield some weeks of ordinary work and a full today, up to now."""
    now_s = (now_ns - T0) / S
    chance = Random(7)
    for days_ago in range(weeks * 7, 0, -1):
        yield from _ordinary_day(chance, now_s - days_ago * 24 * HOUR, days_ago)
    yield from _today(chance, now_s)


def _ordinary_day(chance: Random, at: float, days_ago: int) -> Iterator[Told]:
    project = chance.choice(("shop", "shop", "api", "docs"))
    at -= chance.uniform(5, 7) * HOUR
    for n in range(2):
        session = f"day-{days_ago}-{n}"
        yield Told(event("session.start", at, session, **place(project)))
        for p in range(chance.randint(3, 5)):
            length = chance.uniform(2, 22) * MINUTE
            yield from prompt(chance, session, f"{session}-p{p}", at, length, project)
            at += length + chance.uniform(0.3, 12) * MINUTE
        yield Told(event("session.end", at, session, hookline__session__end_reason="logout"))
        at += chance.uniform(0.2, 1.2) * HOUR


def prompt(chance: Random, session: str, name: str, at: float, length: float, project: str, branch: str = "main", calls: int = 5) -> Iterator[Told]:
    """Yield a prompt's turn with calls, requests and sometimes a wait."""
    where = place(project, branch)
    yield Told(turn(at, at + length, session, name, hookline__prompt__length=chance.randint(20, 900), **where))
    yield Told(native_event("user_prompt", at, session, name, prompt_length=str(chance.randint(20, 900))), NATIVE_SCOPE)
    step = length / (calls + 1)
    for n in range(calls):
        tool, start = chance.choice(TOOLS), at + step * (n + 0.5)
        run = min(step * 0.4, chance.expovariate(1 / 6))
        outcome = "failure" if chance.random() < 0.07 else "success"
        more: Attributes = {"error__type": "exit_1"} if outcome == "failure" else {}
        if tool in ("Edit", "Write"):
            more["file__extension"] = chance.choice(("py", "py", "ts", "sql"))
        if tool == "Bash" and chance.random() < 0.4:
            waited = min(step * 0.3, chance.uniform(3, 90))
            yield Told(wait(f"toolu_{name}-c{n}", start, start + waited, "permission", session, name, **where))
            more["hookline__tool__requested_at"] = str(T0 + round(start * S))
            start += waited
        yield Told(call(f"toolu_{name}-c{n}", start, start + run, tool, session, name, hookline__outcome=outcome, **more, **where))
        yield Told(_request(chance, session, name, at + step * n + step * 0.4), NATIVE_SCOPE)


def _request(chance: Random, session: str, name: str, at: float) -> LogRecord:
    tokens: Attributes = {
        "model": chance.choice(MODELS),
        "input_tokens": str(chance.randint(20, 3_000)),
        "output_tokens": str(chance.randint(100, 4_000)),
        "cache_read_tokens": str(chance.randint(10_000, 90_000)),
        "cache_creation_tokens": str(chance.randint(0, 9_000)),
        "cost_usd": f"{chance.uniform(0.01, 0.4):.4f}",
        "duration_ms": str(chance.randint(1_500, 14_000)),
        "user__account_uuid": "account-1",
        "request_id": f"req-{name}-{at:.3f}",
    }
    return native_event("api_request", at, session, name, **tokens)


def _today(chance: Random, now: float) -> Iterator[Told]:
    begun = now - 7 * HOUR
    yield Told(event("session.start", begun, "shop-morning", **place("shop", "main")))
    at = begun + 2 * MINUTE
    for n, length in enumerate((14, 31, 9, 26, 18)):
        yield from prompt(chance, "shop-morning", f"morning-{n}", at, length * MINUTE, "shop", calls=8)
        at += (length + (4, 2, 11, 3, 1)[n]) * MINUTE
    yield Told(event("session.start", begun + 40 * MINUTE, "api-side", **place("api", "fix/limits", "b")))
    at = begun + 42 * MINUTE
    for n, length in enumerate((22, 16, 8)):
        yield from prompt(chance, "api-side", f"side-{n}", at, length * MINUTE, "api", "fix/limits", calls=6)
        at += (length + 5) * MINUTE
    yield Told(event("session.end", at, "api-side", hookline__session__end_reason="prompt_input_exit"))
    yield Told(event("hookline.suspended", now - 3.3 * HOUR, "shop-morning", duration_ms=50 * 60_000))
    yield from _waterfall(chance, now - 3.1 * HOUR)
    yield from _running(chance, now)


def _waterfall(chance: Random, at: float) -> Iterator[Told]:
    """An afternoon's first session: subagents side by side within a call, an answer, a compaction's worth of calls."""
    session, where = "shop-afternoon", place("shop", "feature/basket", "c")
    yield Told(event("session.start", at, session, **where))
    for n, length in enumerate((17, 26, 12, 21)):
        name = f"afternoon-{n}"
        yield from prompt(chance, session, name, at, length * MINUTE, "shop", "feature/basket", calls=9)
        for k in range(3 if n == 1 else 0):
            begun = at + (3 + k * 0.1) * MINUTE
            ended = begun + (6 + 2 * k) * MINUTE
            yield Told(call(f"toolu_{name}-agent-{k}", begun - 1, ended + 1, "Agent", session, name, **where))
            yield Told(subagent(f"agent-{n}-{k}", begun, ended, session, name, **where))
            for c in range(4):
                start = begun + (c + 0.5) * (ended - begun) / 5
                yield Told(call(f"toolu_{name}-a{k}-{c}", start, start + 20, "Grep", session, name, gen_ai__agent__id=f"agent-{n}-{k}", **where))
        if n == 2:
            yield Told(wait(f"{name}-q", at + 4 * MINUTE, at + 7 * MINUTE, "answer", session, name, **where))
        at += length * MINUTE + (5, 14, 2, 1)[n] * MINUTE
    yield Told(event("session.end", at, session, hookline__session__end_reason="logout"))


def _running(chance: Random, now: float) -> Iterator[Told]:
    """Yield what goes on now: one works, one asks for a permission, one waits for a prompt."""
    for session, project, branch in (("works-now", "shop", "feature/basket"), ("asks-now", "api", "fix/limits"), ("rests-now", "docs", "main")):
        where = place(project, branch)
        yield Told(event("session.start", now - 40 * MINUTE, session, hookline__session__interactive=True, **where))
        yield from prompt(chance, session, f"{session}-p0", now - 38 * MINUTE, 21 * MINUTE, project, branch, calls=6)
        if session != "rests-now":
            yield Told(event("hookline.prompt_submitted", now - 9 * MINUTE, session, f"{session}-p1", **where))
    where = place("shop", "feature/basket")
    for k in range(2):
        yield Told(
            event(
                "hookline.subagent_started",
                now - (6 - k) * MINUTE,
                "works-now",
                "works-now-p1",
                gen_ai__agent__id=f"sub-{k}",
                gen_ai__agent__name="Explore",
                **where,
            )
        )
    yield Told(_tool("tool_started", now - 70, "works-now", "works-now-p1", "toolu_works_now", "Bash", where))
    yield Told(_tool("tool_started", now - 4.2 * MINUTE, "asks-now", "asks-now-p1", "toolu_asks_now", "Bash", place("api", "fix/limits")))
    asked: Attributes = {"hookline__wait__id": "asked-1", "hookline__wait__reason": "permission"}
    yield Told(
        _tool("permission_requested", now - 4.1 * MINUTE, "asks-now", "asks-now-p1", "toolu_asks_now", "Bash", place("api", "fix/limits") | asked)
    )
    seconds = (T0 / S) + now
    for minutes_ago, used in ((120, 31.0), (60, 47.0), (2, 62.0)):
        yield Told(
            event(
                "hookline.limits",
                now - minutes_ago * MINUTE,
                "works-now",
                hookline__limits__five_hour__used_percent=used,
                hookline__limits__five_hour__resets_at=round(seconds + 2.2 * HOUR),
                hookline__limits__seven_day__used_percent=38.0 + used / 20,
                hookline__limits__seven_day__resets_at=round(seconds + 61 * HOUR),
                hookline__context__used_percent=41.0,
                hookline__account="account-1",
            )
        )


def _tool(kind: str, at: float, session: str, name: str, call_id: str, tool: str, more: Attributes) -> LogRecord:
    return event(f"hookline.{kind}", at, session, name, gen_ai__tool__name=tool, gen_ai__tool__call__id=call_id, hookline__tool__kind="shell", **more)


def curves(now_ns: int) -> list[Metric]:
    """What the processes of today's afternoon session took."""
    points = []
    begun_ns = now_ns - round(3.1 * HOUR) * S
    chance = Random(3)
    before = TreeSample(begun_ns, 0.0, 0.0, 0.0, 0.0, 0, 0, 400_000_000, 12, 3)
    for n in range(1, 160):
        cpu_s = max(0.0, chance.gauss(12, 9))
        now = TreeSample(
            time_ns=begun_ns + n * 30 * S,
            elapsed_s=30.0,
            cpu_s=cpu_s,
            user_s=before.user_s + cpu_s * 0.8,
            system_s=before.system_s + cpu_s * 0.2,
            read_bytes=0,
            write_bytes=before.write_bytes + chance.randint(0, 4_000_000),
            rss_bytes=400_000_000 + n * 2_000_000,
            threads=12 + n % 7,
            processes=3,
        )
        points.append(TreePoint({"session.id": "shop-afternoon"}, begun_ns, before, now))
        before = now
    return tree_metrics(points, 4, AggregationTemporality.DELTA)


def tell(url: str, told: Iterable[Told], user: str = "ana") -> None:
    """Send records to a collector's OTLP/HTTP address."""
    for path, body in requests_of(told, user):
        _post(f"{url}{path}", body)


def requests_of(told: Iterable[Told], user: str = "ana") -> Iterator[tuple[str, bytes]]:
    """Yield the requests that tell records, some thousand each, as path and body."""
    waiting = iter(told)
    while portion := list(islice(waiting, PORTION)):
        for scope in dict.fromkeys(each.scope for each in portion):
            records = [each.record for each in portion if each.scope == scope]
            spans = [to_sdk_span(record, resource(user), make_scope(scope)) for record in records if isinstance(record, SpanRecord)]
            logs = [to_sdk_log(record, resource(user), make_scope(scope)) for record in records if isinstance(record, LogRecord)]
            if spans:
                yield "/v1/traces", encode_spans(spans).SerializeToString()
            if logs:
                yield "/v1/logs", encode_logs(logs).SerializeToString()


def tell_metrics(url: str, metrics: list[Metric], user: str = "ana") -> None:
    """Send metrics to a collector."""
    data = MetricsData([ResourceMetrics(resource(user), [ScopeMetrics(make_scope(AGENT_SCOPE), metrics, "")], "")])
    _post(f"{url}/v1/metrics", encode_metrics(data).SerializeToString())


def _post(url: str, body: bytes) -> None:
    with urllib.request.urlopen(urllib.request.Request(url, body, PROTOBUF), timeout=60) as answer:
        answer.read()


if __name__ == "__main__":
    tell(sys.argv[1], shown_days(time.time_ns()))
    tell_metrics(sys.argv[1], curves(time.time_ns()))
