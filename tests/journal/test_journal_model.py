"""A model beside the real journal and the real hand-over, on a disk and a store that fail in every way and die at any moment.

The model knows what was acknowledged, what was refused and what was damaged. In the end, with everything healed:
- everything acknowledged is stored exactly once, or set aside exactly once if it is bad;
- only damaged records are missing, and what is missing is counted;
- what was not acknowledged is stored at most once, and not at all if this was said by a process that lived on;
- a token is never sent with other bytes, unless they were damaged;
- what the store answered for and was not secured is gone at the next start, and is stored again;
- at every moment received = stored + quarantined + in the journal.
"""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hookline_collector.journal import segment
from hookline_collector.journal.record import HEADER_BYTES
from hookline_collector.observe.catalogue import FLUSH_FAILURES
from hookline_collector.signal import Signal
from support.journaling.life import Life
from support.journaling.requests import body
from support.journaling.world import MemoryDisk, MemoryStore, World
from support.soaking import share

FOLDER = Path("/data")
SIGNALS = (Signal.TRACES, Signal.LOGS)


@pytest.fixture(scope="module", autouse=True)
def _all_are_read_into_one_buffer() -> Iterator[None]:
    """As large segments are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment, "LARGE_BYTES", 0)
        yield


class JournalModel(RuleBasedStateMachine):
    """The rules are what can happen; `teardown` is the oracle."""

    @initialize()
    def start(self) -> None:
        """Begin with an empty disk."""
        self.loop = asyncio.new_event_loop()
        self.world = World()
        self.disk = MemoryDisk(self.world)
        self.store = MemoryStore(self.world)
        self.bodies: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.damaged: set[str] = set()
        self.uncertain_cut = False
        self.names = 0
        self.loop.run_until_complete(self._open())

    # One life of the process

    async def _open(self) -> None:
        self.store.rewind()
        self.life = Life(FOLDER, self.store, self.disk, part_bytes=700)
        await self.life.__aenter__()
        self.life.begin()

    async def _close(self) -> None:
        await self.life.__aexit__()

    async def _append(self, requests: list[tuple[Signal, int, bool]]) -> None:
        await asyncio.gather(*(self._send(signal, count, bad) for signal, count, bad in requests))

    async def _send(self, signal: Signal, count: int, bad: bool) -> None:
        self.names += 1
        names = tuple(f"{'bad' if bad else 'item'}-{self.names}-{n}" for n in range(count))
        filler = random.Random(self.names).randrange(120)
        for name in names:
            self.bodies[name] = (body(signal, names, filler), names)
        was_taken = await self.life.send(signal, names, filler)
        (self.acknowledged if was_taken else self.refused).update(names)

    async def _flow(self) -> None:
        """Let the hand-over work until there is nothing that it can do."""
        failures = self.life.figures.total(FLUSH_FAILURES)
        for turn in range(5_000):
            if self.life.is_empty:
                return
            if self.world.is_dead or (self.store.is_away and self.life.figures.total(FLUSH_FAILURES) > failures + 4):
                return
            if self.disk.room is not None and turn > 20:  # what is bad can be neither split nor set aside now
                return
            await asyncio.sleep(0.0005)
        raise AssertionError(f"the hand-over does not come to rest: {self.life.delivery.status()}")

    # What can happen

    @rule(requests=st.lists(st.tuples(st.sampled_from(SIGNALS), st.integers(1, 4), st.sampled_from([False] * 6 + [True])), min_size=1, max_size=6))
    def append(self, requests: list[tuple[Signal, int, bool]]) -> None:
        """Requests arrive together."""
        self.loop.run_until_complete(self._append(requests))

    @rule()
    def flow(self) -> None:
        """Time passes."""
        self.loop.run_until_complete(self._flow())

    @rule(faults=st.lists(st.sampled_from(["", "short", "short", "fails"]), max_size=4))
    def writes_fail(self, faults: list[str]) -> None:
        """The next writes are short or fail."""
        self.disk.write_faults = faults

    @rule(faults=st.lists(st.sampled_from(["", "fails"]), max_size=3))
    def syncs_fail(self, faults: list[str]) -> None:
        """The next syncs fail, perhaps with the cut that follows."""
        self.disk.sync_faults = faults
        self.uncertain_cut = True

    @rule(room=st.sampled_from([None, None, 0, 700, 3_000]))
    def disk_fills(self, room: int | None) -> None:
        """Others use the disk too."""
        self.disk.room = None if room is None else room + sum(len(file.seen) for file in self.disk.seen.values())

    @rule(is_away=st.booleans(), ambiguous=st.integers(0, 2))
    def store_changes(self, is_away: bool, ambiguous: int) -> None:
        """The store goes or comes, or does not say what became of an insert."""
        self.store.is_away = is_away
        self.store.ambiguous = ambiguous

    @rule(seed=st.integers(0, 2**32))
    def bytes_rot(self, seed: int) -> None:
        """Some bytes in the middle of a segment change."""
        rng = random.Random(seed)
        paths = sorted(
            path for path, file in self.disk.seen.items() if path.suffix == ".binpb" and path.is_relative_to(FOLDER / "journal") and file.seen
        )
        if not paths:
            return
        file = self.disk.seen[rng.choice(paths)]
        at = rng.randrange(len(file.seen))
        for offset in range(at, min(at + rng.choice([1, 1, 40]), len(file.seen))):
            self._note_victims(bytes(file.seen), offset)
            file.seen[offset] ^= 1 << rng.randrange(8)
        file.durable = bytes(file.seen[: len(file.durable)])

    def _note_victims(self, content: bytes, offset: int) -> None:
        for payload, names in self.bodies.values():
            begin = content.find(payload)
            if begin != -1 and begin - HEADER_BYTES <= offset < begin + len(payload):
                self.damaged.update(names)

    @rule(ticks=st.integers(0, 40), powers_off=st.booleans(), seed=st.integers(0, 2**32), requests=st.integers(0, 5))
    def die(self, ticks: int, powers_off: bool, seed: int, requests: int) -> None:
        """The machine or the process dies within the next operations, and comes back."""
        self.world.dies_in = ticks
        rng = random.Random(seed)
        arriving = [(rng.choice(SIGNALS), rng.randrange(1, 4), False) for _ in range(requests)]
        known = set(self.refused)
        self.loop.run_until_complete(self._append(arriving))
        self.loop.run_until_complete(self._flow())
        self.world.is_dead = True
        self.refused = known  # a dead process refuses nothing
        self.loop.run_until_complete(self._close())
        if powers_off:
            self.disk.lose_power(rng)
        else:
            self.disk.kill()
        self.world.is_dead, self.world.dies_in = False, None
        self.loop.run_until_complete(self._open())

    @rule()
    def restart(self) -> None:
        """A graceful stop and a start."""
        self.loop.run_until_complete(self._close())
        self.loop.run_until_complete(self._open())

    # What must hold

    @invariant()
    def figures_add_up(self) -> None:
        """received = stored + quarantined + in the journal."""
        if hasattr(self, "life"):
            assert self.life.balance() == 0

    def teardown(self) -> None:
        """Heal everything, let it drain, and compare."""
        if not hasattr(self, "loop"):
            return
        self.disk.room, self.disk.write_faults, self.disk.sync_faults = None, [], []
        self.store.is_away, self.store.ambiguous = False, 0
        self.loop.run_until_complete(self._flow())
        set_aside = self.life.set_aside()
        self.loop.run_until_complete(self.life.until(lambda: self.life.journal.held_bytes == 0))
        self.loop.run_until_complete(self._close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        good = {name for name in self.acknowledged if not name.startswith("bad")}
        bad = self.acknowledged - good
        stored = self.store.stored
        assert {name for name, times in stored.items() if times > 1} == set(), "stored twice"
        assert good - self.damaged <= set(stored), "lost"
        assert {name for name, times in set_aside.items() if times > 1} == set(), "set aside twice"
        assert bad - self.damaged <= set(set_aside), "a bad record was lost"
        assert set(set_aside) & good == set(), "a good record was set aside"
        missing = good - set(stored)
        if missing or bad - set(set_aside):
            assert self.damaged, "missing although nothing was damaged"
        if not self.uncertain_cut:
            assert self.refused & set(stored) == set(), "refused and stored all the same"
        if not self.damaged:
            assert self.store.changed_tokens == [], "a token was sent with other bytes"


@pytest.mark.soak
def test_whatever_fails_what_was_acknowledged_is_stored_exactly_once() -> None:
    """Nothing acknowledged is lost or stored twice, whatever fails and whenever the machine dies; segments go in by several parts."""
    JournalModel.TestCase.settings = settings(
        max_examples=share(30, 200, 2_000), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    JournalModel.TestCase("runTest").runTest()
