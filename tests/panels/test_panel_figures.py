"""Every panel's statement on records that came as OTLP: rows, the same as the plugin's text gives, and the right figures where the truth is known.

The records: sessions of the real client (through adapter and fold, and as its own telemetry tells them), and a day made by hand, in project `lab`.
Calls that were denied are in project `strict`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from hookline_collector.databases.database_forecasts import DISK_FREE, DatabaseForecast
from hookline_collector.databases.stored_forecasts import parameters_of
from hookline_collector.observe import exposition
from hookline_collector.observe.catalogue import GAUGES, JOURNAL_ITEMS, RECEIVED, REJECTED, STORED
from hookline_collector.observe.metrics import SIGNAL, Metrics
from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.filter_values import ask_values
from hookline_collector.panels.panel_answer import role_of, target_of
from hookline_collector.panels.panel_macros import PanelRange, expand, variables_of
from hookline_collector.signal import Signal
from hookline_collector.store import Rows, Store
from hookline_collector.store.queries import load_query
from hookline_collector.work import ReportRequest, report
from hookline_collector.work.statements import Query
from hookline_collector.worked_out import WorkedReading, WorkedStore
from support.agent_records import T0, S, call, event, native_span, send, send_native, turn, wait
from support.cases import with_each
from support.plugin_macros import as_plugin
from support.replay import logs_of, replay_capture, spans_of
from support.shop_world import an_hour
from support.soaking import share
from support.stores import emptied, fresh_token

pytestmark = pytest.mark.long

DAY = PanelRange(1_789_948_800_000, 1_790_035_200_000, 3_600_000)  # 2026-09-21, to the next midnight
MONTHS = PanelRange(1_789_948_800_000, 1_795_564_800_000, 86_400_000)  # to 2026-11-25, which is over: what still goes on does not grow
EVERYTHING = {"timezone": ["UTC"]}
LAB = {"project": ["lab"], "timezone": ["UTC"]}
PANELS = [(uid, number) for uid, page in built_dashboards().items() for number in page.panels]
FILLED = re.compile(r" WITH FILL STEP \d+|\n *INTERPOLATE \(.+\)")
STEPS = ("hookline-work", 12)
"""Its line keeps its height between what changes it."""
CLAUDE_TRACING = "com.anthropic.claude_code.tracing"
LATER_S = 86_400
"""From then on, a day later, all that lines are drawn of is told twice, ten minutes apart."""
EMPTY = {("hookline-collector", 8)}
"""Lists what was refused, which nothing was."""


@pytest.fixture(scope="module")
def store() -> Store:
    """A store to which all records came."""
    opened = emptied()
    for name in ("tools", "denied", "subagent", "background"):
        steps = replay_capture(name)
        send(opened, [*spans_of(steps), *logs_of(steps)])
    send_native(opened, "tools", "api_error")
    _by_hand(opened)
    _metrics(opened)
    _later(opened)
    _alerts(opened)
    _forecast(opened)
    for signal, body in an_hour((DAY.to_ms - 3_600_000) * 10**6):
        opened.insert(signal, body, fresh_token())
    return opened


@pytest.fixture(scope="module")
def ask_for_reports(store: Store) -> Query:
    """A report's question, of what was worked out, as a handler has it."""
    return WorkedReading(store.query, WorkedStore(store, is_alone=True)).begin().query


@pytest.fixture(scope="module")
def ask(store: Store, ask_for_reports: Query) -> Query:
    """A person's question, after everything was worked out."""
    return store.people_query


