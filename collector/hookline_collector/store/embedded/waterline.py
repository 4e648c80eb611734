"""The waterline of the embedded engine's folder: what of it is on the disk for certain.

The engine syncs nothing of what is inserted: a power cut takes what it stored in the last minutes, and of rows and tokens leaves any
mixture. So what was stored stays in the journal until the waterline has risen over it:

1. While no insert runs, the last block of every table is noted: everything stored so far is in blocks up to there.
2. The file system is synced: rows, tokens and definitions alike.
3. The blocks are written down durably as the new waterline. Only now may the segments that were stored before step 1 leave the journal.

At a start what lies above the waterline is taken away (`rewind`) and stored again from the journal, under the tokens that it had. This is so after
a mere kill as well, when nothing was lost: there is one way to come back, and it is walked often.

The note is one file with two places that are written in turn and in place: it needs no room on a full disk, and a torn one leaves the
other. It counts only for a folder that nobody else has opened since: its mark stands in the engine's configuration, which an older version of this
program, or one without a waterline, writes anew.

After a failed sync the kernel has dropped pages that it could not write, and nobody knows which. The waterline then stays where it is and inserts are
refused until a start has taken the folder back: see `Broken`.
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
from hookline_collector.store.embedded.parts import last_block, tables
from hookline_collector.store.embedded.rewind import rewind

NOTE = "waterline"
PLACE_BYTES = 256 * 1024
WAIT_S = 5.0
log = logging.getLogger(__name__)


class Broken(HooklineError):
    """The disk under the database lost something that was stored; only a new start can tell what, and stores it again."""


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
        self._inserting = 0
        self._is_rising = False
        self._one_rise = threading.Lock()
        self._broken = ""
        self._begun = False
        self._risen_at = 0.0
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
            log.info("%d parts that a cut may have damaged were taken away; they are stored again from the journal", removed)
        return note

    def _mark_in_configuration(self) -> str:
        with contextlib.suppress(OSError):
            for line in (self._folder / "config.xml").read_text(errors="replace").splitlines():
                if line.startswith("<!-- waterline "):
                    return line.split()[2]
        return ""

    @property
    def mark(self) -> str:
        """What has to stand in the engine's configuration, in a line of its own: `<!-- waterline MARK -->`."""
        return self._note.mark

    @contextlib.contextmanager
    def inserting(self) -> Iterator[None]:
        """Let an insert run. Raises Refused when what is stored could not be told from what a cut damaged."""
        if not self._begun:
            self.rise()
        with self._calm:
            self._calm.wait_for(lambda: not self._is_rising)
            self._check()
            self._inserting += 1
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
            levels = self._levels()
            self._sync()
            try:
                self._write(WaterlineNote(self._note.mark, self._note.number + 1, levels))
            except OSError as why:
                raise Refused(f"the disk under the database cannot be written: {why.strerror or why}") from why
            self._begun, self._risen_at = True, begun

    def _levels(self) -> dict[str, int]:
        """Note the last blocks while no insert runs."""
        with self._calm:
            self._check()
            self._is_rising = True
            try:
                if not self._calm.wait_for(lambda: not self._inserting, WAIT_S):
                    raise Refused("an insert takes long")
                return {str(table.relative_to(self._folder)): last_block(table) for table in tables(self._folder)}
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
                f"the disk under the database failed ({why.strerror or why}), and what was stored last may not be on it: "
                "Hookline has to start again, and stores it once more from its journal"
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
