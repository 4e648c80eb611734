"""The end of a session as Cline writes it down: under its hub, a daemon, no process ends with it, and no hook may tell.

`data/sessions/<id>/<id>.json` has `ended_at` once the session has ended, and `status`: completed, cancelled or failed. A turn that is open
then was stopped at that moment. It is told what still holds `PATIENCE_S` later, when all that hooks have told is read: they know more.
"""

from __future__ import annotations

import json
import os
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from hookline.agent_event import PROCESS, AgentEvent
from hookline.agents.cline.identity import NAME
from hookline.agents.cline.session_files import MAX_FILE_BYTES, main_file, record_file, sessions_root
from hookline.agents.equipment import SessionProcesses
from hookline.agents.payload import text
from hookline.fold.going_on import GoingOn
from hookline.spool import write_reported
from hookline.system.clock import NS_PER_S
from hookline.system.log import LOG

PATIENCE_S: Final = 0.6
MAX_SESSIONS: Final = 1_000

Tell = Callable[[Path, str, bytes, Mapping[str, str], int], object]


class ClientEnds:
    """Looks at what Cline wrote of sessions that have a turn open. Used by the loop."""

    def __init__(self, spool: Path, sessions: SessionProcesses, going_on: Callable[[], tuple[GoingOn, ...]], tell: Tell = write_reported) -> None:
        del sessions
        self._spool = spool
        self._going_on = going_on
        self._tell = tell
        self._records: OrderedDict[str, Path] = OrderedDict()
        self._told: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._host = socket.gethostname()

    def notice(self, event: AgentEvent) -> None:
        """Take note of where a session's record is."""
        if event.agent != NAME or event.session_id in self._records or "/" in event.session_id:
            return
        main = Path(event.transcript_path) if event.transcript_path else main_file(sessions_root(os.environ), event.session_id)
        self._records[event.session_id] = record_file(main)
        if len(self._records) > MAX_SESSIONS:
            self._records.popitem(last=False)

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Nothing here waits for what was accepted."""

    @property
    def has_turns(self) -> bool:
        """Whether a turn is open of which a record may say that it ended."""
        return any(one.session_id in self._records for one in self._going_on())

    def speaks_for(self, session_id: str) -> bool:
        """Never: from a record's silence nothing follows."""
        del session_id
        return False

    def look(self, now_ns: int) -> None:
        """Leave an event for every open turn whose session has ended. Call it when the spool is read to its end."""
        for session in self._going_on():
            record = self._records.get(session.session_id)
            ended_ns = ended_at(record) if record else None
            if ended_ns is None or ended_ns <= session.last_ns or now_ns - ended_ns < PATIENCE_S * NS_PER_S:
                continue
            if (session.session_id, ended_ns) not in self._told:
                self._leave(session, ended_ns)

    def _leave(self, session: GoingOn, ended_ns: int) -> None:
        self._told[(session.session_id, ended_ns)] = None
        if len(self._told) > MAX_SESSIONS:
            self._told.popitem(last=False)
        payload = {"hookName": "agent_abort", "sessionContext": {"rootSessionId": session.session_id}, "prompt_id": session.prompt_id}
        payload["workspaceRoots"] = [session.root]
        safe = "".join(char if char.isalnum() or char in "-_" else "_" for char in f"ended-{session.session_id}")[:160]
        try:
            env = {"agent": NAME, "source": PROCESS, "host": self._host}
            self._tell(self._spool, f"{safe}-{ended_ns // 1_000_000}", json.dumps(payload).encode(), env, ended_ns)
        except OSError:
            LOG.exception("the end of a session of Cline's could not be written")


def ended_at(record: Path) -> int | None:
    """Return when the session of a record ended (Unix ns); None while it goes on, or where the file says nothing that is known here."""
    try:
        with record.open("rb") as file:
            found = json.loads(file.read(MAX_FILE_BYTES))
        return int(datetime.fromisoformat(text(found, "ended_at")).timestamp() * 1_000) * 1_000_000 if isinstance(found, dict) else None
    except (OSError, ValueError):
        return None