def _by_hand(store: Store) -> None:
    """Two turns of ben in `lab`: four calls of 1, 2, 3 and 4 s, of which one failed, and a wait of 60 s; requests that cost 0.5 and 1.5.

    Requests name no project, as the client's own telemetry names none.
    """
    place = {"hookline__project__name": "lab", "vcs__ref__head__name": "main"}
    first: dict[str, Any] = {"session": "hand-1", "prompt": "h1", **place, "vcs__ref__head__revision": "a" * 40}
    second: dict[str, Any] = {"session": "hand-1", "prompt": "h2", **place, "vcs__ref__head__revision": "b" * 40}
    spans = [
        turn(0, 300, **first),
        call("hand-call-000000000001", 10, 11, **first),
        call("hand-call-000000000002", 20, 22, **first, hookline__tool__kind="shell", hookline__tool__process_cpu_ms=1_500),
        wait("hand-call-000000000003", 30, 90, **first),
        call("hand-call-000000000003", 90, 93, **first, hookline__outcome="failure", error__type="exit"),
        turn(600, 700, **{**second, "hookline__outcome": "interrupted"}),
        call("hand-call-000000000004", 610, 614, "Edit", **second, file__extension="py"),
    ]
    spent: dict[str, Any] = {"model": "claude-opus-5-5", "output_tokens": 50, "cache_read_tokens": 300, "cache_creation_tokens": 100}
    spent["input_tokens"] = 100
    requests = [
        event("", at, "hand-1", **{**spent, "event__name": "api_request", "prompt__id": prompt, "cost_usd": cost, "duration_ms": 2000})
        for at, prompt, cost in ((5, "h1", 0.5), (605, "h2", 1.5))
    ]
    limits = [
        event(
            "hookline.limits",
            at,
            "hand-1",
            hookline__account="acc",
            hookline__limits__five_hour__used_percent=used,
            hookline__limits__five_hour__resets_at=T0 // S + 9000,
        )
        for at, used in ((0, 20.0), (600, 30.0))
    ]
    send(store, [*spans, event("session.start", 0, "hand-1", **place), event("session.end", 720, "hand-1", **place), *limits], user="ben")
    send(store, requests, "com.anthropic.claude_code.events", user="ben")
    _denied(store)


def _denied(store: Store) -> None:
    """Calls of zoe in `strict`: of 2 s and 4 s, four of the same tool that waited 5 s and were denied, and one of a tool of which none ran."""
    place: dict[str, Any] = {"session": "strict", "prompt": "d1", "hookline__project__name": "strict"}
    refused: dict[str, Any] = {**place, "hookline__outcome": "denied"}
    spans = [turn(0, 300, **place), call("ran-call-000000000001", 10, 12, **place), call("ran-call-000000000002", 12, 16, **place)]
    for number in range(4):
        key = f"denied-call-00000000{number}"
        spans += [wait(key, 20 + 10 * number, 25 + 10 * number, **place), call(key, 25 + 10 * number, 25 + 10 * number, **refused)]
    spans.append(call("denied-call-alone", 70, 70, "Write", **refused))
    send(store, spans, user="zoe")


def _later(store: Store) -> None:
    """A day later: calls that wait, requests of the client's own, and samples, in another project."""
    place: dict[str, Any] = {"session": "later", "prompt": "l1", "hookline__project__name": "later"}
    model: dict[str, Any] = {"gen_ai__request__model": "claude-opus-5-5", "model": "claude-opus-5-5", "ttft_ms": 500}
    for at_s in (LATER_S, LATER_S + 600):
        asked = wait(f"later-call-{at_s}", at_s, at_s + 5, **place)
        send(store, [asked, call(f"later-call-{at_s}", at_s + 5, at_s + 6, **place)], user="eve")
        send(store, [native_span("claude_code.llm_request", str(at_s), at_s, at_s + 2, "later", **model)], CLAUDE_TRACING, user="eve")
        store.insert(Signal.METRICS, _sampled(at_s, "later", "later").SerializeToString(), fresh_token())


def _metrics(store: Store) -> None:
    """What a relay samples of a session and of the machine, and what a collector tells of itself: 30 s of processor time in a minute."""
    request = _sampled(30, "hand-1", "lab")
    [scope] = request.resource_metrics[0].scope_metrics
    for name, temporality in (("claude_code.lines_of_code.count", 1), ("gemini_cli.lines.changed", 2)):
        lines: Any = scope.metrics.add(name=name)
        lines.sum.aggregation_temporality, lines.sum.is_monotonic = temporality, True
        for at_s, added, removed in ((40, 12, 3), (700, 15, 3)):
            _point(lines.sum.data_points, at_s, added, session__id="hand-1", type="added")
            _point(lines.sum.data_points, at_s, removed, session__id="hand-1", type="removed")
    store.insert(Signal.METRICS, request.SerializeToString(), fresh_token())
    own = Metrics()
    for gauge in GAUGES:
        if gauge.labels == (SIGNAL,):
            own.move(Signal.TRACES, {(RECEIVED, ""): 0}, {gauge: 1.0})
        elif not gauge.labels:
            own.set(gauge, 1.0)
    own.move(Signal.TRACES, {(RECEIVED, ""): 3, (STORED, ""): 2, (REJECTED, "unreadable"): 0}, {JOURNAL_ITEMS: 1.0})
    for at_s in (60, 120):
        reading = exposition.read(own, T0)
        told = exposition.to_otlp(type(reading)(T0 + at_s * S, T0, reading.counts, reading.levels, reading.process))
        store.insert(Signal.METRICS, told.SerializeToString(), fresh_token())


