"""What comes beside the work of `stored_work.py`, so that every panel and page has as much to read as after as many days: agents' own traces and
events, what sessions and machines used, hooks, limits, alerts, what the collector tells of itself, and a service's spans until there are ten million.

All of it is told as OTLP, made by the product's own makers where it has them, and goes through the product's insert. What the first person's agent
tells of itself is told of every day. Of metrics and of the service's spans one day is told, the last; the product's rollups work its hours out, and
the other days and people get the same rows, moved: told one by one they would take hours.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import AggregationTemporality, Metric, MetricsData, ResourceMetrics, ScopeMetrics

from benchmarks.stored_work import PEOPLE_AT_ONCE, Work, settle
from hookline.contract.scopes import AGENT_SCOPE, CLAUDE_NATIVE_SCOPE_PREFIX
from hookline.export.sdk import make_scope
from hookline.resources.machine import MachineSample
from hookline.resources.points import TreePoint, machine_metrics, tree_metrics
from hookline.resources.tree import TreeSample
from hookline_collector.observe import exposition
from hookline_collector.observe.catalogue import COUNTERS, GAUGES, RECEIVED, REFUSED, STORED
from hookline_collector.observe.metrics import SIGNAL, Metrics
from hookline_collector.rollups.client_rollups import CLIENT_TABLES
from hookline_collector.rollups.metric_rollups import MetricRollups
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.queries import load_query
from support.agent_records import resource
from support.shop_telemetry import NS, SHOP, Attributes, Point, Served, Told, of_logs, of_metrics, of_spans, request_told

SQL = Path(__file__).parent / "sql"
SPANS = 10_000_000
OF_SERVICE, PORTION, AT_ONCE = 20_000, 8_000, 200
SAMPLED_S, MACHINE_S, OWN_S = 10, 30, 60
DAY_S, DAY_NS, WEEK_S, FIVE_HOURS_S = 86_400, 86_400 * NS, 7 * 86_400, 18_000
MINUTES_KEPT = 14
"""How many days have metrics by the minute: a screen of a longer range is drawn by the hour."""
PORTION_DAYS = 30
HOOK_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
PROJECTS, ALERTS_A_DAY = 5, 12
CALLS = (
    "SELECT any(session_id), call_id, toUnixTimestamp64Nano(min(t.started)) AS began_ns, toUnixTimestamp64Nano(max(t.ended)) "
    "FROM tool_calls_state AS t WHERE day BETWEEN {since:Date} AND {until:Date} AND ended > 0 GROUP BY call_id ORDER BY began_ns"
)
REQUESTS = (
    "SELECT any(session_id), request_key, toUnixTimestamp64Nano(min(u.time)) AS at_ns, any(prompt_id) "
    "FROM usage_state AS u WHERE day BETWEEN {since:Date} AND {until:Date} GROUP BY request_key ORDER BY at_ns"
)
Each = TypeVar("Each")
SESSIONS = (
    "SELECT session_id, toString(project), started_ns, last_ns FROM worked_sessions FINAL "
    "WHERE user = 'user0' AND first_day BETWEEN {since:Date} AND {until:Date} ORDER BY started_ns"
)


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included."""

    first: date
    last: date


