"""Writing one signal's open segment: what runs in the signal's thread.

- `commit` writes a batch and syncs once for a segment: group commit. Entries count as written only when the sync returned.
- A new segment's name is on the disk before its first record counts.
- After any failed write or sync the segment is not trusted: it is cut back to where it was good and sealed there (or removed, if
  nothing was good), and the next commit opens a new one. A failed sync may have dropped the pages it could not write, so trying
  it again would prove nothing. If even the cut fails, the segment's size still ends where it was good: no reader of this process
  goes further.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hookline_collector.journal import record
from hookline_collector.journal.disk import Disk, write_all
from hookline_collector.journal.segment import SEGMENT_SUFFIX, Segment, SegmentIds
from hookline_collector.observe.metrics import Changes
from hookline_collector.signal import Signal
from hookline_collector.wire.insertion_units import PART_BYTES


@dataclass(frozen=True, slots=True)
class AppendRequest:
    """One request to be written, and the metrics that change in the step in which it counts as journaled."""

    body: bytes
    items: int
    changes: Changes = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes it takes in a segment."""
        return record.HEADER_BYTES + len(self.body)


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What became of a commit or a seal: so many entries of the batch are durable, from its front on.

    `opened` is the segment now open, as far as it is durable. `failure` says why the rest of the batch was not written.
    """

    written: int = 0
    sealed: tuple[Segment, ...] = ()
    opened: Segment | None = None
    failure: Exception | None = None
    sync_s: float = 0.0


class Writer:
    """Owns the open segment of one signal. All calls come from one thread at a time."""

    def __init__(
        self,
        folder: Path,
        signal: Signal,
        disk: Disk,
        segment_ids: SegmentIds,
        segment_max_bytes: int,
        part_bytes: int = PART_BYTES,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._signal = signal
        self._disk = disk
        self._segment_ids = segment_ids
        self._max_bytes = segment_max_bytes
        self._max_part_bytes = part_bytes
        self._clock_s = clock_s
        self._segment: Segment | None = None
        self._file = -1
        self._mark = b""
        self._part = 0
        self._part_bytes = 0
        self._sync_s = 0.0

    def commit(self, batch: Sequence[AppendRequest]) -> AppendResult:
        """Make a batch durable, or as much of it as the disk takes."""
        sealed: list[Segment] = []
        written = 0
        try:
            while written < len(batch):
                if self._segment is not None and not self._has_room(self._segment.size, batch[written]):
                    sealed += self._seal()
                written += self._append(batch[written:])
                if self._segment is not None and self._segment.size >= self._max_bytes:
                    sealed += self._seal()
        except Exception as why:  # whatever it is: bytes may be in the file that do not count
            sealed += self._abandon()
            return AppendResult(written, tuple(sealed), None, why, self._sync_s)
        return AppendResult(written, tuple(sealed), self._segment, None, self._sync_s)

    def seal(self) -> AppendResult:
        """Close the open segment, if there is one."""
        return AppendResult(0, tuple(self._seal()))

    def _append(self, entries: Sequence[AppendRequest]) -> int:
        """Write and sync as many entries as the open segment takes, at least one."""
        segment = self._segment or self._create()
        pieces: list[bytes] = []
        size, items, taken = segment.size, segment.items, 0
        for entry in entries:
            if taken and not self._has_room(size, entry):
                break
            pieces += (record.header(self._mark, entry.body, entry.items, self._part_for(entry)), entry.body)
            size, items, taken = size + entry.size, items + entry.items, taken + 1
            if size >= self._max_bytes:
                break
        write_all(self._disk, self._file, *pieces)
        self._sync()
        self._segment = Segment(segment.id, segment.signal, segment.path, size, items, segment.since)
        return taken

    def _has_room(self, size: int, entry: AppendRequest) -> bool:
        """Whether an entry still goes into a segment of this size: it begins no part that would end before it is full, as each part is an insert."""
        return not self._begins_part(entry) or size + self._max_part_bytes <= self._max_bytes

    def _begins_part(self, entry: AppendRequest) -> bool:
        return self._part_bytes > 0 and self._part_bytes + entry.size > self._max_part_bytes

    def _part_for(self, entry: AppendRequest) -> int:
        """Return the part of the segment to which an entry belongs: full parts are followed by the next one."""
        if self._begins_part(entry):
            self._part, self._part_bytes = self._part + 1, 0
        self._part_bytes += entry.size
        return self._part

    def _create(self) -> Segment:
        segment_id = self._segment_ids.next()
        path = self._folder / f"{segment_id}{SEGMENT_SUFFIX}"
        self._file = self._disk.create(path)
        self._mark = record.mark_of(segment_id)
        self._part, self._part_bytes = 0, 0
        self._segment = Segment(segment_id, self._signal, path, 0, 0, self._clock_s())
        self._disk.sync_folder(self._folder)
        return self._segment

    def _sync(self) -> None:
        begun = time.perf_counter()
        self._disk.sync(self._file)
        self._sync_s = time.perf_counter() - begun

    def _seal(self) -> list[Segment]:
        segment, self._segment = self._segment, None
        if segment is None:
            return []
        with contextlib.suppress(OSError):  # all of it is on the disk already
            self._disk.close(self._file)
        return [segment]

    def _abandon(self) -> list[Segment]:
        """Give up the open segment after a failure; what was good of it is handed on."""
        sealed = self._seal()
        for segment in sealed:
            with contextlib.suppress(OSError):
                self._disk.cut(segment.path, segment.size)
                if not segment.size:
                    self._disk.unlink(segment.path)
        return [segment for segment in sealed if segment.size]