def _sampled(at_s: int, session_id: str, project: str) -> ExportMetricsServiceRequest:
    """One sample of a session, of the machine and of hooks."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    for key, value in {"service.name": "claude-code", "user.name": "ben", "host.name": "laptop"}.items():
        resource.resource.attributes.add(key=key).value.string_value = value
    scope = resource.scope_metrics.add()
    session = {"session__id": session_id, "hookline__project__name": project}
    cpu: Any = scope.metrics.add(name="process.cpu.time", unit="s")
    disk: Any = scope.metrics.add(name="process.disk.io", unit="By")
    for counter in (cpu, disk):
        counter.sum.aggregation_temporality, counter.sum.is_monotonic = 1, True
    _point(cpu.sum.data_points, at_s, 20.0, cpu__mode="user", **session)
    _point(cpu.sum.data_points, at_s, 10.0, cpu__mode="system", **session)
    _point(disk.sum.data_points, at_s, 4096, disk__io__direction="write", **session)
    for name, amount in (("process.memory.usage", 1e9), ("process.thread.count", 12)):
        level: Any = scope.metrics.add(name=name)
        level.sum.aggregation_temporality = 2
        _point(level.sum.data_points, at_s, amount, **session)
    _point(scope.metrics.add(name="system.cpu.utilization").gauge.data_points, at_s, 0.5)
    _point(scope.metrics.add(name="system.memory.utilization").gauge.data_points, at_s, 0.25, system__memory__state="used")
    _point(scope.metrics.add(name="hookline.system.pressure").gauge.data_points, at_s, 0.1, hookline__resource="cpu")
    hooks: Any = scope.metrics.add(name="hookline.hook.duration", unit="s").exponential_histogram
    hooks.aggregation_temporality = 1
    of_hooks = hooks.data_points.add(time_unix_nano=T0 + at_s * S, start_time_unix_nano=T0, count=4, sum=0.02, scale=0)
    of_hooks.attributes.add(key="hookline.project.name").value.string_value = project
    return request


def _point(points: Any, at_s: int, value: float, **attributes: str) -> None:
    found = points.add(time_unix_nano=T0 + at_s * S, start_time_unix_nano=T0, as_double=value)
    for key, text in attributes.items():
        found.attributes.add(key=key.replace("__", ".")).value.string_value = text


def _alerts(store: Store) -> None:
    """An alert that fired for five minutes, and one that fires."""
    rows = [("a", 60, "inactive", "firing", "Slow"), ("a", 360, "firing", "resolved", "Slow"), ("b", 90, "inactive", "firing", "Stuck")]
    values: dict[str, Any] = {
        "ids": [f"{number:032d}" for number in range(len(rows))],
        "changed": [T0 + at_s * S for _, at_s, *_ in rows],
        "rules": [row[4] for row in rows],
        "groups": ["agents"] * len(rows),
        "files": ["mine.yaml"] * len(rows),
        "fingerprints": [row[0] * 16 for row in rows],
        "from_states": [row[2] for row in rows],
        "to_states": [row[3] for row in rows],
        "values": [7.0] * len(rows),
        "labels": ['{"severity": "warning", "project": "lab"}'] * len(rows),
        "annotations": ['{"summary": "too slow"}'] * len(rows),
        "active": [T0 + (60 if row[0] == "a" else 90) * S for row in rows],
        "fired": [T0 + (60 if row[0] == "a" else 90) * S for row in rows],
        "resolved": [0] * len(rows),
        "since": T0,
    }
    store.command(load_query("hookline_collector.alerts", "record_alerts"), values)


def _forecast(store: Store) -> None:
    """What a collector forecast at the end of the months: a disk is full in a day, in half of one at the earliest, at the latest nobody knows."""
    now_ns = (MONTHS.to_ms - 60_000) * 10**6
    disk = DatabaseForecast("room on the disk", DISK_FREE, {}, "By", 24e9, 0, -1e9, "line", 129_600, now_ns + 43_200 * S, now_ns + 86_400 * S, 0)
    store.command(load_query("hookline_collector.databases", "keep_forecasts"), parameters_of("shop-db", now_ns, [disk]))


def statement(uid: str, number: int) -> str:
    return built_dashboards()[uid].panels[number].statements[0].sql


def rows(ask: Query, uid: str, number: int, asked: PanelRange = DAY, chosen: Mapping[str, Sequence[str]] = LAB) -> list[dict[str, Any]]:
    """Return what a panel shows, as a dict a row."""
    bound = expand(statement(uid, number), asked, chosen)
    return ask(bound.sql, bound.parameters).as_dicts()


def told(found: Rows) -> list[tuple[Any, ...]]:
    """Rows in an order that is one also where the statement leaves it open."""
    return sorted((tuple(round(value, 6) if isinstance(value, float) else value for value in row) for row in found), key=str)


@with_each("uid, number", PANELS[:: share(3, 1, 1)])
def test_a_panel_shows_something(ask: Query, uid: str, number: int) -> None:
    """Over all records: in its columns a time first where it is a series, and no type that a client has not heard of.

    That all have rows, and the same as the pages show, is tried over the ClickHouse endpoint.
    """
    sql = statement(uid, number)
    bound = expand(sql, MONTHS, EVERYTHING)
    found = ask(bound.sql, bound.parameters)
    assert len(found) > 0 or (uid, number) in EMPTY
    panel = built_dashboards()[uid].panels[number].statements[0]
    answer = target_of(panel, found, 10_000)
    roles = [column["role"] for column in answer["columns"]]
    assert "number" in roles or "text" in roles
    if panel.format == "time_series":
        assert roles[0] == "time"
        assert answer["data"][0] == sorted(answer["data"][0])
    assert not [kind for kind in found.types if "SimpleAggregate" in kind or kind.startswith(("Array", "Map", "Tuple"))]


@pytest.mark.parametrize(("uid", "number"), PANELS[:: share(9, 1, 1)], ids=lambda each: str(each).removeprefix("hookline-"))
def test_the_plugin_s_text_shows_the_same(ask: Query, uid: str, number: int) -> None:
    """With all chosen, and with a value of each filter."""
    for chosen in (EVERYTHING, {**LAB, "person": ["ben", "it's"], "agent": ["claude-code"], "tool": ["Bash"], "model": ["m"], "rule": ["Slow"]}):
        bound = expand(statement(uid, number), MONTHS, chosen)
        assert told(ask(bound.sql, bound.parameters)) == told(ask(as_plugin(statement(uid, number), MONTHS, chosen), {}))


@pytest.mark.parametrize("uid", ["hookline-latency", "hookline-resources", "hookline-work", "hookline-sessions"])
def test_filters_have_the_values_that_their_own_statements_tell(ask: Query, uid: str) -> None:
    """Those of turns are asked for in one statement, whichever they are."""
    variables = [each for each in built_dashboards()[uid].variables if each.sql]
    asked = []

    async def answer(sql: str, parameters: Mapping[str, Any]) -> Rows:
        """Answer and count."""
        asked.append(sql)
        return ask(sql, parameters)

    values = asyncio.run(ask_values(answer, variables, DAY))
    for each in variables:
        bound = expand(each.sql, DAY, {})
        assert values[each.name] == [name for (name,) in ask(bound.sql, bound.parameters)] != []
    assert len(asked) == len({each.name for each in variables} - {"person", "project"})


@pytest.mark.parametrize("uid", built_dashboards())
def test_a_filter_leaves_out_what_is_not_chosen(ask: Query, uid: str) -> None:
    """Each filter with a value that nothing has leaves nothing, or the same as before where a panel does not know it."""
    page = built_dashboards()[uid]
    for variable in page.variables:
        if variable.sql:
            bound = expand(variable.sql, MONTHS, EVERYTHING)
            assert len(ask(bound.sql, bound.parameters)) > 0, variable.name
    for number in list(page.panels)[:1]:
        hostile = {**{each.name: ["no' OR 1=1 --\\"] for each in page.variables if each.sql}, **EVERYTHING}
        assert hostile == EVERYTHING or rows(ask, uid, number, MONTHS, hostile) == []


OF_ANOTHER_KIND = {("hookline-latency", 12, "tool"): "model request", ("hookline-latency", 12, "model"): "tool call"}
"""What a filter is not about: it stands beside what is chosen."""


@pytest.mark.parametrize(("uid", "number"), PANELS[:: share(4, 1, 1)], ids=lambda each: str(each).removeprefix("hookline-"))
def test_a_panel_shows_nothing_of_what_a_filter_leaves_out(ask: Query, uid: str, number: int) -> None:
    """Each filter that it follows, by itself, with a value that nothing has: no row, or none with a figure."""
    for name in variables_of(statement(uid, number)) - {"timezone"}:
        found = rows(ask, uid, number, MONTHS, {**EVERYTHING, name: ["nobody's"]})
        beside = OF_ANOTHER_KIND.get((uid, number, name))
        assert [
            row
            for row in found
            if row.get("of_what") != beside or beside is None
            if any(value for value in row.values() if isinstance(value, int | float))
        ] == [], name


def test_hooks_are_those_of_the_chosen_agent_person_and_project(ask: Query) -> None:
    """Both ours and what the agent tells of all hooks; the metric says whose it is, the agent's own words by their session."""
    whole = {**EVERYTHING, "agent": ["claude-code"]}
    [native] = {row["times"] for row in rows(ask, "hookline-latency", 16, MONTHS, whole) if row["event"] == "Stop"}
    assert native > 0
    for filters in ({"agent": ["codex"]}, {"person": ["nobody"]}, {"project": ["elsewhere"]}):
        assert rows(ask, "hookline-latency", 15, MONTHS, {**EVERYTHING, **filters}) == []
        assert rows(ask, "hookline-latency", 16, MONTHS, {**EVERYTHING, **filters}) == []
    [own] = [row for row in rows(ask, "hookline-latency", 15, DAY, {**EVERYTHING, "person": ["ben"], "project": ["lab"]}) if row["Hookline's own"]]
    assert own["Hookline's own"] == pytest.approx(0.005)


