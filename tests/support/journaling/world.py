"""A disk and a store that can fail in every way, and die at any moment.

`World` is the machine: each operation of the disk or the store is a tick before its effect and one after. When `dies_in`
ticks are over the machine is dead: nothing has an effect any more and every call raises, so the process that still runs can
neither write nor acknowledge. `crash` then makes of the disk what a power loss (or a mere kill) leaves.
"""

import errno
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hookline.errors import Refused, Rejected
from hookline_collector.signal import Signal
from support.journaling.requests import names_in


@dataclass
class File:
    """A file's bytes as the system sees them, and those that would survive a power loss. `lost_to` follows a failed sync."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    lost_to: int = 0


class World:
    """When the machine dies."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.dies_in: int | None = None
        self.is_dead = False

    def tick(self) -> None:
        """Let a moment pass."""
        with self._lock:
            if self.dies_in is not None and not self.is_dead:
                self.dies_in -= 1
                self.is_dead = self.dies_in < 0
            if self.is_dead:
                raise OSError(errno.EIO, "the machine is dead")


class MemoryDisk:
    """`Disk` in memory. `write_faults` and `sync_faults` are used up one an operation; `room` is how many bytes fit."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: dict[Path, File] = {}
        self.durable: dict[Path, File] = {}
        self.open_files: dict[int, File] = {}
        self.locks: dict[int, Path] = {}
        self.write_faults: list[str] = []
        self.sync_faults: list[str] = []
        self.room: int | None = None
        self.is_read_only = False
        self._next = 3
        self._lock = threading.RLock()

    # Disk

    def make_folder(self, path: Path) -> None:
        del path

    def names(self, folder: Path) -> list[str]:
        with self._lock:
            return [path.name for path in self.seen if path.parent == folder]

    def create(self, path: Path) -> int:
        with self._changing():
            if path in self.seen:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
            file = self.seen[path] = File()
            self._next += 1
            self.open_files[self._next] = file
            return self._next

    def write(self, file: int, pieces: Sequence[memoryview]) -> int:
        data = b"".join(pieces)
        with self._changing():
            fault = self.write_faults.pop(0) if self.write_faults else ""
            used = sum(len(one.seen) for one in self.seen.values())
            room = len(data) if self.room is None else max(0, self.room - used)
            if fault == "fails":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if not room and data:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            count = max(1, len(data) // 3) if fault == "short" else len(data)
            count = min(count, room)
            self.open_files[file].seen += data[:count]
            return count

    def sync(self, file: int) -> None:
        with self._changing():
            self._sync(self.open_files[file])

    def cut(self, path: Path, size: int) -> None:
        with self._changing():
            file = self.seen[path]
            del file.seen[size:]
            self._sync(file)

    def sync_all(self, folder: Path) -> None:
        with self._changing():
            for path, file in self.seen.items():
                if path.is_relative_to(folder):
                    self._sync(file)
                    self.durable[path] = file

    def size(self, path: Path) -> int:
        return len(self.seen[path].seen)

    def _sync(self, file: File) -> None:
        if self.sync_faults and self.sync_faults.pop(0) == "fails":
            file.lost_to = len(file.seen)  # the pages are taken for clean from now on: no later sync writes them
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        written = bytearray(file.seen)
        written[len(file.durable) : file.lost_to] = bytes(max(0, file.lost_to - len(file.durable)))
        file.durable = bytes(written[: len(file.seen)])

    def close(self, file: int) -> None:
        self.open_files.pop(file, None)
        self.locks.pop(file, None)

    def read(self, path: Path) -> bytes:
        with self._lock:
            self.world.tick()
            if path not in self.seen:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            return bytes(self.seen[path].seen)

    def read_into(self, path: Path, buffer: bytearray) -> None:
        buffer[:] = self.read(path)

    def rename(self, path: Path, to: Path) -> None:
        with self._changing():
            self.seen[to] = self.seen.pop(path)

    def unlink(self, path: Path) -> None:
        with self._changing():
            self.seen.pop(path, None)

    def sync_folder(self, folder: Path) -> None:
        with self._changing():
            for path in [*self.durable]:
                if path.parent == folder and path not in self.seen:
                    del self.durable[path]
            self.durable.update({path: file for path, file in self.seen.items() if path.parent == folder})

    def lock(self, path: Path) -> int:
        with self._changing():
            if path in self.locks.values():
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            self._next += 1
            self.locks[self._next] = path
            return self._next

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One operation: a tick before it, a tick after it, and nothing in between."""
        if self.is_read_only:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        with self._lock:
            self.world.tick()
            yield
        self.world.tick()

    # What a crash leaves

    def kill(self) -> None:
        """The process is gone; the system keeps what it was given."""
        self._forget_process()

    def lose_power(self, rng: random.Random) -> None:
        """Keep what was synced, and of the rest whatever happened to be on the disk already."""
        self._forget_process()
        kept = dict(self.durable)
        for path in {*self.seen, *self.durable}:
            if (path in self.seen) != (path in self.durable) and rng.random() < 0.5:
                kept.pop(path, None) if path in kept else kept.update({path: self.seen[path]})
        self.seen = {path: File(_survivor(file, rng)) for path, file in kept.items()}
        for file in self.seen.values():
            file.durable = bytes(file.seen)
        self.durable = dict(self.seen)

    def _forget_process(self) -> None:
        self.open_files.clear()
        self.locks.clear()
        self.write_faults.clear()
        self.sync_faults.clear()


