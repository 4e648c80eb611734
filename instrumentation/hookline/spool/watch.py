"""Sleeping until a hook has written.

Linux: inotify reports the hook's rename, so an idle relay uses no time and wakes within a millisecond. Reports that come
between two waits are kept by the kernel. Elsewhere, and while the folder is missing, its modification time is looked at
every `poll_s`. `wake` ends a wait from another thread.
"""

import os
import select
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hookline.spool.stamp import FolderStamp
from hookline.system.inotify import DELETE_SELF, GONE, MOVE_SELF, MOVED_TO, ONLYDIR, Inotify, open_inotify, wake_pipe


class SpoolWatch:
    """Waits for new events in one folder. `use_inotify=False` polls, as systems without inotify do."""

    def __init__(self, folder: Path, poll_s: float = 0.2, use_inotify: bool = True) -> None:
        self._folder = folder
        self._poll_s = poll_s
        self._stamp = FolderStamp(folder)
        self._notifier = _Notifier.open(folder) if use_inotify else None
        self._wake_read, self._wake_write = wake_pipe()
        self._has_written = False
        self._begin_watching()

    @property
    def is_notified(self) -> bool:
        """Whether the system reports new events; otherwise the folder is polled."""
        return self._notifier is not None and self._notifier.is_watching

    def take_news(self) -> bool:
        """Say whether a wait has seen that an event came since the last call, or may have; without the system's reports one always may."""
        has_written, self._has_written = self._has_written, False
        return has_written or not self.is_notified

    def wait(self, timeout_s: float) -> bool:
        """Sleep until an event may have come, `wake` was called (True), or the time is over (False)."""
        if self.is_notified:
            return self._sleep(timeout_s)
        deadline = time.monotonic() + timeout_s
        self._has_written = True  # what comes before the watch is not reported
        while not self._begin_watching():
            if self._stamp.is_certain and self._stamp.has_changed(time.time_ns()):
                return True
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            if self._sleep(min(left_s, self._poll_s)) or self._stamp.has_changed(time.time_ns()):
                return True
        return True

    def _begin_watching(self) -> bool:
        return self._notifier is not None and self._notifier.watch()

    def wake(self) -> None:
        """End the wait that goes on, or else the next one. Safe from other threads and from signal handlers."""
        with suppress(BlockingIOError):
            os.write(self._wake_write, b".")

    def close(self) -> None:
        """Give the descriptors back."""
        for descriptor in (self._wake_read, self._wake_write):
            os.close(descriptor)
        if self._notifier is not None:
            self._notifier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _sleep(self, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        if self._notifier is not None:
            poll.register(self._notifier.descriptor, select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll(max(0.0, timeout_s) * 1000)]
        if self._wake_read in ready:
            os.read(self._wake_read, 4096)
        if self._notifier is not None and self._notifier.descriptor in ready:
            self._notifier.drain()
            self._has_written = True
        return bool(ready)


class _Notifier:
    """One inotify instance with one folder; the folder may go away and come back."""

    def __init__(self, inotify: Inotify, folder: Path) -> None:
        self._inotify = inotify
        self._folder = folder
        self._watch: int | None = None
        self.descriptor = inotify.descriptor
        self.close = inotify.close

    @property
    def is_watching(self) -> bool:
        """Whether the folder is watched."""
        return self._watch is not None

    @classmethod
    def open(cls, folder: Path) -> "_Notifier | None":
        """Return None where the system has no inotify, or no instance left."""
        inotify = open_inotify()
        return None if inotify is None else cls(inotify, folder)

    def watch(self) -> bool:
        """Begin to watch the folder; False if it is not there."""
        self._watch = self._inotify.add(self._folder, MOVED_TO | DELETE_SELF | MOVE_SELF | ONLYDIR)
        return self.is_watching

    def drain(self) -> None:
        """Read what was reported; stop watching a folder that is gone."""
        for watch, mask in self._inotify.read():
            if watch == self._watch and mask & GONE:
                self._inotify.remove(watch)
                self._watch = None