def test_calls_are_counted_and_measured(ask: Query) -> None:
    """Four calls of 1, 2, 3, 4 s: the median lies between 2 and 3, a quarter failed, 60 s of waiting."""
    [row] = rows(ask, "hookline-latency", 1)
    assert (row["calls"], row["median"], row["failed"], row["waited for you"]) == (4, 2.5, 0.25, 60)
    [heat] = rows(ask, "hookline-latency", 4)
    assert {name: value for name, value in heat.items() if value and name != "t"} == {"3": 2, "10": 2}
    assert [row["took"] for row in rows(ask, "hookline-latency", 7)] == [4, 3, 2, 1]


def test_how_long_calls_take_leaves_out_those_that_were_denied(ask: Query, ask_for_reports: Query) -> None:
    """They never ran. They are counted, and so are their waits; a tool of which none ran has no times. As the report says it."""
    strict = {"project": ["strict"], "timezone": ["UTC"]}
    [totals] = rows(ask, "hookline-latency", 1, chosen=strict)
    assert (totals["calls"], totals["median"], totals["waited for you"], totals["failed"]) == (7, 3, 20, 0)
    [nothing_ran] = rows(ask, "hookline-latency", 1, chosen={**strict, "tool": ["Write"]})
    assert (nothing_ran["calls"], nothing_ran["median"], nothing_ran["95 % within"]) == (1, None, None)
    by_minute = PanelRange(DAY.from_ms, DAY.to_ms, 60_000)
    assert [row["p50"] for row in rows(ask, "hookline-latency", 3, by_minute, strict)] == [3]
    [heat] = rows(ask, "hookline-latency", 4, chosen=strict)
    assert {name: value for name, value in heat.items() if value and name != "t"} == {"3": 1, "10": 1}
    tools = {row["name"]: row for row in rows(ask, "hookline-latency", 5, chosen=strict)}
    assert {name: (row["calls"], row["denied"], row["p50"], row["waited"]) for name, row in tools.items()} == {
        "Bash": (6, 4, 3, 20),
        "Write": (1, 1, None, 0),
    }
    reported = report(ask_for_reports, ReportRequest("2026-09-21..2026-09-21", timezone="UTC", project="strict"), DAY.to_ms * 1_000_000)
    of_report = {each.tool: (each.p50_s, each.p95_s, each.p99_s) for each in reported.tools}
    assert {name: (row["p50"], row["p95"], row["p99"]) for name, row in tools.items()} == of_report
    [place] = rows(ask, "hookline-latency", 6, chosen=strict)
    assert place["p95"] == of_report["Bash"][1]
    assert [row["took"] for row in rows(ask, "hookline-latency", 7, chosen=strict)] == [4, 2]
    kinds = [(row["kind"], row["calls"], row["p50"]) for row in rows(ask, "hookline-latency", 17, chosen=strict)]
    assert kinds == [("edit", 1, None), ("shell", 6, 3)]
    [waits] = rows(ask, "hookline-latency", 14, chosen=strict)
    assert (waits["waits"], waits["p50"]) == (4, 5)


