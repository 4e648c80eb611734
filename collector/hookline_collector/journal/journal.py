"""The durable queue between the receivers and the store.

Constraints
- A request is answered when it is on the disk: `append` returns after a sync. Nothing acknowledged is ever lost by a crash.
- What was refused is not stored later by this process. After a failed sync *and* a failed cut *and* a crash, a refused
  request may still be found; its sender will have sent it again.
- The store sees each segment under one token for ever, so that a repeated delivery stores nothing twice.
- What the store answered for is kept until the store's own disk has it (`keep_stored`, then `remove`): until then it counts as stored, is not
  sent again, and takes its room.

Layout: `<folder>/<signal>/<id>.binpb`, one queue a signal (`signal_journal`), records as `record` describes, files as `segment` describes.

Metrics: `journal_bytes`, `journal_items`, `journal_segments`, `journal_held_segments`, `journal_stored_segments`,
`journal_oldest_unix_seconds` (0 when empty) and `journal_sync_seconds` by signal; `received` at the start, for the items found: they
were acknowledged by the process before.
"""

import asyncio
import errno
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hookline.errors import AlreadyRunning, ConfigInvalid, Corrupt, Refused, Rejected, TooLarge
from hookline.settings import schema
from hookline_collector.journal import record
from hookline_collector.journal import segment as segments
from hookline_collector.journal.disk import Disk, FileDisk
from hookline_collector.journal.record import body_of
from hookline_collector.journal.recovery import RecoveredSegments, recover
from hookline_collector.journal.segment import Contents, Segment, SegmentIds, Slice
from hookline_collector.journal.signal_journal import SignalJournal
from hookline_collector.journal.writer import AppendRequest, Writer
from hookline_collector.observe.catalogue import (
    JOURNAL_BYTES,
    JOURNAL_HELD_SEGMENTS,
    JOURNAL_ITEMS,
    JOURNAL_OLDEST,
    JOURNAL_SEGMENTS,
    JOURNAL_STORED_SEGMENTS,
    JOURNAL_SYNC,
    RECEIVED,
    TORN_BYTES,
)
from hookline_collector.observe.disk_room import size_of
from hookline_collector.observe.health import PartHealth
from hookline_collector.observe.metrics import Changes, Metrics
from hookline_collector.signal import Signal
from hookline_collector.wire.insertion_units import PART_BYTES

WORTH_BYTES = schema.MIB
"""From here on an insert costs more for its rows than for being one, so a segment waits for no more."""
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reports an I/O error",
    errno.EACCES: "the folder may not be written",
    errno.EMFILE: "too many files are open",
}


@dataclass(frozen=True, slots=True)
class JournalDepth:
    """How much one signal's queue holds; `oldest_age_s` is 0 when it holds nothing."""

    bytes: int
    items: int
    segments: int
    held_segments: int
    oldest_age_s: float


