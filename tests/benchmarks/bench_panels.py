"""How long panels and pages take, one by one: each panel of each dashboard about work, and each question that a page asks, through the API of a real
collector with the embedded engine, over a person's two years with ten million spans and over a team's month of 100 people.

The histories are those of `stored_history.py`: they are made once, in minutes, and kept. A panel is asked for the whole history, and for its last
day, which is read in other ways; with the interval that the server chooses. Each is asked once before it is timed. The figure is the p95; beside it
stands the processor time of the collector, engine and all, which says more where other work shares the machine. What is slower than it may be is
named at the end.
Services and databases have a benchmark of their own.

    bench_panels.py [person|month ...]    HOOKLINE_BENCH_PEOPLE=20 makes the team smaller
"""

from __future__ import annotations

import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench_reads import PATIENCE_S, PATIENT, TEAM, TITLES
from benchmarks.figures import quantile, tell
from benchmarks.process_costs import Watched
from benchmarks.stored_history import History, kept
from benchmarks.stored_work import WORKS
from hookline.collector_client import Client
from hookline.errors import HooklineError
from support.person import new_person
from support.running import KEPT_FOR_EVER, start_collector

TARGET_MS = {"person": 100.0, "month": 300.0}
TIMES, ENOUGH_S, ALWAYS = 25, 2.5, 3
"""Each is asked so often, or for so long, but not less than this."""
ELSEWHERE = ("hookline-services", "hookline-databases")
QUIET = {"HOOKLINE_COLLECTOR_SELF_METRICS_S": "0", "HOOKLINE_SESSIONS_REBUILD_DAYS": "0"}
"""A history that is kept stays as it was made."""
DRAWN = "limit=5000&columns=720"
Ask = Callable[[], object]


@dataclass(slots=True)
class Slow:
    """What was slower than it may be: by the clock, and by processor time."""

    target_ms: float
    by_clock: list[str] = field(default_factory=list)
    by_processor: list[str] = field(default_factory=list)

    def note(self, label: str, p95_ms: float, cpu_ms: float) -> None:
        """Take what was measured of one."""
        if p95_ms > self.target_ms:
            self.by_clock.append(f"{label} ({p95_ms:.0f} ms)")
        if cpu_ms > self.target_ms:
            self.by_processor.append(f"{label} ({cpu_ms:.0f} CPU-ms)")

    def tell(self, title: str, what: str) -> None:
        """Name and count them."""
        tell(f"{title}: {what} slower than {self.target_ms:.0f} ms", len(self.by_clock), "", "size", note="; ".join(self.by_clock))
        tell(f"{title}: {what} above {self.target_ms:.0f} CPU-ms", len(self.by_processor), "", "size", note="; ".join(self.by_processor))


def measure(name: str) -> None:
    """Start a collector on the history, and ask everything."""
    history = kept(name)
    title = TITLES[name] if history.work == WORKS[name] else f"{TITLES[name]}, of {history.work.people} people"
    of_work = TEAM if history.work.people > 1 else PATIENT
    running = start_collector(new_person(history.home), of_work | KEPT_FOR_EVER | QUIET, furnished=False)
    try:
        client, collector = running.client, Watched(running.found.pid)
        client.ask("GET", f"/api/v1/sessions?days={_days_ago(history.first_day)}&limit=1", None, PATIENCE_S)  # everything is worked out
        collector.settle()
        for what, asked in (("panels", panels(client, history)), ("page statements", page_statements(client, history))):
            slow = Slow(TARGET_MS[name])
            for label, ask in asked:
                slow.note(label, *_measured(f"{title}: {label}", ask, collector))
            slow.tell(title, what)
    finally:
        running.stop()


def panels(client: Client, history: History) -> Iterator[tuple[str, Ask]]:
    """Yield every panel, over all of the history and over its last day."""
    ranges = {"": _over(history.first_day, history.last_day), ", a day": _over(history.last_day, history.last_day)}
    for each in client.get("/api/v1/dashboards")["dashboards"]:
        if each["uid"] in ELSEWHERE:
            continue
        for panel in client.get(f"/api/v1/dashboards/{each['uid']}")["panels"]:
            if panel.get("targets"):
                for words, over in ranges.items():
                    label = f"{each['uid'].removeprefix('hookline-')} {panel['id']}: {panel['title']}{words}"
                    yield label, _get(client, f"dashboards/{each['uid']}/panels/{panel['id']}?{over}")