def test_a_line_has_nothing_where_an_interval_has_nothing(ask: Query) -> None:
    """Minute by minute: calls in the first, second and eleventh; requests in the first and eleventh, whose line keeps its name."""
    by_minute = PanelRange(DAY.from_ms, DAY.to_ms, 60_000)
    assert [row["p50"] for row in rows(ask, "hookline-latency", 3, by_minute)] == [1.5, 3, *[None] * 8, 4]
    assert [(row["name"], row["p95"]) for row in rows(ask, "hookline-latency", 9, by_minute)] == [
        ("claude-opus-5-5", value) for value in (2, *[None] * 9, 2)
    ]


def lines() -> list[tuple[str, int]]:
    """Return the panels that draw lines which end where nothing was told."""
    found = []
    for uid, page in built_dashboards().items():
        for panel in json.loads(page.text)["panels"]:
            drawn = panel.get("fieldConfig", {}).get("defaults", {}).get("custom", {})
            if panel["type"] == "timeseries" and drawn["drawStyle"] == "line" and not drawn["spanNulls"]:
                found.append((uid, panel["id"]))
    return [each for each in found if each != STEPS]


LINES = lines()[:: share(2, 1, 1)]


@pytest.mark.parametrize(("uid", "number"), LINES, ids=lambda each: str(each).removeprefix("hookline-"))
def test_every_line_ends_where_nothing_was_told(ask: Query, uid: str, number: int) -> None:
    """From the first interval to the last each has a row; where nothing was told, it has no figure, and the line keeps its name."""
    short = PanelRange(DAY.from_ms, DAY.to_ms + LATER_S * 1000, 15_000)
    bound = expand(statement(uid, number), short, EVERYTHING)
    shown = ask(bound.sql, bound.parameters)
    told_at = {row[0] for row in ask(FILLED.sub("", bound.sql), bound.parameters)}
    moments = [datetime.fromisoformat(str(row[0])).timestamp() for row in shown]
    assert {after - before for before, after in pairwise(moments)} - {0} == {15}
    empty = [row for row in shown if row[0] not in told_at]
    assert empty
    figures = [place for place, kind in enumerate(shown.types) if role_of(kind) == "number"]
    assert {row[place] for row in empty for place in figures} == {None}
    names = {row[place] for row in shown for place, kind in enumerate(shown.types) if role_of(kind) == "text"}
    assert {row[place] for row in empty for place, kind in enumerate(shown.types) if role_of(kind) == "text"} <= names - {""}


