"""Work that was done long ago, made fast: years of a person, months of a team, in the store as if it had been received.

The first person's rows go where the relay's spans and records come past on their way to everything that is derived from them (`agent_spans`,
`agent_logs`), so that the product's own views make the facts, and the product works them out; the spans and records themselves, which no report
reads, are not stored. What more people did is copied from what was worked out, each row under ids of its own. Of their facts the store has the
sessions' rows, with the marks of all: so nothing is worked out again, and answers are what they would be if each had been received.

    stored_work.py FOLDER NAME    fill the data folder of somebody who has no database yet; NAME is one of WORKS
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hookline.settings import Settings
from hookline_collector.store import Store
from hookline_collector.work import load_prices, publish
from hookline_collector.worked_out import WorkedStore
from support.template import furnish

MEMORY_BYTES = 4 * 1024**3
SQL = Path(__file__).parent / "sql"
PORTION_CALLS, PEOPLE_AT_ONCE = 500_000, 10
COPIED = ("calls", "turns", "requests", "parts", "clocks", "spells", "sessions")
INSERT_TIMEOUT_S = 1800.0
PEOPLE = "HOOKLINE_BENCH_PEOPLE"
"""In the environment: how many people a team has, where disk or time do not suffice for a hundred."""


@dataclass(frozen=True, slots=True)
class Work:
    """How much of it there is: people, days until yesterday, and what each person does on each."""

    people: int
    days: int
    sessions: int
    prompts: int
    calls: int
    calls_a_request: int

    @property
    def all_calls(self) -> int:
        """How many tool calls that makes."""
        return self.people * self.days * self.calls_a_day

    @property
    def calls_a_day(self) -> int:
        """A person's tool calls of one day."""
        return self.sessions * self.prompts * self.calls

    @property
    def first_day(self) -> date:
        """The day on which it began; yesterday is the last one."""
        return datetime.now(UTC).date() - timedelta(days=self.days)


WORKS = {
    "person": Work(people=1, days=728, sessions=8, prompts=5, calls=7, calls_a_request=1),
    "months": Work(people=1, days=60, sessions=8, prompts=5, calls=7, calls_a_request=1),
    "month": Work(people=100, days=30, sessions=20, prompts=15, calls=10, calls_a_request=3),
    "year": Work(people=100, days=365, sessions=20, prompts=15, calls=10, calls_a_request=3),
}


def work_named(name: str) -> Work:
    """Return one of WORKS, with as many people as the environment says."""
    work = WORKS[name]
    return replace(work, people=int(os.environ.get(PEOPLE, work.people))) if work.people > 1 else work


def fill(store: Store, work: Work) -> None:
    """Do the first person's work, then let the others have done the same."""
    do_work(store, work)
    publish(load_prices(None), store.query, store.command)
    work_out(store)
    more_people(store, work)


def do_work(store: Store, work: Work) -> None:
    """Let the first person work: the spans and records, and what the product's views derive of each."""
    for day, days in _portions(work):
        values = {
            "user": "user0",
            "first_day": str(work.first_day + timedelta(days=day)),
            "days": days,
            "sessions": work.sessions,
            "prompts": work.prompts,
            "calls": work.calls,
            "calls_a_request": work.calls_a_request,
        }
        for statement in ("work_spans", "work_records"):
            store.command((SQL / f"{statement}.sql").read_text(), values)
    settle(store, "%\\_state")


def work_out(store: Store) -> None:
    """Let the product work out what is new to it."""
    worked = WorkedStore(store, is_alone=True)
    while not worked.catch_up(time.time_ns(), most=0):
        pass


def more_people(store: Store, work: Work) -> None:
    """Let the others have done what the first one did: each under sessions, prompts, calls and requests of their own."""
    for first in range(1, work.people, PEOPLE_AT_ONCE):
        values = {"first": first, "people": min(PEOPLE_AT_ONCE, work.people - first)}
        for table in ("sessions", *(f"worked_{name}" for name in COPIED)):
            store.command((SQL / f"more_people_{table}.sql").read_text(), values)
    settle(store, "%\\_state")
    settle(store, "worked\\_%", how=" FINAL")


def _portions(work: Work) -> list[tuple[int, int]]:
    """Return first days and numbers of days, so that a statement makes no more than it has memory for."""
    at_once = max(PORTION_CALLS // work.calls_a_day, 1)
    return [(day, min(at_once, work.days - day)) for day in range(0, work.days, at_once)]


def settle(store: Store, tables: str, how: str = "") -> None:
    """Merge what an engine that ran all the time would have merged long ago."""
    asked = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name LIKE {tables:String}"
    for (table,) in store.query(asked, {"tables": tables}).rows:
        store.command(f"OPTIMIZE TABLE {table}{how}")


def main(folder: str, name: str) -> None:
    """Fill a data folder."""
    furnish(Path(folder))
    settings = Settings(data_dir=Path(folder))
    store = Store.open(replace(settings, store=replace(settings.store, max_memory_bytes=MEMORY_BYTES, insert_timeout_s=INSERT_TIMEOUT_S)))
    try:
        fill(store, work_named(name))
    finally:
        store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
