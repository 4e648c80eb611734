"""Waiting until a file of people's may have changed, without looking for it: the kernel says so where it can.

Folders are watched, not files, because editors put a new file in the place of the old. Of a path that is not there the nearest folder above it
is watched, until it is. A change that the kernel does not tell of (on a network's file system, behind two links) is seen at the next look, which
comes RARER times rarer than where nothing tells of changes at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from hookline.system.inotify import CREATE, DELETE, GONE, MODIFY, MOVE_SELF, MOVED_FROM, MOVED_TO, ONLYDIR, Inotify, open_inotify

RARER: Final = 30
SETTLE_S: Final = 0.1
MAX_FOLDERS: Final = 100
_MASK: Final = CREATE | DELETE | MODIFY | MOVE_SELF | MOVED_FROM | MOVED_TO | ONLYDIR


class FileWatch:
    """Watches while its block runs. `paths` says what matters, and is asked in a thread; `asked` makes it look in any case."""

    def __init__(
        self, paths: Callable[[], Iterable[Path]], every_s: float, asked: asyncio.Event, opened: Callable[[], Inotify | None] = open_inotify
    ) -> None:
        self._paths = paths
        self._every_s = every_s
        self._asked = asked
        self._opened = opened
        self._inotify: Inotify | None = None
        self._watches: dict[Path, int] = {}
        self._changed = asyncio.Event()

    def __enter__(self) -> FileWatch:
        self._inotify = self._opened()
        if self._inotify is not None:
            asyncio.get_running_loop().add_reader(self._inotify.descriptor, self._told)
        return self

    def __exit__(self, *_: object) -> None:
        if self._inotify is not None:
            asyncio.get_running_loop().remove_reader(self._inotify.descriptor)
            self._inotify.close()
            self._inotify = None

    async def next_look(self) -> bool:
        """Return when it is time to look, since something changed, or might have and nobody would have said so. True when somebody asked for it."""
        is_told = await self._arm()
        waits = [asyncio.create_task(event.wait()) for event in (self._asked, self._changed)]
        try:
            await asyncio.wait(waits, timeout=self._every_s * (RARER if is_told else 1), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._changed.is_set():
            await asyncio.sleep(min(SETTLE_S, self._every_s))  # who writes is not done with the first piece
        self._changed.clear()
        was_asked = self._asked.is_set()
        self._asked.clear()
        return was_asked

    async def _arm(self) -> bool:
        """Watch what is there now; say whether every change is told. What came to be watched may have changed before: it is looked at."""
        if self._inotify is None:
            return False
        wanted = await asyncio.to_thread(lambda: folders_of(self._paths()))
        for gone in self._watches.keys() - wanted:
            self._inotify.remove(self._watches.pop(gone))
        for folder in sorted(wanted - self._watches.keys())[: MAX_FOLDERS - len(self._watches)]:
            if (watch := self._inotify.add(folder, _MASK)) is not None:
                self._watches[folder] = watch
                self._changed.set()
        return self._watches.keys() == wanted

    def _told(self) -> None:
        assert self._inotify is not None  # noqa: S101 - its reader goes before it does
        gone = {watch for watch, mask in self._inotify.read() if mask & GONE}
        self._watches = {folder: watch for folder, watch in self._watches.items() if watch not in gone}
        self._changed.set()


def folders_of(paths: Iterable[Path]) -> set[Path]:
    """Return the folders in which something happens when one of the paths changes: those that links lead to among them. Blocks."""
    return {folder for path in paths for each in {path, path.resolve()} if (folder := _nearest_folder(each)) is not None}


def _nearest_folder(path: Path) -> Path | None:
    return next((folder.resolve() for folder in (path, *path.parents) if folder.is_dir()), None)
