"""The waterline of the embedded engine's folder: how much of it is safely on disk.

The engine does not sync what it inserts: a power cut takes the last minutes, and leaves any mixture of rows and tokens. So the journal
keeps what is stored until the waterline has risen past it:

1. While no insert runs, Hookline notes the last block of every table: everything stored so far is in blocks up to there.
2. It syncs the file system: rows, tokens and definitions alike.
3. It writes those blocks down durably as the new waterline. Only now may segments stored before step 1 leave the journal.

Where no insert was begun and the engine did nothing to its folder since the last time (`FolderContents`), all three steps are left out: merges go on
for a while after inserts, but an idle engine changes nothing, and a sync wakes a disk.

A start removes what lies above the waterline (`rewind`) and stores it again from the journal, under the same tokens. It does so after a
mere kill as well, when nothing was lost: there is one way to recover, and it is used often.

The note is one file with two slots, written in turn and in place: it needs no room on a full disk, and if one is torn the other is whole.
It counts only while nobody else has opened the folder: its mark is in the engine's configuration, which an older version of Hookline
writes anew.

After a failed sync the kernel has dropped pages that it could not write, and nobody knows which. The waterline then stays where it is, and
the store refuses inserts until a start has rewound the folder: see `Broken`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import secrets
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hookline.errors import HooklineError, Refused
from hookline_collector.serving.filesystem import sync_file_system
from hookline_collector.store.embedded.parts import FolderContents, contents
from hookline_collector.store.embedded.rewind import rewind

NOTE = "waterline"
PLACE_BYTES = 256 * 1024
WAIT_S = 5.0
log = logging.getLogger(__name__)


class Broken(HooklineError):
    """The disk under the database lost stored data; only a restart finds out what, and stores it again."""


@dataclass(frozen=True, slots=True)
class WaterlineNote:
    """The blocks up to which tables are durable, by their folder. `mark` says for which opening line of the folder; `number` rises."""

    mark: str
    number: int
    levels: dict[str, int]

    def packed(self) -> bytes:
        """Return the bytes that go to the front of a place."""
        text = json.dumps({"mark": self.mark, "number": self.number, "levels": self.levels}).encode()
        data = b"%08x\n%s\n" % (zlib.crc32(text), text)
        if len(data) > PLACE_BYTES:
            raise OSError(f"the waterline of {len(self.levels)} tables does not fit")
        return data


def unpacked(place: bytes) -> WaterlineNote | None:
    """Return the note in a place, None where none is whole."""
    try:
        check, text, _ = place.split(b"\n", 2)
        if int(check, 16) != zlib.crc32(text):
            return None
        found = json.loads(text)
        return WaterlineNote(str(found["mark"]), int(found["number"]), {str(table): int(level) for table, level in found["levels"].items()})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_note(path: Path) -> WaterlineNote | None:
    """Return the newest whole note of a file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    notes = [note for at in (0, PLACE_BYTES) if (note := unpacked(content[at : at + PLACE_BYTES])) is not None]
    return max(notes, key=lambda note: note.number, default=None)


class Waterline:
    """The waterline of one folder in one process. Calls block and may come from any thread."""

    def __init__(self, folder: Path, durable: bool = True) -> None:
        """Take over the folder of a former process, which is locked by now and not yet open."""
        self._folder = folder
        self._durable = durable
        self._calm = threading.Condition()
        self._inserting = self._inserts = 0
        self._is_rising = False
        self._one_rise = threading.Lock()
        self._broken = ""
        self._begun = False
        self._risen_at = 0.0
        self._safe: tuple[FolderContents, int] | None = None
        self._file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._note = self._take_over()
            self._sync()  # the engine removes at once what was merged before; what it was merged into must be on the disk by then
        except BaseException:
            os.close(self._file)
            raise

    def _take_over(self) -> WaterlineNote:
        note = read_note(self._folder / NOTE)
        if note is None or note.mark != self._mark_in_configuration():
            rewind(self._folder, {})
            return WaterlineNote(secrets.token_hex(16), note.number if note else 0, {})
        if removed := rewind(self._folder, note.levels):
            log.info("removed %d parts that a power cut may have damaged; the journal stores them again", removed)
        return note

    def _mark_in_configuration(self) -> str:
        with contextlib.suppress(OSError):
            for line in (self._folder / "config.xml").read_text(errors="replace").splitlines():
                if line.startswith("<!-- waterline "):
                    return line.split()[2]
        return ""

    @property
    def mark(self) -> str:
        """The line that the engine's configuration must contain: `<!-- waterline MARK -->`."""
        return self._note.mark

    @contextlib.contextmanager
    def inserting(self) -> Iterator[None]:
        """Let an insert run. Raises Refused while a restart is needed to tell stored data from damage."""
        if not self._begun:
            self.rise()
        with self._calm:
            self._calm.wait_for(lambda: not self._is_rising)
            self._check()
            self._inserting += 1
            self._inserts += 1
        try:
            yield
        finally:
            with self._calm:
                self._inserting -= 1
                self._calm.notify_all()

    def rise(self) -> None:
        """Return when everything that was stored before the call is on the disk, and known to be.

        Raises Refused where that cannot be had now, Broken where it cannot be had in this process any more.
        """
        with self._one_rise:
            begun = time.time()
            looked = self._look()
            if looked is None:
                self._sync()  # the engine removes what it merged a while ago, whose result must be on the disk by then, however long an insert takes
                raise Refused("an insert takes long")
            if looked == self._safe:
                return
            self._sync()
            found, _ = looked
            try:
                self._write(WaterlineNote(self._note.mark, self._note.number + 1, dict(found.levels)))
            except OSError as why:
                raise Refused(f"cannot write to the disk under the database: {why.strerror or why}") from why
            self._begun, self._risen_at, self._safe = True, begun, looked

    def _look(self) -> tuple[FolderContents, int] | None:
        """Note while no insert runs what is there, and how many were begun; None where one runs for long."""
        with self._calm:
            self._check()
            self._is_rising = True
            try:
                if not self._calm.wait_for(lambda: not self._inserting, WAIT_S):
                    return None
                return contents(self._folder), self._inserts
            finally:
                self._is_rising = False
                self._calm.notify_all()

    def _sync(self) -> None:
        if not self._durable:
            return
        try:
            sync_file_system(self._folder, self._file, self._risen_at)
        except OSError as why:
            self._broken = (
                f"the disk under the database failed ({why.strerror or why}), and may not hold what was stored last: "
                "restart Hookline, which stores it again from its journal"
            )
            is_read_only = os.fstatvfs(self._file).f_flag & os.ST_RDONLY
            raise (Refused if is_read_only else Broken)(self._broken) from why

    def _write(self, note: WaterlineNote) -> None:
        if note.levels == self._note.levels and self._begun:
            return
        file = os.open(self._folder / NOTE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(file).st_size < 2 * PLACE_BYTES:
                os.pwrite(file, bytes(2 * PLACE_BYTES), 0)
            data = note.packed()
            if os.pwrite(file, data, note.number % 2 * PLACE_BYTES) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if self._durable:
                os.fsync(file)
        finally:
            os.close(file)
        if not self._begun and self._durable:
            os.fsync(self._file)
        self._note = note

    def _check(self) -> None:
        if self._broken:
            raise Refused(self._broken)

    def close(self) -> None:
        """Let the folder go."""
        os.close(self._file)