def _survivor(file: File, rng: random.Random) -> bytearray:
    """Return a file's bytes after a power loss: the synced ones, then a part of the others, perhaps with a hole."""
    extra = bytearray(file.seen[len(file.durable) :])
    del extra[rng.randrange(len(extra) + 1) :]
    if extra and rng.random() < 0.4:
        begin, end = sorted((rng.randrange(len(extra) + 1), rng.randrange(len(extra) + 1)))
        extra[begin:end] = bytes(end - begin)
    return bytearray(file.durable) + extra


class MemoryStore:
    """`Store` that knows tokens, and of which a death leaves what it held when it was last secured.

    An item whose name begins with "bad" makes it refuse the whole payload, as a parser does,
    until it `is_forgiving`: as after a repair."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens: dict[str, bytes] = {}
        self.stored: Counter[str] = Counter()
        self.secured: tuple[dict[str, bytes], Counter[str]] = {}, Counter()
        self.is_away = False
        self.is_forgiving = False
        self.ambiguous = 0
        self.inserts = 0
        self.changed_tokens: list[str] = []
        self._lock = threading.Lock()

    def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
        with self._lock:
            self._alive()
            if self.is_away:
                raise Refused("the store is away", retry_after_s=0.0)
            self.inserts += 1
            names = names_in(signal, payload)
            if not self.is_forgiving and any(name.startswith("bad") for name in names):
                raise Rejected("Code: 33. Cannot read all data")
            if token not in self.tokens:
                self.tokens[token] = bytes(payload)
                self.stored.update(names)
            elif self.tokens[token] != payload:
                self.changed_tokens.append(token)
            self._alive()
            if self.ambiguous:
                self.ambiguous -= 1
                raise Refused("no answer in time", retry_after_s=0.0)

    def secure(self) -> None:
        with self._lock:
            self._alive()
            if self.is_away:
                raise Refused("the store is away", retry_after_s=0.0)
            self.secured = dict(self.tokens), Counter(self.stored)
            self._alive()

    def rewind(self) -> None:
        """Go back to what was secured, as the engine's folder does at every start."""
        self.tokens, self.stored = dict(self.secured[0]), Counter(self.secured[1])

    def _alive(self) -> None:
        try:
            self.world.tick()
        except OSError as why:
            raise Refused("the machine is dead", retry_after_s=0.0) from why