def test_the_trace_of_a_call_is_the_one_that_the_relay_made(ask: Query, store: Store) -> None:
    """Its id is a hash of agent, session and prompt."""
    slowest = [row["trace"] for row in rows(ask, "hookline-latency", 7, MONTHS, EVERYTHING) if row["place"] != "lab"]
    known = {trace for (trace,) in store.query("SELECT DISTINCT TraceId FROM otel_traces WHERE ScopeName = 'hookline.agent'")}
    assert slowest
    assert set(slowest) & known


def test_hooks_cost_what_they_took(ask: Query) -> None:
    """Four in 20 ms are 5 ms each."""
    [row] = [row for row in rows(ask, "hookline-latency", 15) if row["Hookline's own"] is not None]
    assert row["Hookline's own"] == pytest.approx(0.005)


def test_clocks_are_those_of_the_report(ask: Query, ask_for_reports: Query) -> None:
    """No second definition: hours of the person, the agents and the clock, of the day and by project."""
    asked = ReportRequest("2026-09-21..2026-09-21", "project", timezone="UTC", project="lab")
    totals = report(ask_for_reports, asked, DAY.to_ms * 1_000_000).totals
    [day] = rows(ask, "hookline-work", 2)
    [project] = rows(ask, "hookline-work", 6)
    for found in (day, project):
        clocks = [found[name] * 3600 for name in ("you, at least", "agents", "by the clock")]
        assert clocks == pytest.approx([totals.human_s, totals.agent_s, totals.wall_s])
    assert totals.agent_s == pytest.approx(340)  # 300 and 100 of two turns, less the 60 in which one waited


