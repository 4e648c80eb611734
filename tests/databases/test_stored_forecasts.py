"""Forecasts that the collector stores for dashboards are what the API says at that moment, however often they are worked out and by how many."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import orjson
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from starlette.requests import Request

from hookline.contract.databases import DATABASE_SCOPE
from hookline.system.clock import parse_iso
from hookline_collector.api.databases import DatabasesApi
from hookline_collector.api.questions import Questions
from hookline_collector.databases.live_looks import LiveDatabases
from hookline_collector.databases.stored_forecasts import StoredForecasts, of_database_metrics
from hookline_collector.observe.announcements import Accepted
from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import PanelRange, expand
from hookline_collector.rollups.metric_rollups import MetricRollups
from hookline_collector.rollups.rolled_until import rolled_until_asked
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import Ground
from support.shop_telemetry import NOON_NS, NS, Point, database, of_metrics
from support.standing_still import AllStored
from support.stores import emptied, fresh_token

HOUR = 3_600 * NS
NAME = "filling-db"
END = NOON_NS
NOW = END + 600 * NS


@pytest.fixture
def store() -> Store:
    """A store that was told of five days: a disk that falls a gigabyte an hour, and a slot that keeps little."""
    opened, dice = emptied(), Random(4)
    points = []
    for at in range(120):
        moment = END - (119 - at) * HOUR
        points.append(Point("hookline.db.disk.free", moment, (140 - at + dice.gauss(0, 0.2)) * 1e9, unit="By"))
        points.append(Point("hookline.db.slot.retained", moment, 1e9 + at * 1e8, {"hookline.db.slot.name": "etl"}, unit="By"))
    opened.insert(Signal.METRICS, of_metrics(database(NAME), points), fresh_token())
    return opened


def said(store: Store, now_ns: int, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what the API answers at a moment."""
    monkeypatch.setattr("hookline_collector.api.databases.time.time_ns", lambda: now_ns)
    rolled_until_asked()  # as in a collector that was asked before: files are read once
    load_query("hookline_collector.databases", "database_series")
    pool = BlockingPool("asking", 2)
    api = DatabasesApi(Questions(pool, lambda: Ground(store.query, ""), AllStored()), LiveDatabases(), "UTC")
    request = Request({"type": "http", "headers": [], "query_string": b"", "path_params": {"name": NAME}})
    try:
        found: list[dict[str, Any]] = orjson.loads(asyncio.run(api.forecasts(request)).body)["forecasts"]
    finally:
        pool.close()
        monkeypatch.undo()
    return found


def moments(row: dict[str, Any]) -> dict[str, int | None]:
    """Return the moments of a forecast in milliseconds, which is how the API tells them."""
    return {name: (parse_iso(row[name]) or 0) // 10**6 if row[name] else None for name in ("earliest", "expected", "latest")}


def stored(store: Store) -> list[dict[str, Any]]:
    """Return the stored forecasts as the API tells them."""
    rows = store.query("SELECT * FROM db_forecasts WHERE database = {name:String}", {"name": NAME}).as_dicts()
    same = ("metric", "unit", "value", "limit_value", "slope_per_h", "horizon_s")
    return [
        {name: row[name] for name in same}
        | {"forecast_of": row["what"], "forecast_method": row["method"], "labels": orjson.loads(row["labels"])}
        | moments(row)
        for row in rows
    ]


def shown(store: Store, to_ns: int, database_name: str = NAME) -> list[dict[str, Any]]:
    """Return what the panel shows of the six hours before."""
    [panel] = built_dashboards()["hookline-databases"].panels[24].statements
    bound = expand(panel.sql, PanelRange(to_ns // 10**6 - 6 * 3_600_000, to_ns // 10**6, 60_000), {"database": [database_name]})
    return store.people_query(bound.sql, bound.parameters).as_dicts()


def test_what_is_stored_is_what_the_api_says(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of points and of hours that are worked out; told again and by a second collector it is one row; what is not honest any more goes."""
    StoredForecasts(store, lambda: NOW).work_out(NAME)
    told = said(store, NOW, monkeypatch)
    assert [each["metric"] for each in told] == ["hookline.db.disk.free", "hookline.db.slot.retained"]
    as_api = [each | moments(each) for each in told]
    assert stored(store) == as_api
    MetricRollups(store, lambda: NOW / NS).catch_up()
    for _ in range(2):
        StoredForecasts(store, lambda: NOW).work_out(NAME)
    assert stored(store) == as_api
    assert store.query("SELECT count() FROM db_forecasts_state FINAL").rows == ((1,),)
    late = NOW + 5 * HOUR  # of nothing told for five hours nothing is said
    StoredForecasts(store, lambda: late).work_out(NAME)
    assert stored(store) == said(store, late, monkeypatch) == []
    StoredForecasts(store, lambda: NOW).work_out(NAME)  # by one that is behind
    assert stored(store) == []


def test_the_panel_shows_what_runs_out_the_soonest_first(store: Store) -> None:
    """With figures in their unit and moments as the forecast has them; of the chosen database, as long as the forecast is about now."""
    assert shown(store, NOW + 60 * NS) == []
    StoredForecasts(store, lambda: NOW).work_out(NAME)
    disk, slot = shown(store, NOW + 60 * NS)
    assert (disk["place"], disk["name"], disk["used up at"]) == (NAME, "room on the disk", "0")
    assert disk["now"].endswith(" GB")
    assert abs(float(disk["now"].split()[0]) - 21) < 1
    earliest, expected, latest = (((parse_iso(disk[name]) or 0) - END) / HOUR for name in ("earliest", "expected", "latest"))
    assert 16 < earliest <= expected <= latest < 26
    assert (slot["name"], slot["earliest"]) == ("room on the disk, by what a slot keeps etl", None)
    assert slot["looked ahead"] == 36 * 3_600
    assert shown(store, NOW + 60 * NS, "another-db") == []
    assert shown(store, NOW - HOUR) == []
    assert len(shown(store, NOW + 3 * HOUR)) == 2
    assert shown(store, NOW + 5 * HOUR) == []


def test_only_databases_of_which_something_came_are_worked_out() -> None:
    """Once for all that came since; what has no name is left out, and so is what other agents measure."""
    body = ExportMetricsServiceRequest.FromString(of_metrics(database(NAME), [Point("hookline.db.disk.free", END, 1.0)]))
    accepted = Accepted(Signal.METRICS, body, frozenset({DATABASE_SCOPE}))
    assert of_database_metrics(accepted)
    assert not of_database_metrics(Accepted(Signal.METRICS, body, frozenset({"hookline.agent"})))
    assert not of_database_metrics(Accepted(Signal.LOGS, body, frozenset({DATABASE_SCOPE})))
    forecasts = StoredForecasts(emptied(), lambda: NOW)
    assert forecasts.names() == []
    for _ in range(2):
        forecasts.take(accepted)
    forecasts.take(Accepted(Signal.METRICS, ExportMetricsServiceRequest.FromString(of_metrics({}, [])), frozenset({DATABASE_SCOPE})))
    assert forecasts.names() == [NAME]
    forecasts.done(NAME)
    assert forecasts.names() == []
