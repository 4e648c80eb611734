"""A day of ten databases that are looked at once a second: how many bytes it takes, and how long the API takes to answer about it.

Ten minutes of each database go in as its agent sends them, as bytes of OTLP; the other 143 tens of the day are made of them in the store. Each
session and look is a row, as from an agent that adds nothing up: what the agent of Hookline sends is a part of that.

    bench_databases.py [databases [hours]]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import quantile, tell
from benchmarks.process_costs import Watched
from hookline.collector_client import Client
from hookline.settings import Settings
from hookline_collector.rollups.database_rollups import DatabaseRollups
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.person import new_person
from support.running import start_collector
from support.shop_telemetry import NS, Load, database, looks_at, of_logs, relations_of, statements_of
from support.template import furnish

TEN_MINUTES_S = 600
TIMES = 12
TABLES = ("db_samples_state", "db_statements_state", "db_relations_state", "db_load_1m", "db_statements_1h", "db_relations_1h")
PATHS = (
    "databases",
    "databases/db-0",
    "databases/db-0/statements",
    "databases/db-0/statements?order=load&statement_hash=",
    "databases/db-0/locks",
    "databases/db-0/plans",
    "databases/db-0/verdicts",
    "databases/db-0/forecasts",
    "services",
)


def fill(data_dir: Path, databases: int, hours: int) -> None:
    """Store the hours that ended with the last whole one."""
    store = Store.open(Settings(data_dir=data_dir))
    end_s = int(time.time()) // 3600 * 3600
    start_ns = (end_s - hours * 3600) * NS
    for number in range(databases):
        load, resource = Load(seed=number), database(f"db-{number}", f"10.0.0.{number}")
        samples = [each for look in looks_at(load, start_ns, TEN_MINUTES_S) for each in look]
        minutes = [start_ns + minute * 60 * NS for minute in range(10)]
        records = [*samples, *(each for at in minutes for each in (*statements_of(load, at), *relations_of(load, at)))]
        for place in range(0, len(records), 8_000):
            store.insert(Signal.LOGS, of_logs(resource, records[place : place + 8_000]), f"bench-{number}-{place}")
    for table in ("db_samples_state", "db_statements_state", "db_relations_state"):
        for hour in range(hours):
            shifts = [ten * TEN_MINUTES_S for ten in range(hour * 6, hour * 6 + 6) if ten]
            begun = f"fromUnixTimestamp64Nano({start_ns + TEN_MINUTES_S * NS})"
            store.command(
                f"INSERT INTO {table} SELECT * REPLACE(time + shift AS time) "
                f"FROM (SELECT * FROM {table} WHERE time < {begun}) ARRAY JOIN {shifts} AS shift"
            )
    store.secure()
    rollups = DatabaseRollups(store, time.time)
    while rollups.catch_up():
        pass
    for table in TABLES:
        store.command(f"OPTIMIZE TABLE {table} FINAL")
        ((rows, size),) = store.query(
            "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase() AND active AND table = {t:String}",
            {"t": table},
        ).rows
        tell(f"{databases} databases for {hours} h: {table}", size / 1e6, "MB", "size", note=f"{rows:,} rows")
    store.close()


def ask_all(client: Client, collector: Watched, hours: int) -> None:
    """Ask for each answer about all of it."""
    for path in PATHS:
        question = f"/api/v1/{path}{'&' if '?' in path else '?'}period={hours + 1}h"
        _timed(f"a day of ten databases: {path}", partial(client.get, question), collector)
    page = client.get("/api/v1/dashboards/hookline-databases")
    now_ms = int(time.time() * 1000)
    for panel in page["panels"]:
        if panel.get("targets"):
            asked = f"/api/v1/dashboards/hookline-databases/panels/{panel['id']}?from={now_ms - (hours + 1) * 3_600_000}&to={now_ms}"
            _timed(f"a day of ten databases: panel {panel['title']}", partial(client.get, asked), collector)


def _timed(label: str, ask: Callable[[], object], collector: Watched) -> None:
    ask()
    took = []
    collector.restart()
    for _ in range(TIMES):
        before = time.perf_counter()
        ask()
        took.append(time.perf_counter() - before)
    cpu_ms = collector.usage().cpu_s / TIMES * 1000
    tell(f"{label}, processor time", cpu_ms, "CPU-ms", "processor")
    tell(f"{label}, p95", quantile(took, 0.95) * 1000, "ms", note=f"p50 {quantile(took, 0.5) * 1000:.0f} ms")


def main(databases: int = 10, hours: int = 24) -> None:
    """Fill a store, and ask a collector about it."""
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder:
        person = new_person(Path(folder))
        furnish(person.data_dir)
        subprocess.run([sys.executable, __file__, "fill", str(person.data_dir), str(databases), str(hours)], check=True)
        running = start_collector(person, furnished=False)
        try:
            ask_all(running.client, Watched(running.found.pid), hours)
        finally:
            running.stop()


if __name__ == "__main__":
    if sys.argv[1:2] == ["fill"]:
        fill(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*map(int, sys.argv[1:]))
