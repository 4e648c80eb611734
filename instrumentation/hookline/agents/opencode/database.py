"""OpenCode's database, `opencode.db` (SQLite): sessions, messages and parts of messages, each with its data as JSON.

Only read: the file is opened so that nothing can be written, a writer is waited for, and a version whose tables look otherwise has no history. A
message's row keeps its number, though what it holds changes while it is answered. So numbers of messages are how far the file was read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

BUSY_S: Final = 5.0
MAX_DEPTH: Final = 8  # of subagents of subagents
NAMES: Final = ("opencode.db", "opencode-stable.db")

_SESSIONS: Final = "SELECT id, parent_id, directory, time_created FROM session"
_CHANGED: Final = "SELECT session_id, max(rowid) FROM message WHERE rowid >= ? GROUP BY session_id"
_MESSAGES: Final = "SELECT rowid, id, data FROM message WHERE session_id = ? ORDER BY rowid"
_PARTS: Final = "SELECT message_id, id, data FROM part WHERE session_id = ? ORDER BY rowid"
_EXTENT: Final = "SELECT coalesce(max(rowid), 0), coalesce(max(time_updated), 0) FROM message"


@dataclass(frozen=True, slots=True)
class OpenCodeSession:
    """One session: its parent's id where it is a subagent's, where it works, when it began (Unix ms)."""

    id: str
    parent_id: str
    directory: str
    created_ms: int


def database_of(folder: Path) -> Path | None:
    """Return the database in OpenCode's data folder."""
    return next((path for name in NAMES if (path := folder / name).is_file()), None)


class SessionDatabase:
    """One database, open for one reading."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def extent(self) -> tuple[int, float]:
        """Return the number of the last message, and when any was changed last (Unix seconds)."""
        rows = self._rows(_EXTENT)
        return (int(rows[0][0]), int(rows[0][1]) / 1_000) if rows else (0, 0.0)

    def sessions(self) -> dict[str, OpenCodeSession]:
        """Return all sessions by their ids."""
        return {row[0]: OpenCodeSession(row[0], row[1] or "", row[2] or "", int(row[3] or 0)) for row in self._rows(_SESSIONS)}

    def changed(self, since: int) -> dict[str, int]:
        """Return the sessions that have messages from a number on, with the number of each one's last."""
        return {row[0]: int(row[1]) for row in self._rows(_CHANGED, since)}

    def answers(self, session_id: str) -> list[dict[str, Any]]:
        """Return a session's messages without their parts."""
        return [{**_object(data), "id": message_id} for _, message_id, data in self._rows(_MESSAGES, session_id)]

    def messages(self, session: OpenCodeSession) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield a session's messages, each with its parts and its number."""
        parts: dict[str, list[dict[str, Any]]] = {}
        for message_id, part_id, data in self._rows(_PARTS, session.id):
            parts.setdefault(message_id, []).append({**_object(data), "id": part_id})
        for number, message_id, data in self._rows(_MESSAGES, session.id):
            yield {"info": {**_object(data), "id": message_id}, "parts": parts.get(message_id, []), "session_id": session.id}, int(number)

    def _rows(self, sql: str, *values: object) -> list[Any]:
        """Return a statement's rows; none where the database cannot be read or has other tables."""
        try:
            with closing(sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True, timeout=BUSY_S)) as db:
                db.execute("PRAGMA query_only = 1")
                return db.execute(sql, values).fetchall()
        except sqlite3.Error:
            return []


def families(sessions: Mapping[str, OpenCodeSession]) -> dict[str, list[OpenCodeSession]]:
    """Return each root session with its subagents', by the root's id."""
    found: dict[str, list[OpenCodeSession]] = {}
    for session in sessions.values():
        found.setdefault(root_of(session.id, sessions), []).append(session)
    return found


def root_of(session_id: str, sessions: Mapping[str, OpenCodeSession]) -> str:
    """Return the session at the top of a subagent's."""
    for _ in range(MAX_DEPTH):
        known = sessions.get(session_id)
        if known is None or not known.parent_id:
            break
        session_id = known.parent_id
    return session_id


def _object(data: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
