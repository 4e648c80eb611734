"""How long panels take, one by one: each panel of each dashboard through the API of a real collector, on a person's two years and a team's month.

The bodies of work are those of `stored_work.py`: calls, turns, requests and activity, without raw spans and metrics, so panels that read those answer
with nothing. Each panel is asked for all days with the interval that the server chooses, once before it is timed; the figure is its p95.

    bench_panels.py [person|month ...]    HOOKLINE_BENCH_PEOPLE=20 makes the team smaller
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench_reads import PATIENCE_S, PATIENT, TEAM, TITLES
from benchmarks.figures import quantile, tell
from benchmarks.process_costs import Watched
from benchmarks.stored_work import WORKS, Work, work_named
from hookline.collector_client import Client
from hookline.errors import HooklineError
from support.person import new_person
from support.running import start_collector

TARGET_MS = {"person": 100.0, "month": 300.0}
TIMES, ENOUGH_S = 12, 1.0
"""Each panel is asked so often, or for so long."""


def measure(name: str, folder: Path) -> None:
    """Make the work, start a collector on it, and ask every panel."""
    work = work_named(name)
    title = TITLES[name] if work == WORKS[name] else f"{TITLES[name]}, of {work.people} people"
    person = new_person(folder)
    subprocess.run([sys.executable, str(Path(__file__).with_name("stored_work.py")), str(person.data_dir), name], check=True)
    running = start_collector(person, TEAM if work.people > 1 else PATIENT, furnished=False)
    try:
        _ask_all(running.client, Watched(running.found.pid), work, title, TARGET_MS[name])
    finally:
        running.stop()


def _ask_all(client: Client, collector: Watched, work: Work, title: str, target_ms: float) -> None:
    begin = datetime.combine(work.first_day, datetime.min.time(), UTC)
    over = f"from={int(begin.timestamp() * 1000)}&to={int((begin + timedelta(days=work.days)).timestamp() * 1000)}"
    slower: list[str] = []
    client.ask("GET", f"/api/v1/sessions?days={work.days + 1}&limit=1", None, PATIENCE_S)  # everything is worked out
    for each in client.get("/api/v1/dashboards")["dashboards"]:
        page = client.get(f"/api/v1/dashboards/{each['uid']}")
        for panel in page["panels"]:
            if panel.get("targets"):
                label = f"{each['uid'].removeprefix('hookline-')} {panel['id']}: {panel['title']}"
                asked = partial(client.ask, "GET", f"/api/v1/dashboards/{each['uid']}/panels/{panel['id']}?{over}", None, PATIENCE_S)
                p95 = _p95(f"{title}: {label}", asked, collector)
                slower += [f"{label} ({p95:.0f} ms)"] if p95 > target_ms else []
    tell(f"{title}: panels slower than {target_ms:.0f} ms", len(slower), "", "size", note="; ".join(slower))


def _p95(label: str, ask: Callable[[], object], collector: Watched) -> float:
    took: list[float] = []
    try:
        ask()
        collector.restart()
        begun = time.monotonic()
        while len(took) < TIMES and (len(took) < 3 or time.monotonic() < begun + ENOUGH_S):
            before = time.perf_counter()
            ask()
            took.append(time.perf_counter() - before)
    except HooklineError as why:
        print(f"{label}: {why}", file=sys.stderr)
        return PATIENCE_S * 1000
    p95 = quantile(took, 0.95) * 1000
    tell(f"{label}, processor time", collector.usage().cpu_s / len(took) * 1000, "CPU-ms", "processor")
    tell(f"{label}, p95", p95, "ms", note=f"p50 {quantile(took, 0.5) * 1000:.0f} ms")
    return p95


def main(names: list[str]) -> None:
    """Measure some bodies of work."""
    for name in names or list(TARGET_MS):
        with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder:
            measure(name, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
