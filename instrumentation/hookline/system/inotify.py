"""The kernel's word that a folder or a file changed: inotify, on Linux. Elsewhere `open_inotify` returns None, and one has to look now and then."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

MODIFY = 0x2
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
DELETE_SELF = 0x400
MOVE_SELF = 0x800
IGNORED = 0x8000
ONLYDIR = 0x01000000
GONE = DELETE_SELF | MOVE_SELF | IGNORED
_REPORT = struct.Struct("iIII")


class Inotify:
    """One instance. Reports wait in the kernel until they are read; `descriptor` is ready while some do."""

    def __init__(self, library: ctypes.CDLL, descriptor: int) -> None:
        self._library = library
        self.descriptor = descriptor

    def add(self, path: Path, mask: int) -> int | None:
        """Watch a path and return the watch's number; None if it cannot be watched, as when it is not there."""
        added = int(self._library.inotify_add_watch(self.descriptor, os.fsencode(path), mask))
        return added if added >= 0 else None

    def remove(self, watch: int) -> None:
        """Give a watch up; one that the kernel gave up already is none."""
        self._library.inotify_rm_watch(self.descriptor, watch)

    def read(self) -> Iterator[tuple[int, int]]:
        """Yield what was reported: a watch's number, and what happened."""
        try:
            reports = os.read(self.descriptor, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return
            raise
        offset = 0
        while offset < len(reports):
            watch, mask, _, length = _REPORT.unpack_from(reports, offset)
            offset += _REPORT.size + length
            yield watch, mask

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.descriptor)


def open_inotify() -> Inotify | None:
    """Return an instance; None where the system has no inotify, or no instance left."""
    if sys.platform != "linux":
        return None
    try:
        library = ctypes.CDLL(None, use_errno=True)
        descriptor = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return None
    return Inotify(library, descriptor) if descriptor >= 0 else None


def wake_pipe() -> tuple[int, int]:
    """Return (read, write) of a pipe that ends a wait in `poll`, from threads and signal handlers; neither end ever blocks."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write
