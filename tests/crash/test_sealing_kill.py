"""kill -9, and power cuts, while days that are over are added up and hours of databases worked out, for the first time and again after late data.

At each change that this makes, on either side of it, and at any moment. In every life that follows, days that count as added up say what their rows
say; in the end everything says what it does in a store that nobody killed and in which no day was ever added up.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crash import sealing_life
from hookline_collector.rollups.database_rollups import DatabaseRollups
from hookline_collector.store import Store
from hookline_collector.work import load_prices, publish
from hookline_collector.worked_out.worked_store import WorkedStore
from support.added_up_days import ASKED, LATER, told
from support.agent_records import S, requests_of
from support.power import Machine, why_not
from support.shop_telemetry import NOON_NS, NS, database, of_logs, sample
from support.soaking import TIMES, share
from support.stores import derived_store as store
from support.template import furnish
from support.told_worlds import world

__all__ = ["store"]
CHANGES = 90
"""At most so many are made after the first life's arming until all is told and added up; a life whose point is behind that ends by itself."""
KILLS, CUTS, SESSIONS = share(2, 12, 150 * TIMES), share(1, 4, 40 * TIMES), share(4, 8, 12)
pytestmark = [pytest.mark.crash, pytest.mark.soak, pytest.mark.long]


@pytest.fixture
def chance() -> random.Random:
    """Give a generator whose seed is printed where a test fails."""
    seed = int(os.environ.get("HOOKLINE_SEED", "0")) or random.randrange(2**32)
    print(f"HOOKLINE_SEED={seed}")
    return random.Random(seed)


class Lives:
    """The lives of one store: what was told, and how far the last life got."""

    def __init__(self, data: Path, folder: Path, chance: random.Random) -> None:
        self._data, self._folder, self._chance = data, folder, chance
        self.requests = 0
        folder.mkdir()
        furnish(data)
        for telling in world(chance, SESSIONS, days=8.0):
            for signal, body in requests_of(telling.records, telling.scope, telling.user, agent=telling.agent):
                self._tell(signal.value, body)
                if chance.random() < 0.2:
                    self._tell("logs", _samples(chance, self.requests))
        self._told = self.requests // 2

    def _tell(self, suffix: str, body: bytes) -> None:
        (self._folder / f"{self.requests:04}.{suffix}").write_bytes(body)
        self.requests += 1

    def begin(self, point: str) -> Life:
        """Begin a life on what the one before left; a request more is told."""
        self._told = min(self._told + self._chance.randint(0, 2), self.requests)
        return Life(self._data, self._folder, self._told, point)


class Life:
    """A process that adds days up."""

    def __init__(self, data: Path, folder: Path, count: int, point: str) -> None:
        arguments = [str(data), str(folder), str(count), point]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crash.sealing_life", *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.odd = ""

    def begin_sealing(self) -> None:
        """Return when it is about to add days up."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line == "sealing\n":
                return
            self.odd += line
        raise AssertionError(f"it died before: {self.odd} {self._process.communicate()[1]}")

    def kill(self) -> None:
        """Kill it, if it still lives."""
        self._process.kill()
        self._process.communicate()

    def end(self) -> str:
        """Wait until it has died or is done; return the last that it said."""
        said, complaints = self._process.communicate(timeout=120)
        assert self._process.returncode in (0, -9), complaints
        return said


def _samples(chance: random.Random, number: int) -> bytes:
    """Return looks at a database in an hour of their own: nothing that comes later mends it."""
    at = NOON_NS + (number * 3600 + chance.randrange(3000)) * NS
    return of_logs(database(), [sample(at + n * NS, pid=chance.randrange(9), statement=chance.randrange(2)) for n in range(5)])


def _points(chance: random.Random) -> Iterator[str]:
    """Yield where lives end: each change, on either side, in an order of chance, and moments between them (`none`)."""
    while True:
        points = [f"{number}:{side}" for number in range(1, CHANGES) for side in ("before", "after")] + ["none"] * (CHANGES // 2)
        chance.shuffle(points)
        yield from points


def _expected(store: Store, folder: Path) -> dict[str, Any]:
    """Return what there is where nobody was killed, and days were never added up."""
    publish(load_prices(None), store.query, store.command)
    sealing_life.tell(store, folder, 0, len(list(folder.iterdir())))
    out = WorkedStore(store)
    assert out.catch_up(LATER, most=10_000)
    hours = DatabaseRollups(store, lambda: LATER / S)
    while hours.catch_up():
        pass
    rolled = {name: sorted(map(str, store.query(sql))) for name, sql in sealing_life.ROLLED.items()}
    return {**told(out, store.query, ASKED), **rolled, "open days": []}


def _is_as_expected(lives: Lives, store: Store, folder: Path) -> None:
    life = lives.begin("none")
    life.begin_sealing()
    found, expected = json.loads(life.end()), _expected(store, folder)
    assert not life.odd
    assert any(expected["load"])
    assert {name: (found[name], rows) for name, rows in expected.items() if found[name] != rows} == {}


def test_days_say_what_their_rows_say_after_any_kill(tmp_path: Path, store: Store, chance: random.Random) -> None:
    """Nothing counts twice, nothing is missing, and no day stays open."""
    lives = Lives(tmp_path / "data", tmp_path / "told", chance)
    for _, point in zip(range(KILLS), _points(chance), strict=False):
        life = lives.begin(point)
        life.begin_sealing()
        if point == "none":
            time.sleep(chance.uniform(0, 1.5))
            life.kill()
        else:
            life.end()
        assert not life.odd, point
    _is_as_expected(lives, store, tmp_path / "told")


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "the power can be cut")
def test_days_say_what_their_rows_say_after_a_power_cut(tmp_path: Path, store: Store, chance: random.Random) -> None:
    """What was not on the disk is gone, and so is what was made of it."""
    machine = Machine(tmp_path, chance)
    try:
        lives = Lives(machine.root / "data", tmp_path / "told", chance)
        for _ in range(CUTS):
            life = lives.begin("none")
            life.begin_sealing()
            time.sleep(chance.uniform(0, 1.5))
            machine.cut()
            life.kill()
            machine.unmount()
            machine.mount()
            assert not life.odd
        _is_as_expected(lives, store, tmp_path / "told")
    finally:
        machine.close()
