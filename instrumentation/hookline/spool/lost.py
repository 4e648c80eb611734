"""Traces of hooks that could not write: the disk is full, the folder unwritable, and not even `dropped` takes a byte.

Such a hook leaves one byte in another file system, `<base>/hookline-<user id>/<spool's id>.lost`, the base being the first
of $XDG_RUNTIME_DIR, /dev/shm, $TMPDIR and /tmp that takes it. The folder is the user's alone and no link, the file holds at
most 64 KiB. The hook reads the spool's id from `limits`; a hook that cannot writes `unknown`. The relay
moves the traces into `dropped` as soon as that takes bytes again.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from hookline.spool.folder import DROPPED, spool_id

SUFFIX = ".lost"
UNKNOWN = "unknown"
MAX_BYTES = 65_536


def count_lost(folder: Path, env: Mapping[str, str] = os.environ) -> int:
    """Return how many events hooks could not write and could not count in `dropped`."""
    return sum(size for _, size in _traces(folder, env))


def take_lost(folder: Path, env: Mapping[str, str] = os.environ) -> int:
    """Move the traces into `dropped` and return how many there were; none while `dropped` takes no bytes."""
    taken = 0
    for trace, size in _traces(folder, env):
        try:
            descriptor = os.open(folder / DROPPED, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(b"." * size)
        except OSError:
            return taken
        with suppress(OSError):
            trace.unlink()
        taken += size
    return taken


def _traces(folder: Path, env: Mapping[str, str]) -> Iterator[tuple[Path, int]]:
    for base in dict.fromkeys((env.get("XDG_RUNTIME_DIR", ""), "/dev/shm", env.get("TMPDIR", ""), "/tmp")):  # noqa: S108 - only folders that are ours are looked into
        place = Path(base) / f"hookline-{os.getuid()}"
        if not base.startswith("/") or not _is_ours(place, stat.S_ISDIR):
            continue
        for name in (spool_id(folder), UNKNOWN):
            trace = place / f"{name}{SUFFIX}"
            if _is_ours(trace, stat.S_ISREG) and (size := trace.lstat().st_size):
                yield trace, min(size, MAX_BYTES)


def _is_ours(path: Path, is_kind: Callable[[int], bool]) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return found.st_uid == os.getuid() and is_kind(found.st_mode)
