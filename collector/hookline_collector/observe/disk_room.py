"""Room on the disk under the data folder: how much is free, and a ballast that is given up when there is none.

A database that is changed on a full disk may never open again: the engine writes a table's definition anew and what does not fit is
empty. So whoever changes something asks for room first. The ballast is a file of real blocks that stands for the worst day: it goes
so that old partitions can be dropped (which needs a little room itself), and is taken back when there is room again.

Nothing here takes what is free away from others: it is a look before a step, and what comes between the look and the step is mended at
the next start (`store/definitions.py`).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hookline.errors import Refused
from hookline.settings.schema import MIB
from hookline_collector.observe.health import PartHealth

NEEDED_BYTES = 4 * MIB
"""What a step may need at most: a first start writes one megabyte, an insert of a portion two."""
NEEDED_FILES = 256
SCARCE_BYTES = 4 * NEEDED_BYTES
BALLAST = "ballast"


class NoRoom(Refused):
    """The disk is full: it works again when there is room."""


@dataclass(frozen=True, slots=True)
class Free:
    """What a file system has left for this user, and how large it is; `files` is None where files are not counted."""

    bytes: int
    of_bytes: int
    files: int | None = None

    @property
    def is_enough(self) -> bool:
        """Whether a step may be taken."""
        return self.bytes >= NEEDED_BYTES and (self.files is None or self.files >= NEEDED_FILES)


def free_under(folder: Path) -> Free:
    """Return what is free under a folder, or under the nearest of its parents that is there."""
    found = _file_system(folder)
    return Free(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize, found.f_favail if found.f_files else None)


def _file_system(folder: Path) -> os.statvfs_result:
    try:
        return os.statvfs(folder)
    except FileNotFoundError:
        return _file_system(folder.parent)


@dataclass(frozen=True, slots=True)
class Room:
    """The room under one folder. `ballast_bytes` 0 keeps no ballast. All calls are cheap and may come from any thread."""

    folder: Path
    ballast_bytes: int = 0
    look: Callable[[Path], Free] = free_under

    def require(self, purpose: str) -> None:
        """Raise NoRoom when there is none; `purpose` names what it is needed for."""
        free = self.look(self.folder)
        if not free.is_enough:
            raise NoRoom(f"no room for {purpose}: {_words(free)} under {self.folder}; free at least {NEEDED_BYTES // MIB} MiB there")

    def make(self, purpose: str) -> None:
        """Give the ballast up when there is no room otherwise. Raises NoRoom when that is not enough."""
        if not self.look(self.folder).is_enough:
            with contextlib.suppress(OSError):
                self._ballast.unlink(missing_ok=True)
        self.require(purpose)

    def restore(self) -> None:
        """Take the ballast when it is not there and leaves room enough; a disk that does not give it keeps it."""
        if not self.ballast_bytes or self.look(self.folder).bytes < self.ballast_bytes + SCARCE_BYTES or self._is_taken():
            return
        try:
            _fill(self._ballast, self.ballast_bytes)
        except OSError:
            with contextlib.suppress(OSError):
                self._ballast.unlink(missing_ok=True)

    def free(self) -> Free:
        """Return what is free now."""
        return self.look(self.folder)

    def health(self) -> PartHealth:
        """Return how the disk stands: not well when it is full."""
        free = self.look(self.folder)
        return PartHealth("disk", free.is_enough, _words(free) if free.is_enough else f"full: {_words(free)} under {self.folder}")

    @property
    def _ballast(self) -> Path:
        return self.folder / BALLAST

    def _is_taken(self) -> bool:
        try:
            return self._ballast.stat().st_size == self.ballast_bytes
        except OSError:
            return False


def _fill(path: Path, size: int) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file, 0, size)
        else:
            for _ in range(0, size, MIB):
                os.write(file, b"\0" * min(MIB, size))
    finally:
        os.close(file)


def _words(free: Free) -> str:
    if free.files is not None and free.files < NEEDED_FILES:
        return f"{free.files} files can still be made"
    return f"{size_of(free.bytes)} of {size_of(free.of_bytes)} free"


def size_of(count: int) -> str:
    """Return a number of bytes as people read it: 270.6 GB, 7.4 MB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
