"""An hour of a shop: a service with slow requests, and two databases of which one has a pile-up of locks; sent to a collector as OTLP.

`python -m support.shop_world http://127.0.0.1:4318` tells a running collector of the hour that ends now: what the pages are drawn with.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

from hookline.contract.databases import DatabaseEvent
from hookline.contract.services import ROUTE_REGRESSION_RECORD, SERVICES_SCOPE
from hookline_collector.signal import Signal
from support.shop_telemetry import (
    CLIENT,
    NS,
    SHOP,
    STATEMENTS,
    Load,
    Point,
    Served,
    Told,
    database,
    durations,
    looks_at,
    of_logs,
    of_metrics,
    of_spans,
    relations_of,
    request_told,
    sample,
    statement_told,
    statements_of,
)

MAIN, REPORTS = database("shop-db", "10.0.0.5"), database("reports-db", "10.0.0.6")
PLAN = {"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Filter": "(state = $1)", "Total Cost": 18_334.0, "Plan Rows": 1}}
BETTER = {"Plan": {"Node Type": "Index Scan", "Relation Name": "orders", "Index Name": "orders_state", "Total Cost": 8.4, "Plan Rows": 1}}
ROUTES = ("/orders/{id}", "/cart", "/search", "/checkout", "/login")


def an_hour(end_ns: int, minutes: int = 60) -> Iterator[tuple[Signal, bytes]]:
    """Yield what is told of the hour that ends then: one request a signal, because each insert costs as much as a thousand rows."""
    start_ns = end_ns - minutes * 60 * NS
    told: defaultdict[Signal, list[bytes]] = defaultdict(list)
    for signal, body in _minute_by_minute(start_ns, end_ns, minutes):
        told[signal].append(body)
    for signal, bodies in told.items():
        yield signal, b"".join(bodies)


def _minute_by_minute(start_ns: int, end_ns: int, minutes: int) -> Iterator[tuple[Signal, bytes]]:
    for minute in range(minutes):
        at = start_ns + (minute + 1) * 60 * NS
        yield from _of_service(at, minute)
        yield from _of_databases(at, minute)
    yield from _of_the_hour(start_ns, end_ns, minutes)


def _of_service(at: int, minute: int) -> Iterator[tuple[Signal, bytes]]:
    random = Random(minute)
    points = []
    for number, route in enumerate(ROUTES):
        slow = 3 if 25 <= minute < 35 and route == "/orders/{id}" else 1
        counts = [random.randrange(40, 90) // slow, 60, 40, 20, 9, 6 * slow, 5 * slow, 3 * slow, slow, slow, slow - 1, 0, 0, 0, 0]
        points.append(durations(at, route, counts, sum(counts) * 0.04 * slow * (1 + number / 3)))
        if minute % 7 == 3:
            points.append(durations(at, route, [0, 0, 0, 0, 0, 0, 2, *[0] * 8], 0.3, 500))
    for digest, _, summary, mean_ms in STATEMENTS:
        known = {"db.system.name": "postgresql", "db.namespace": "shop", "db.query.summary": summary, "hookline.db.statement_hash": digest}
        counts = [180, 60, 12, 6, 2, 1, 0, 0, 0, 0]
        bounds = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
        points.append(Point("db.client.operation.duration", at, sum(counts) * mean_ms / 1e3, known, "histogram", "s", counts, bounds))
    points += [
        Point("process.cpu.time", at, 14 + random.random() * 5, {"cpu.mode": "user"}, "sum", "s"),
        Point("process.memory.usage", at, 180e6 + minute * 2e5, unit="By"),
        Point("process.thread.count", at, 9),
        Point("process.unix.file_descriptor.count", at, 41 + minute % 5),
        Point("hookline.loop.longest", at, 0.004 + 0.05 * (minute % 9 == 0), unit="s"),
    ]
    yield Signal.METRICS, of_metrics(SHOP, points, "hookline.services")
    spans, records = [], []
    for number in range(2):
        span, slow_record, calls = _slow_request(at - random.randrange(50) * NS, minute * 2 + number + 1, random)
        spans += [span, *calls]
        records.append(slow_record)
    yield Signal.TRACES, of_spans(SHOP, spans)
    yield Signal.LOGS, of_logs(SHOP, records, "hookline.services")


def _slow_request(at: int, number: int, random: Random) -> tuple[Served, Told, list[Served]]:
    route, seconds = random.choice(ROUTES), 0.6 + random.random() * 2
    spans: list[Served] = []
    calls: list[dict[str, Any]] = []
    at_ms = 3.0
    for place in range(random.randrange(2, 7)):
        digest, _, summary, _ = STATEMENTS[(number + place) % 5]
        took = seconds * 1e3 / 8
        found = {"at_ms": at_ms, "ms": took, "kind": "db", "system": "postgresql", "summary": summary, "hash": digest, "rows": 3}
        calls.append(found | {"file": "shop/orders.py", "line": 40 + place, "function": "load_order"})
        spans.append(
            Served(
                summary,
                at + int(at_ms * 1e6),
                took / 1e3,
                {"db.system.name": "postgresql", "db.query.summary": summary, "hookline.db.statement_hash": digest},
                number.to_bytes(16, "big"),
                (number * 100 + place).to_bytes(8, "big"),
                number.to_bytes(8, "big"),
                CLIENT,
            )
        )
        at_ms += took * 1.1
    repeated = [
        {"count": 24, "ms": 96.0, "system": "postgresql", "summary": "SELECT items", "hash": STATEMENTS[4][0], "file": "shop/cart.py", "line": 77}
    ]
    more = {
        "hookline.request.calls": json.dumps(calls),
        "hookline.request.db.calls": len(calls),
        "hookline.request.db.time": sum(call["ms"] for call in calls) / 1e3,
        "hookline.request.first_byte": seconds * 0.9,
        "hookline.request.loop_lag": 0.004,
        "hookline.request.gc_pause": 0.011,
        "hookline.request.repeated": json.dumps(repeated if number % 4 == 0 else []),
        "hookline.request.repeated.most": 24 if number % 4 == 0 else 0,
    }
    span, record = request_told(at, seconds, number, more, route=route, status=500 if number % 9 == 0 else 200)
    return span, record, spans


def _of_databases(at: int, minute: int) -> Iterator[tuple[Signal, bytes]]:
    for resource, sessions, seed in ((MAIN, 3.0, 1), (REPORTS, 0.8, 2)):
        load = Load(sessions=sessions, every_s=10.0, statements=40, tables=12, seed=seed)
        samples = [each for look in looks_at(load, at - 60 * NS, 60) for each in look]
        own = (
            [sample(at - n * 10 * NS, 4001 + n, {"hookline.db.sample.interval": 6.0}, statement=n % 5) for n in range(6)] if resource is MAIN else []
        )
        records = [*samples, *own, *statements_of(load, at), *relations_of(load, at)]
        if resource is MAIN:
            records += [statement_told(at, n, 3000 - n * 400, 3.0 if 25 <= minute < 35 and n == 2 else 1.0) for n in range(5)]
        yield Signal.LOGS, of_logs(resource, records)
        yield Signal.METRICS, of_metrics(resource, _gauges(at, minute, sessions))


def _gauges(at: int, minute: int, sessions: float) -> list[Point]:
    is_stuck = 25 <= minute < 35
    classes = {"cpu": 0.5, "io": 0.2, "wal": 0.12, "lwlock": 0.05, "lock": 0.04}
    waits = [
        Point("hookline.db.sessions", at, sessions * share * (1 + 0.3 * (minute % 5)) + 6 * (is_stuck and name == "lock"), _wait(name))
        for name, share in classes.items()
    ]
    return [
        *waits,
        Point("hookline.db.cores", at, 4),
        Point("hookline.db.agent.age", at, 0.4, unit="s"),
        Point("hookline.db.connections", at, 22 + minute % 7, {"hookline.db.session.state": "idle"}),
        Point("hookline.db.connections", at, sessions + 1, {"hookline.db.session.state": "active"}),
        Point("hookline.db.connections.used_percent", at, 31 + minute % 7, unit="%"),
        Point("hookline.db.transaction.oldest", at, 640.0 if is_stuck else 2.0, unit="s"),
        Point("hookline.db.blocked.sessions", at, 6.0 if is_stuck else 0.0),
        Point("hookline.db.blocked.longest", at, 44.0 if is_stuck else 0.0, unit="s"),
        Point("hookline.db.xid.age", at, 41e6 + minute * 9e3),
        Point("hookline.db.disk.free", at, 60e9 - minute * 3e7, unit="By"),
        Point("hookline.db.temp.size", at, 2e8 if minute % 11 == 0 else 0.0, unit="By"),
        Point("hookline.db.wal.bytes", at, 9e6 + minute * 1e5, {}, "sum", "By"),
        Point("postgresql.blks_hit", at, 8e5, {"db.namespace": "shop"}, "sum"),
        Point("postgresql.blks_read", at, 2e4 + 9e4 * is_stuck, {"db.namespace": "shop"}, "sum"),
        Point("postgresql.commits", at, 9e3, {"db.namespace": "shop"}, "sum"),
        Point("postgresql.rollbacks", at, 12, {"db.namespace": "shop"}, "sum"),
        Point("postgresql.replication.data_delay", at, 2e6 + 4e7 * is_stuck, {"replication_client": "10.0.0.7"}, unit="By"),
        Point("hookline.db.slot.retained", at, 5e8 + minute * 4e6, {"hookline.db.slot.name": "etl", "hookline.db.slot.active": "false"}, unit="By"),
        Point("postgresql.bgwriter.checkpoint.count", at, 1.0 if minute % 5 == 0 else 0.0, {"type": "scheduled"}, "sum"),
    ]


def _wait(name: str) -> dict[str, str]:
    return {"db.namespace": "shop", "hookline.db.wait.class": name, "hookline.db.wait.name": ""}


def _of_the_hour(start_ns: int, end_ns: int, minutes: int) -> Iterator[tuple[Signal, bytes]]:
    stuck = start_ns + int(minutes * 0.45) * 60 * NS
    tree = [
        {"pid": 4100, "blocked_by": [], "state": "idle in transaction", "application": "admin", "user": "ana", "summary": "UPDATE stock",
         "statement_hash": STATEMENTS[1][0], "transaction_s": 640.0},
        *(
            {"pid": 4101 + n, "blocked_by": [4100 if n == 0 else 4101], "state": "active", "application": "shop", "user": "app", "mode": "ShareLock",
             "summary": "UPDATE stock", "statement_hash": STATEMENTS[1][0], "relation": "stock", "waiting_s": 44.0 - n * 5, "transaction_s": 45.0}
            for n in range(5)
        ),
    ]  # fmt: skip
    of_lock = {"incident": "lock-1", "phase": "update", "root_pid": 4100, "waiting": 5, "longest_s": 44.0, "depth": 2, "tree": json.dumps(tree)}
    verdict = {
        "id": "v-1", "phase": "end", "class": "lock", "share": 0.71, "share_low": 0.64, "share_high": 0.78, "since": str(stuck),
        "until": str(stuck + 600 * NS), "certainty": 0.95, "samples": 600, "culprit": "4100", "culprit.kind": "pid",
        "text": "5 sessions wait for a row of stock that session 4100 (admin) keeps locked: it sits idle in its transaction since 10 minutes",
        "next_step": "end the transaction of session 4100: SELECT pg_terminate_backend(4100)",
        "excluded": json.dumps({"cpu": "1.4 of 4 cores", "io": "0.3 sessions read"}), "statements": json.dumps([STATEMENTS[1][0]]),
    }  # fmt: skip
    plans = [
        Told(
            DatabaseEvent.QUERY_PLAN,
            at,
            {
                "db.namespace": "shop",
                "hookline.db.statement_hash": STATEMENTS[2][0],
                "db.query.text": STATEMENTS[2][1],
                "postgresql.query_plan": json.dumps([plan]),
                "hookline.db.plan.hash": name,
                "hookline.db.plan.source": "generic",
                "hookline.db.plan.cost": plan["Plan"]["Total Cost"],
            },
        )
        for at, name, plan in ((start_ns, "aaaa1111", BETTER), (stuck, "bbbb2222", PLAN))
    ]
    yield (
        Signal.LOGS,
        of_logs(
            MAIN,
            [
                Told(DatabaseEvent.LOCK_TREE, stuck + 300 * NS, {f"hookline.db.lock.{name}": value for name, value in of_lock.items()}),
                Told(DatabaseEvent.VERDICT, stuck + 600 * NS, {f"hookline.db.verdict.{name}": value for name, value in verdict.items()}),
                Told(DatabaseEvent.SETTINGS_CHANGE, stuck - 120 * NS, {"hookline.db.setting.name": "work_mem", "hookline.db.setting.after": "64MB"}),
                *plans,
            ],
        ),
    )
    slower = {"ratio": 3.0, "before_ms": 40.0, "after_ms": 120.0, "since": stuck, "p": 1e-7}
    known = {"http.request.method": "GET", "http.route": "/orders/{id}"}
    told = {**known, **{f"hookline.route.regression.{name}": value for name, value in slower.items()}}
    yield Signal.LOGS, of_logs(SHOP, [Told(ROUTE_REGRESSION_RECORD, stuck + 240 * NS, told)], SERVICES_SCOPE)


def tell_hour(otlp_http: str, end_ns: int, minutes: int = 60) -> None:
    """Send the hour to a collector's OTLP/HTTP address."""
    for signal, body in an_hour(end_ns, minutes):
        request = urllib.request.Request(f"{otlp_http}/v1/{signal.value}", body, {"Content-Type": "application/x-protobuf"})
        urllib.request.urlopen(request, timeout=30).read()


if __name__ == "__main__":
    tell_hour(sys.argv[1].rstrip("/"), time.time_ns())
