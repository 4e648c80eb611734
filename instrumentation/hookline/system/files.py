"""Writing a private file so that a reader, and a crash, meet the old one or the new one, whole.

What is written lies in a draft in the same folder first, which is made anew: a link that somebody left under its name is never followed. The mode
holds from the first moment. With `sync` the content and its name are on the disk when the call returns.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

PRIVATE = 0o600
FileStamp = tuple[int, int, int]
_NUMBERS = itertools.count()


def file_stamp(path: Path) -> FileStamp | None:
    """Return what changes when a file does, None where none can be looked at. Cheap."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def write_private(path: Path, data: bytes | str, *, sync: bool = False, mode: int = PRIVATE, draft: Path | None = None) -> None:
    """Put `data` under `path`; a link there is replaced. Raises OSError, and then leaves what was there and no draft.

    `draft` says where it lies until then, for a folder in which another program takes every file for one of its own.
    """
    with drafted(path, data, sync=sync, mode=mode, draft=draft):
        pass


def create_private(path: Path, data: bytes | str, *, mode: int = PRIVATE) -> bool:
    """Put `data` under `path` unless something is there; say whether it was done. Of two that call at once one does it."""
    draft = _draft_of(path)
    try:
        _write(draft, data, mode, sync=False)
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


@contextlib.contextmanager
def drafted(path: Path, data: bytes | str, *, sync: bool = False, mode: int = PRIVATE, draft: Path | None = None) -> Iterator[None]:
    """Write a draft, run the block, and put the draft in the place of `path` unless the block raised."""
    draft = draft or _draft_of(path)
    try:
        draft.unlink(missing_ok=True)
        _write(draft, data, mode, sync)
        yield
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


def sync_file(descriptor: int) -> None:
    """Return when what was written to an open file is on the disk."""
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync alone stops at the drive's cache there
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Return when creations, renames and removals in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{next(_NUMBERS)}")


def _write(path: Path, data: bytes | str, mode: int, sync: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
        file.flush()
        if mode != PRIVATE:
            os.fchmod(descriptor, mode)
        if sync:
            sync_file(descriptor)
