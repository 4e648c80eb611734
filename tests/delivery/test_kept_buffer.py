"""Memory that is lent to one segment after the other."""

import asyncio
from pathlib import Path

import pytest

from hookline_collector.delivery.kept_buffer import KeptBuffer
from hookline_collector.journal import Journal, segment
from hookline_collector.signal import Signal
from support.journaling.life import Life
from support.journaling.world import MemoryStore, World


async def test_what_was_kept_is_lent_again_and_to_one_reader_at_a_time() -> None:
    """Who takes it has it alone; what is given back while another is kept replaces it."""
    kept = KeptBuffer()
    first = kept.take()
    first.extend(b"a segment")
    kept.keep(first)
    assert kept.take() is first
    other = kept.take()
    assert other is not first
    other.extend(b"another")
    kept.keep(first)
    kept.keep(other)
    assert kept.take() is other


async def test_it_is_let_go_when_nobody_took_it_for_a_while() -> None:
    """A process at rest holds nothing of what it once stored."""
    kept = KeptBuffer(kept_s=0.0)
    buffer = bytearray(b"a segment")
    kept.keep(buffer)
    await asyncio.sleep(0.01)
    assert kept.take() is not buffer


async def test_one_at_which_somebody_still_looks_is_not_lent_again() -> None:
    """The traceback of a failure may: what it looks at does not change under it."""
    kept = KeptBuffer()
    buffer = bytearray(b"a segment")
    with memoryview(buffer) as view:
        kept.keep(buffer)
        assert kept.take() is not buffer
        assert bytes(view) == b"a segment"


async def test_large_segments_are_read_into_the_same_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One behind the other, whatever their lengths; each is stored as it was sent, and what fails in between has a buffer of its own."""
    monkeypatch.setattr(segment, "LARGE_BYTES", 0)
    lent = list[bytearray]()
    read = Journal.read

    def noted(journal: Journal, one: segment.Segment, slices: tuple[segment.Slice, ...] | None, room: bytearray | None) -> segment.Contents:
        assert room is not None
        lent.append(room)
        return read(journal, one, slices, room)

    monkeypatch.setattr(Journal, "read", noted)
    store = MemoryStore(World())
    async with Life(tmp_path, store) as life:
        life.begin()
        for number, filler in enumerate((10, 900, 30, 400)):
            await life.send(Signal.TRACES, [f"span-{number}"], filler)
            await life.drain()
        assert all(one is lent[0] for one in lent)
        store.is_away = True
        await life.send(Signal.TRACES, ["span-4"], 50)
        await life.until(lambda: life.delivery.status().failures > 0)
        store.is_away = False
        await life.drain()
        assert lent[-1] is not lent[0]
    assert set(store.stored) == {f"span-{number}" for number in range(5)}
