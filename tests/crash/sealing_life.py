"""One life of a store in a process of its own: days are added up and hours worked out, until it is killed. What `test_sealing_kill` does.

Arguments: the data folder, the folder of requests, how many of them were told, and the change after which to die: `none`, or its number and on which
side of it (`7:before`). Requests are told again in every life, under the same tokens, as the journal does. Says `sealing` before the first change,
`odd` where what was added up is another than its rows, and in the end, when all is done, what is there (`Told`), as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hookline.errors import Refused
from hookline.settings import Settings
from hookline_collector.rollups.database_rollups import DatabaseRollups
from hookline_collector.signal import Signal
from hookline_collector.store import Rows, Store
from hookline_collector.store.embedded import parts
from hookline_collector.work import load_prices, publish
from hookline_collector.worked_out import day_reading, days_of_work
from hookline_collector.worked_out.worked_store import WorkedStore
from support.added_up_days import ASKED, LATER, differences, told
from support.agent_records import S
from support.template import FOR_EVER

SLOW_LOOK_S = 0.0005
RISE_EVERY_S = 0.05
PORTIONS = 2
"""In so many what was not told yet comes, late, while the first days are added up already."""
ROLLED = {
    "load": "SELECT database, toString(minute), wait_class, statement_hash, round(sum(seconds), 6), sum(samples) FROM db_load_1m FINAL GROUP BY ALL",
    "busy": "SELECT database, toString(minute), statement_hash, round(sum(seconds), 6) FROM db_busy_1m FINAL GROUP BY ALL",
    "hours of load": "SELECT database, toString(hour), statement_hash, wait_class, round(sum(seconds), 6) FROM db_load_1h FINAL GROUP BY ALL",
    "classes": "SELECT database, toString(minute), wait_class, wait_event, round(sum(seconds), 6) FROM db_classes_1m FINAL GROUP BY ALL",
    "hours of classes": "SELECT database, toString(hour), wait_class, wait_event, round(sum(seconds), 6) FROM db_classes_1h FINAL GROUP BY ALL",
}


class Deadly:
    """A store whose process dies at one of its changes, counted from when it is armed: before it, or when it is done."""

    def __init__(self, store: Store, point: str) -> None:
        self.query = store.query
        self.is_armed = False
        self._store = store
        number, _, self._side = point.partition(":")
        self._left = int(number) if number.isdigit() else 0

    def write(self, table: str, lines: bytes) -> None:
        """Write, or die."""
        self._die_at("before", 1)
        self._store.write(table, lines)
        self._die_at("after", 0)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Change, or die."""
        self._die_at("before", 1)
        self._store.command(sql, parameters)
        self._die_at("after", 0)

    def _die_at(self, side: str, counted: int) -> None:
        self._left -= counted if self.is_armed else 0
        if self.is_armed and self._left == 0 and side == self._side:
            os.kill(os.getpid(), signal.SIGKILL)


def tell(store: Store, folder: Path, first: int, last: int) -> None:
    """Insert some of the requests, in their order."""
    for path in sorted(folder.iterdir())[first:last]:
        store.insert(Signal(path.suffix[1:]), path.read_bytes(), path.name)


def seal(store: Deadly | Store, out: WorkedStore) -> None:
    """Work everything out, add up all days that are over, and work out all hours of databases."""
    assert out.catch_up(LATER, most=10_000)
    while not out.add_up_days(LATER):
        pass
    hours = DatabaseRollups(store, lambda: LATER / S)
    while hours.catch_up():
        pass


def what_is_there(store: Store, out: WorkedStore) -> dict[str, Any]:
    """Return what reports say, and what hours of databases have."""
    rolled = {name: sorted(map(str, store.query(sql))) for name, sql in ROLLED.items()}
    return {**told(out, _asking(store), ASKED), **rolled, "open days": sorted(out.added_up.open)}


def _asking(store: Store) -> Any:
    def ask(sql: str, parameters: Mapping[str, Any]) -> Rows:
        return store.query(sql, parameters)

    return ask


def _keep_securing(store: Store) -> None:
    """Let the waterline rise all the time, with a slow look at the folder: it falls between any two changes."""
    look = parts._entries

    def slowly(folder: Path) -> list[tuple[str, int]]:
        time.sleep(SLOW_LOOK_S)
        return look(folder)

    parts._entries = slowly
    while True:
        with suppress(Refused):
            store.secure()
        time.sleep(RISE_EVERY_S)


def main(data: str, folder: str, count: str, point: str) -> None:
    """Live."""
    day_reading.FEWEST_CALLS = days_of_work.FEWEST_CALLS = 0
    store = Store.open(Settings(data_dir=Path(data), retention=FOR_EVER))
    publish(load_prices(None), store.query, store.command)
    tell(store, Path(folder), 0, int(count))
    deadly = Deadly(store, point)
    out = WorkedStore(deadly, is_alone=True)
    assert out.catch_up(LATER, most=10_000)
    if odd := differences(store, out, ASKED[:1], is_added_up=False):
        print("odd", odd, flush=True)
    threading.Thread(target=_keep_securing, args=(store,), daemon=True).start()
    print("sealing", flush=True)
    deadly.is_armed = True
    told_until, of_all = int(count), len(list(Path(folder).iterdir()))
    for portion in range(PORTIONS):
        seal(deadly, out)
        begun, told_until = told_until, told_until + (of_all - told_until) // (PORTIONS - portion)
        tell(store, Path(folder), begun, told_until)
    seal(deadly, out)
    print(json.dumps(what_is_there(store, out)), flush=True)
    os._exit(0)  # as a kill: what is there must be so without a last sync


if __name__ == "__main__":
    main(*sys.argv[1:])
