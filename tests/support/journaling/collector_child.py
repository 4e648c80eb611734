"""A small collector that is there to be killed: the real journal and the real hand-over on a real disk, before a store.

Over its socket it gets lines of names, appends each line as one request, and answers `ok <first name>` once that is
acknowledged. `read <number>` is what a question does: first all that was acknowledged is to be stored, then `read <number> <fresh or stale>
<names>` tells what the store has. `drain` is answered with `drained <balance>` when the journal is empty.

A store named `…-patient` is given nothing because of its age: only what somebody reads, or much at once.

It dies by itself at a deadly point: `<operation>:<file>:<before|after>`, such as `unlink:segment:before`, the n-th time it gets there.
"""

import asyncio
import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hookline.errors import Rejected
from hookline.settings import Settings, schema
from hookline_collector.delivery import SegmentStore
from hookline_collector.delivery.freshness import Freshness
from hookline_collector.journal.disk import FileDisk
from hookline_collector.signal import Signal
from support.journaling.life import Life
from support.journaling.requests import names_in

LIMITS = schema.JournalSettings(segment_max_bytes=20_000, segment_max_age_s=0.002)
T = TypeVar("T")


class Fate:
    """Kills this process the n-th time it comes to one point."""

    def __init__(self, point: str, occurrence: int) -> None:
        self._point = point
        self._left = occurrence
        self._lock = threading.Lock()

    def passes(self, point: str) -> None:
        """Come to a point."""
        if point != self._point:
            return
        with self._lock:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, work: Callable[..., T], *arguments: Any) -> T:
        """Do something that is deadly before or after."""
        self.passes(f"{name}:before")
        done = work(*arguments)
        self.passes(f"{name}:after")
        return done


def kind_of(path: Path) -> str:
    """Name the kind of a file for a deadly point."""
    if "quarantine" in path.parts:
        return "note" if ".json" in path.name else "quarantine"
    return "parts" if ".parts" in path.name else "segment"


class DeadlyDisk(FileDisk):
    """The real disk, with a deadly point before and after each operation that changes it."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate
        self._kinds: dict[int, str] = {}

    def create(self, path: Path) -> int:
        file = self._fate.around(f"create:{kind_of(path)}", super().create, path)
        self._kinds[file] = kind_of(path)
        return file

    def write(self, file: int, pieces: Sequence[memoryview]) -> int:
        """Write in two steps, so that a death in between leaves a torn record."""
        data = memoryview(b"".join(pieces))
        self._fate.passes(f"write:{self._kinds[file]}:before")
        half = len(data) // 2
        written = super().write(file, [data[:half]]) if half else 0
        self._fate.passes(f"write:{self._kinds[file]}:between")
        written += super().write(file, [data[half:]]) if written == half else 0
        self._fate.passes(f"write:{self._kinds[file]}:after")
        return written

    def sync(self, file: int) -> None:
        self._fate.around(f"sync:{self._kinds.get(file, 'segment')}", super().sync, file)

    def cut(self, path: Path, size: int) -> None:
        self._fate.around(f"cut:{kind_of(path)}", super().cut, path, size)

    def rename(self, path: Path, to: Path) -> None:
        self._fate.around(f"rename:{kind_of(to)}", super().rename, path, to)

    def unlink(self, path: Path) -> None:
        self._fate.around(f"unlink:{kind_of(path)}", super().unlink, path)

    def sync_folder(self, folder: Path) -> None:
        self._fate.around(f"sync_folder:{'quarantine' if 'quarantine' in folder.parts else 'segment'}", super().sync_folder, folder)


class FileStore:
    """A store that knows tokens, in SQLite: an insert is there as a whole or not at all, whoever is killed."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY); CREATE TABLE IF NOT EXISTS items (name TEXT);"
        )
        self._lock = threading.Lock()

    def insert(self, kind: Signal, payload: bytes | bytearray, token: str) -> None:
        names = names_in(kind, payload)
        if any(name.startswith("bad") for name in names):
            raise Rejected("Code: 33. Cannot read all data")
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            if self._db.execute("INSERT OR IGNORE INTO tokens VALUES (?)", (token,)).rowcount:
                self._db.executemany("INSERT INTO items VALUES (?)", [(name,) for name in names])
            self._db.execute("COMMIT")

    def secure(self) -> None:
        """A kill takes nothing from it."""

    def names(self) -> list[str]:
        """Return the names of all items, as often as they are there."""
        return [name for (name,) in self._db.execute("SELECT name FROM items")]