def tell_of_work(store: Store, work: Work) -> None:
    """Tell of the first person's sessions what their agent tells itself."""
    agent: Attributes = {"service.name": "claude-code", "user.name": "user0", "host.name": "laptop"}
    for number, days in enumerate(_months(work)):
        told = Random(number)
        versioned = {**agent, "service.version": f"2.1.{300 + number}"}
        for place, spans in _portions(_native_spans(store, days, told)):
            store.insert(Signal.TRACES, of_spans(versioned, spans, f"{CLAUDE_NATIVE_SCOPE_PREFIX}.tracing"), f"native-spans-{number}-{place}")
        for place, events in _portions(_native_events(store, days, told)):
            store.insert(Signal.LOGS, of_logs(versioned, events, f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"), f"native-events-{number}-{place}")
    settle(store, "%\\_state")


def tell_of_limits_and_alerts(store: Store, work: Work) -> None:
    """Tell of every day's limits, and which alerts there were."""
    agent: Attributes = {"service.name": "claude-code", "user.name": "user0", "host.name": "laptop"}
    for number, days in enumerate(_months(work)):
        store.insert(Signal.LOGS, of_logs(agent, list(_limits(days)), AGENT_SCOPE), f"limits-{number}")
        store.command(load_query("hookline_collector.alerts", "record_alerts"), _alerts(days))


def tell_of_machines(store: Store, work: Work) -> None:
    """Tell of the last day's sessions, machine, hooks and collector, work its hours out, and give the other days the same."""
    last = work.first_day + timedelta(days=work.days - 1)
    of_sessions = (encode_metrics(_from_relay(metrics)).SerializeToString() for metrics in _sampled(store, last))
    agent: Attributes = {"service.name": "claude-code", "user.name": "user0", "host.name": "laptop"}
    store.insert(Signal.METRICS, of_metrics(agent, list(_hooks(last)), AGENT_SCOPE), "hooks")
    for place, bodies in _portions((*of_sessions, *_own(last)), AT_ONCE):
        store.insert(Signal.METRICS, b"".join(bodies), f"machines-{place}")  # requests laid end to end are one
    rollups = MetricRollups(store, time.time)
    while rollups.catch_up():
        pass
    for table, days in (("otel_metrics_1h", work.days), ("otel_metrics_minutes", min(MINUTES_KEPT, work.days))):
        for first in range(1, days, PORTION_DAYS):
            copied = {"last": str(last), "first": first, "days": min(PORTION_DAYS, days - first)}
            store.command(_sql("more_days_metrics").replace("%table%", table), copied)
    store.command(_sql("more_days_metric_hours"), {"last": str(last), "days": work.days - 1})


def tell_of_service(store: Store, work: Work, spans: int = SPANS) -> None:
    """Tell of a day of a service, and copy it until there are so many spans as there shall be."""
    last = work.first_day + timedelta(days=work.days - 1)
    for place, served in _portions(_served(last)):
        store.insert(Signal.TRACES, of_spans(SHOP, served), f"served-{place}")
    there = int(store.query("SELECT count() FROM otel_traces").rows[0][0])
    copies = max(0, spans - there) // OF_SERVICE // work.days + 1
    for first in range(0, work.days, PORTION_DAYS):
        values = {"last": str(last), "first": first, "days": min(PORTION_DAYS, work.days - first), "copies": copies}
        store.command(_sql("more_days_spans"), values)


def time_clients(store: Store, work: Work) -> None:
    """Work out what clients tell of their times, a day at a time, by the product's statements for an hour."""
    first_s = _start_ns(work.first_day) // NS
    for table in CLIENT_TABLES:
        for statement in map(table.statement, table.of_hours):
            for since in range(first_s, first_s + work.days * DAY_S, DAY_S):
                store.command(statement, {"since": since, "until": since + DAY_S})
        store.command(_sql("noted_hours"), {"what": table.what, "source": table.source})
    settle(store, "client\\_hours", how=" FINAL")


def more_told(store: Store, work: Work) -> None:
    """Let the agents and machines of the others have told the same."""
    for first in range(1, work.people, PEOPLE_AT_ONCE):
        values = {"first": first, "people": min(PEOPLE_AT_ONCE, work.people - first)}
        for name in ("otel_traces", "otel_logs"):
            store.command(_sql(f"more_people_{name}"), values)
        for table in ("otel_metrics_1h", "otel_metrics_minutes"):
            store.command(_sql("more_people_metrics").replace("%table%", table), values)
    settle(store, "otel\\_metrics\\_1h", how=" FINAL")
    settle(store, "otel\\_metrics\\_minutes", how=" FINAL")
    settle(store, "otel\\_traces")
    settle(store, "otel\\_logs")


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


def _months(work: Work) -> Iterator[Days]:
    """Yield the days of work, some at a time."""
    for first in range(0, work.days, PORTION_DAYS):
        days = min(PORTION_DAYS, work.days - first)
        yield Days(work.first_day + timedelta(days=first), work.first_day + timedelta(days=first + days - 1))


def _from_relay(metrics: list[Metric]) -> MetricsData:
    return MetricsData([ResourceMetrics(resource("user0"), [ScopeMetrics(make_scope(AGENT_SCOPE), metrics, "")], "")])


def _portions(told: Iterable[Each], size: int = PORTION) -> Iterator[tuple[int, list[Each]]]:
    """Yield what is told, as much at a time as a request may hold, with its number."""
    waiting, place = iter(told), 0
    while portion := list(islice(waiting, size)):
        yield place, portion
        place += 1


def _start_ns(day: date) -> int:
    return int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) * NS


def _of(store: Store, sql: str, days: Days) -> Sequence[Sequence[Any]]:
    return store.query(sql, {"since": str(days.first), "until": str(days.last)}).rows


def _native_spans(store: Store, days: Days, told: Random) -> Iterator[Served]:
    """Yield the spans of the client: a request to the model and a tool's run each."""
    for session, _, at_ns, _ in _of(store, REQUESTS, days):
        ms = told.randrange(900, 9_000)
        known = {"session.id": session, "gen_ai.request.model": "claude-opus-5", "model": "claude-opus-5", "duration_ms": ms, "success": True}
        more = {"ttft_ms": ms // 3, "span.type": "llm_request", "attempt": 1, "output_tokens": 300, "stop_reason": "tool_use"}
        yield Served("claude_code.llm_request", at_ns, ms / 1e3, known | more, told.randbytes(16), told.randbytes(8), kind=1)
    for session, call, began_ns, ended_ns in _of(store, CALLS, days):
        ms = (ended_ns - began_ns) // 10**6
        known = {
            "session.id": session,
            "gen_ai.tool.call.id": call,
            "tool_use_id": call,
            "duration_ms": ms,
            "success": True,
            "span.type": "tool.execution",
        }
        yield Served("claude_code.tool.execution", began_ns, ms / 1e3, known, told.randbytes(16), told.randbytes(8), kind=1)


def _native_events(store: Store, days: Days, told: Random) -> Iterator[Told]:
    """Yield the events of the client: each request again, under its id, and what its hooks took."""
    for session, key, at_ns, prompt in _of(store, REQUESTS, days):
        spent = {"input_tokens": 5_000 + at_ns % 900, "output_tokens": 300 + at_ns % 500, "cache_read_tokens": 4_000, "cost_usd": 0.03}
        known = {"event.name": "api_request", "session.id": session, "prompt.id": prompt, "request_id": key, "model": "claude-opus-5"}
        yield Told("", at_ns, known | spent | {"duration_ms": told.randrange(900, 9_000)})
    for number, (session, _, began_ns, ended_ns) in enumerate(_of(store, CALLS, days)):
        hook, at_ns = (("PreToolUse", began_ns), ("PostToolUse", ended_ns))[number % 2]
        known = {"event.name": "hook_execution_complete", "session.id": session, "hook_event": hook, "hook_name": hook, "num_hooks": "2"}
        yield Told("", at_ns, known | {"num_success": "2", "total_duration_ms": str(told.randrange(4, 40))})


def _limits(days: Days) -> Iterator[Told]:
    """Yield what the status line shows of two windows, in each quarter of an hour of the working days."""
    for day in range((days.last - days.first).days + 1):
        for quarter in range(9 * 4):
            at_ns = _start_ns(days.first) + day * DAY_NS + (8 * 4 + quarter) * 900 * NS
            at_s, used = at_ns // NS, quarter % 20 * 5.0
            known = {
                "session.id": f"limits-{at_s // DAY_S}",
                "hookline.account": "account-1",
                "hookline.limits.five_hour.used_percent": used,
                "hookline.limits.five_hour.resets_at": at_s // FIVE_HOURS_S * FIVE_HOURS_S + FIVE_HOURS_S,
                "hookline.limits.seven_day.used_percent": at_s // DAY_S % 7 * 10 + used / 10,
                "hookline.limits.seven_day.resets_at": at_s // WEEK_S * WEEK_S + WEEK_S,
            }
            yield Told("hookline.limits", at_ns, known | {"log.record.uid": f"limits-{at_s}"})


def _alerts(days: Days) -> dict[str, Any]:
    """Return the changes of alerts: each fires, and is over ten minutes later."""
    first, many = _start_ns(days.first), ((days.last - days.first).days + 1) * ALERTS_A_DAY
    rows = [(n, first + n * DAY_NS // ALERTS_A_DAY, is_over) for n in range(many) for is_over in (0, 1)]
    return {
        "ids": [f"{days.first}-{n}-{is_over}".ljust(32, "0") for n, _, is_over in rows],
        "changed": [at + is_over * 600 * NS for _, at, is_over in rows],
        "rules": [f"Rule{n % 6}" for n, _, _ in rows],
        "groups": ["agents"] * len(rows),
        "files": ["mine.yaml"] * len(rows),
        "fingerprints": [f"{n % 30:016x}" for n, _, _ in rows],
        "from_states": ["firing" if is_over else "inactive" for _, _, is_over in rows],
        "to_states": ["resolved" if is_over else "firing" for _, _, is_over in rows],
        "values": [7.0] * len(rows),
        "labels": [json.dumps({"severity": "warning", "project": f"project{n % PROJECTS}"}) for n, _, _ in rows],
        "annotations": ['{"summary": "too slow"}'] * len(rows),
        "active": [at for _, at, _ in rows],
        "fired": [at for _, at, _ in rows],
        "resolved": [(at + 600 * NS) * is_over for _, at, is_over in rows],
        "since": first,
    }


def _sampled(store: Store, day: date) -> Iterator[list[Metric]]:
    """Yield what the relay samples of each session's processes, and of the machine."""
    chance = Random(3)
    for session, project, began_ns, ended_ns in _of(store, SESSIONS, Days(day, day)):
        before = TreeSample(began_ns, 0.0, 0.0, 0.0, 0.0, 0, 0, 400_000_000, 12, 3)
        points = []
        for n in range(1, (ended_ns - began_ns) // NS // SAMPLED_S):
            used = max(0.0, chance.gauss(4, 3))
            now = TreeSample(
                time_ns=began_ns + n * SAMPLED_S * NS,
                elapsed_s=float(SAMPLED_S),
                cpu_s=used,
                user_s=before.user_s + used * 0.8,
                system_s=before.system_s + used * 0.2,
                read_bytes=before.read_bytes + chance.randrange(1_000_000),
                write_bytes=before.write_bytes + chance.randrange(4_000_000),
                rss_bytes=400_000_000 + n * 100_000,
                threads=12 + n % 7,
                processes=3,
            )
            points.append(TreePoint({"session.id": session, "hookline.project.name": project}, began_ns, before, now))
            before = now
        yield from (tree_metrics(points[at : at + 500], 4, AggregationTemporality.DELTA) for at in range(0, len(points), 500))
    for first in range(0, DAY_S, 3600):
        moments = range(first, first + 3600, MACHINE_S)
        yield [each for at in moments for each in machine_metrics(_machine(_start_ns(day) + at * NS, chance))]


def _machine(at_ns: int, chance: Random) -> MachineSample:
    waiting = {name: chance.random() / 10 for name in ("cpu", "memory", "io")}
    return MachineSample(at_ns, chance.random(), 16 << 30, chance.randrange(4 << 30, 12 << 30), waiting)


def _hooks(day: date) -> Iterator[Point]:
    """Yield what Hookline's own hooks took, by the minute of a working day."""
    chance = Random(5)
    for minute in range(9 * 60):
        counts = [chance.randrange(6) for _ in range(len(HOOK_BOUNDS) + 1)]
        where = {"hookline.project.name": f"project{minute % PROJECTS}"}
        at_ns = _start_ns(day) + (8 * 60 + minute) * 60 * NS
        yield Point("hookline.hook.duration", at_ns, sum(counts) * 0.01, where, "histogram", "s", counts, HOOK_BOUNDS)


def _own(day: date) -> Iterator[bytes]:
    """Yield what the collector tells of itself once a minute."""
    own = Metrics()
    for gauge in GAUGES:
        if not gauge.labels:
            own.set(gauge, 1.0)
    levels = [gauge for gauge in GAUGES if gauge.labels == (SIGNAL,)]
    counted = [counter for counter in COUNTERS if counter.labels == (SIGNAL,)]
    for minute in range(DAY_S // OWN_S):
        for signal in (Signal.TRACES, Signal.LOGS, Signal.METRICS):
            grown = {(counter, ""): 40 if counter in (RECEIVED, STORED) else 0 for counter in counted} | {(REFUSED, "busy"): minute % 60 == 7}
            own.move(signal, {key: int(value) for key, value in grown.items()}, dict.fromkeys(levels, float(minute % 9)))
        reading = exposition.read(own, _start_ns(day))
        at_ns = _start_ns(day) + minute * OWN_S * NS
        told = type(reading)(at_ns, _start_ns(day), reading.counts, reading.levels, reading.process)
        yield exposition.to_otlp(told).SerializeToString()


def _served(day: date) -> Iterator[Served]:
    chance = Random(11)
    for number in range(OF_SERVICE):
        at_ns = _start_ns(day) + number * DAY_NS // OF_SERVICE
        yield request_told(at_ns, chance.expovariate(8), number + 1, route=f"/items/{number % 9}")[0]
