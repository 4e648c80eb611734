"""One process a part and data folder: a lock that the system drops when its holder dies.

`hold(path, part)` takes an exclusive flock and writes the holder's pid into the file. The file stays when the lock goes:
removing it would let two processes lock two files of one name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from hookline.errors import AlreadyRunning, HooklineError

TRIES = 10
BETWEEN_TRIES_S = 0.01


@contextlib.contextmanager
def hold(path: Path, part: str) -> Iterator[None]:
    """Hold the lock while the block runs. Raises AlreadyRunning with the holder's pid and the folder."""
    make_private(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, path, part)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """Return the pid that holds the lock, None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _pid_in(descriptor)
    finally:
        os.close(descriptor)
    return None


def make_private(folder: Path) -> None:
    """Make the folder (0700) when it is missing. Raises HooklineError with what stands in the way."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as why:
        raise HooklineError(f"cannot make the folder {folder}: {why.strerror}; choose another with --data-dir") from None


def _lock(descriptor: int, path: Path, part: str) -> None:
    """Take the lock; somebody who merely looks whether it is held (`holder`) has it for an instant, so it is tried again."""
    for _ in range(TRIES):
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(BETWEEN_TRIES_S)
    pid = _pid_in(descriptor)
    raise AlreadyRunning(f"the {part} already runs on {path.parent} as process {pid}: stop it first, or choose another --data-dir")


def _pid_in(descriptor: int) -> int:
    digits = os.pread(descriptor, 32, 0).strip()
    return int(digits) if digits.isdigit() else 0
