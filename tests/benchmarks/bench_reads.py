"""How long answers take: reports, sessions, blocks, tools and usage, through the API of a real collector with the embedded engine.

Three bodies of work, made by `stored_work.py`: a person's two years (200,000 calls), a team's month (100 people, 9,000,000 calls) and, with
HOOKLINE_BENCH_LONG, a team's year (108,000,000 calls, which takes 10 GB and an hour). Every question is asked once before it is timed; what the
collector has to work out first, when such a body of work is new to it, is a figure of its own, and it adds up all days before the first is timed.

    bench_reads.py [person|month|year ...]    HOOKLINE_BENCH_PEOPLE=20 makes the team smaller
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import quantile, tell
from benchmarks.process_costs import Watched
from benchmarks.stored_work import MEMORY_BYTES, WORKS, Work, work_named
from hookline.collector_client import Client
from hookline.errors import HooklineError
from support.person import new_person
from support.running import Running, start_collector

Ask = Callable[[], object]
TITLES = {"person": "a person's two years", "month": "a team's month", "year": "a team's year"}
ANSWERS, ENOUGH_S = 20, 1.5
"""Each question is asked so often, or for so long."""
PATIENCE_S = 120.0
PATIENT = {"HOOKLINE_STORE_QUERY_MAX_S": str(PATIENCE_S - 10)}
TEAM = PATIENT | {"HOOKLINE_STORE_MAX_MEMORY_BYTES": str(MEMORY_BYTES), "HOOKLINE_STORE_QUERY_MAX_MEMORY_BYTES": str(MEMORY_BYTES // 2)}


DURING = "started >= toDateTime({since}) AND started <= toDateTime({until})"
PANELS = {
    "latency by hour and tool of a week": "SELECT toStartOfHour(started) AS at, tool, quantiles(0.5, 0.95, 0.99)(run_s) "
    "FROM tool_calls WHERE {during} GROUP BY ALL",
    "latency by day of a month in a project": "SELECT toDate(started) AS at, quantiles(0.5, 0.95, 0.99)(run_s), count() FROM tool_calls "
    "WHERE {during} AND project = 'project1' GROUP BY at",
    "calls of one person in a month": "SELECT tool, count(), quantile(0.95)(run_s) FROM tool_calls WHERE {during} AND user = 'user0' GROUP BY tool",
    "failures of a tool in a month": "SELECT toDate(started) AS at, countIf(outcome = 'failure'), count() FROM tool_calls "
    "WHERE {during} AND tool = 'Bash' GROUP BY at",
    "turns by outcome of a week": "SELECT toDate(started) AS at, outcome, count() FROM turns WHERE {during} GROUP BY ALL",
    "one session's calls": "SELECT count() FROM tool_calls WHERE session_id = (SELECT session_id FROM sessions ORDER BY last DESC LIMIT 1)",
}
"""What dashboards ask: a moment's range as their macros write it."""


def questions(client: Client, work: Work) -> Iterator[tuple[str, Ask]]:
    """Yield what people and dashboards ask, from a day to everything."""
    first, last = work.first_day, work.first_day + timedelta(days=work.days - 1)
    whole = {"since": str(first), "until": str(last)}
    day, week, month = (f"{last - timedelta(days=days - 1)}..{last}" for days in (1, 7, 30))
    for name, asked in (
        ("report of a day", {"period": day}),
        ("report of a week", {"period": week}),
        ("report of a month", {"period": month}),
        ("report of a month by user", {"period": month, "by": "user"}),
        ("sums of a month by day", {"period": month, "by": "day", "without_blocks": "true"}),
        ("report of a month of one person", {"period": month, "user": "user0"}),
        ("report of a month by agent", {"period": month, "by": "agent"}),
        ("report of a month of one agent", {"period": month, "agent": "claude-code"}),
        ("report of everything", {"period": f"{first}..{last}"}),
        ("report of everything by tool", {"period": f"{first}..{last}", "by": "tool"}),
    ):
        yield name, partial(client.ask, "GET", f"/api/v1/reports/work?{urllib.parse.urlencode(asked)}", None, PATIENCE_S)
    yield "sessions of a week", partial(client.ask, "GET", "/api/v1/sessions?days=7", None, PATIENCE_S)
    yield "sessions of all days", partial(client.ask, "GET", "/api/v1/sessions?days=3650&limit=1000", None, PATIENCE_S)
    yield "usage windows", partial(client.ask, "GET", "/api/v1/reports/windows", None, PATIENCE_S)
    yield "summary", partial(client.ask, "GET", "/api/v1/summary", None, PATIENCE_S)
    for name, sql in (
        ("work_blocks of everything", "SELECT user, count(), sum(duration_s) FROM work_blocks_between(idle_s = 300, {period}) GROUP BY user"),
        ("tools of everything", "SELECT tool, count(), quantile(0.95)(run_s), sum(wait_s) FROM tool_calls_between({period}) GROUP BY tool"),
        ("usage of everything", "SELECT model, sum(total_tokens), sum(cost_usd) FROM usage_between({period}) GROUP BY model"),
        ("turns of everything by day", "SELECT toDate(started) AS day, count(), uniq(session_id) FROM turns_between({period}) GROUP BY day"),
    ):
        bounds = "since = '{since}', until = '{until}'".format_map(whole)
        yield name, partial(client.post, "/api/v1/query", {"sql": sql.replace("{period}", bounds)}, PATIENCE_S)
    for name, sql in PANELS.items():
        moments = {"since": f"'{last - timedelta(days=6 if 'week' in name else 29)} 00:00:00'", "until": f"'{last} 23:59:59'"}
        yield name, partial(client.post, "/api/v1/query", {"sql": sql.format(during=DURING.format_map(moments))}, PATIENCE_S)


