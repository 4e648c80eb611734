"""The relay's side of the spool: new events in order, each handed out once, and their files' removal.

- What lies there is kept by `listing`: 100,000 waiting events cost a few passes over the folder, not a reading.
- Events come ordered by (time, name). A hook writes, then renames: of two hooks at once the earlier event may appear
  later. So an event is held back until it is `settle_s` old, longer than any rename takes.
- A file is read once in the reader's life. It lies in the spool until `remove`: whoever starts anew reads it again.
- Nothing that vanishes, appears or is not a regular file stops the reader. Links are never followed.
"""

import os
import socket
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hookline.errors import Corrupt
from hookline.settings import Settings, schema
from hookline.spool.adopt import adopt
from hookline.spool.bad import count_bad, set_aside
from hookline.spool.event_file import SpoolEvent, parse_event
from hookline.spool.folder import FULL, count_dropped, set_flag
from hookline.spool.listing import Listing
from hookline.spool.times import measure_hook_cost
from hookline.system.clock import NS_PER_S

SETTLE_S = 0.03
STALE_PART_S = 3600.0
_LOOK_AGAIN_NS = NS_PER_S


@dataclass(frozen=True, slots=True)
class SpoolDepth:
    """What lies in the spool, as of the last look. `unread` are those not yet handed out; dropped counts since the spool was made."""

    files: int
    bytes: int
    unread: int
    dropped: int
    bad: int


class SpoolReader:
    """Reads one spool. Not for several threads at once."""

    def __init__(self, folder: Path, limits: schema.SpoolSettings | None = None, settle_s: float = SETTLE_S) -> None:
        self._folder = folder
        self._limits = limits or schema.SpoolSettings()
        self._settle_ns = int(settle_s * NS_PER_S)
        self._listing = Listing(folder, self._limits.max_event_bytes)
        self._looked_ns = 0

    @classmethod
    def of(cls, settings: Settings) -> "SpoolReader":
        """Return a reader for the settings' spool."""
        return cls(settings.spool_dir, settings.spool)

    def take(self, now_ns: int, max_events: int = 1000, max_bytes: int = 32 * schema.MIB) -> list[SpoolEvent]:
        """Return the next events not yet handed out, oldest first; at least one if one is ready, however large."""
        if self._listing.ready < max_events or not 0 <= now_ns - self._looked_ns < _LOOK_AGAIN_NS:
            self.look(now_ns)
        events: list[SpoolEvent] = []
        size = 0
        while self._listing.ready and len(events) < max_events and size < max_bytes and self.next_in_s(now_ns) == 0:
            event = self._read(self._listing.pop())
            if event is not None:
                events.append(event)
                size += len(event.payload)
        return events

    def next_in_s(self, now_ns: int) -> float | None:
        """Return the seconds until the oldest unread event may be taken (0: now), None if there is none that is known of."""
        time_ns = self._listing.next_time_ns
        if time_ns is None:
            return 0.0 if self._listing.unread else None
        age_ns = now_ns - time_ns  # a time ahead of the clock is no reason to wait: clocks are set back
        return (self._settle_ns - age_ns) / NS_PER_S if 0 <= age_ns < self._settle_ns else 0.0

    def remove(self, names: Iterable[str]) -> None:
        """Remove the files of accepted events. One that cannot be removed is not handed out again by this reader."""
        for name in names:
            try:
                (self._folder / name).unlink()
            except FileNotFoundError:
                pass
            except OSError:
                continue
            self._listing.forget(name)
        self._flag_fullness()

    def set_aside(self, name: str) -> None:
        """Move an event whose payload nobody can read to `bad/`."""
        if set_aside(self._folder, name, self._limits.max_bad_bytes):
            self._listing.forget(name)

    def adopt(self, now_ns: int, host: str = "") -> int:
        """Make events of what dead hooks left half written, return how many."""
        return adopt(self._folder, host or socket.gethostname(), now_ns, self._limits.max_event_bytes)

    def sweep(self, now_ns: int, older_than_s: float = STALE_PART_S) -> int:
        """Remove what killed hooks left half written, return how many."""
        limit_ns = now_ns - int(older_than_s * NS_PER_S)
        stale = [part for part in self._folder.glob(".*") if _modified_ns(part, now_ns) < limit_ns]
        for part in stale:
            part.unlink(missing_ok=True)
        return len(stale)

    def depth(self) -> SpoolDepth:
        """Return the figures of the last look, and the counters as they are now."""
        listing = self._listing
        return SpoolDepth(listing.files, listing.bytes, listing.unread, count_dropped(self._folder), count_bad(self._folder))

    def look(self, now_ns: int) -> None:
        """Bring the figures up to date without handing anything out; `take` does it by itself."""
        self._looked_ns = now_ns
        self._listing.look(now_ns)
        while self._listing.unfit:
            set_aside(self._folder, self._listing.unfit.pop(), self._limits.max_bad_bytes)
        self._flag_fullness()

    def _read(self, name: str) -> SpoolEvent | None:
        """Return the event; None if it is gone, or could not be read and was set aside."""
        try:
            return _read_event(self._folder / name)
        except FileNotFoundError:
            self._listing.forget(name)
        except (OSError, Corrupt):
            self.set_aside(name)
        return None

    def _flag_fullness(self) -> None:
        is_full = self._listing.files >= self._limits.max_files or self._listing.bytes >= self._limits.max_bytes
        if (self._folder / FULL).exists() != is_full:
            set_flag(self._folder / FULL, is_full)


def _read_event(path: Path) -> SpoolEvent:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise Corrupt("is not a regular file", str(path))
        return parse_event(path, found.st_mtime_ns, file.read(), measure_hook_cost(descriptor))


def _modified_ns(path: Path, otherwise: int) -> int:
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        return otherwise
