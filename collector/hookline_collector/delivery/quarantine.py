"""What the store would not take, kept for a person: `<folder>/<signal>/<segment>-<offset>.binpb` and a `.json` that says why.

A refused record's file holds the request's bytes as they were received, so any OTLP tool reads it, and `replay` sends it again.
A damaged record's file holds what could be read of it. A whole segment, set aside since it could not be read or it is not known any more
what of it was stored, has the segment's id as its name; `replay` sends its intact records. Names follow from the segment, so doing it again after
a crash changes nothing. Past `max_bytes` the oldest go, and are counted as `quarantine_dropped`.

`replay` puts what it sends into the journal as a segment whose id follows from the entry's name, and then forgets the entry. Cut off in
between it is done again under the same id, so nothing is stored twice; a whole segment comes back under its own, with the list of what
of it is not stored where there is one (`<segment>.parts`), so what was stored of it before is known.

Gauges: `quarantine_bytes`, `quarantine_files`. Calls block; they may come from any thread.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from hookline.errors import Corrupt, Rejected
from hookline_collector.journal import Journal
from hookline_collector.journal.disk import Disk, FileDisk, replace_file
from hookline_collector.journal.record import header, mark_of
from hookline_collector.journal.segment import PARTS_SUFFIX, SEGMENT_SUFFIX, is_segment
from hookline_collector.observe.catalogue import QUARANTINE_BYTES, QUARANTINE_DROPPED, QUARANTINE_FILES
from hookline_collector.observe.metrics import Metrics
from hookline_collector.signal import Signal

Reason = Literal["refused", "damaged"]
_DATA, _NOTE = ".binpb", ".json"
_LONGEST_ERROR = 2_000


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """One thing set aside. `at` is Unix time; `items` what is known to be in it; `size` in bytes."""

    name: str
    signal: Signal
    items: int
    size: int
    reason: Reason
    error: str
    at: float

    @property
    def can_be_replayed(self) -> bool:
        """Whether its bytes are a request that may be sent again."""
        return self.reason == "refused" or self.is_segment

    @property
    def is_segment(self) -> bool:
        """Whether it is a whole segment of the journal."""
        return is_segment(self.name + SEGMENT_SUFFIX)

    def content(self, data: bytes) -> tuple[str, bytes]:
        """Return the segment as which its bytes go back into the journal: the id, and what the file holds."""
        if self.is_segment:
            return self.name, data
        made = self.name.rpartition("-")[0]  # the segment that it was cut from
        moment = made.partition("-")[0] if is_segment(made + SEGMENT_SUFFIX) else "0" * 12
        segment_id = f"{moment}-{blake2b(self.name.encode(), digest_size=10, person=b'hookline replay').hexdigest()}"
        return segment_id, header(mark_of(segment_id), data, self.items) + data


class Quarantine:
    """The folder of what was set aside."""

    def __init__(self, folder: Path, max_bytes: int, metrics: Metrics | None = None, disk: Disk | None = None) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._metrics = metrics or Metrics()
        self._disk: Disk = disk or FileDisk()
        self._lock = threading.Lock()
        self._entries: dict[str, QuarantineEntry] | None = None

    def list(self) -> tuple[QuarantineEntry, ...]:
        """Return what is set aside, oldest first."""
        with self._lock:
            return tuple(_by_age(self._known()))

    def read(self, name: str) -> bytes:
        """Return an entry's bytes. Raises Rejected for a name that is not there."""
        return self._disk.read(self._data_path(self._find(name)))

    def set_aside(self, signal: Signal, name: str, body: bytes, items: int, reason: Reason, error: str) -> None:
        """Keep bytes durably. Raises OSError where the disk does not take them."""
        with self._lock:
            entry = QuarantineEntry(name, signal, items, len(body), reason, error[:_LONGEST_ERROR], time.time())
            if not self._make_room(entry):
                return
            self._disk.make_folder(self._folder / signal.value)
            replace_file(self._disk, self._data_path(entry), body)
            self._note(entry)

    def adopt(self, signal: Signal, path: Path, items: int, reason: Reason, error: str, slices_text: bytes | None = None) -> None:
        """Move a segment's file here that cannot be read, or that the store never takes. Raises OSError where it cannot even be moved."""
        with self._lock:
            entry = QuarantineEntry(path.stem, signal, items, self._disk.size(path), reason, error[:_LONGEST_ERROR], time.time())
            if not self._make_room(entry):
                self._disk.unlink(path)
                return
            self._disk.make_folder(self._folder / signal.value)
            if slices_text is not None:
                replace_file(self._disk, self._slices_path(entry), slices_text)
            self._disk.rename(path, self._data_path(entry))
            self._note(entry)
            self._disk.sync_folder(path.parent)

    async def replay(self, name: str, journal: Journal) -> QuarantineEntry:
        """Put a refused request, or what is intact of a segment, back into the journal and forget it here. It counts as received anew.

        Raises Rejected where there is no such entry or nothing in it can be sent, Refused when the journal is full.
        """
        entry = await asyncio.to_thread(self._find, name)
        if not entry.can_be_replayed:
            raise Rejected(f"{name} is damaged and cannot be sent again; its bytes are in {self._data_path(entry)}")
        try:
            content = entry.content(await asyncio.to_thread(self.read, name))
            items = await journal.enter(entry.signal, *content, await asyncio.to_thread(self._slices_text, entry))
        except (OSError, Rejected, Corrupt) as why:
            raise Rejected(f"{name} cannot be sent again: {why}; its bytes are in {self._data_path(entry)}") from why
        await asyncio.to_thread(self.discard, name)
        return replace(entry, items=items)

    def discard(self, name: str) -> None:
        """Remove an entry. Raises Rejected for a name that is not there."""
        entry = self._find(name)
        with self._lock:
            self._remove(entry)
            self._show()

    def _find(self, name: str) -> QuarantineEntry:
        with self._lock:
            entry = self._known().get(name)
        if entry is None:
            raise Rejected(f"nothing is set aside under the name {name!r}; `hookline status` lists what is")
        return entry

    def _note(self, entry: QuarantineEntry) -> None:
        replace_file(self._disk, self._note_path(entry), json.dumps(asdict(entry), indent=1).encode())
        self._known()[entry.name] = entry
        self._show()

    def _make_room(self, coming: QuarantineEntry) -> bool:
        """Drop the oldest until there is room; False where the coming one is too large in any case."""
        known = self._known()
        known.pop(coming.name, None)
        if coming.size > self._max_bytes:
            self._count_dropped(coming)
            return False
        held = sum(entry.size for entry in known.values())
        for oldest in _by_age(known):
            if held + coming.size <= self._max_bytes:
                break
            self._remove(oldest)
            self._count_dropped(oldest)
            held -= oldest.size
        return True

    def _remove(self, entry: QuarantineEntry) -> None:
        self._disk.unlink(self._data_path(entry))
        self._disk.unlink(self._note_path(entry))
        self._disk.unlink(self._slices_path(entry))
        self._known().pop(entry.name, None)

    def _count_dropped(self, entry: QuarantineEntry) -> None:
        self._metrics.add(QUARANTINE_DROPPED, entry.signal, max(1, entry.items))

    def _show(self) -> None:
        known = self._known()
        self._metrics.set(QUARANTINE_FILES, float(len(known)))
        self._metrics.set(QUARANTINE_BYTES, float(sum(entry.size for entry in known.values())))

    def _known(self) -> dict[str, QuarantineEntry]:
        if self._entries is None:
            self._entries = {entry.name: entry for signal in Signal for entry in self._in_folder(signal)}
            self._show()
        return self._entries

    def _in_folder(self, signal: Signal) -> Iterator[QuarantineEntry]:
        folder = self._folder / signal.value
        try:
            names = self._disk.names(folder)
        except OSError:
            return
        yield from (self._from_disk(folder, signal, name.removesuffix(_DATA)) for name in names if name.endswith(_DATA))

    def _from_disk(self, folder: Path, signal: Signal, name: str) -> QuarantineEntry:
        """Read an entry's note; one whose note a crash prevented is known by its bytes alone."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            fields = json.loads(self._disk.read(folder / (name + _NOTE)))
            return QuarantineEntry(**{**fields, "name": name, "signal": signal})
        size = 0
        with contextlib.suppress(OSError):
            size = self._disk.size(folder / (name + _DATA))
        return QuarantineEntry(name, signal, 0, size, "damaged", "its note is missing or cannot be read", 0.0)

    def _data_path(self, entry: QuarantineEntry) -> Path:
        return self._folder / entry.signal.value / (entry.name + _DATA)

    def _slices_path(self, entry: QuarantineEntry) -> Path:
        return self._folder / entry.signal.value / (entry.name + PARTS_SUFFIX)

    def _slices_text(self, entry: QuarantineEntry) -> bytes | None:
        try:
            return self._disk.read(self._slices_path(entry))
        except FileNotFoundError:
            return None

    def _note_path(self, entry: QuarantineEntry) -> Path:
        return self._folder / entry.signal.value / (entry.name + _NOTE)


def _by_age(entries: Mapping[str, QuarantineEntry]) -> "list[QuarantineEntry]":
    return sorted(entries.values(), key=lambda entry: (entry.at, entry.name))
