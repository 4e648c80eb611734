"""The one seam through which journal and quarantine touch the disk, so that tests can break any operation.

Every method may raise OSError. `write` may write less than it was given, as the system call may: use `write_all`.
"""

import contextlib
import errno
import fcntl
import io
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from hookline.system.files import sync_folder
from hookline.system.locks import open_locked
from hookline_collector.serving.filesystem import sync_file_system

_MOST_PIECES = 1024  # of one call, on Linux and macOS
MAX_FILE_BYTES = 512 * 1024 * 1024  # a segment is closed long before; what is larger was not written by us, and is not read into memory


class Disk(Protocol):
    """Files and folders as the journal needs them."""

    def make_folder(self, path: Path) -> None:
        """Make a private folder with its parents, durably; one that is there stays."""

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder."""

    def create(self, path: Path) -> int:
        """Create a private file that is not there yet and return its descriptor, open for writing."""

    def write(self, file: int, pieces: Sequence[memoryview]) -> int:
        """Write pieces one behind the other at the end of what was written and return how many bytes went in."""

    def sync(self, file: int) -> None:
        """Return when everything written to the file is on the disk."""

    def cut(self, path: Path, size: int) -> None:
        """Shorten a file to `size`, durably; also a longer time after it was written."""

    def close(self, file: int) -> None:
        """Close a descriptor."""

    def sync_all(self, folder: Path) -> None:
        """Return when everything written under a folder so far is on the disk, at the price of one sync or a few."""

    def read(self, path: Path) -> bytes:
        """Return a file's bytes. What is no file of its own, or longer than MAX_FILE_BYTES, raises OSError at once."""

    def read_into(self, path: Path, buffer: bytearray) -> None:
        """Make a buffer hold a file's bytes, in the memory that it has as far as that is enough; otherwise as `read`."""

    def size(self, path: Path) -> int:
        """Return a file's size in bytes."""

    def rename(self, path: Path, to: Path) -> None:
        """Rename a file, over another if need be."""

    def unlink(self, path: Path) -> None:
        """Remove a file; one that is gone already is fine."""

    def sync_folder(self, folder: Path) -> None:
        """Return when creations, renames and removals in the folder are on the disk."""

    def lock(self, path: Path) -> int:
        """Take the lock file for this process, BlockingIOError where another holds it; freed by `close` or death."""


class FileDisk:
    """The real disk. With `durable` off nothing waits for the device (tests only)."""

    def __init__(self, durable: bool = True) -> None:
        self._durable = durable

    def make_folder(self, path: Path) -> None:
        if path.is_dir():
            return
        self.make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        self.sync_folder(path.parent)

    def names(self, folder: Path) -> list[str]:
        return [entry.name for entry in os.scandir(folder)]

    def create(self, path: Path) -> int:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, file: int, pieces: Sequence[memoryview]) -> int:
        return os.writev(file, pieces[:_MOST_PIECES])

    def sync(self, file: int) -> None:
        if not self._durable:
            return
        if sys.platform == "darwin":
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)  # fsync alone stops at the drive's cache there
        else:
            os.fdatasync(file)

    def cut(self, path: Path, size: int) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            if os.fstat(file).st_size > size:
                os.ftruncate(file, size)
            self.sync(file)
        finally:
            os.close(file)

    def close(self, file: int) -> None:
        os.close(file)

    def sync_all(self, folder: Path) -> None:
        if not self._durable:
            return
        file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            sync_file_system(folder, file)
        finally:
            os.close(file)

    def read(self, path: Path) -> bytes:
        with _opened(path) as content:
            return content.readall()

    def read_into(self, path: Path, buffer: bytearray) -> None:
        with _opened(path) as content:
            size = os.fstat(content.fileno()).st_size
            del buffer[size:]
            buffer.extend(bytes(size - len(buffer)))
            read = 0
            with memoryview(buffer) as room:
                while read < size and (more := content.readinto(room[read:])):
                    read += more
            del buffer[read:]

    def size(self, path: Path) -> int:
        return path.lstat().st_size

    def rename(self, path: Path, to: Path) -> None:
        path.rename(to)

    def unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        if self._durable:
            sync_folder(folder)

    def lock(self, path: Path) -> int:
        return open_locked(path)


def write_all(disk: Disk, file: int, *pieces: bytes) -> None:
    """Write all of the pieces, however little goes in at a time."""
    rest = [memoryview(piece) for piece in pieces if piece]
    while rest:
        written = disk.write(file, rest)
        if written <= 0:
            raise OSError("the disk took no bytes")
        while rest and written >= len(rest[0]):
            written -= len(rest.pop(0))
        if written:
            rest[0] = rest[0][written:]


def replace_file(disk: Disk, path: Path, data: bytes) -> None:
    """Put `data` under `path` so that a crash leaves the old file or the new one, whole and durable."""
    draft = path.with_name(path.name + ".tmp")
    disk.unlink(draft)
    file = disk.create(draft)
    try:
        write_all(disk, file, data)
        disk.sync(file)
    except OSError:
        with contextlib.suppress(OSError):
            disk.unlink(draft)
        raise
    finally:
        disk.close(file)
    disk.rename(draft, path)
    disk.sync_folder(path.parent)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[io.FileIO]:
    """Open a file for reading. What is no file of its own, or too long to be one of ours, raises OSError."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EISDIR if stat.S_ISDIR(found.st_mode) else errno.EINVAL, "it is not a regular file", str(path))
        if found.st_size > MAX_FILE_BYTES:
            raise OSError(errno.EFBIG, f"it has {found.st_size:,} bytes, more than anything written here", str(path))
        with io.FileIO(file, closefd=False) as content:
            yield content
    finally:
        os.close(file)
