"""A real file system that is small, to be filled: needs root on Linux, elsewhere the tests that use it are skipped with the reason."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FILLER = "filler"


class SmallDisk:
    """A mounted tmpfs. `fill` leaves so many bytes free, `clear` all of them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def free_bytes(self) -> int:
        """What is free now."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, but: int) -> None:
        """Take all but so many bytes; what was taken before is kept as it is, for others write here too."""
        filler = self.path / FILLER
        with filler.open("ab", buffering=0) as file:
            if (back := but - self.free_bytes) > 0:
                file.truncate(max(0, filler.stat().st_size - back))
            with contextlib.suppress(OSError):  # somebody else took the last of it
                for _ in range((self.free_bytes - but) // 4096):
                    file.write(b"\0" * 4096)

    def clear(self) -> None:
        """Give everything back."""
        (self.path / FILLER).unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of this size under a folder while the block runs."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a file system can be mounted by root on Linux alone")
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
