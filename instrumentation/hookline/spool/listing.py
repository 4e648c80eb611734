"""What lies in the spool: which events are known, which are next, how many and how large they are.

Only the oldest WINDOW unread events are remembered; while more wait, the folder is looked through again when those are
nearly used up. So 100,000 waiting events cost a few passes over the folder and 3 MB, not 30. Whatever is not remembered is
newer than what is.
"""

import heapq
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from hookline.spool.event_file import SUFFIX
from hookline.spool.stamp import FolderStamp

WINDOW = 10_000
_LOW = 1000


class Listing:
    """The events of one folder, by name. `unfit` lists entries that are not files or are larger than `max_event_bytes`."""

    def __init__(self, folder: Path, max_event_bytes: int, window: int = WINDOW) -> None:
        self._folder = folder
        self._max_event_bytes = max_event_bytes
        self._window = window
        self._stamp = FolderStamp(folder)
        self._sizes: dict[str, int] = {}  # remembered: unread, and handed out but not removed
        self._unread: list[tuple[int, str]] = []
        self._beyond_files = 0  # further ones, as of the last pass
        self._beyond_bytes = 0
        self._known_bytes = 0
        self.unfit: list[str] = []

    @property
    def files(self) -> int:
        """Events that lie there, as of the last pass."""
        return len(self._sizes) + self._beyond_files

    @property
    def bytes(self) -> int:
        """Their size."""
        return self._known_bytes + self._beyond_bytes

    @property
    def ready(self) -> int:
        """Unread events that are remembered and can be handed out."""
        return len(self._unread)

    @property
    def unread(self) -> int:
        """Events not yet handed out."""
        return len(self._unread) + self._beyond_files

    @property
    def next_time_ns(self) -> int | None:
        """Time of the oldest unread event."""
        return self._unread[0][0] if self._unread else None

    def pop(self) -> str:
        """Hand out the oldest unread event's name."""
        return heapq.heappop(self._unread)[1]

    def forget(self, name: str) -> None:
        """Take it that an event is gone."""
        self._known_bytes -= self._sizes.pop(name, 0)

    def look(self, now_ns: int) -> None:
        """Pass over the folder, if it may have changed or more events wait there than are remembered."""
        has_changed = self._stamp.has_changed(now_ns)
        if len(self._unread) >= _LOW and self._beyond_files:
            return
        if has_changed or self._beyond_files:
            self._pass_over()

    def _pass_over(self) -> None:
        room = self._window - len(self._unread)
        newest_first: list[tuple[int, str, int]] = []
        seen: set[str] = set()
        self._beyond_files = self._beyond_bytes = 0
        for name in self._names():
            if name in self._sizes:
                seen.add(name)
            elif (found := self._inspect(name)) is not None:
                self._keep_oldest(newest_first, (-found.st_mtime_ns, name, found.st_size), room)
        for name in [name for name in self._sizes if name not in seen]:
            self.forget(name)
        for negative_ns, name, size in newest_first:
            heapq.heappush(self._unread, (-negative_ns, name))
            self._sizes[name] = size
            self._known_bytes += size
        self._unread = [entry for entry in self._unread if entry[1] in self._sizes]
        heapq.heapify(self._unread)

    def _keep_oldest(self, newest_first: list[tuple[int, str, int]], entry: tuple[int, str, int], room: int) -> None:
        if len(newest_first) < room:
            heapq.heappush(newest_first, entry)
            return
        newest = heapq.heappushpop(newest_first, entry) if newest_first else entry
        self._beyond_files += 1
        self._beyond_bytes += newest[2]

    def _inspect(self, name: str) -> os.stat_result | None:
        """Return what the entry is; None if it is gone or no event."""
        try:
            found = (self._folder / name).lstat()
        except OSError:
            return None
        if stat.S_ISREG(found.st_mode) and found.st_size <= self._max_event_bytes:
            return found
        self.unfit.append(name)
        return None

    def _names(self) -> Iterator[str]:
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.name.endswith(SUFFIX) and not entry.name.startswith("."):
                        yield entry.name
        except OSError:
            return
