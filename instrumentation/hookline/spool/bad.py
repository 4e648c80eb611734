"""Sets unreadable files aside: moves them to `bad/` and keeps them up to a size and a count, dropping the oldest first."""

import os
from contextlib import suppress
from pathlib import Path

from hookline.spool.folder import BAD

MAX_FILES = 1000


def set_aside(folder: Path, name: str, max_bytes: int) -> bool:
    """Move an entry of the spool to `bad/`, whatever it is; False if that cannot be done. Links are moved, not followed."""
    try:
        place = _make_place(folder)
        (folder / name).rename(place / f"{(folder / name).lstat().st_mtime_ns}-{name}")
    except FileNotFoundError:
        return True
    except OSError:
        return False
    _trim(place, max_bytes)
    return True


def count_bad(folder: Path) -> int:
    """Return how many entries lie in `bad/`."""
    try:
        return sum(1 for _ in (folder / BAD).iterdir())
    except OSError:
        return 0


def _make_place(folder: Path) -> Path:
    place = folder / BAD
    if place.is_symlink():
        place.unlink()
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def _trim(place: Path, max_bytes: int) -> None:
    found: list[tuple[int, int, str]] = []
    with suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            with suppress(OSError):
                stat = entry.stat(follow_symlinks=False)
                found.append((stat.st_mtime_ns, stat.st_size, entry.name))
    found.sort()
    size = sum(bytes_ for _, bytes_, _ in found)
    for count, (_, bytes_, name) in zip(range(len(found), 0, -1), found, strict=True):
        if count <= MAX_FILES and size <= max_bytes:
            return
        with suppress(OSError):
            (place / name).unlink()
        size -= bytes_
