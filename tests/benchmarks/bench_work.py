"""What work time costs: cutting a month into blocks, the reports of a team, and what the derived tables add to an insert.

`python tests/benchmarks/bench_work.py [people]` prints one table. A month of 100 people is 9,000,000 intervals in 60,000 sessions, laid
down as the views lay them, ten to a prompt; the smaller month holds 100 prompts a day and person with a wait and a subagent each: 900,000.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from hookline.export.sdk import make_scope, to_sdk_span
from hookline.records import SpanRecord
from hookline.settings import Settings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, report, today_summary
from support.agent_records import call, resource, span, turn

EVENING_NS = 1_789_416_000_000_000_000  # 2026-09-14T20:00:00Z
BATCH = 20_000
MEMORY_BYTES = 4 * 1024**3  # a team's server; a laptop holds one person's month


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    folder = Path(tempfile.mkdtemp(prefix="hookline-bench-"))
    line("promise", "target", "measured")
    try:
        settings = Settings(data_dir=folder)
        store = Store.open(replace(settings, store=replace(settings.store, max_memory_bytes=MEMORY_BYTES)))
        measure_planning(store)
        measure_inserts(store)
        measure_blocks(store, people, intervals=10, prompts=15)
        measure_blocks(store, people, intervals=3, prompts=5)
        measure_reports(store, people)
        store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def line(promise: str, target: str, measured: str) -> None:
    """Print one row."""
    print(f"{promise:<78} {target:>10} {measured:>20}", flush=True)


def seconds(act: Callable[[], object], times: int = 3) -> float:
    """Return the least of several measurements."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def both(act: Callable[[], object], times: int = 3) -> str:
    """Measure the time that passes and the processor's, which other work on the machine disturbs less."""
    cpu: list[float] = []

    def timed() -> None:
        begun = time.process_time()
        act()
        cpu.append(time.process_time() - begun)

    return f"{seconds(timed, times):.2f} s, {min(cpu):.2f} CPU"


def measure_planning(store: Store) -> None:
    """What questions cost before there is anything to read: the processor's time of all threads."""
    day = "since = '2026-09-14', until = '2026-09-14'"
    asked: dict[str, Callable[[], object]] = {
        "a report": partial(report, store.query, ReportRequest(), EVENING_NS),
        "today_summary": partial(today_summary, store.query, EVENING_NS),
        "activity of a day": partial(store.query, f"SELECT * FROM activity_between({day})"),
        "work_blocks of a day": partial(store.query, f"SELECT * FROM work_blocks_between(idle_s = 300, {day})"),
        "turns of a day": partial(store.query, f"SELECT * FROM turns_between({day})"),
        "tool_calls of a day": partial(store.query, f"SELECT * FROM tool_calls_between({day})"),
        "usage of a day": partial(store.query, f"SELECT * FROM usage_between({day})"),
    }
    for name, act in asked.items():
        line(f"planning {name}, nothing in store", "", both(act, 5))


def measure_blocks(store: Store, people: int, intervals: int, prompts: int) -> None:
    """Cut a month, a day and everything."""
    store.command("TRUNCATE TABLE activity_state")
    for person in range(people):
        store.command(sql("month_of_activity"), {"person": person, "intervals": intervals, "prompts": prompts})
    store.command("OPTIMIZE TABLE activity_state FINAL")
    rows = store.query("SELECT count() FROM activity_state").scalar()
    month = "work_blocks_between(idle_s = 300, since = '2026-09-01', until = '2026-09-30')"
    day = "work_blocks_between(idle_s = 300, since = '2026-09-14', until = '2026-09-14')"
    for name, source, target in (("a month", month, "~1 s"), ("a day", day, ""), ("everything", "work_blocks(idle_s = 300)", "")):
        line(f"work_blocks over {name} of {people} people, {rows:,} intervals", target, both(partial(store.query, f"SELECT count() FROM {source}")))


def measure_reports(store: Store, people: int) -> None:
    """Ask for the reports that people ask for."""
    for person in range(people):
        store.command(sql("month_of_calls"), {"person": person})
        store.command(sql("month_of_sessions"), {"person": person})
    calls = store.query("SELECT count() FROM tool_calls_state").scalar()
    line(f"today_summary of {people} people, {calls:,} calls in store", "", both(partial(today_summary, store.query, EVENING_NS)))
    for period, user in (("today", "user7"), ("week", "user7"), ("month", "user7"), ("today", ""), ("month", "")):
        asked = partial(report, store.query, ReportRequest(period=period, user=user), EVENING_NS)
        line(f"report {period} of {user or 'everybody'}", "", both(asked, 1))


def measure_inserts(store: Store) -> None:
    """Compare inserts with and without the derived tables behind them."""
    foreign = [span(f"GET /{n % 50}", str(n), n, n + 1, session="") for n in range(BATCH)]
    agents: list[SpanRecord] = [call(f"c{n}", n, n + 1, session=f"s{n % 200}", prompt=f"p{n % 2000}") for n in range(BATCH * 9 // 10)]
    agents += [turn(n, n + 9, session=f"s{n % 200}", prompt=f"p{n}") for n in range(BATCH // 10)]
    bodies = {"foreign": encoded(foreign, "shop"), "agents'": encoded(agents, "hookline.agent")}
    bare = {}
    with_views = {name: insert_rate(store, name, body) for name, body in bodies.items()}
    for view in ("agent_spans_mv", "agent_logs_mv"):
        store.command(f"DETACH TABLE {view}")
    bare = {name: insert_rate(store, f"bare {name}", body) for name, body in bodies.items()}
    for view in ("agent_spans_mv", "agent_logs_mv"):
        store.command(f"ATTACH TABLE {view}")
    for name, rate in with_views.items():
        line(f"insert of {BATCH:,} {name} spans, without derived tables", "", f"{bare[name]:,.0f}/s")
        line(f"insert of {BATCH:,} {name} spans, with derived tables", "", f"{rate:,.0f}/s")
    small = encoded(agents[:3], "hookline.agent")
    line("insert of 3 agents' spans", "", f"{seconds(lambda: store.insert(Signal.TRACES, small, str(time.time_ns())), 20) * 1e3:.0f} ms")


def insert_rate(store: Store, name: str, body: bytes) -> float:
    """Return spans a second, the best of five."""
    return BATCH / seconds(lambda: store.insert(Signal.TRACES, body, f"{name}-{time.time_ns()}"), 5)


def encoded(spans: list[SpanRecord], scope: str) -> bytes:
    """Spans as one export request."""
    return encode_spans([to_sdk_span(each, resource(), make_scope(scope)) for each in spans]).SerializeToString()


def sql(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


if __name__ == "__main__":
    main()
