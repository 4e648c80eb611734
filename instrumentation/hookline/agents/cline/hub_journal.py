"""What Cline's hub, a daemon, writes of the sessions that run under it: `data/db/hub-events-hub-production.db`, only read.

    approval.requested    a person is asked about a call                   tool_asked
    approval.resolved     the answer; that it was no tells the call's hook   ToolRunning
    run.started           whose client prompted
    session.detached      the client was left, or
    client.disconnected   is gone: a session that rests has ended then; one that works goes on without it, and ends with its turn

It is not documented. A client without it, or with another one, loses only what is told here: a question is then inferred (session_watch.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from hookline.agents.payload import Json, member, text

DATABASE: Final = "hub-events-hub-production.db"
BUSY_S: Final = 0.2
MAX_ROWS: Final = 500
MAX_KNOWN: Final = 1_000
BACK_MS: Final = 60_000  # how long before the first look it is read
NS_PER_MS: Final = 1_000_000
_BEGIN: Final = "SELECT coalesce(min(sequence), (SELECT coalesce(max(sequence), 0) FROM hub_events) + 1) - 1 FROM hub_events WHERE created_at >= ?"
_NEXT: Final = """
SELECT sequence, event, session_id, envelope_json, created_at FROM hub_events
WHERE sequence > ? AND event IN ('approval.requested', 'approval.resolved', 'run.started', 'session.detached', 'hub.client.disconnected')
ORDER BY sequence LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class HubSign:
    """Something that the hub wrote: `asked`, `granted` or `detached`; of which session, when (Unix ns), about which call."""

    what: str
    session_id: str
    time_ns: int
    call_id: str = ""
    tool: str = ""


class HubJournal:
    """Reads on what was appended. A file that does not change is not opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sequence: int | None = None
        self._seen: tuple[int, ...] = ()
        self._asked: OrderedDict[str, HubSign] = OrderedDict()
        self._clients: OrderedDict[str, str] = OrderedDict()

    def read(self, now_ns: int) -> list[HubSign]:
        """Return what was written since the last time."""
        if (seen := self._state()) == self._seen:
            return []
        try:
            with closing(sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True, timeout=BUSY_S)) as db:
                if self._sequence is None:
                    self._sequence = int(db.execute(_BEGIN, (now_ns // NS_PER_MS - BACK_MS,)).fetchone()[0])
                rows = db.execute(_NEXT, (self._sequence, MAX_ROWS)).fetchall()
        except (sqlite3.Error, TypeError):
            return []
        if rows:
            self._sequence = int(rows[-1][0])
        if len(rows) < MAX_ROWS:
            self._seen = seen
        return [sign for _, event, session_id, envelope, at in rows for sign in self._signs(str(event), str(session_id or ""), envelope, at)]

    def _state(self) -> tuple[int, ...]:
        """Return what changes with whatever is written: sizes and times of the file and of the log beside it."""
        found: list[int] = []
        for path in (self._path, self._path.with_name(f"{DATABASE}-wal")):
            try:
                status = path.stat()
            except OSError:
                continue
            found += [status.st_mtime_ns, status.st_size]
        return tuple(found)

    def _signs(self, event: str, session_id: str, envelope: Any, at_ms: Any) -> Iterator[HubSign]:
        try:
            payload, time_ns = member(json.loads(envelope), "payload"), int(at_ms) * NS_PER_MS
        except (ValueError, TypeError):
            return
        if event == "run.started":
            _keep(self._clients, session_id, text(payload, "clientId"))
        elif event == "approval.requested" and session_id and (call_id := text(payload, "toolCallId")):
            sign = HubSign("asked", session_id, time_ns, call_id, text(payload, "toolName"))
            _keep(self._asked, text(payload, "approvalId"), sign)
            yield sign
        elif event == "approval.resolved":
            yield from self._resolved(payload, time_ns)
        elif event.endswith(".detached"):
            yield HubSign("detached", session_id, time_ns)
        elif client := text(payload, "clientId"):
            yield from (HubSign("detached", one, time_ns) for one, by in list(self._clients.items()) if by == client)

    def _resolved(self, payload: Json, time_ns: int) -> Iterator[HubSign]:
        asked = self._asked.pop(text(payload, "approvalId"), None)
        if asked and payload.get("approved") is True:
            yield HubSign("granted", asked.session_id, time_ns, asked.call_id, asked.tool)


def _keep(known: OrderedDict[str, Any], key: str, value: Any) -> None:
    known[key] = value
    if len(known) > MAX_KNOWN:
        known.popitem(last=False)