def test_between_agents_none_works(ask: Query) -> None:
    """In the minutes from 14:13: one agent until 14:18:20, none until 14:23:20, one until 14:25:00."""
    found = rows(ask, "hookline-work", 12, PanelRange(DAY.from_ms, DAY.to_ms, 60_000))
    assert [row["agents"] for row in found] == [1] * 6 + [0] * 4 + [1, 1, 0]


def test_a_week_is_named_by_its_monday(ask: Query) -> None:
    """A day of the calendar, whatever the zone of whoever reads it; the first is compared with none."""
    for zone in ("UTC", "America/New_York"):
        [row] = rows(ask, "hookline-work", 9, DAY, {**LAB, "timezone": [zone]})
        assert (row["week"], row["more than before"]) == ("2026-09-21", None)


def test_days_are_cut_in_the_person_s_zone(ask: Query) -> None:
    """In Auckland it was the next day already."""
    [row] = rows(ask, "hookline-work", 2, DAY, {**LAB, "timezone": ["Pacific/Auckland"]})
    assert row["t"] == "2026-09-21T12:00:00Z"  # midnight there


def test_money_and_cache_add_up(ask: Query) -> None:
    """Two dollars, 1100 tokens, of the input 600 of 1000 from the cache; a commit cost two dollars."""
    [row] = rows(ask, "hookline-resources", 1)
    assert (row["cost"], row["tokens"], row["from cache"], row["requests"]) == (2, 1100, 0.6, 2)
    [commits] = rows(ask, "hookline-sessions", 10)
    assert (commits["commits"], commits["cost a commit"]) == (1, 2)


def test_what_a_project_cost_is_what_the_report_says(ask: Query, ask_for_reports: Query) -> None:
    """Also of requests that name no project: they are their prompt's. Filters by person and project find them, also for what a commit costs."""
    asked = ReportRequest("2026-09-21..2026-09-21", "project", timezone="UTC")
    told = {each.key: each.cost_usd for each in report(ask_for_reports, asked, DAY.to_ms * 1_000_000).rows if each.cost_usd}
    assert told["lab"] == 2
    assert {row["name"]: row["cost"] for row in rows(ask, "hookline-resources", 8, DAY, EVERYTHING)} == pytest.approx(told)
    for number in (6, 7):
        assert rows(ask, "hookline-resources", number, DAY, {**LAB, "person": ["ben"]})
    [model] = rows(ask, "hookline-latency", 11, DAY, {**LAB, "person": ["ben"]})
    assert model["requests"] == 2
    [commits] = rows(ask, "hookline-sessions", 10, DAY, {**LAB, "person": ["ben"]})
    assert commits["cost a commit"] == 2


