"""The machine dies at every single operation of disk and store, one after the other, in one small history."""

import asyncio
import random
from pathlib import Path

import pytest

from hookline.errors import HooklineError
from hookline_collector.signal import Signal
from support.journaling.life import Life
from support.journaling.world import MemoryDisk, MemoryStore, World
from support.soaking import share

FOLDER = Path("/data")
PART_BYTES = 1_600  # two requests in the first part
REQUESTS = (("a1", "a2"), ("bad1",), ("b1",), ("c1", "c2"))
MOMENTS = (*range(0, 160, share(4, 1, 1)), 160)


class History:
    """Four requests, one of them bad, in two segments, and their way into the store, in as many lives as it takes."""

    def __init__(self) -> None:
        self.world = World()
        self.disk = MemoryDisk(self.world)
        self.store = MemoryStore(self.world)
        self.acknowledged: set[str] = set()
        self.set_aside: set[str] = set()

    async def send(self) -> None:
        """The first life, as far as it goes: requests arrive and flow on."""
        async with Life(FOLDER, self.store, self.disk, part_bytes=PART_BYTES) as life:
            taken = await asyncio.gather(*(life.send(Signal.TRACES, names, filler=400) for names in REQUESTS))
            self.acknowledged.update(name for names, was_taken in zip(REQUESTS, taken, strict=True) if was_taken for name in names)
            life.begin()
            await life.until(lambda: life.is_empty or self.world.is_dead)

    async def recover(self) -> None:
        """A later life: nothing new arrives."""
        async with Life(FOLDER, self.store, self.disk, part_bytes=PART_BYTES) as life:
            life.begin()
            await life.until(lambda: life.is_empty or self.world.is_dead)
            assert life.balance() == 0
            if self.world.dies_in is None:
                self.set_aside = set(life.set_aside())

    def come_back(self, rng: random.Random, without_power: bool) -> None:
        """Make of the disk what the death left."""
        if without_power:
            self.disk.lose_power(rng)
        else:
            self.disk.kill()
        self.store.rewind()
        self.world.is_dead, self.world.dies_in = False, None


async def die_at(moment: int, without_power: bool, is_repaired: bool) -> bool:
    """Die at a moment, die again while recovering, come back and compare. False when the history was over by then."""
    history, rng = History(), random.Random(moment)
    history.world.dies_in = moment
    try:
        await history.send()
    except HooklineError:
        assert history.world.is_dead
    died = history.world.is_dead
    history.come_back(rng, without_power)
    history.store.is_forgiving = is_repaired
    history.world.dies_in = rng.randrange(60)
    try:
        await history.recover()
    except HooklineError:
        assert history.world.is_dead
    history.come_back(rng, without_power)
    await history.recover()
    good = {name for name in history.acknowledged if not name.startswith("bad")}
    assert good <= set(history.store.stored)
    assert set(history.store.stored.values()) <= {1}
    assert history.acknowledged - good <= history.set_aside | set(history.store.stored)
    assert history.store.changed_tokens == []
    return died


@pytest.mark.soak
@pytest.mark.parametrize(
    ("without_power", "is_repaired"),
    [
        pytest.param(False, False, id="killed, same store", marks=pytest.mark.long),
        pytest.param(False, True, id="killed, store repaired meanwhile", marks=pytest.mark.long),
        pytest.param(True, False, id="without power, same store", marks=pytest.mark.long),
        pytest.param(True, True, id="without power, store repaired meanwhile"),
    ],
)
def test_dying_at_any_operation_loses_nothing_and_doubles_nothing(without_power: bool, is_repaired: bool) -> None:
    """Whichever operation is the last one, what was acknowledged is stored once, or set aside if it is bad, after the next starts.

    Also where the store takes in a later life what it refused in the first: what went in by parts is not sent whole again.
    """
    died = [asyncio.run(die_at(moment, without_power, is_repaired)) for moment in MOMENTS]
    assert died[0]
    assert not died[-1], "the history is longer than the moments that are tried"