def measure(name: str, folder: Path) -> None:
    """Make the work, start a collector on it, and ask."""
    work = work_named(name)
    title = TITLES[name] if work == WORKS[name] else f"{TITLES[name]}, of {work.people} people"  # another figure than the one that is promised
    person = new_person(folder)
    subprocess.run([sys.executable, str(Path(__file__).with_name("stored_work.py")), str(person.data_dir), name], check=True)
    running = start_collector(person, TEAM if work.people > 1 else PATIENT, furnished=False)
    try:
        _measure(running, work, title)
    finally:
        running.stop()


def _measure(running: Running, work: Work, title: str) -> None:
    client, collector = running.client, Watched(running.found.pid)
    calls = int(client.post("/api/v1/query", {"sql": "SELECT count() FROM worked_calls FINAL"}, PATIENCE_S)["rows"][0][0])
    assert calls == work.all_calls, f"{calls:,} calls are there instead of {work.all_calls:,}"
    asked = list(questions(client, work))
    unanswered = [name for name, ask in asked if not _is_answered(name, ask)]
    first = collector.usage()
    tell(f"{title}: every question once, new to the collector", first.cpu_s, "CPU-s", "processor", note=f"{calls:,} calls; {first.seconds:.0f} s")
    tell(f"{title}: questions without an answer", len(unanswered), "", "size", note=", ".join(unanswered))
    collector.settle()
    slowest = max(_answers(title, name, ask, collector) for name, ask in asked if name not in unanswered)
    tell(f"{title}: the slowest answer, p95", slowest if not unanswered else PATIENCE_S * 1000, "ms")
    tell(f"{title}: resident memory of the collector", collector.rss_mb(), "MB", "size")


def _is_answered(name: str, ask: Ask) -> bool:
    try:
        ask()
    except HooklineError as why:
        print(f"{name}: {why}", file=sys.stderr)
        return False
    return True


def _answers(title: str, name: str, ask: Ask, collector: Watched) -> float:
    """Tell how long a question takes, in passed and in processor time; return the p95 in milliseconds."""
    took: list[float] = []
    collector.restart()
    begun = time.monotonic()
    while len(took) < ANSWERS and (len(took) < 2 or time.monotonic() < begun + ENOUGH_S):
        before = time.perf_counter()
        ask()
        took.append(time.perf_counter() - before)
    cpu_ms = collector.usage().cpu_s / len(took) * 1000
    tell(f"{title}: {name}, processor time", cpu_ms, "CPU-ms", "processor")
    p95 = quantile(took, 0.95) * 1000
    tell(f"{title}: {name}, p95", p95, "ms", note=f"p50 {quantile(took, 0.5) * 1000:.0f} ms, asked {len(took)} times")
    return p95


def main(names: list[str]) -> None:
    """Measure some bodies of work, or those that take minutes."""
    usual = list(TITLES) if os.environ.get("HOOKLINE_BENCH_LONG") else ["person", "month"]
    for name in names or usual:
        with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder:
            measure(name, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