def test_a_window_is_projected_to_its_end(ask: Query) -> None:
    """Half of the five hours were over 9000 s before the reset, 600 s later 53.3 %: 30 % then lead to 56.25 %."""
    [row] = rows(ask, "hookline-resources", 3)
    assert (row["used"], row["passed"], row["projected"]) == (30, pytest.approx(53.3333, abs=1e-3), pytest.approx(56.25, abs=1e-3))


def test_resources_are_those_of_the_samples(ask: Query) -> None:
    """30 s of processor time in an hour; 1 GB; 4096 bytes written."""
    [cores] = rows(ask, "hookline-resources", 11)
    assert cores["cores"] == pytest.approx(30 / 3600)
    [heaviest] = rows(ask, "hookline-resources", 9)
    assert (heaviest["processor"], heaviest["most memory"], heaviest["written"]) == (30, 1e9, 4096)


def test_a_command_cost_what_the_counters_say(ask: Query) -> None:
    """A second and a half in two, while nothing else ran; a sample of its minute had 1 GB, and 4096 bytes were written."""
    [kind] = rows(ask, "hookline-resources", 19)
    assert (kind["kind"], kind["calls"], kind["processor"], kind["cores"], kind["shared"]) == ("shell", 1, 1.5, 0.75, 0)
    [command] = rows(ask, "hookline-resources", 20, PanelRange(DAY.from_ms, DAY.to_ms, 60_000))
    assert (command["processor"], command["whose"], command["ran"], command["session"]) == (1.5, "its own", 2, "hand-1")
    assert (command["most memory"], command["read"], command["written"]) == (1e9, None, 4096)


def test_alerts_are_told_as_they_were(ask: Query) -> None:
    """Two began, one was over after five minutes, the other fires."""
    [row] = rows(ask, "hookline-alerts", 1, chosen={})
    assert (row["fired_times"], row["over"], row["fired for, on average"]) == (2, 1, 300)
    assert [row["name"] for row in rows(ask, "hookline-alerts", 2, chosen={})] == ["Stuck"]
    assert [row["name"] for row in rows(ask, "hookline-alerts", 2, chosen={"rule": ["Slow"]})] == []


def test_what_still_fires_fires_until_now(ask: Query) -> None:
    """Slow fired for five minutes; Stuck, since T0 and 90 s, to the end of the day that is asked for."""
    found = {row["name"]: row["fired_for"] for row in rows(ask, "hookline-alerts", 6, chosen={})}
    assert found == {"Slow": 300, "Stuck": (DAY.to_ms * 10**6 - T0) // S - 90}


def test_a_forecast_is_told_as_it_was_stored(ask: Query) -> None:
    """In its own unit, with no latest moment where there is none; not in a range that ends before it was made."""
    [row] = rows(ask, "hookline-databases", 24, MONTHS, {"database": ["shop-db"]})
    assert (row["place"], row["name"], row["now"], row["used up at"]) == ("shop-db", "room on the disk", "24.00 GB", "0")
    assert (row["earliest"], row["expected"], row["latest"]) == ("2026-11-25T11:59:00.000000000Z", "2026-11-25T23:59:00.000000000Z", None)
    assert rows(ask, "hookline-databases", 24, MONTHS, {"database": ["reports-db"]}) == []
    assert rows(ask, "hookline-databases", 24, DAY, {}) == []


def test_the_collector_s_sums_add_up(ask: Query) -> None:
    """Three were received, two stored, one waits: none is missing."""
    [traces] = [row for row in rows(ask, "hookline-collector", 7, chosen={}) if row["signal"] == "traces"]
    assert (traces["received"], traces["stored"], traces["waiting"], traces["missing"]) == (3, 2, 1, 0)


def test_sessions_are_told_with_their_end(ask: Query) -> None:
    """One of ben's, which ended; its lines are those that agents counted, one in steps and one in all; others' are not known."""
    [row] = rows(ask, "hookline-sessions", 3)
    assert (row["lines_added"], row["lines_removed"]) == (12 + 15 + 15, 3 + 3 + 3)
    assert (None, None) in {(each["lines_added"], each["lines_removed"]) for each in rows(ask, "hookline-sessions", 3, MONTHS, EVERYTHING)}
    assert (row["session"], row["who"], row["asked"], row["called"], row["failed"], row["lasted"]) == ("hand-1", "ben", 2, 4, 1, 720)