class EngineStore:
    """The real store on the embedded engine."""

    def __init__(self, folder: Path) -> None:
        from hookline_collector.store import Store as ClickHouse

        self._store = ClickHouse.open(Settings(data_dir=folder))

    def insert(self, kind: Signal, payload: bytes | bytearray, token: str) -> None:
        self._store.insert(kind, payload, token)

    def secure(self) -> None:
        self._store.secure()

    def names(self) -> list[str]:
        """Return the names of all spans and log records, as often as they are there."""
        rows = self._store.query("SELECT SpanName FROM otel_traces UNION ALL SELECT EventName FROM otel_logs")
        return [str(row[0]) for row in rows.rows]


class DeadlyStore:
    """A store with a deadly point before and after each insert, and each time it is secured."""

    def __init__(self, store: SegmentStore, fate: Fate) -> None:
        self._store = store
        self._fate = fate

    def insert(self, kind: Signal, payload: bytes | bytearray, token: str) -> None:
        self._fate.around("insert:store", self._store.insert, kind, payload, token)

    def secure(self) -> None:
        self._fate.around("secure:store", self._store.secure)


async def collect(folder: Path, connection: socket.socket, store: "FileStore | EngineStore", fate: Fate, limits: schema.JournalSettings) -> None:
    """Take requests from the socket until it ends."""
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    async with Life(folder, DeadlyStore(store, fate), DeadlyDisk(fate), limits) as life, asyncio.TaskGroup() as sending:
        life.begin()
        fresh = Freshness(life.journal, life.delivery, 60.0)
        writer.write(b"ready\n")
        while line := (await reader.readline()).decode().split():
            match line:
                case ["drain"]:
                    await life.until(lambda: life.is_empty, within_s=60)
                    writer.write(f"drained {life.balance()}\n".encode())
                case ["names"]:
                    writer.write((" ".join(["names", *await found_in(life, store)]) + "\n").encode())
                case ["read", number]:
                    sending.create_task(read(life, fresh, store, number, writer))
                case names:
                    sending.create_task(take(life, names, writer))
            await writer.drain()


async def found_in(life: Life, store: "FileStore | EngineStore") -> list[str]:
    """Return the names of what is stored and of what was set aside."""
    return [*await asyncio.to_thread(store.names), *life.set_aside().elements()]


async def read(life: Life, fresh: Freshness, store: "FileStore | EngineStore", number: str, writer: asyncio.StreamWriter) -> None:
    """Answer a question as the API does."""
    note = await fresh.catch_up()
    said = ["read", number, "fresh" if note.is_fresh else "stale", *await found_in(life, store)]
    writer.write((" ".join(said) + "\n").encode())


async def take(life: Life, names: list[str], writer: asyncio.StreamWriter) -> None:
    """Append one request and say so."""
    kind = Signal.LOGS if names[0].endswith("l") else Signal.TRACES
    if await life.send(kind, names, filler=200):
        writer.write(f"ok {names[0]}\n".encode())


def main(folder: str, path: str, store: str, point: str, occurrence: str) -> None:
    """Run one child until it is killed or its socket ends."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    fate = Fate(point, int(occurrence))
    base = Path(folder)
    kind, _, patience = store.partition("-")
    limits = replace(LIMITS, segment_max_age_s=3600.0) if patience else LIMITS
    asyncio.run(collect(base, connection, EngineStore(base) if kind == "engine" else FileStore(base / "store.db"), fate, limits))