class Journal:
    """Opened once for a process (`async with`, or `open` and `close`); all coroutines run on one event loop."""

    def __init__(
        self,
        folder: Path,
        limits: schema.JournalSettings | None = None,
        metrics: Metrics | None = None,
        disk: Disk | None = None,
        retry_after_s: float = 1.0,
        part_bytes: int = PART_BYTES,
        worth_bytes: int = WORTH_BYTES,
    ) -> None:
        self._folder = folder
        self._limits = limits or schema.JournalSettings()
        self._metrics = metrics or Metrics()
        self._retry_after_s = retry_after_s
        self._part_bytes = part_bytes
        self._worth_bytes = worth_bytes
        self._lock = -1
        self._journals: dict[Signal, SignalJournal] = {}
        self.disk: Disk = disk or FileDisk(durable=self._limits.fsync)

    async def __aenter__(self) -> "Journal":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Take the folder and seal what a former process left. Raises AlreadyRunning or ConfigInvalid."""
        segment_ids = {signal: SegmentIds() for signal in Signal}
        try:
            found = await asyncio.to_thread(self._recover)
        except BlockingIOError:
            raise AlreadyRunning(f"another process writes the journal in {self._folder}; stop it or choose another --data-dir") from None
        except OSError as why:
            raise ConfigInvalid([("data_dir", f"the journal cannot be kept in {self._folder}: {why.strerror or why}")]) from why
        for signal in Signal:
            for segment in found[signal].segments:
                segment_ids[signal].follow(segment.id)
            self._journals[signal] = self._open_journal(signal, segment_ids[signal])
            self._adopt(signal, found[signal])

    def _recover(self) -> dict[Signal, RecoveredSegments]:
        self.disk.make_folder(self._folder)
        self._lock = self.disk.lock(self._folder / "lock")
        try:
            return {signal: recover(self.disk, self._folder / signal.value, signal) for signal in Signal}
        except OSError:
            self._unlock()
            raise

    def _unlock(self) -> None:
        if self._lock >= 0:
            self.disk.close(self._lock)
            self._lock = -1

    def _open_journal(self, signal: Signal, segment_ids: SegmentIds) -> SignalJournal:
        age_s, worth_bytes = self._limits.segment_max_age_s, min(self._worth_bytes, self._limits.segment_max_bytes)
        writer = Writer(self._folder / signal.value, signal, self.disk, segment_ids, self._limits.segment_max_bytes, self._part_bytes)
        return SignalJournal(writer, self.disk, age_s, worth_bytes, self._explain, lambda changes: self._note(signal, changes), self.hasten)

    def _adopt(self, signal: Signal, found: RecoveredSegments) -> None:
        index = self._journals[signal].index
        index.add(found.segments, None)
        self._metrics.move(signal, {(RECEIVED, ""): index.items}, {JOURNAL_ITEMS: index.items})
        if found.torn_bytes:
            self._metrics.add(TORN_BYTES, signal, found.torn_bytes)
        self._note(signal)

    async def close(self) -> None:
        """Seal what is open and give the folder up. What is not stored stays for the next start."""
        for journal in self._journals.values():
            await journal.close()
        self._journals.clear()
        self._unlock()

    async def append(self, signal: Signal, body: bytes, items: int, changes: Changes | None = None) -> None:
        """Return when the request's bytes are durable. `changes` of the metrics are made in the step in which the items count as journaled.

        Raises Refused when the journal is full or the disk fails, TooLarge for a body that can never fit.
        """
        entry = AppendRequest(body, items, changes or {})
        if not body:
            return
        if entry.size > self._limits.max_bytes:
            raise TooLarge(f"a request of {len(body):,} bytes is larger than the whole journal (journal.max_bytes = {self._limits.max_bytes:,})")
        self._check_room(entry.size)
        await self._journal_of(signal).append(entry)

    def _check_room(self, size: int) -> None:
        if self.held_bytes + size > self._limits.max_bytes:
            raise Refused(
                f"the journal is full: {self.held_bytes:,} of {self._limits.max_bytes:,} bytes (journal.max_bytes) wait for the store",
                self._retry_after_s,
            )

    def _journal_of(self, signal: Signal) -> SignalJournal:
        journal = self._journals.get(signal)
        if journal is None:
            raise Refused("the collector is stopping", self._retry_after_s)
        return journal

    def _explain(self, failure: BaseException) -> Refused:
        if isinstance(failure, Refused):
            return Refused(str(failure), self._retry_after_s)
        code = failure.errno if isinstance(failure, OSError) else None
        reason = _REASONS.get(code or 0, f"it cannot be written: {failure}")
        return Refused(f"the journal in {self._folder} takes nothing now: {reason}", self._retry_after_s)

    # For the delivery

    async def next(self, signal: Signal) -> Segment | None:
        """Wait for the oldest segment that is due; None when a stop has emptied the queue."""
        return await self._journals[signal].next()

    def newest_but(self, signal: Signal, others: Collection[str]) -> Segment | None:
        """Return the newest sealed segment of a signal that is none of `others`, if there is one."""
        return self._journals[signal].index.newest_but(others)

    def hold(self, segment: Segment, for_s: float) -> None:
        """Send those behind it first."""
        self._journals[segment.signal].index.hold(segment, time.monotonic() + for_s)
        self._note(segment.signal)

    def read(self, segment: Segment, slices: tuple[Slice, ...] | None = None, room: bytearray | None = None) -> Contents:
        """Read and check a segment, or slices of it, into `room` if it is large; blocks. Raises OSError and Corrupt."""
        return segments.read(self.disk, segment, slices, room)

    def account(self, segment: Segment, items: int, changes: Changes) -> None:
        """Take items out of the journal's count and add them to others, in one step for every reader of the metrics."""
        index = self._journals[segment.signal].index
        index.account(segment, items)
        self._metrics.move(segment.signal, changes, {JOURNAL_ITEMS: index.items})

    def keep_stored(self, segment: Segment) -> None:
        """Keep a segment that is stored until `remove`: a power cut may still take from the store what it answered for."""
        self._journals[segment.signal].keep_stored(segment)

    async def remove(self, *segments: Segment) -> None:
        """Remove segments that are stored for good or set aside. Raises OSError where a file stays; it is removed with a later one."""
        for signal, journal in self._journals.items():
            if going := [one for one in segments if one.signal is signal]:
                await journal.remove(going)

    async def enter(self, signal: Signal, segment_id: str, content: bytes, slices_text: bytes | None = None) -> int:
        """Take in a whole segment as a file holds it, under its own id, and return how many items it has; they count as received.

        `slices_text` says what of it is still to be sent, as it was written down; without it that is all.

        Doing it again changes nothing: what is here is not taken twice, and what was stored is known by its tokens.
        Raises Rejected where not one record of it is intact, Refused where it does not go in now.
        """
        found = record.scan(content, record.mark_of(segment_id))
        if not found.records:
            raise Rejected("nothing in it can be read")
        self._check_room(len(content))
        journal = self._journal_of(signal)
        path = self._folder / signal.value / f"{segment_id}{segments.SEGMENT_SUFFIX}"
        entering = Segment(segment_id, signal, path, len(content), 0, segments.age_base(segment_id))
        pieces: tuple[record.Record | record.Damage, ...] = (*found.records, *found.damages)
        if slices_text is not None:
            slices = segments.slices_of(slices_text, entering)
            pieces = tuple(piece for piece in pieces if any(one.holds(piece) for one in slices))
        entering = replace(entering, items=sum(piece.items for piece in pieces))
        try:
            await journal.enter(entering, content, slices_text, {(RECEIVED, ""): entering.items})
        except OSError as why:
            raise self._explain(why) from why
        return entering.items

    def hasten(self) -> frozenset[str]:
        """Have everything stored that was acknowledged so far; return the ids of the segments in which it still waits."""
        return frozenset().union(*(journal.hasten() for journal in self._journals.values()))

    def waiting_of(self, segment_ids: Collection[str]) -> frozenset[str]:
        """Return which of these segments are still to be stored."""
        return frozenset(s.id for journal in self._journals.values() for s in journal.index.segments if s.id in segment_ids)

    def held_of(self, segment_ids: Collection[str]) -> frozenset[str]:
        """Return which of these segments are held back, since the store refused them or the disk fails."""
        return frozenset().union(*(journal.index.held_ids() for journal in self._journals.values())).intersection(segment_ids)

    def taken(self, *signals: Signal) -> int:
        """Return how many items of these signals were acknowledged by this process: it grows in the step that acknowledges them."""
        return sum(journal.taken_items for signal, journal in self._journals.items() if signal in signals)

    def drain(self) -> None:
        """Make everything due at once; `next` gives None when a queue is empty."""
        for journal in self._journals.values():
            journal.drain()

    # For everybody

    @property
    def held_bytes(self) -> int:
        """Bytes held over all signals."""
        return sum(journal.bytes for journal in self._journals.values())

    def health(self) -> PartHealth:
        """Return how full the journal is: not well when it takes nothing more."""
        held, limit = self.held_bytes, self._limits.max_bytes
        return PartHealth("journal", held < limit, f"{size_of(held)} of {size_of(limit)}")

    def depth(self, signal: Signal) -> JournalDepth:
        """Return how much a signal's queue holds now."""
        journal = self._journals[signal]
        index = journal.index
        oldest_age_s = max(0.0, time.time() - index.segments[0].since) if index.segments else 0.0
        return JournalDepth(journal.bytes, index.items, len(index.segments), index.held, oldest_age_s)

    def records(self, signal: Signal) -> Iterator[bytes]:
        """Yield the request bytes that are not stored yet, oldest first; blocks. What cannot be read is passed over."""
        for segment in self._journals[signal].index.segments:
            try:
                contents = self.read(segment)
            except (OSError, Corrupt):
                continue
            for part in contents.parts:
                yield from (body_of(contents.buffer, found) for found in part.records)

    def _note(self, signal: Signal, changes: Changes | None = None) -> None:
        journal = self._journals[signal]
        waiting = journal.index.segments
        gauges = {
            JOURNAL_BYTES: float(journal.bytes),
            JOURNAL_ITEMS: float(journal.index.items),
            JOURNAL_SEGMENTS: float(len(waiting)),
            JOURNAL_HELD_SEGMENTS: float(journal.index.held),
            JOURNAL_STORED_SEGMENTS: float(len(journal.index.stored)),
            JOURNAL_OLDEST: waiting[0].since if waiting else 0.0,
            JOURNAL_SYNC: journal.sync_s,
        }
        self._metrics.move(signal, changes or {}, gauges)
