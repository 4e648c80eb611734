"""A day of a shop: its service, and ten databases that are looked at once a second, in a store as if all of it had been received.

Ten minutes of each sender go in as it sends them, as bytes of OTLP through the insert of the product; the other tens of the day are made of them in
the store, where the same by OTLP takes 20 minutes of a core. Each session and look is a row, as from an agent that adds nothing up: what Hookline's
sends is a part of that. The day ends now; hours that are over are worked out as the collector does it.

    stored_day.py FOLDER [databases [hours]]    fill the data folder of somebody who has no database yet
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stored_work import MEMORY_BYTES
from hookline.contract.databases import DatabaseEvent
from hookline.contract.services import HTTP_DURATION, SERVICES_SCOPE
from hookline.settings import Settings
from hookline_collector.rollups.database_rollups import DatabaseRollups
from hookline_collector.rollups.metric_rollups import MetricRollups
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.shop_telemetry import (
    NS,
    SHOP,
    Attributes,
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
    statements_of,
    texts_of,
)
from support.template import furnish

TEN_MINUTES_S = 600
EVERY_S = 10
"""How often figures are told, as by default."""
TOLD_AT_ONCE = 8_000
ROUTES = tuple(f"/{noun}/{{id}}{tail}" for noun in ("orders", "items", "carts", "users", "prices") for tail in ("", "/lines", "/history", "/notes"))
GAUGES: Sequence[tuple[str, float]] = (
    ("hookline.db.cores", 8),
    ("hookline.db.connections.used_percent", 31),
    ("hookline.db.transaction.oldest", 4),
    ("hookline.db.agent.age", 0.2),
    ("hookline.db.xid.age", 120_000_000),
    ("hookline.db.mxid.age", 3_000),
    ("hookline.db.disk.free", 8e10),
    ("postgresql.connection.max", 100),
    ("postgresql.backends", 31),
    ("hookline.db.replication.delay", 0.1),
)
GROWTHS = (
    "postgresql.commits",
    "postgresql.rollbacks",
    "postgresql.blks_hit",
    "postgresql.blks_read",
    "postgresql.temp_files",
    "hookline.db.wal.bytes",
)
CLASSES = ("cpu", "io", "lock", "wal", "latch", "client")
KEPT = (
    ("db_samples_state", "time + shift AS time", "time"),
    ("db_statements_state", "time + shift AS time", "time"),
    ("db_relations_state", "time + shift AS time", "time"),
    ("db_locks_state", "time + shift AS time", "time"),
    ("otel_metrics_gauge", "TimeUnix + shift AS TimeUnix, StartTimeUnix + shift AS StartTimeUnix", "TimeUnix"),
    ("otel_metrics_sum", "TimeUnix + shift AS TimeUnix, StartTimeUnix + shift AS StartTimeUnix", "TimeUnix"),
    ("otel_metrics_histogram", "TimeUnix + shift AS TimeUnix, StartTimeUnix + shift AS StartTimeUnix", "TimeUnix"),
    ("requests_state", "toDate(started + shift) AS day, started + shift AS started, concat(toString(shift), request_id) AS request_id", "started"),
)
"""Tables, what another time changes in their rows, and where that stands."""


def sent(databases: int, start_ns: int) -> Iterator[tuple[Signal, bytes]]:
    """Yield the requests of all senders in the first ten minutes."""
    for number in range(databases):
        load, resource = Load(seed=number), database(f"db-{number}", f"10.0.0.{number}")
        yield from _logs(resource, list(_records(load, start_ns)))
        yield Signal.METRICS, of_metrics(resource, list(_figures(number, start_ns)))
    spans, records = _requests(start_ns)
    yield Signal.TRACES, of_spans(SHOP, spans)
    yield from _logs(SHOP, records, SERVICES_SCOPE)
    yield Signal.METRICS, of_metrics(SHOP, list(_service(start_ns)), SERVICES_SCOPE)


def _logs(resource: Attributes, records: Sequence[Told], *scope: str) -> Iterator[tuple[Signal, bytes]]:
    for place in range(0, len(records), TOLD_AT_ONCE):
        yield Signal.LOGS, of_logs(resource, records[place : place + TOLD_AT_ONCE], *scope)


def _records(load: Load, start_ns: int) -> Iterator[Told]:
    for look in looks_at(load, start_ns, TEN_MINUTES_S):
        yield from look
    for minute in range(0, TEN_MINUTES_S, 60):
        at = start_ns + minute * NS
        yield from statements_of(load, at)
        yield from relations_of(load, at)
    yield _verdict(load, start_ns)
    yield from (_tree(start_ns + look * NS) for look in range(60, 120))


def _tree(at: int) -> Told:
    tree = '[{"pid": 4001, "blocked_by": [], "state": "idle in transaction"}, {"pid": 4002, "blocked_by": [4001], "state": "active"}]'
    of = "hookline.db.lock"
    more = {f"{of}.waiting": 1, f"{of}.longest_s": 2.5, f"{of}.depth": 1, f"{of}.tree": tree}
    return Told(DatabaseEvent.LOCK_TREE, at, {f"{of}.incident": "4001", f"{of}.phase": "update", f"{of}.root_pid": 4001} | more)


def _verdict(load: Load, start_ns: int) -> Told:
    of = "hookline.db.verdict"
    said = {f"{of}.id": f"{load.seed}-io", f"{of}.class": "io", f"{of}.phase": "update", f"{of}.share": 0.6, f"{of}.certainty": 0.9}
    more = {
        f"{of}.since": start_ns,
        f"{of}.until": start_ns + TEN_MINUTES_S * NS,
        f"{of}.samples": 600,
        f"{of}.text": "Reading took most of the time.",
    }
    return Told(DatabaseEvent.VERDICT, start_ns + TEN_MINUTES_S * NS, said | more)


def _figures(number: int, start_ns: int) -> Iterator[Point]:
    random = Random(number)
    for second in range(0, TEN_MINUTES_S, EVERY_S):
        at = start_ns + second * NS
        yield from (Point(name, at, value * random.uniform(0.9, 1.1)) for name, value in GAUGES)
        yield from (Point(name, at, random.uniform(0, 1000), of="sum") for name in GROWTHS)
        for wait in CLASSES:
            yield Point("hookline.db.sessions", at, random.uniform(0, 2), {"hookline.db.wait.class": wait, "db.namespace": "shop"})


def _service(start_ns: int) -> Iterator[Point]:
    random, bounds = Random(1), len(HTTP_DURATION.bounds)
    statements = texts_of(Load(statements=50))
    for second in range(0, TEN_MINUTES_S, EVERY_S):
        at = start_ns + second * NS
        for route in ROUTES:
            counts = [random.randrange(20) for _ in range(bounds + 1)]
            yield durations(at, route, counts, sum(counts) * 0.05)
        for digest, _, summary in statements:
            counts = [random.randrange(9) for _ in range(bounds + 1)]
            called = {"db.system.name": "postgresql", "db.query.summary": summary, "hookline.db.statement_hash": digest}
            yield Point("db.client.operation.duration", at, sum(counts) * 0.004, called, "histogram", "s", counts, HTTP_DURATION.bounds)
        yield Point("process.cpu.time", at, 3.0, {"cpu.mode": "user"}, "sum", "s")
        yield Point("process.memory.usage", at, 2e8 + second * 1e4, unit="By")
        yield Point("process.thread.count", at, 12)
        yield Point("process.unix.file_descriptor.count", at, 40)
        yield Point("hookline.loop.longest", at, random.uniform(0, 0.2), unit="s")


def _requests(start_ns: int) -> tuple[list[Served], list[Told]]:
    """Return a request that is kept every second, each third of them slow."""
    random, texts = Random(2), texts_of(Load(statements=50))
    spans, records = [], []
    for second in range(TEN_MINUTES_S):
        calls = ", ".join(
            f'{{"at_ms": {n * 8}, "ms": 7.5, "kind": "db", "system": "postgresql", "summary": "{text[2]}", "hash": "{text[0]}", "rows": 3}}'
            for n, text in enumerate(random.choices(texts, k=12))
        )
        status = 500 if second % 20 == 0 else 200
        more = {"hookline.request.calls": f"[{calls}]", "hookline.request.db.calls": 12, "hookline.request.db.time": 0.09}
        span, told = request_told(
            start_ns + second * NS, random.uniform(0.1, 3), start_ns // NS * 1_000 + second, more, route=random.choice(ROUTES), status=status
        )
        spans.append(span)
        records += [told] if second % 3 == 0 or status == 500 else []
    return spans, records


def fill(store: Store, databases: int, hours: int) -> None:
    """Store the hours up to now, and work out those that are over."""
    start_s = int(time.time()) // 60 * 60 - hours * 3600
    for place, (signal, request) in enumerate(sent(databases, start_s * NS)):
        store.insert(signal, request, f"day-{place}")
    for table, changed, when in KEPT:
        for hour in range(hours):
            shifts = [ten * TEN_MINUTES_S for ten in range(hour * 6, hour * 6 + 6) if ten]
            first = f"SELECT * FROM {table} WHERE {when} < fromUnixTimestamp64Nano({(start_s + TEN_MINUTES_S) * NS})"
            store.command(f"INSERT INTO {table} SELECT * REPLACE({changed}) FROM ({first}) ARRAY JOIN {shifts} AS shift")
    store.secure()
    for rollups in (DatabaseRollups(store, time.time), MetricRollups(store, time.time)):
        while rollups.catch_up():
            pass


def main(folder: str, databases: int = 10, hours: int = 24) -> None:
    """Fill a data folder."""
    furnish(Path(folder))
    settings = Settings(data_dir=Path(folder))
    store = Store.open(replace(settings, store=replace(settings.store, max_memory_bytes=MEMORY_BYTES)))
    try:
        fill(store, databases, hours)
    finally:
        store.close()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
