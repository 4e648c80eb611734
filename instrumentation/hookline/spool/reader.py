"""The relay's side of the spool: new events in order, each handed out once, and their files' removal.

- A scan lists names and looks only at those not seen before, so 100,000 waiting files cost a listing, not a reading.
  A folder whose modification time says that nothing changed is not listed.
- Events come ordered by (time, name). A hook writes, then renames: of two hooks at once the earlier event may appear
  later. So an event is held back until it is `settle_s` old, longer than any rename takes.
- A file is read once in the reader's life. It lies in the spool until `remove`: whoever starts anew reads it again.
- Nothing that vanishes, appears or is no file stops the reader. Links are never followed.
"""

import heapq
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hookline.errors import Corrupt
from hookline.settings import Settings, schema
from hookline.spool.bad import count_bad, set_aside
from hookline.spool.event import SUFFIX, SpoolEvent, parse_event
from hookline.spool.folder import FULL, count_dropped, set_flag
from hookline.spool.stamp import FolderStamp
from hookline.spool.times import measure_hook_cost

SETTLE_S = 0.03
STALE_PART_S = 3600.0
_RESCAN_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Depth:
    """What lies in the spool, as of the last scan. `unread` are those not yet handed out; dropped counts since the spool was made."""

    files: int
    bytes: int
    unread: int
    dropped: int
    bad: int


class SpoolReader:
    """Reads one spool. Not for several threads at once."""

    def __init__(self, folder: Path, limits: schema.Spool | None = None, settle_s: float = SETTLE_S) -> None:
        self._folder = folder
        self._limits = limits or schema.Spool()
        self._settle_ns = int(settle_s * 1e9)
        self._stamp = FolderStamp(folder)
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._unread: list[tuple[int, str]] = []
        self._scanned_ns = 0
        self._is_full: bool | None = None

    @classmethod
    def of(cls, settings: Settings) -> "SpoolReader":
        """Return a reader for the settings' spool."""
        return cls(settings.spool_dir, settings.spool)

    def take(self, now_ns: int, max_events: int = 1000, max_bytes: int = 32 * schema.MIB) -> list[SpoolEvent]:
        """Return the next events not yet handed out, oldest first; at least one if one is ready, however large."""
        if len(self._unread) < max_events or not 0 <= now_ns - self._scanned_ns < _RESCAN_NS:
            self._scan(now_ns)
        events: list[SpoolEvent] = []
        size = 0
        while self._unread and len(events) < max_events and size < max_bytes and self._is_settled(self._unread[0][0], now_ns):
            event = self._read(heapq.heappop(self._unread)[1])
            if event is not None:
                events.append(event)
                size += len(event.payload)
        return events

    def next_in_s(self, now_ns: int) -> float | None:
        """Return the seconds until the oldest unread event may be taken (0: now), None if there is none that is known of."""
        if not self._unread:
            return None
        return max(0, self._unread[0][0] + self._settle_ns - now_ns) / 1e9 if not self._is_settled(self._unread[0][0], now_ns) else 0.0

    def remove(self, names: Iterable[str]) -> None:
        """Remove the files of accepted events. One that cannot be removed is not handed out again by this reader."""
        for name in names:
            try:
                (self._folder / name).unlink()
            except FileNotFoundError:
                pass
            except OSError:
                continue
            self._forget(name)
        self._flag_fullness()

    def set_aside(self, name: str) -> None:
        """Move an event whose payload nobody can read to `bad/`."""
        if set_aside(self._folder, name, self._limits.max_bad_bytes):
            self._forget(name)

    def sweep(self, now_ns: int, older_than_s: float = STALE_PART_S) -> int:
        """Remove what killed hooks left half written, return how many."""
        limit_ns = now_ns - int(older_than_s * 1e9)
        stale = [name for name in self._list() if name.startswith(".") and self._modified_ns(name) < limit_ns]
        for name in stale:
            (self._folder / name).unlink(missing_ok=True)
        return len(stale)

    def depth(self) -> Depth:
        """Return the figures of the last scan, and the counters as they are now."""
        return Depth(len(self._sizes), self._bytes, len(self._unread), count_dropped(self._folder), count_bad(self._folder))

    def _scan(self, now_ns: int) -> None:
        self._scanned_ns = now_ns
        if not self._stamp.has_changed(now_ns):
            return
        present = {name for name in self._list() if name.endswith(SUFFIX) and not name.startswith(".")}
        for name in [name for name in self._sizes if name not in present]:
            self._forget(name)
        for name in present:
            if name not in self._sizes:
                self._note(name)
        self._flag_fullness()

    def _list(self) -> list[str]:
        try:
            return os.listdir(self._folder)  # noqa: PTH208 - names, not 100,000 Path objects
        except OSError:
            return []

    def _note(self, name: str) -> None:
        try:
            found = (self._folder / name).lstat()
        except OSError:
            return
        self._sizes[name] = found.st_size
        self._bytes += found.st_size
        if stat.S_ISREG(found.st_mode) and found.st_size <= self._limits.max_event_bytes:
            heapq.heappush(self._unread, (found.st_mtime_ns, name))
        else:
            self.set_aside(name)

    def _read(self, name: str) -> SpoolEvent | None:
        """Return the event; None if it is gone, or could not be read and was set aside."""
        if name not in self._sizes:
            return None
        try:
            return _read_event(self._folder / name)
        except FileNotFoundError:
            self._forget(name)
        except (OSError, Corrupt):
            self.set_aside(name)
        return None

    def _forget(self, name: str) -> None:
        self._bytes -= self._sizes.pop(name, 0)

    def _is_settled(self, time_ns: int, now_ns: int) -> bool:
        """A time ahead of the clock is no reason to wait: clocks are set back."""
        return not 0 <= now_ns - time_ns < self._settle_ns

    def _modified_ns(self, name: str) -> int:
        try:
            return (self._folder / name).lstat().st_mtime_ns
        except OSError:
            return 0

    def _flag_fullness(self) -> None:
        is_full = len(self._sizes) >= self._limits.max_files or self._bytes >= self._limits.max_bytes
        if is_full != self._is_full or (self._folder / FULL).exists() != is_full:
            self._is_full = is_full
            set_flag(self._folder / FULL, is_full)


def _read_event(path: Path) -> SpoolEvent:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise Corrupt("is no file", str(path))
        return parse_event(path, found.st_mtime_ns, file.read(), measure_hook_cost(descriptor))