def page_statements(client: Client, history: History) -> Iterator[tuple[str, Ask]]:
    """Yield what the pages ask beside panels, each with the page that asks it first."""
    last = history.last_day
    day, week, month, all_days = (f"{begin}..{last}" for begin in (last, last - timedelta(days=6), last - timedelta(days=41), history.first_day))
    [session] = client.get(f"/api/v1/sessions?days={_days_ago(last)}&limit=1")["sessions"]
    of_session = f"sessions/{session['session_id']}"
    yield from (
        ("Today: summary", _get(client, "summary")),
        ("Today: what is usual", _get(client, "usual?timezone=UTC")),
        ("Today: limits", _get(client, "reports/windows?days=8&running=true")),
        ("Today: a day's report", _get(client, f"reports/work?period={day}&without_blocks=true")),
        ("Today: a day's band", _get(client, f"bands?period={day}&{DRAWN}")),
        ("Live: what goes on", _get(client, "live")),
        ("Work time: a week's calendar", _get(client, f"reports/calendar?period={week}&round_s=0")),
        ("Work time: a week's band", _get(client, f"bands?period={week}&limit=20000&columns=2016&without_blocks=true")),
        ("Work time: six weeks' report", _get(client, f"reports/work?period={month}&by=day&without_blocks=true")),
        ("Today: all days' report", _get(client, f"reports/work?period={all_days}&without_blocks=true")),
        ("Sessions: a week", _get(client, f"sessions?days={_days_ago(last - timedelta(days=6))}&limit=50")),
        ("Sessions: all", _get(client, f"sessions?days={_days_ago(history.first_day)}&limit=50")),
        ("Sessions: a search in all", _get(client, f"sessions?days={_days_ago(history.first_day)}&limit=50&search=project1")),
        ("Session: itself", _get(client, of_session)),
        ("Session: its spans", _get(client, f"{of_session}/spans")),
        ("Alerts: now", _get(client, "alerts")),
        ("Alerts: deliveries", _get(client, "deliveries")),
        ("Status", _get(client, "status")),
    )
    over = _over(history.first_day, last)
    for uid in ("latency", "resources", "work", "sessions", "alerts"):
        yield f"{uid}: values of its filters", _get(client, f"dashboards/hookline-{uid}/variables?{over}")


def _get(client: Client, path: str) -> Ask:
    return partial(client.ask, "GET", f"/api/v1/{path}", None, PATIENCE_S)


def _over(first: date, last: date) -> str:
    begin, end = (int(datetime.combine(day, datetime.min.time(), UTC).timestamp() * 1000) for day in (first, last + timedelta(days=1)))
    return urllib.parse.urlencode({"from": begin, "to": end})


def _days_ago(day: date) -> int:
    """Return how many days a question of the last days must ask for, to reach this one."""
    return (datetime.now(UTC).date() - day).days + 1


def _measured(label: str, ask: Ask, collector: Watched) -> tuple[float, float]:
    """Tell what an answer takes; return its p95 and its processor time, in milliseconds."""
    took: list[float] = []
    try:
        ask()
        collector.restart()
        begun = time.monotonic()
        while len(took) < TIMES and (len(took) < ALWAYS or time.monotonic() < begun + ENOUGH_S):
            before = time.perf_counter()
            ask()
            took.append(time.perf_counter() - before)
    except HooklineError as why:
        print(f"{label}: {why}", file=sys.stderr)
        return PATIENCE_S * 1000, PATIENCE_S * 1000
    cpu_ms, p95_ms = collector.usage().cpu_s / len(took) * 1000, quantile(took, 0.95) * 1000
    tell(f"{label}, processor time", cpu_ms, "CPU-ms", "processor")
    tell(f"{label}, p95", p95_ms, "ms", note=f"p50 {quantile(took, 0.5) * 1000:.0f} ms")
    return p95_ms, cpu_ms


def main(names: list[str]) -> None:
    """Measure some histories."""
    for name in names or list(TARGET_MS):
        measure(name)


if __name__ == "__main__":
    main(sys.argv[1:])
