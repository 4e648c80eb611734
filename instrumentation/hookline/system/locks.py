"""One process a part and data folder: a lock that the system drops when its holder dies.

`hold(path, part)` takes an exclusive flock and writes the holder's pid into the file. The file stays when the lock goes:
removing it would let two processes lock two files of one name. `open_locked` is the lock alone. `holder` looks with a shared
lock, so that those who look at once do not take each other for a holder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from hookline.errors import AlreadyRunning
from hookline.system import ground

TRIES = 10
BETWEEN_TRIES_S = 0.01


@contextlib.contextmanager
def hold(path: Path, part: str) -> Iterator[None]:
    """Hold the lock while the block runs. Raises AlreadyRunning with the holder's pid and the folder, HooklineError where nothing can be held."""
    ground.make(path.parent)
    descriptor = _opened(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        _lock(descriptor, path, part)
        _write_pid(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def open_locked(path: Path) -> int:
    """Take a lock at once and return the open file, whose closing frees it. Raises BlockingIOError where another holds it, OSError otherwise."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _flock(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def holder(path: Path) -> int | None:
    """Return the pid that holds the lock, None when nobody does. Raises HooklineError where that cannot be seen."""
    try:
        descriptor = _opened(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _pid_in(descriptor)
    finally:
        os.close(descriptor)
    return None


def _flock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _opened(path: Path, flags: int) -> int:
    """Open a lock file; on a disk that became read-only, to look at it alone. Raises FileNotFoundError, and HooklineError in words."""
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        raise
    except OSError as why:
        if why.errno == errno.EROFS and path.exists() and not flags & os.O_CREAT:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        raise ground.explain(path.parent, why) from None


def _write_pid(descriptor: int, path: Path) -> None:
    """Write over what stands there and cut then: on a full disk, too, the block that the file has is enough."""
    text = f"{os.getpid()}\n".encode()
    try:
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))
    except OSError as why:
        raise ground.explain(path.parent, why) from None


def _lock(descriptor: int, path: Path, part: str) -> None:
    """Take the lock; somebody who merely looks whether it is held (`holder`) has it for an instant, so it is tried again."""
    for _ in range(TRIES):
        with contextlib.suppress(OSError):
            _flock(descriptor)
            return
        time.sleep(BETWEEN_TRIES_S)
    pid = _pid_in(descriptor)
    raise AlreadyRunning(f"the {part} already runs on {path.parent} as process {pid}: stop it first, or choose another --data-dir")


def _pid_in(descriptor: int) -> int:
    digits = os.pread(descriptor, 32, 0).strip()
    return int(digits) if digits.isdigit() else 0
