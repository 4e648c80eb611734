"""How far each transcript was read: one small SQLite file in the data folder.

An offset is written only after everything before it was accepted by the collector, so an interrupted run goes on where it was
and at most repeats what was under way (the collector recognises repeated ids). A file that shrank or is another one by inode is read from its start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from hookline.agents.equipment import Mark

PROMPTS = """
CREATE TABLE IF NOT EXISTS prompt (
    uuid TEXT PRIMARY KEY,
    session TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS transcript (
    path TEXT PRIMARY KEY,
    inode INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    damaged INTEGER NOT NULL
) STRICT
"""


class Progress:
    """The marks of all transcripts. Used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(SCHEMA)
        self._db.execute(PROMPTS)

    def mark(self, path: Path) -> Mark:
        """Return where reading goes on."""
        row = self._db.execute("SELECT inode, offset, damaged FROM transcript WHERE path = ?", (str(path),)).fetchone()
        status = path.stat()
        if row is None or row[0] != status.st_ino or row[1] > status.st_size:
            return Mark()
        return Mark(row[1], row[2])

    def advance(self, marks: Mapping[Path, Mark]) -> None:
        """Keep new marks, all or none."""
        with self._db:
            self._db.execute("BEGIN")
            for path, mark in marks.items():
                values = (str(path), path.stat().st_ino, mark.offset, mark.damaged)
                self._db.execute("INSERT OR REPLACE INTO transcript VALUES (?, ?, ?, ?)", values)

    def own(self, uuids: Iterable[str], session_id: str) -> None:
        """Keep whose prompts these are, by their lines' uuids; one that has an owner keeps it."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO prompt VALUES (?, ?)", ((uuid, session_id) for uuid in uuids if uuid))

    def owner(self, uuid: str) -> str:
        """Return the session in whose transcript a prompt's line was read first; empty where it was not."""
        row = self._db.execute("SELECT session FROM prompt WHERE uuid = ?", (uuid,)).fetchone()
        return str(row[0]) if row else ""

    def forget(self) -> None:
        """Forget every mark: the next run reads all history again."""
        self._db.execute("DELETE FROM transcript")
        self._db.execute("DELETE FROM prompt")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
