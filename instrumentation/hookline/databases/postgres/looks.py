"""Sessions as samples: one statement a look, a second one where somebody waits for a lock.

Where the server numbers statements (14 and later), the text of a number is folded once; pg_stat_statements brings the whole text later. Where it
does not, each text is, but not more than `TEXTS_A_LOOK` new ones a look: on a server that sees a new text with every statement the rest stays
without one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hookline.contract.databases import WaitClass
from hookline.databases.lock_trees import direct_blockers
from hookline.databases.postgres.link import PgLink, PgRows
from hookline.databases.postgres.server import PgNames, PgServer
from hookline.databases.postgres.sql_files import statement
from hookline.databases.samples import SessionSample, SessionsLook, WaitedLock
from hookline.databases.wait_classes import wait_class
from hookline.sql.sql_text import StatementText, read_statement

MAX_TEXTS = 10_000
TEXTS_A_LOOK = 20
SHOWN = 1024
"""Characters of a text that a look reads."""


@dataclass(slots=True)
class StatementTexts:
    """Folded texts by the server's number; the ones used last stay."""

    _known: OrderedDict[int, tuple[StatementText, bool]] = field(default_factory=OrderedDict)
    _spare: int = TEXTS_A_LOOK
    wanted: set[int] = field(default_factory=set)

    def learn(self, query_id: int, text: str) -> None:
        """Take a whole text from pg_stat_statements."""
        self._keep(query_id, read_statement(text), False)
        self.wanted.discard(query_id)

    def of(self, query_id: int) -> StatementText | None:
        """Return the text of a number; None where it is not known."""
        found = self._known.get(query_id)
        return found[0] if found else None

    def begin_look(self) -> None:
        """Let new texts be folded again."""
        self._spare = TEXTS_A_LOOK

    def seen(self, query_id: int, text: str, limit: int) -> tuple[StatementText | None, bool]:
        """Return the folded text of a session, and whether the server had cut it."""
        if query_id and (found := self._known.get(query_id)) is not None:
            return found
        if not text or self._spare <= 0:
            return None, False
        self._spare -= 1
        is_cut = len(text) >= SHOWN or len(text.encode("utf-8", "replace")) >= limit - 1
        folded = read_statement(text)
        if query_id:
            self._keep(query_id, folded, is_cut)
            self.want(query_id)
        return folded, is_cut

    def want(self, query_id: int) -> None:
        """Ask for a whole text, where it is not known."""
        found = self._known.get(query_id)
        if (found is None or found[1]) and len(self.wanted) < MAX_TEXTS:
            self.wanted.add(query_id)

    def _keep(self, query_id: int, text: StatementText, is_cut: bool) -> None:
        self._known[query_id] = (text, is_cut)
        self._known.move_to_end(query_id)
        if len(self._known) > MAX_TEXTS:
            self._known.popitem(last=False)


@dataclass(frozen=True, slots=True)
class PgSessionReader:
    """Reads the sessions of one server over one link."""

    link: PgLink
    server: PgServer
    names: PgNames
    texts: StatementTexts

    async def look(self, stands_for_s: float) -> SessionsLook:
        """Look once."""
        began, at_ns = time.monotonic(), time.time_ns()
        rows = await self.link.ask_again(self.server.without_own("activity"))
        self.texts.begin_look()
        sessions = [self._session(row) for row in rows]
        if any(session.blocked_by for session in sessions):
            sessions = await self._with_locks(sessions)
        await self.names.refresh(self.link)
        return SessionsLook(at_ns, stands_for_s, time.monotonic() - began, tuple(sessions))

    def _session(self, row: Sequence[Any], blocked_by: Sequence[int] = ()) -> SessionSample:
        pid, leader, database, user, application, peer, backend, state, kind, event, query_id, text, ran, in_transaction, in_state, xmin, blockers = (
            row
        )
        state, kind, event = state or "", kind or "", event or ""
        folded, is_cut = self.texts.seen(query_id or 0, text or "", self.server.text_size or SHOWN) if text or query_id else (None, False)
        return SessionSample(
            pid,
            self.names.database(database),
            self.names.role(user),
            application or "",
            peer or "",
            backend or "",
            state,
            kind,
            event,
            wait_class(state, kind, event),
            query_id or 0,
            folded,
            is_cut,
            max(0.0, ran or 0.0),
            max(0.0, in_transaction or 0.0),
            max(0.0, in_state or 0.0),
            xmin or 0,
            leader or 0,
            tuple(blockers or blocked_by),
        )

    async def _with_locks(self, sessions: list[SessionSample]) -> list[SessionSample]:
        """Say of each that waits for what, and add roots that the look does not have: idle sessions that hold a lock."""
        waited = {
            pid: WaitedLock(kind or "", mode or "", relation or "", max(0.0, waiting or 0.0))
            for pid, kind, mode, relation, waiting in await self._locks()
        }
        seen = {session.pid for session in sessions}
        missing = sorted({pid for session in sessions for pid in session.blocked_by} - seen - {0})
        more: PgRows = await self.link.ask(statement("sessions_of", self.server.version), {"pids": missing}) if missing else []
        direct = direct_blockers({session.pid: session.blocked_by for session in sessions if session.blocked_by})
        found = [session._replace(lock=waited.get(session.pid), blocked_by=direct.get(session.pid, ())) for session in sessions]
        idle = [self._session(row)._replace(wait_class=WaitClass.IDLE_IN_TRANSACTION) for row in more]
        return found + [session for session in idle if session.state == "idle"]

    async def _locks(self) -> PgRows:
        return await self.link.ask(statement("waiting_locks", self.server.version))
