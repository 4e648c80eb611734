"""What the operating system offers for a whole file system or folder: syncing it at once, and keeping others out of a folder."""

from __future__ import annotations

import ctypes
import fcntl
import os
import stat
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from hookline.errors import ConfigInvalid

_SLACK_S = 2.0  # file times are coarse, and the clock may be set


def sync_file_system(folder: Path, file: int, changed_since: float = 0.0) -> None:
    """Return when everything written so far into the file system of `folder` is on the disk.

    `file` is a descriptor of the folder, opened before what matters was written: the kernel tells each descriptor once of pages
    that it could not write since. Where there is no such call, everything in the folder that changed since then (Unix time) is synced file by file.
    Raises OSError when something could not be written; what that was is not known, and calling again proves nothing.
    """
    sync = _syncfs()
    if sync is None:
        _sync_each(folder, changed_since - _SLACK_S)
    elif sync(file):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(folder))


@cache
def _syncfs() -> Callable[[int], int] | None:
    library = ctypes.CDLL(None, use_errno=True)
    found: Callable[[int], int] | None = getattr(library, "syncfs", None)
    return found


def _sync_each(folder: Path, changed_since: float) -> None:
    for path in _changed(folder, changed_since):
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except FileNotFoundError:  # merged away meanwhile
            continue
        try:
            os.fsync(file)
        finally:
            os.close(file)
    if sys.platform == "darwin":  # one flush of the drive's cache serves all of them
        file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
        finally:
            os.close(file)


def _changed(folder: Path, since: float) -> Iterator[Path]:
    """Yield files before the folders that name them."""
    for root, _, names in os.walk(folder, topdown=False):
        for path in (*(Path(root, name) for name in names), Path(root)):
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue
            is_ours = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
            if is_ours and max(found.st_mtime, found.st_ctime) >= since:
                yield path


def keep_private(folder: Path, from_readers: bool) -> str:
    """Take from others the right to write into a folder of ours, with `from_readers` also to look into it; return what is to be said of it.

    Raises ConfigInvalid when anybody may write into a folder that is not ours to mend. One that is not there, or sticky as /tmp is, stays.
    """
    try:
        found = folder.stat()
    except FileNotFoundError:
        return ""
    mode = stat.S_IMODE(found.st_mode)
    unwanted = mode & (0o077 if from_readers else 0o022)
    if not unwanted or mode & stat.S_ISVTX or not stat.S_ISDIR(found.st_mode):
        return ""
    if found.st_uid != os.geteuid():
        if mode & 0o002:
            why = f"everybody may write into {folder}, and it belongs to uid {found.st_uid}: choose a folder of your own"
            raise ConfigInvalid([("data_dir", why)])
        return f"{folder} belongs to uid {found.st_uid}, and its group may do what mode {mode:04o} says"
    folder.chmod(mode & ~unwanted)
    return f"others could {'write into' if unwanted & 0o022 else 'look into'} {folder} (mode {mode:04o}); they cannot any more"
