"""Whether a data folder can be worked in, and what to say when it cannot: what, where, what to do.

A folder that was given wrongly (no folder, somebody else's) is ConfigInvalid: the same call fails again. A disk that is full or read-only is
another HooklineError: it may work later.
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path

from hookline.errors import ConfigInvalid, HooklineError

OTHER = "or choose another folder with --data-dir"


def make(folder: Path) -> None:
    """Make the folder (0700) when it is missing. Raises ConfigInvalid or HooklineError when it cannot be worked in."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as why:
        raise explain(folder, why) from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        is_read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
        raise explain(folder, OSError(errno.EROFS if is_read_only else errno.EACCES, ""))


def explain(folder: Path, why: OSError) -> HooklineError:
    """Return what to raise in place of an error of the operating system about something in a data folder."""
    if why.errno in (errno.ENOTDIR, errno.EEXIST):
        return _given(f"{_first(folder, lambda path: not path.is_dir())} is a file, not a folder: choose a folder with --data-dir")
    if why.errno in (errno.EACCES, errno.EPERM):
        there = Path(why.filename) if why.filename and _may_look(Path(why.filename)) else folder
        there = _first(there, _may_look)
        if (mode := _own_mode(there)) is not None:
            return _given(f"its owner may not use {there} (mode {mode:04o}): chmod u+rwx it, {OTHER}")
        return _given(f"{there} belongs to {_owner(there)}, and {_name(os.geteuid())} may not use it: choose a folder of your own with --data-dir")
    if why.errno == errno.EROFS:
        return HooklineError(f"the disk under {folder} is read-only: mount it for writing, {OTHER}")
    if why.errno in (errno.ENOSPC, errno.EDQUOT):
        return HooklineError(f"the disk under {folder} is full: free at least 4 MiB there, {OTHER}")
    return HooklineError(f"the folder {folder} cannot be used ({why.strerror or why}): look at the disk under it, {OTHER}")


def _given(why: str) -> ConfigInvalid:
    return ConfigInvalid([("data_dir", why)])


def _first(path: Path, holds: Callable[[Path], bool]) -> Path:
    """Return the nearest of a path and its parents that is there and of which something holds."""
    return next((one for one in (path, *path.parents) if os.path.lexists(one) and holds(one)), path)


def _may_look(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        return False
    return True


def _own_mode(path: Path) -> int | None:
    """Return the mode of what belongs to this user; None for what belongs to another."""
    try:
        found = path.stat()
    except OSError:
        return None
    return stat.S_IMODE(found.st_mode) if found.st_uid == os.geteuid() else None


def _owner(path: Path) -> str:
    try:
        return _name(path.stat().st_uid)
    except OSError:
        return "another user"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
