"""The default pack: each rule fires for what it is about, says a whole sentence, and has its part of the page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.engines import EngineBench
from alerts.making import S
from alerts.telemetry import Attributes, logs, metric, spans
from hookline.contract import semconv
from hookline.contract.databases import DATABASE_SCOPE
from hookline.contract.scopes import AGENT_SCOPE, COLLECTOR_SCOPE, RELAY_SCOPE, RESOURCE_SCOPE, Source
from hookline.contract.services import SERVICES_SCOPE
from hookline_collector.alerts.baseline import WEEK_NS
from hookline_collector.alerts.rule import ItemMeasure
from hookline_collector.alerts.rule_files import default_pack
from hookline_collector.alerts.rule_loader import RuleLoader
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.store.rows import Rows

PAGE = Path(__file__).parents[2] / "docs" / "alert-rules.md"
NATIVE = "com.anthropic.claude_code.events"
GIB = 2**30
Play = Callable[[EngineBench], Awaitable[None]]
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The collector runs on asyncio."""
    return "asyncio"


def seen(bench: EngineBench, kind: ObservationKind, key: str = "c1", **more: object) -> Observation:
    """Return what is seen of a session now."""
    named = {semconv.TOOL_NAME: "Bash", semconv.TOOL_INPUT_HASH: "h", semconv.PROJECT_NAME: "shop", semconv.INTERACTIVE: "true"}
    reason, failed = str(more.get("reason", "")), bool(more.get("failed"))
    return Observation("s1", bench.clock.now_ns, kind, Source.HOOK, key, "p1", failed=failed, reason=reason, attributes=named)


def waits(reason: str, seconds: float) -> Play:
    """Return a session that asked, and waits for so long."""

    async def play(bench: EngineBench) -> None:
        bench.live.add([seen(bench, ObservationKind.PROMPT, "p1"), seen(bench, ObservationKind.WAIT_STARTED, reason=reason)])
        await bench.pass_time(seconds, steps=20)

    return play


def calls(count: int, *, failed: bool = False, every_s: float = 1.0, ended: bool = True) -> Play:
    """Return a session that makes calls, one after the other."""

    async def play(bench: EngineBench) -> None:
        bench.live.add([seen(bench, ObservationKind.PROMPT, "p1")])
        for at in range(count):
            bench.live.add([seen(bench, ObservationKind.TOOL_STARTED, f"c{at}")])
            if ended:
                bench.live.add([seen(bench, ObservationKind.TOOL_ENDED, f"c{at}", failed=failed)])
            await bench.pass_time(every_s)

    return play


def requests(count: int, said: Attributes) -> Play:
    """Return a session that asks the model."""

    async def play(bench: EngineBench) -> None:
        for at in range(count):
            usage = seen(bench, ObservationKind.USAGE, f"r{at}")
            bench.live.add([replace(usage, attributes={**usage.attributes, **said})])
            await bench.pass_time(60)

    return play


def records(name: str, count: int, scope: str = NATIVE, **attributes: str | float) -> Play:
    """Return so many log records."""

    async def play(bench: EngineBench) -> None:
        told = {key.replace("__", "."): value for key, value in attributes.items()}
        await bench.take(logs(*[(name, bench.clock.now_ns, told)] * count, scope=scope))

    return play


def runs(count: int, seconds: float, outcome: str) -> Play:
    """Return calls that took so long and ended so."""

    async def play(bench: EngineBench) -> None:
        told: Attributes = {semconv.TOOL_NAME: "Bash", semconv.OUTCOME: outcome}
        await bench.take(spans(*[("execute_tool Bash", bench.clock.now_ns, seconds, told)] * count, scope=AGENT_SCOPE))
        await bench.pass_time(310, steps=5)

    return play


