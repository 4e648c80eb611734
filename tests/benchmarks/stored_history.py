"""Histories in full, kept between runs: years of a person or a team's month, with all that is told beside the work.

Making one takes minutes, so that it is kept in `~/.cache/hookline-benchmark-stores/`, a folder for each: under its name, how many people it has, and
a hash of the programs that made it. One that was made by others is removed. Its days are counted from the day it was made; whoever asks keeps
everything (`support.running.KEPT_FOR_EVER`) and asks from `first_day`. Another schema, or other rules, make it anew.

    stored_history.py NAME    make it, or say where it is; NAME is one of stored_work.WORKS
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import moved_rows, stored_telemetry, stored_work
from benchmarks.moved_rows import move_earlier
from benchmarks.stored_work import COPIED, INSERT_TIMEOUT_S, MEMORY_BYTES, Work, do_work, more_people, work_named, work_out
from hookline.settings import load
from hookline_collector import worked_out
from hookline_collector.store import Store, schema
from hookline_collector.work import load_prices, publish
from support.person import new_person
from support.running import KEPT_FOR_EVER
from support.template import furnish

STORES = "HOOKLINE_BENCH_STORES"
"""In the environment: where stores are kept instead."""
DESCRIPTION = "made.json"
WEEKS_DAYS = 56
"""What is worked out of so many days is what all the others have: as often as that goes into all days."""
MERGED_BY_A_DAY = """SELECT name FROM system.tables
WHERE database = currentDatabase() AND create_table_query LIKE '%min_age_to_force_merge_on_partition_only = 1%' ORDER BY name"""
MARKED_SESSIONS = """SELECT f.* REPLACE (w.made_of AS mark) FROM sessions_state AS f FINAL
INNER JOIN (SELECT session_id, made_of FROM worked_sessions FINAL) AS w ON w.session_id = f.session_id"""


@dataclass(frozen=True, slots=True)
class History:
    """A kept store: in whose home it is, what was done, and on which days."""

    home: Path
    work: Work
    first_day: date

    @property
    def last_day(self) -> date:
        """The last day of work."""
        return self.first_day + timedelta(days=self.work.days - 1)


def kept(name: str) -> History:
    """Return the history of that name; it is made when there is none by these programs."""
    work = work_named(name)
    place = stores_folder() / f"{name}-{work.people}-{makers()}"
    if not (place / DESCRIPTION).is_file():
        for other in stores_folder().glob(f"{name}-{work.people}-*"):
            shutil.rmtree(other)
        _make(place, work)
    made = json.loads((place / DESCRIPTION).read_text())
    return History(place, work, date.fromisoformat(made["first_day"]))


def stores_folder() -> Path:
    """Return where stores are kept."""
    chosen = os.environ.get(STORES)
    return Path(chosen) if chosen else Path.home() / ".cache" / "hookline-benchmark-stores"


def makers() -> str:
    """Return a hash of the programs that make a history, and of those that work out what it is of: others would look for facts that were left out."""
    files = [Path(moved_rows.__file__), Path(stored_work.__file__), Path(stored_telemetry.__file__), Path(__file__)]
    files += sorted((Path(__file__).parent / "sql").glob("*.sql"))
    files += sorted((Path(schema.__file__).parent / "sql").rglob("*.sql")) + sorted(Path(worked_out.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _make(place: Path, work: Work) -> None:
    data, begun, first_day = new_person(place).data_dir, time.monotonic(), work.first_day
    furnish(data)
    settings = load({"data_dir": str(data)}, {**os.environ, **KEPT_FOR_EVER}).settings
    roomy = replace(settings.store, max_memory_bytes=MEMORY_BYTES, insert_timeout_s=INSERT_TIMEOUT_S)
    store = Store.open(replace(settings, store=roomy))
    try:
        fill(store, work)
    finally:
        store.close()
    told = {"first_day": str(first_day), "seconds": round(time.monotonic() - begun), "cpu_s": round(time.process_time())}
    (place / DESCRIPTION).write_text(json.dumps(told))


def fill(store: Store, work: Work) -> None:
    """Let the first person work and be told of in the last weeks, and then do the same in all weeks before; then all others."""
    near = replace(work, days=min(work.days, WEEKS_DAYS))
    steps = (
        ("work", lambda: do_work(store, near)),
        ("prices", lambda: publish(load_prices(None), store.query, store.command)),
        ("worked out", lambda: work_out(store)),
        ("told by its agent", lambda: stored_telemetry.tell_of_work(store, near)),
        ("worked out again", lambda: work_out(store)),
        ("machines", lambda: stored_telemetry.tell_of_machines(store, near)),
        ("weeks before", lambda: _weeks_before(store, work.days // near.days - 1)),
        ("limits and alerts", lambda: stored_telemetry.tell_of_limits_and_alerts(store, work)),
        ("service", lambda: stored_telemetry.tell_of_service(store, work)),
        ("more people", lambda: more_people(store, work)),
        ("told by theirs", lambda: stored_telemetry.more_told(store, work)),
        ("clients' times", lambda: stored_telemetry.time_clients(store, work)),
        ("a day goes by", lambda: _merge_as_a_day_does(store)),
    )
    for name, step in steps:
        begun = time.process_time()
        step()
        print(f"{name}: {time.process_time() - begun:.0f} CPU-s", file=sys.stderr, flush=True)
    without = [table for table in (f"worked_{name}" for name in COPIED) if not store.query(f"SELECT count() FROM {table}").scalar()]
    assert not without, f"nothing is in {', '.join(without)}: panels and pages about that would be measured on nothing"


def _merge_as_a_day_does(store: Store) -> None:
    """Merge every partition of the tables in which the engine does so when nothing came to one for a day."""
    for (table,) in store.query(MERGED_BY_A_DAY):
        store.command(f"OPTIMIZE TABLE {table} FINAL SETTINGS optimize_skip_merged_partitions = 1")


def _weeks_before(store: Store, times: int) -> None:
    """Write what the last weeks have once more for those before, so many times."""
    if times < 1:
        return
    move_earlier(store, "sessions_state", WEEKS_DAYS, times, MARKED_SESSIONS)
    for table in (*(f"worked_{name}" for name in COPIED if name != "sessions"), "worked_sessions", "metric_rollup_hours", "otel_metrics_1h"):
        move_earlier(store, table, WEEKS_DAYS, times)
    for table in ("otel_traces", "otel_logs"):
        move_earlier(store, table, WEEKS_DAYS, times)


if __name__ == "__main__":
    print(kept(sys.argv[1]))
