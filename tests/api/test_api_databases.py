"""Services and databases over the API of a running collector that was told of a quarter of an hour as their agents tell it."""

from __future__ import annotations

import http.client
import json
import math
import time
import urllib.request
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from hookline.errors import HooklineError
from hookline.system.clock import parse_iso
from support.person import new_person
from support.running import Running, start_collector
from support.shop_telemetry import NOON_NS, NS, STATEMENTS, Point, database, of_metrics
from support.shop_world import MAIN, tell_hour

pytestmark = pytest.mark.long

PERIOD = "period=2026-09-21T14:30:00Z..2026-09-21T15:01:00Z&timezone=UTC"
STUCK = STATEMENTS[1][0]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a collector that was told."""
    settings = {f"HOOKLINE_RETENTION_{name}_DAYS": "0" for name in ("TRACES", "LOGS", "METRICS", "DERIVED", "DATABASE")}
    found = start_collector(new_person(tmp_path_factory.mktemp("shop")), settings)
    tell_hour(f"http://{found.found.otlp_http}", NOON_NS, minutes=15)
    yield found
    found.kill()


def ask(running: Running, path: str) -> Any:
    """Ask the API."""
    return running.client.get(f"/api/v1/{path}{'&' if '?' in path else '?'}{PERIOD}")


def test_services_are_counted_by_what_they_count_themselves(running: Running) -> None:
    """Every request, not those alone that came as spans."""
    (shop,) = ask(running, "services")["services"]
    assert (shop["service"], shop["known_by"], shop["versions"]) == ("shop", "metrics", ["1.4"])
    assert shop["served_requests"] > 10_000
    assert 0 < shop["failed_percent"] < 1
    assert 0.001 < shop["p50_s"] < shop["p95_s"] <= shop["p99_s"] < 2


def test_a_service_has_routes_runtime_and_statements(running: Running) -> None:
    """Beside its slowest requests."""
    shop = ask(running, "services/shop")
    assert {row["route"] for row in shop["routes"]} == {"/orders/{id}", "/cart", "/search", "/checkout", "/login"}
    assert sum(row["served_requests"] for row in shop["routes"]) == shop["totals"]["served_requests"]
    assert shop["runtime"]["threads"] == 9
    assert shop["runtime"]["cpu_cores"] > 0
    assert {row["statement_hash"] for row in shop["statement_calls"]} == {each[0] for each in STATEMENTS}
    took = [row["duration_s"] for row in shop["slow_requests"]]
    assert took == sorted(took, reverse=True)
    with pytest.raises(HooklineError, match="hookline services"):
        ask(running, "services/nobody")


def test_a_route_that_became_slower_is_told_with_its_service(running: Running) -> None:
    """As the collector says it: since when, how much, and the line with what grew."""
    (slower,) = ask(running, "services/shop")["slower_routes"]
    assert (slower["method"], slower["route"], slower["since"]) == ("GET", "/orders/{id}", "2026-09-21T14:51:00.000Z")
    assert (slower["times_as_long"], slower["before_s"], slower["after_s"]) == (3.0, 0.04, 0.12)


def test_from_a_slow_request_to_what_its_statement_did_in_the_database_and_back(running: Running) -> None:
    """The calls with their lines; samples of the same statement meanwhile; and the requests that call it."""
    slow = ask(running, "services/shop/slow?limit=5")["slow_requests"]
    assert len(slow) == 5
    one = ask(running, f"requests/{slow[0]['request_id']}")
    assert one["request"] == slow[0]
    assert len(one["database_calls"]) == slow[0]["db_calls"]
    call = one["database_calls"][0]
    assert (call["file"], call["function"]) == ("shop/orders.py", "load_order")
    assert {each["statement_hash"] for each in one["samples"]} <= {each["statement_hash"] for each in one["database_calls"]}
    assert {each["database"] for each in one["samples"]} == {"shop-db"}
    back = ask(running, f"databases/shop-db/statements?statement_hash={call['statement_hash']}")
    assert len(back["statements"]) == 1
    assert slow[0]["request_id"] in {each["request_id"] for each in back["callers"]}


def test_databases_are_listed_with_how_busy_they_are(running: Running) -> None:
    """The busiest first, against cores."""
    first, second = ask(running, "databases")["databases"]
    assert (first["database"], second["database"]) == ("shop-db", "reports-db")
    assert first["active_sessions"] > second["active_sessions"] > 0
    assert (first["cores"], first["wait_class"]) == (4, "cpu")


def test_a_database_has_waits_statements_verdicts_and_relations(running: Running) -> None:
    """Shares add up to the whole."""
    found = ask(running, "databases/shop-db")
    assert sum(wait["share_percent"] for wait in found["waits"]) == pytest.approx(100)
    assert found["statements"][0]["total_s"] >= found["statements"][1]["total_s"]
    assert found["verdicts"][0]["excluded"]["io"] == "0.3 sessions read"
    assert found["verdicts"][0]["statement_hashes"] == [STUCK]
    assert found["verdicts"] == ask(running, "databases/shop-db/verdicts")["verdicts"]
    assert found["relations"][0]["size_bytes"] > 0
    with pytest.raises(HooklineError, match="hookline db report"):
        ask(running, "databases/nobody")


def test_a_verdict_names_the_services_that_called_its_statements_meanwhile(running: Running) -> None:
    """Of its ten minutes alone, 14:51 to 15:00, and of those of them that were asked for."""
    (verdict,) = ask(running, "databases/shop-db/verdicts")["verdicts"]
    (shop,) = verdict["called_by"]
    assert (shop["service"], shop["calls"]) == ("shop", 10 * 261)
    assert shop["total_s"] == pytest.approx(10 * 261 * STATEMENTS[1][3] / 1e3)
    first = "period=2026-09-21T14:30:00Z..2026-09-21T14:55:00Z&timezone=UTC"
    (verdict,) = running.client.get(f"/api/v1/databases/shop-db/verdicts?{first}")["verdicts"]
    assert [each["calls"] for each in verdict["called_by"]] == [4 * 261]


@pytest.mark.parametrize(("order", "field"), [("time", "total_s"), ("calls", "calls"), ("load", "active_sessions"), ("reads", "blocks_read")])
def test_statements_come_in_the_order_asked_for(running: Running, order: str, field: str) -> None:
    """The most first."""
    found = [row[field] for row in ask(running, f"databases/shop-db/statements?order={order}")["statements"]]
    assert found == sorted(found, reverse=True)
    assert len(found) >= 5


def test_locks_are_a_tree_with_who_holds_others_up(running: Running) -> None:
    """The root first, below it those that wait."""
    found = ask(running, "databases/shop-db/locks")
    assert [(each["pid"], each["depth"]) for each in found["locks"]][:3] == [(4100, 0), (4101, 1), (4102, 2)]
    assert found["locks"][0]["session_state"] == "idle in transaction"
    assert [(each["pid"], each["waiters"], each["application"]) for each in found["blockers"]] == [(4100, 5, "admin")]
    samples = ask(running, "databases/reports-db/locks")  # nobody told a tree of this one
    assert all(each["blocked_by"] or not each["depth"] for each in samples["locks"])


def test_plans_are_told_with_when_they_were_seen(running: Running) -> None:
    """The plan itself where it is asked for."""
    found = ask(running, "databases/shop-db/plans?with_plan=true")["plans"]
    assert [each["plan_hash"] for each in found] == ["bbbb2222", "aaaa1111"]
    assert json.loads(found[0]["plan"])[0]["Plan"]["Node Type"] == "Seq Scan"
    assert ask(running, "databases/shop-db/plans")["plans"][0]["plan"] == ""


def test_forecasts_say_nothing_of_what_is_too_short(running: Running) -> None:
    """Fifteen minutes are no history."""
    assert running.client.get("/api/v1/databases/shop-db/forecasts")["forecasts"] == []


def test_a_disk_that_fills_for_days_is_said_to_be_full_between_two_moments(running: Running) -> None:
    """Five days by the hour as the agent tells them: the disk falls a gigabyte an hour; a rhythm touches its limit at its next height; what is gone
    for half a day, or was told two days ago only, has no forecast."""
    hour, dice = 3_600 * NS, Random(4)
    end = time.time_ns() // hour * hour
    points = []
    for at in range(120):
        moment, wave = end - (119 - at) * hour, math.sin(2 * math.pi * (at - 119) / 24)
        points.append(Point("hookline.db.disk.free", moment, (140 - at + dice.gauss(0, 0.2)) * 1e9, unit="By"))
        points.append(Point("hookline.db.connections.used_percent", moment, 70 + 31 * wave + dice.gauss(0, 0.5), unit="%"))
        points.append(Point("hookline.db.slot.retained", moment, 1e9 + at * 1e8, {"hookline.db.slot.name": "etl"}, unit="By"))
        if at < 72:
            points.append(Point("hookline.db.xid.age", moment, 1e9 + at * 1e7))
        if not 90 <= at < 104:
            points.append(Point("hookline.db.mxid.age", moment, 1e9 + at * 1e7))
    body = of_metrics(database("filling-db", "10.0.0.9"), points)
    request = urllib.request.Request(f"http://{running.found.otlp_http}/v1/metrics", body, {"Content-Type": "application/x-protobuf"})
    urllib.request.urlopen(request, timeout=30).read()
    found = {each["metric"]: each for each in running.client.get("/api/v1/databases/filling-db/forecasts")["forecasts"]}
    assert set(found) == {"hookline.db.disk.free", "hookline.db.connections.used_percent", "hookline.db.slot.retained"}
    disk, connections, slot = (found[name] for name in ("hookline.db.disk.free", "hookline.db.connections.used_percent", "hookline.db.slot.retained"))
    earliest, expected, latest = (((parse_iso(disk[name]) or 0) - end) / hour for name in ("earliest", "expected", "latest"))
    assert 16 < earliest <= expected <= latest < 26
    assert expected == pytest.approx(21, abs=2.5)
    assert disk["slope_per_h"] == pytest.approx(-1e9, rel=0.1)
    assert disk["horizon_s"] == 36 * 3_600
    assert connections["earliest"]
    assert 2 < ((parse_iso(connections["earliest"]) or 0) - end) / hour < 10
    assert slot["limit_value"] == pytest.approx(slot["value"] + disk["value"])
    assert slot["earliest"] is None
    assert list(slot["labels"].values()) == ["etl"]


def test_live_is_the_newest_look_and_a_stream_of_them(running: Running) -> None:
    """Without asking the store."""
    look = running.client.get("/api/v1/databases/shop-db/live")
    assert parse_iso(look["looked"]) == NOON_NS
    assert {each["application"] for each in look["sessions"]} == {"shop"}
    connection = http.client.HTTPConnection(running.found.http, timeout=20)
    headers = {"Authorization": f"Bearer {running.client.token}", "Accept": "text/event-stream"}
    connection.request("GET", "/api/v1/databases/shop-db/live", headers=headers)
    answer = connection.getresponse()
    assert answer.readline() == b"event: look\n"
    assert json.loads(answer.readline().removeprefix(b"data: ")) == look
    connection.close()
    assert MAIN["hookline.db.name"] == look["database"]


def test_a_period_is_said_as_people_say_it(running: Running) -> None:
    """Hours back, days, moments; nonsense is told."""
    assert running.client.get("/api/v1/services?period=30m")["services"] == []
    assert running.client.get("/api/v1/databases?period=7d") is not None
    with pytest.raises(HooklineError, match="unknown period"):
        running.client.get("/api/v1/databases?period=ever")
    assert NS