def gauge(name: str, value: float, scope: str, seconds: float = 0, kind: str = "gauge", **attributes: str) -> Play:
    """Return a metric that has a value for a while, told each minute."""

    async def play(bench: EngineBench) -> None:
        told = {key.replace("__", "."): each for key, each in attributes.items()}
        for _ in range(int(seconds // 60) + 1):
            await bench.take(metric(kind, name, (bench.clock.now_ns, value, told), scope=scope))
            await bench.pass_time(60)

    return play


def counter(name: str, scope: str, **attributes: str) -> Play:
    """Return a counter that grows by five."""

    async def play(bench: EngineBench) -> None:
        told = {key.replace("__", "."): each for key, each in attributes.items()}
        for value in (10.0, 15.0):
            await bench.take(metric("sum", name, (bench.clock.now_ns, value, told), scope=scope))

    return play


def checkpoints(timed: int, forced: int) -> Play:
    """Return so many checkpoints of a database, as its agent counts them."""

    async def play(bench: EngineBench) -> None:
        for scheduled, requested in ((3.0, 3.0), (3.0 + timed, 3.0 + forced)):
            counts = (("scheduled", scheduled), ("requested", requested))
            points = [(bench.clock.now_ns, count, {"hookline.db.name": "shop-db", "type": kind}) for kind, count in counts]
            await bench.take(metric("sum", "postgresql.bgwriter.checkpoint.count", *points, scope=DATABASE_SCOPE))

    return play


def course(name: str, begin: float, step: float, every_s: float, points: int, scope: str = COLLECTOR_SCOPE, **attributes: str) -> Play:
    """Return a metric that rises or falls evenly."""

    async def play(bench: EngineBench) -> None:
        told = {key.replace("__", "."): each for key, each in attributes.items()}
        for at in range(points):
            await bench.take(metric("gauge", name, (bench.clock.now_ns, begin + at * step, told), scope=scope))
            await bench.pass_time(every_s)

    return play


def often(name: str, value: float, scope: str, **attributes: str) -> Play:
    """Return a metric that has a value each ten seconds."""

    async def play(bench: EngineBench) -> None:
        told = {key.replace("__", "."): each for key, each in attributes.items()}
        for _ in range(5):
            await bench.take(metric("gauge", name, (bench.clock.now_ns, value, told), scope=scope))
            await bench.pass_time(10)

    return play


def buckets(name: str, seconds: float, scope: str, times: int = 10, **attributes: str) -> Play:
    """Return durations that were counted in buckets, all about as long, for some minutes."""

    async def play(bench: EngineBench) -> None:
        told = {key.replace("__", "."): each for key, each in attributes.items()}
        for _ in range(times):
            counted = ([seconds / 2, seconds * 2], [0, 30, 0])
            await bench.take(metric("histogram", name, (bench.clock.now_ns, counted, told), cumulative=False, scope=scope))
            await bench.pass_time(20)

    return play


async def window_fills(bench: EngineBench) -> None:
    """Let the five-hour window fill evenly, as the status line tells each minute."""
    for at in range(100):
        told: Attributes = {"hookline.limits.five_hour.used_percent": 20.0 + at * 0.6, "hookline.account": "a"}
        await bench.take(logs(("hookline.limits", bench.clock.now_ns, told), scope=AGENT_SCOPE))
        await bench.pass_time(60)


async def untended(bench: EngineBench) -> None:
    """Let a table gather dead rows, four times as many as should bring a vacuum."""
    for _ in range(35):
        told: Attributes = {
            "hookline.db.name": "shop-db",
            "db.namespace": "shop",
            "hookline.db.relation.schema": "public",
            "hookline.db.relation.name": "orders",
            "hookline.db.relation.vacuum_due": 4.2,
        }
        await bench.take(logs(("hookline.db.relation", bench.clock.now_ns, told), scope=DATABASE_SCOPE))
        await bench.pass_time(60)


PLAYS: Mapping[str, Play] = {
    "PermissionUnanswered": waits("permission", 301),
    "QuestionUnanswered": waits("answer", 601),
    "AgentRepeatsItself": calls(6),
    "CallsFailInARow": calls(6, failed=True),
    "CallStuck": calls(1, every_s=3601, ended=False),
    "LongWithoutBreak": calls(23, every_s=500),
    "CostRunsAway": requests(4, {semconv.REQUEST_MODEL: "gpt-5.6-sol", semconv.USAGE_UNCACHED_INPUT: 1_000_000}),
    "TokensRunAway": records("hookline.usage", 4, AGENT_SCOPE, gen_ai__usage__output_tokens=50_000, session__id="s1"),
    "UsageWindowRunsOut": window_fills,
    "UsageWindowNearlyFull": records("hookline.limits", 1, AGENT_SCOPE, hookline__limits__five_hour__used_percent=92.0),
    "ToolSlowerThanUsual": runs(12, 40.0, "success"),
    "ToolFails": runs(12, 1.0, "failure"),
    "ApiErrors": records("api_error", 5, status_code="500"),
    "TurnsFail": records("hookline.turn_failed", 3, AGENT_SCOPE, service__name="codex", error__type="rate_limit_exceeded"),
    "RateLimited": records("api_error", 3, status_code="429"),
    "AgentMemoryHigh": gauge("process.memory.usage", 7 * GIB, RESOURCE_SCOPE, 180, session__id="s1"),
    "AgentCpuHigh": gauge("process.cpu.utilization", 0.95, RESOURCE_SCOPE, 660, session__id="s1"),
    "SessionUnheard": calls(1, every_s=1801, ended=False),
    "SpoolFilling": gauge("hookline.spool.size", 200 * 2**20, RELAY_SCOPE, host__name="laptop"),
    "SpoolDropped": counter("hookline.spool.dropped", RELAY_SCOPE, host__name="laptop"),
    "StoreAway": gauge("hookline.collector.store_available", 0.0, COLLECTOR_SCOPE, 330),
    "JournalFilling": gauge("hookline.collector.journal_bytes", 1.5 * GIB, COLLECTOR_SCOPE, hookline__signal="traces"),
    "SlowFlush": gauge("hookline.collector.flush_seconds", 25.0, COLLECTOR_SCOPE, 330, hookline__signal="traces"),
    "DataDropped": counter("hookline.collector.quarantined", COLLECTOR_SCOPE, hookline__signal="traces", hookline__reason="refused"),
    "DataRejected": counter("hookline.collector.rejected", COLLECTOR_SCOPE, hookline__signal="traces", hookline__reason="time"),
    "DiskFilling": course("hookline.collector.disk_free_bytes", 60.0 * GIB, -0.2 * GIB, 290, 250),
    "DiskNearlyFull": gauge("hookline.collector.disk_free_bytes", 0.5 * GIB, COLLECTOR_SCOPE),
    "DatabaseShortOfCpu": gauge("hookline.db.host.cpu", 2.5, DATABASE_SCOPE, 180, hookline__db__name="shop-db", hookline__db__cpu__state="queued"),
    "DatabaseSessionsBlocked": gauge("hookline.db.blocked.longest", 44.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseSessionsBlockedLong": gauge("hookline.db.blocked.longest", 150.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseLockQueue": often("hookline.db.blocked.sessions", 6.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseIdleInTransaction": gauge("hookline.db.idle_in_transaction.blocking", 90.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseLongTransaction": gauge("hookline.db.transaction.oldest", 1000.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseConnectionsHigh": gauge("hookline.db.connections.used_percent", 85.0, DATABASE_SCOPE, 180, hookline__db__name="shop-db"),
    "DatabaseConnectionsNearlyOut": gauge("hookline.db.connections.used_percent", 97.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseDeadlock": counter("postgresql.deadlocks", DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseTemporaryFiles": gauge("hookline.db.temp.size", 2e9, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseReplicaLate": gauge("hookline.db.replication.delay", 50.0, DATABASE_SCOPE, 120, hookline__db__name="shop-db"),
    "DatabaseReplicaFarBehind": gauge(
        "postgresql.replication.data_delay", 2.0 * GIB, DATABASE_SCOPE, 120, hookline__db__name="shop-db", replication_client="10.0.0.7"
    ),
    "DatabaseSlotAtRisk": gauge(
        "hookline.db.slot.retained",
        1e9,
        DATABASE_SCOPE,
        hookline__db__name="shop-db",
        hookline__db__slot__name="etl",
        hookline__db__slot__wal_status="extended",
    ),
    "DatabaseSlotForgotten": gauge(
        "hookline.db.slot.retained",
        2.0 * GIB,
        DATABASE_SCOPE,
        660,
        hookline__db__name="shop-db",
        hookline__db__slot__name="etl",
        hookline__db__slot__active="false",
    ),
    "DatabaseTransactionIdsOld": gauge("hookline.db.xid.age_percent", 180.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseTransactionIdsRunOut": course("hookline.db.xid.age", 1.3e9, 8e6, 2_900, 64, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseSequenceRunsOut": gauge(
        "hookline.db.sequence.used_percent", 85.0, DATABASE_SCOPE, hookline__db__name="shop-db", db__collection__name="public.orders_id_seq"
    ),
    "DatabaseVacuumNotComing": untended,
    "DatabaseCheckpointsForced": checkpoints(timed=2, forced=5),
    "DatabaseArchiveFails": counter("hookline.db.archiver.failed", DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseStatementSlower": records(
        "hookline.db.regression",
        1,
        DATABASE_SCOPE,
        hookline__db__name="shop-db",
        db__query__summary="SELECT orders",
        hookline__db__regression__ratio=2.5,
    ),
    "DatabasePlanChanged": records(
        "hookline.db.plan_change",
        1,
        DATABASE_SCOPE,
        hookline__db__name="shop-db",
        db__query__summary="SELECT orders",
        hookline__db__plan__ratio=2.5,
    ),
    "DatabaseBottleneck": records(
        "hookline.db.verdict",
        1,
        DATABASE_SCOPE,
        hookline__db__name="shop-db",
        hookline__db__verdict__class="lock",
        hookline__db__verdict__certainty=0.95,
        hookline__db__verdict__phase="start",
    ),
    "DatabaseUnseen": gauge("hookline.db.agent.age", 45.0, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "ClickHousePartsMany": gauge("hookline.db.parts.used_percent", 70.0, DATABASE_SCOPE, hookline__db__name="ch"),
    "ClickHouseMutationFails": gauge("hookline.db.mutations", 1.0, DATABASE_SCOPE, hookline__db__name="ch", hookline__db__mutation__state="failing"),
    "ClickHouseReplicaLate": gauge("hookline.db.replica.delay", 300.0, DATABASE_SCOPE, 180, hookline__db__name="ch"),
    "ClickHouseMemoryHigh": gauge("hookline.db.memory.used_percent", 95.0, DATABASE_SCOPE, 120, hookline__db__name="ch"),
    "ClickHouseNewError": records(
        "hookline.db.new_error", 1, DATABASE_SCOPE, hookline__db__name="ch", hookline__db__error="CANNOT_WRITE_TO_FILE_DESCRIPTOR"
    ),
    "ClickHouseReplicaReadonly": gauge("hookline.db.replicas.readonly", 1.0, DATABASE_SCOPE, hookline__db__name="ch"),
    "ServiceSlowRoute": records(
        "hookline.slow_request", 25, SERVICES_SCOPE, service__name="shop", http__route="/cart", hookline__request__reason="limit"
    ),
    "ServiceQueryInLoop": records(
        "hookline.slow_request", 1, SERVICES_SCOPE, service__name="shop", http__route="/cart", hookline__request__repeated__most=40
    ),
    "ServiceLoopBlocked": records("hookline.loop_blocked", 1, SERVICES_SCOPE, service__name="shop", hookline__loop__blocked=2.0),
    "ServiceDescriptorsHigh": gauge("hookline.process.file_descriptor.used_percent", 88.0, SERVICES_SCOPE, service__name="shop"),
    "ServiceTelemetryDropped": counter("hookline.services.dropped", SERVICES_SCOPE, service__name="shop"),
    "DatabaseDiskFilling": course("hookline.db.disk.free", 60.0 * GIB, -0.2 * GIB, 1160, 250, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "DatabaseConnectionsRunOut": course("hookline.db.connections.used_percent", 50.0, 0.3, 120, 140, DATABASE_SCOPE, hookline__db__name="shop-db"),
    "ServiceMemoryGrows": course(
        "process.memory.usage", 1.0 * GIB, 0.012 * GIB, 245, 40, SERVICES_SCOPE, service__name="shop", service__instance__id="i"
    ),
    "ServiceMemoryRunsOut": course(
        "hookline.process.memory.used_percent", 60.0, 1.0, 245, 34, SERVICES_SCOPE, service__name="shop", service__instance__id="i"
    ),
    "ServiceRouteSlower": buckets("http.server.request.duration", 30.0, SERVICES_SCOPE, 33, service__name="shop", http__route="/cart"),
    "ServiceRouteRegressed": records(
        "hookline.route_regression", 1, SERVICES_SCOPE, service__name="shop", http__route="/cart", hookline__route__regression__ratio=1.5
    ),
    "ServiceFails": buckets("http.server.request.duration", 0.4, SERVICES_SCOPE, service__name="shop", error__type="500"),
    "ServiceLoopLate": buckets("hookline.loop.lag", 0.4, SERVICES_SCOPE, service__name="shop"),
    "ServicePoolWait": buckets("db.client.connection.wait_time", 0.4, SERVICES_SCOPE, service__name="shop"),
}


def usual(_: str) -> Rows:
    """Answer for baselines: a call, and a request, took five seconds at this hour of past weeks."""
    begin_ns = 1_800_000_000 * S
    rows = tuple(("Bash", "shop", "/cart", (begin_ns - week * WEEK_NS) / 1e9, 5.0) for week in (1, 2, 3, 4))
    return Rows(("tool", "service", "route", "at", "value"), ("",) * 5, rows)


async def started(tmp_path: Path) -> EngineBench:
    """Return an engine with the default pack, long after its start."""
    bench = EngineBench(tmp_path, ask=usual)
    bench.engine._loader = RuleLoader([])
    return await bench.start()


NAMES = [rule.origin.name for rule in default_pack().rules]
DEAR = ("DatabaseDiskFilling", "DatabaseConnectionsRunOut")
"""Forecasts of days, as DiskFilling is."""


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.long) if name in DEAR else name for name in NAMES])
async def test_a_rule_fires_for_what_it_is_about(tmp_path: Path, name: str) -> None:
    """And tells it in a sentence without a gap or an error."""
    bench = await started(tmp_path)
    await PLAYS[name](bench)
    (alert,) = [alert for alert in bench.engine.current() if alert.name == name]
    assert alert.state == "firing"
    summary = alert.annotations["summary"]
    assert re.fullmatch(r"\w.{20,}", summary), summary
    assert "error" not in summary
    assert "  " not in summary
    assert alert.labels["severity"] in ("info", "warning", "critical")
    assert not [each.status.error for each in bench.engine.in_force() if each.status.error]


async def test_an_ordinary_hour_is_quiet(tmp_path: Path) -> None:
    """Calls that work, a permission that is answered, a window half used, an idle collector: nobody is told of anything."""
    bench = await started(tmp_path)
    healthy = {"disk_free_bytes": 80.0 * GIB, "store_available": 1.0, "journal_bytes": 4e6, "flush_seconds": 0.2}
    for minute in range(60):
        key = f"c{minute}"
        for at, kind in enumerate((ObservationKind.TOOL_STARTED, ObservationKind.WAIT_STARTED, ObservationKind.TOOL_ENDED)):
            told = seen(bench, kind, key, reason="permission" if at == 1 else "")
            changed = {**told.attributes, semconv.TOOL_INPUT_HASH: str(minute)}
            bench.live.add([Observation(told.session_id, told.time_ns, kind, Source.HOOK, key, "p1", reason=told.reason, attributes=changed)])
            await bench.pass_time(10)
        for name, value in healthy.items():
            attributes = {"hookline.signal": "traces"} if name in ("journal_bytes", "flush_seconds") else {}
            await bench.take(metric("gauge", f"hookline.collector.{name}", (bench.clock.now_ns, value, attributes), scope=COLLECTOR_SCOPE))
        await bench.take(
            metric("sum", "hookline.collector.rejected", (bench.clock.now_ns, 0.0, {"hookline.signal": "traces"}), scope=COLLECTOR_SCOPE)
        )
        told_ns = bench.clock.now_ns
        call: Attributes = {semconv.TOOL_NAME: "Bash", semconv.OUTCOME: "success" if minute % 4 else "failure"}
        await bench.take(spans(("execute_tool Bash", told_ns, 4.0 + minute % 3, call), scope=AGENT_SCOPE))
        await bench.take(logs(("api_request", told_ns, {"cost_usd": 0.2, "session.id": "s1"}), scope=NATIVE))
        await bench.take(logs(("hookline.usage", told_ns, {"gen_ai.usage.output_tokens": 900, "session.id": "s1"}), scope=AGENT_SCOPE))
        await bench.pass_time(30)
    assert [alert.name for alert in bench.engine.current()] == []


def test_the_pack_has_no_problem() -> None:
    """A file with one would be left out as a whole."""
    assert default_pack().problems == ()


def test_every_rule_is_bound_to_the_scopes_that_it_is_about() -> None:
    """So a collector that many services send to does not read their telemetry for rules that are on by default."""
    for rule in default_pack().rules:
        if isinstance(rule.measure, ItemMeasure):
            assert [matcher.operator for matcher in rule.measure.filter if matcher.name == "scope"] == ["="], rule.origin.name


def test_every_rule_has_its_part_of_the_page() -> None:
    """What it means, and what to do; and the page has no rule that is not there."""
    page = PAGE.read_text()
    parts = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    assert list(parts) == [rule.origin.name for rule in default_pack().rules]
    assert all("What to do" in part and len(part) > 150 for part in parts.values())
