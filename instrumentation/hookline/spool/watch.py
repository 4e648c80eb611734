"""Sleeping until a hook has written.

Linux: inotify reports the hook's rename, so an idle relay uses no time and wakes within a millisecond. Reports that come
between two waits are kept by the kernel. Elsewhere, and while the folder is missing, its modification time is looked at
every `poll_s`. `wake` ends a wait from another thread.
"""

import ctypes
import errno
import os
import select
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hookline.spool.stamp import FolderStamp

_IN_MOVED_TO = 0x80
_IN_DELETE_SELF = 0x400
_IN_MOVE_SELF = 0x800
_IN_IGNORED = 0x8000
_IN_ONLYDIR = 0x01000000
_MASK = _IN_MOVED_TO | _IN_DELETE_SELF | _IN_MOVE_SELF | _IN_ONLYDIR
_EVENT = struct.Struct("iIII")


class SpoolWatch:
    """Waits for new events in one folder. `use_inotify=False` polls, as systems without inotify do."""

    def __init__(self, folder: Path, poll_s: float = 0.2, use_inotify: bool = True) -> None:
        self._folder = folder
        self._poll_s = poll_s
        self._stamp = FolderStamp(folder)
        self._notifier = _Notifier.open(folder) if use_inotify else None
        self._wake_read, self._wake_write = _make_pipe()
        self._begin_watching()

    @property
    def is_notified(self) -> bool:
        """Whether the system reports new events; otherwise the folder is polled."""
        return self._notifier is not None and self._notifier.is_watching

    def wait(self, timeout_s: float) -> bool:
        """Sleep until an event may have come, `wake` was called (True), or the time is over (False)."""
        if self.is_notified:
            return self._sleep(timeout_s)
        deadline = time.monotonic() + timeout_s
        while not self._begin_watching():
            if self._stamp.is_certain and self._stamp.has_changed(time.time_ns()):
                return True
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            if self._sleep(min(left_s, self._poll_s)) or self._stamp.has_changed(time.time_ns()):
                return True
        return True  # what came before the watch was not reported

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
        return bool(ready)


class _Notifier:
    """One inotify instance with one folder; the folder may go away and come back."""

    def __init__(self, library: ctypes.CDLL, descriptor: int, folder: Path) -> None:
        self._library = library
        self._folder = folder
        self._watch: int | None = None
        self.descriptor = descriptor

    @property
    def is_watching(self) -> bool:
        """Whether the folder is watched."""
        return self._watch is not None

    @classmethod
    def open(cls, folder: Path) -> "_Notifier | None":
        """Return None where the system has no inotify, or no instance left."""
        if sys.platform != "linux":
            return None
        try:
            library = ctypes.CDLL(None, use_errno=True)
            descriptor = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, AttributeError):
            return None
        return cls(library, descriptor, folder) if descriptor >= 0 else None

    def watch(self) -> bool:
        """Begin to watch the folder; False if it is not there."""
        added = int(self._library.inotify_add_watch(self.descriptor, os.fsencode(self._folder), _MASK))
        self._watch = added if added >= 0 else None
        return self.is_watching

    def drain(self) -> None:
        """Read what was reported; stop watching a folder that is gone."""
        try:
            reports = os.read(self.descriptor, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return
            raise
        offset = 0
        while offset < len(reports):
            watch, mask, _, length = _EVENT.unpack_from(reports, offset)
            offset += _EVENT.size + length
            if watch == self._watch and mask & (_IN_DELETE_SELF | _IN_MOVE_SELF | _IN_IGNORED):
                self._library.inotify_rm_watch(self.descriptor, watch)
                self._watch = None

    def close(self) -> None:
        os.close(self.descriptor)


def _make_pipe() -> tuple[int, int]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write
