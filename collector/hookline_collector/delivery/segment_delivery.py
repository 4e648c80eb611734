"""One segment on its way into the store.

It is sent part by part. If ClickHouse refuses the bytes of one, the part is halved, what is still to be sent is written down
durably, and only then the halves are sent, each under a token of its own: a crash at any point repeats only what a token makes
harmless. What is left in the end is a single bad record, which goes to the quarantine. What is stored stays written down as well, until
the segment leaves the journal: the store may lose it with the power.

This is exact as long as a refused insert leaves nothing behind: the store must raise Rejected or Corrupt only for bytes that
it could not read at all (ClickHouse reads the whole request before it stores the first row), and Refused for everything else.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hookline.errors import Corrupt, Refused, Rejected
from hookline_collector.delivery.quarantine import Quarantine, Reason
from hookline_collector.journal import Contents, Journal, Segment, SegmentPart, Slice
from hookline_collector.journal.record import body_of
from hookline_collector.journal.segment import text_of, write_slices
from hookline_collector.observe.announcements import Stored, Topic
from hookline_collector.observe.catalogue import QUARANTINED, RECEIVED, STORED
from hookline_collector.observe.metrics import Counter
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.signal import Signal

MAX_BAD_PARTS = 64
READ_ATTEMPTS = 3


class SegmentStore(Protocol):
    """Where segments go. The call blocks and runs in a thread; calls for different signals may run at once."""

    def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
        """Store the rows of a request once for a token. Raises Refused (try again), Rejected or Corrupt (these bytes, never)."""

    def secure(self) -> None:
        """Return when everything that was inserted before is stored for good. Raises Refused; any other error ends the process."""


@dataclass(frozen=True, slots=True)
class DeliveryDeps:
    """What every delivery works with. `answered` hears of each insert that the store answered, and how long it took; `stored` of its items."""

    journal: Journal
    store: SegmentStore
    quarantine: Quarantine
    threads: BlockingPool
    answered: Callable[[Segment, float], None]
    stored: Topic[Stored]


class SegmentDelivery:
    """The delivery of one segment. It survives refusals: `run` again goes on where it was."""

    def __init__(self, segment: Segment, deps: DeliveryDeps) -> None:
        self.segment = segment
        self._read_failures = 0
        self._deps = deps
        self._slices: tuple[Slice, ...] | None = None
        self._stored: tuple[Slice, ...] = ()
        self._open_items = segment.items
        self._bad_parts = 0

    async def run(self, may_pass_over: int = 0, room: bytearray | None = None) -> None:
        """Bring everything of the segment into the store or the quarantine. So many refused parts are passed over, to try the others.

        A large segment is read into `room`; when this has returned nobody looks at it any more.
        Raises Refused when the store does not take it, or a part of it, now; OSError and Corrupt for trouble with our own disk.
        """
        contents = await self._read(room)
        await self._set_damage_aside(contents)
        parts, left = list(contents.parts), list[SegmentPart]()
        refusal: Refused | None = None
        while parts:
            self._slices = tuple(part.slice for part in (*left, *parts))
            try:
                was_stored, halves = await self._send(contents, parts[0])
            except Refused as why:
                if len(left) == may_pass_over:
                    raise
                refusal = why
                left.append(parts.pop(0))
                continue
            parts[:1] = halves
            if not was_stored:
                await self._write_down([*left, *parts])
        self._slices = tuple(part.slice for part in left)
        if refusal is not None:
            raise refusal

    @property
    def has_stored(self) -> bool:
        """Whether something of the segment is in the store."""
        return bool(self._stored)

    async def _write_down(self, parts: list[SegmentPart]) -> None:
        """Write down how the segment is cut; what is set aside is in it no more."""
        slices = (*self._stored, *(part.slice for part in parts))
        await self._deps.threads.run(write_slices, self._deps.journal.disk, self.segment, slices)

    async def give_up(self, why: Corrupt | Refused) -> None:
        """Set the whole file aside, unread, with what of it is not stored. Raises OSError where it cannot be moved."""
        segment, reason = self.segment, _reason(why)
        slices_text = None if self._slices is None or isinstance(why, Corrupt) else text_of(self._slices)
        with contextlib.suppress(FileNotFoundError):  # there is nothing left to be kept
            await self._deps.threads.run(self._deps.quarantine.adopt, segment.signal, segment.path, self._open_items, reason, str(why), slices_text)
        self._account(self._open_items, QUARANTINED, reason)

    async def _read(self, room: bytearray | None) -> Contents:
        """Read the segment. Raises OSError while it may yet be read, Corrupt when it is gone or could not be read too often."""
        try:
            return await self._deps.threads.run(self._deps.journal.read, self.segment, self._slices, room)
        except OSError as why:
            self._read_failures += 1
            if isinstance(why, FileNotFoundError) or self._read_failures >= READ_ATTEMPTS:
                raise Corrupt(f"a segment of the journal cannot be read: {why.strerror or why}", str(self.segment.path)) from why
            raise

    async def _send(self, contents: Contents, part: SegmentPart) -> tuple[bool, tuple[SegmentPart, ...]]:
        """Send one part. Returns whether it is stored, and its halves if they should be sent in its place."""
        if not part.records:
            return True, ()
        begun = time.perf_counter()
        try:
            await self._deps.threads.run(self._insert, contents, part)
        except (Rejected, Corrupt) as why:
            self._deps.answered(self.segment, time.perf_counter() - begun)
            return False, await self._narrow_down(contents, part, why)
        self._deps.answered(self.segment, time.perf_counter() - begun)
        self._account(part.items, STORED)
        self._deps.stored.announce(Stored(self.segment.signal, part.items))
        self._stored += (part.slice,)
        return True, ()

    def _insert(self, contents: Contents, part: SegmentPart) -> None:
        try:
            self._deps.store.insert(self.segment.signal, contents.payload(part), contents.token(part))
        except (Refused, Rejected, Corrupt):
            raise
        except Exception as why:  # a store that fails in a way nobody foresaw has not said that the bytes are bad
            raise Refused(f"the store failed: {type(why).__name__}: {why}") from why

    async def _narrow_down(self, contents: Contents, part: SegmentPart, why: Exception) -> tuple[SegmentPart, ...]:
        """Halve a refused part, or set it aside: a single record, or what is left of a segment with very many bad ones."""
        if (halves := part.halves()) and self._bad_parts < MAX_BAD_PARTS:
            return halves
        body = b"".join(body_of(contents.buffer, found) for found in part.records)
        await self._set_aside(part.records[0].start, body, part.items, "refused", str(why))
        self._bad_parts += 1
        self._account(part.items, QUARANTINED, "refused")
        return ()

    async def _set_aside(self, offset: int, body: bytes, items: int, reason: Reason, why: str) -> None:
        name = f"{self.segment.id}-{offset}"
        await self._deps.threads.run(self._deps.quarantine.set_aside, self.segment.signal, name, body, items, reason, why)

    async def _set_damage_aside(self, contents: Contents) -> None:
        """Keep what can be read of damaged records, and bring the count of items in step with what the file holds."""
        for damage in contents.damages:
            why = f"bytes {damage.start} to {damage.end} of segment {self.segment.id} are damaged: a checksum does not match"
            await self._set_aside(damage.start, bytes(contents.buffer[damage.start : damage.end]), damage.items, "damaged", why)
        there = sum(part.items for part in contents.parts)
        if there < self._open_items:
            self._account(self._open_items - there, QUARANTINED, "damaged")
        elif there > self._open_items:  # a start could not read the file, and now it can be read
            self._account(self._open_items - there, RECEIVED, "", there - self._open_items)

    def _account(self, items: int, counter: Counter, reason: str = "", amount: int | None = None) -> None:
        self._open_items -= items
        self._deps.journal.account(self.segment, items, {(counter, reason): items if amount is None else amount})


def _reason(why: Corrupt | Refused) -> Reason:
    return "damaged" if isinstance(why, Corrupt) else "refused"
