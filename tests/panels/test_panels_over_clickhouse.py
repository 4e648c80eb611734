"""Every panel of every dashboard over the ClickHouse endpoint, with the text that Grafana's plugin would send: the rows that our pages are given.

One collector was told over OTLP of a week of a person and their client, of a shop's service and databases; alerts fire on it, it refused a request,
and it tells of itself. It goes on to learn meanwhile, so that values are compared when the API tells the same before and after the endpoint was
asked, else only how many rows there are.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import PanelRange
from support.clickhouse_asker import ClickHouseAsker
from support.person import new_person
from support.plugin_macros import as_plugin
from support.running import Running, start_collector, wait_for
from support.shop_world import tell_hour
from support.shown_client import tell_client, wrong_request
from support.shown_days import Told, curves, shown_days, tell, tell_metrics

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
CHOSEN: Mapping[str, Sequence[str]] = {"timezone": ["UTC"]}
OPEN = {"works-now", "asks-now", "rests-now", "shop-morning"}
"""Sessions that go on: their stretches end at the moment of each question."""

NO_ROWS = "no rows: nothing was compared"
SELDOM = {("hookline-databases", 24)}
"""Forecasts need twenty hours of figures, and are worked out every ten minutes: there may be none."""


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, PanelRange]]:
    """Give a collector that knows something for each dashboard, and a range that is over."""
    running = start_collector(new_person(tmp_path_factory.mktemp("knowing")), {"HOOKLINE_COLLECTOR_SELF_METRICS_S": "1"})
    where, now_ns = f"http://{running.found.otlp_http}", time.time_ns()
    tell(where, [each for each in shown_days(now_ns, weeks=1) if _is_over(each)])
    tell_metrics(where, curves(now_ns))
    tell_client(where, now_ns)
    wrong_request(where)
    tell_hour(where, now_ns, minutes=40)
    fired = "SELECT count() AS n FROM alerts"
    kept = "SELECT uniq(TimeUnix) AS n FROM otel_metrics_gauge WHERE MetricName = 'hookline.collector.store_parts'"
    wait_for(
        lambda: running.query(fired)[0]["n"] > 0 and running.query(kept)[0]["n"] > 2, 90
    )  # a range ends with a second: one reading may be after it
    now_ms = time.time_ns() // 10**6
    yield running, PanelRange(now_ms - 8 * 86_400_000, now_ms, 600_000)
    running.kill()


def _is_over(told: Told) -> bool:
    return told.record.attributes.get("session.id") not in OPEN or getattr(told.record, "event_name", "") == "hookline.limits"


def _of_pages(running: Running, uid: str, number: int, asked: PanelRange) -> dict[str, Any]:
    connection = http.client.HTTPConnection(running.found.http, timeout=60)
    try:
        over = f"from={asked.from_ms}&to={asked.to_ms}&interval_ms={asked.interval_ms}&limit=50000&var.timezone=UTC"
        without = over.replace("&var.timezone=UTC", "")
        known = over if any(each.name == "timezone" for each in built_dashboards()[uid].variables) else without
        connection.request("GET", f"/api/v1/dashboards/{uid}/panels/{number}?{known}", headers={"Authorization": f"Bearer {running.client.token}"})
        answer = connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        assert answer.status == 200, told
        found: dict[str, Any] = told["targets"][0]
        return found
    finally:
        connection.close()


def _fault(running: Running, uid: str, number: int, asked: PanelRange) -> str:
    """Return what differs between a panel's two answers, in the pages' order of rows; empty where nothing does."""
    statement = as_plugin(built_dashboards()[uid].panels[number].statements[0].sql, asked, CHOSEN)
    for _ in range(3):
        own = _of_pages(running, uid, number, asked)
        raw = ClickHouseAsker.of(running).ask(f"{statement}\nFORMAT JSONCompact")
        if raw.status != 200:
            return raw.text[:300]
        found = json.loads(raw.body)
        if not (fault := _difference(own, found)) or own == _of_pages(running, uid, number, asked):
            return fault
    return "" if own["rows"] == len(found["data"]) > 0 else fault


def _difference(own: dict[str, Any], found: dict[str, Any]) -> str:
    """Return how two answers differ; empty where they do not."""
    if [column["name"] for column in found["meta"]] != [column["name"] for column in own["columns"]]:
        return f"other columns: {found['meta']}"
    numbers = [place for place, column in enumerate(own["columns"]) if column["role"] != "time"]
    ours = sorted((_row([column[row] for column in own["data"]], numbers) for row in range(own["rows"])), key=str)
    theirs = sorted((_row(row, numbers) for row in found["data"]), key=str)
    if ours != theirs:
        return f"{len(ours)} and {len(theirs)} rows: {[pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]][:1]}"
    return "" if ours else NO_ROWS


def _row(values: Sequence[Any], places: Sequence[int]) -> tuple[Any, ...]:
    return tuple(_value(values[place]) for place in places)


def _value(value: Any) -> Any:
    """Return a number as one, however the format writes it, and a text as itself."""
    if isinstance(value, bool) or value is None:
        return value
    try:
        return f"{float(value):.6g}"
    except (TypeError, ValueError):
        return str(value)


@pytest.mark.parametrize("uid", built_dashboards())
def test_the_endpoint_gives_the_rows_that_the_pages_show(knowing: tuple[Running, PanelRange], uid: str) -> None:
    """Each panel, all rows: as many, with the same texts and numbers; and there are some."""
    running, asked = knowing
    faults = {number: fault for number in built_dashboards()[uid].panels if (fault := _fault(running, uid, number, asked))}
    assert {number: fault for number, fault in faults.items() if (uid, number) not in SELDOM or fault != NO_ROWS} == {}
