"""Sleeping until something is written in one of some folders: inotify on Linux; elsewhere the sleeper has to look now and then."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from hookline.system.inotify import CREATE, GONE, MODIFY, MOVED_TO, ONLYDIR, Inotify, open_inotify, wake_pipe

MAX_FOLDERS = 500


class FolderWatch:
    """Used by one thread, but for `wake`. `inotify` None is a system that reports nothing."""

    def __init__(self, inotify: Inotify | None) -> None:
        self._inotify = inotify
        self._wake_read, self._wake_write = wake_pipe()
        self._watches: dict[Path, int] = {}
        self._wanted: Set[Path] = frozenset()
        self._waking = threading.Lock()
        self._is_closed = False

    @classmethod
    def open(cls) -> FolderWatch:
        """Open one with what the system has."""
        return cls(open_inotify())

    @property
    def is_notified(self) -> bool:
        """Whether a change in any of the folders ends a wait."""
        return self._inotify is not None and self._watches.keys() == self._wanted

    def keep(self, folders: Set[Path]) -> None:
        """Watch these folders and no others, as far as they are there."""
        self._wanted = folders
        if self._inotify is None:
            return
        for gone in self._watches.keys() - folders:
            former = self._watches.pop(gone)
            if former not in self._watches.values():  # two names of one folder share a watch
                self._inotify.remove(former)
        for folder in folders - self._watches.keys():
            watch = self._inotify.add(folder, MODIFY | CREATE | MOVED_TO | ONLYDIR) if len(self._watches) < MAX_FOLDERS else None
            if watch is not None:
                self._watches[folder] = watch

    def wait(self, timeout_s: float | None) -> bool:
        """Sleep until something is written or `wake` is called (True), or the time is over (False). What came between two waits counts."""
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        if self._inotify is not None:
            poll.register(self._inotify.descriptor, select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll(None if timeout_s is None else max(0.0, timeout_s) * 1000)]
        if self._wake_read in ready:
            os.read(self._wake_read, 4096)
        if self._inotify is not None and self._inotify.descriptor in ready:
            gone = {watch for watch, mask in self._inotify.read() if mask & GONE}
            self._watches = {folder: watch for folder, watch in self._watches.items() if watch not in gone}
        return bool(ready)

    def wake(self) -> None:
        """End the wait that goes on, or else the next one. Safe from other threads, also while the one that waits closes it."""
        with self._waking, suppress(BlockingIOError):
            if not self._is_closed:
                os.write(self._wake_write, b".")

    def close(self) -> None:
        """Give the descriptors back."""
        with self._waking:
            self._is_closed = True
        for descriptor in (self._wake_read, self._wake_write):
            os.close(descriptor)
        if self._inotify is not None:
            self._inotify.close()
