"""What questions about work cost before there is anything to read, and what the derived tables add to an insert.

How long answers take over years of work, `bench_reads.py` measures.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from benchmarks.figures import tell
from hookline.export.sdk import make_scope, to_sdk_span
from hookline.records import SpanRecord
from hookline.settings import Settings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, report, today_summary
from support.agent_records import call, resource, span, turn

EVENING_NS = 1_789_416_000_000_000_000  # 2026-09-14T20:00:00Z
BATCH, SMALL_INSERTS = 20_000, 40


def main() -> None:
    """Measure and tell."""
    folder = Path(tempfile.mkdtemp(prefix="hookline-bench-"))
    try:
        store = Store.open(Settings(data_dir=folder))
        measure_planning(store)
        measure_inserts(store)
        store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def least(act: Callable[[], object], times: int = 2) -> float:
    """Return the least processor time of several measurements, of all threads."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        act()
        taken.append(time.process_time() - begun)
    return min(taken)


def measure_planning(store: Store) -> None:
    """What questions cost before there is anything to read."""
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
        tell(f"planning {name}, nothing in store", least(act) * 1000, "CPU-ms", "processor")


def measure_inserts(store: Store) -> None:
    """What inserts of spans cost that nothing is derived from, of agents' spans, and of very few."""
    foreign = [span(f"GET /{n % 50}", str(n), n, n + 1, session="") for n in range(BATCH)]
    agents: list[SpanRecord] = [call(f"c{n}", n, n + 1, session=f"s{n % 200}", prompt=f"p{n % 2000}") for n in range(BATCH * 9 // 10)]
    agents += [turn(n, n + 9, session=f"s{n % 200}", prompt=f"p{n}") for n in range(BATCH // 10)]
    for name, body in {"foreign": encoded(foreign, "shop"), "agents'": encoded(agents, "hookline.agent")}.items():
        taken = least(partial(insert, store, body))
        tell(f"insert of {BATCH:,} {name} spans", BATCH / taken, "spans/CPU-s", "processor", "more")
    small = encoded(agents[:3], "hookline.agent")
    begun = time.process_time()
    for _ in range(SMALL_INSERTS):
        insert(store, small)
    tell("insert of 3 agents' spans", (time.process_time() - begun) / SMALL_INSERTS * 1000, "CPU-ms", "processor", note="merges included")


def insert(store: Store, body: bytes) -> None:
    """Insert spans under a token of their own."""
    store.insert(Signal.TRACES, body, str(time.time_ns()))


def encoded(spans: list[SpanRecord], scope: str) -> bytes:
    """Spans as one export request."""
    return encode_spans([to_sdk_span(each, resource(), make_scope(scope)) for each in spans]).SerializeToString()


if __name__ == "__main__":
    main()
