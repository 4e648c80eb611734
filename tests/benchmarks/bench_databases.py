"""A day of a shop and ten databases that are looked at once a second: how many bytes it takes, and how long answers and panels about it take.

The day is that of `stored_day.py`.

    bench_databases.py [databases [hours]]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import quantile, tell
from benchmarks.process_costs import Watched
from hookline.collector_client import Client
from hookline.settings import Settings
from hookline_collector.store import Store
from support.person import new_person
from support.running import start_collector

TIMES = 25
TABLES = (
    *(f"db_{name}_state" for name in ("samples", "statements", "relations")),
    *("db_load_1m", "db_busy_1m", "db_classes_1m", "db_classes_1h", "db_load_1h", "db_statements_1h", "db_relations_1h"),
    *("otel_metrics_gauge", "otel_metrics_histogram", "otel_metrics_minutes", "otel_metrics_1h", "requests_state", "request_statements"),
)
SIZES = "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE database = 'hookline' AND active AND rows > 0 GROUP BY table"
DASHBOARDS = ("hookline-databases", "hookline-services")
Ask = Callable[[], object]


def paths(client: Client, period: str) -> Iterator[str]:
    """Yield every question about services and databases."""
    statement = client.get(f"/api/v1/databases/db-0/statements?{period}")["statements"][0]["statement_hash"]
    request = client.get(f"/api/v1/services/shop/slow?{period}")["slow_requests"][0]["request_id"]
    of_statement = f"statement_hash={statement}"
    yield "databases"
    yield "databases/db-0"
    yield from (f"databases/db-0/{name}" for name in ("statements", "locks", "plans", "verdicts", "forecasts", "live"))
    yield from (f"databases/db-0/{name}&{of_statement}" for name in ("statements?order=load", "plans?with_plan=true"))
    yield from ("services", "services/shop", "services/shop/slow", f"services/shop/slow?{of_statement}", f"requests/{request}")


def ask_all(client: Client, collector: Watched, hours: int) -> None:
    """Ask for each answer about all of it, and for each panel."""
    period = f"period={hours + 1}h"
    client.get(f"/api/v1/services?{period}")
    answers = [
        _timed(
            f"a day of ten databases: {path.split('hash=')[0]}",
            partial(client.get, f"/api/v1/{path}{'&' if '?' in path else '?'}{period}"),
            collector,
        )
        for path in paths(client, period)
    ]
    tell("any answer, a day of ten databases, p95", max(answers), "ms")
    until_ms = int(time.time() * 1000)
    over = f"from={until_ms - (hours + 1) * 3_600_000}&to={until_ms}"
    slower = 0
    for uid in DASHBOARDS:
        for panel in client.get(f"/api/v1/dashboards/{uid}")["panels"]:
            if panel.get("targets"):
                asked = partial(client.get, f"/api/v1/dashboards/{uid}/panels/{panel['id']}?{over}")
                slower += _timed(f"a day of ten databases: panel {panel['title']}", asked, collector) > 100
    tell("a day of ten databases: panels slower than 100 ms", slower, "", "size")


def _timed(label: str, ask: Ask, collector: Watched) -> float:
    """Tell what an answer costs; return its p95 in milliseconds."""
    ask()
    took = []
    collector.restart()
    for _ in range(TIMES):
        before = time.perf_counter()
        ask()
        took.append(time.perf_counter() - before)
    p95 = quantile(took, 0.95) * 1000
    tell(f"{label}, processor time", collector.usage().cpu_s / TIMES * 1000, "CPU-ms", "processor")
    tell(f"{label}, p95", p95, "ms", note=f"p50 {quantile(took, 0.5) * 1000:.0f} ms")
    return p95


def tell_sizes(folder: Path, databases: int, hours: int) -> None:
    """Tell how many bytes the tables take; people's questions may not ask that, so it is asked before a collector runs."""
    store = Store.open(Settings(data_dir=folder))
    try:
        sizes = {table: (rows, size) for table, rows, size in store.query(SIZES).rows}
    finally:
        store.close()
    for table in TABLES:
        rows, size = sizes.get(table, (0, 0))
        tell(f"{databases} databases for {hours} h: {table}", size / 1e6, "MB", "size", note=f"{rows:,} rows")


def main(databases: int = 10, hours: int = 24) -> None:
    """Fill a store, and ask a collector about it."""
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder:
        person = new_person(Path(folder))
        made_by = Path(__file__).with_name("stored_day.py")
        subprocess.run([sys.executable, str(made_by), str(person.data_dir), str(databases), str(hours)], check=True)
        tell_sizes(person.data_dir, databases, hours)
        running = start_collector(person, furnished=False)
        try:
            ask_all(running.client, Watched(running.found.pid), hours)
        finally:
            running.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
