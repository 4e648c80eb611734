"""pg_stat_statements in two steps: which statements were called, then the rows of those alone; texts of the ones that are told of, once each."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nlargest

from hookline.databases.database_events import MAX_TOP, NamedGrowth
from hookline.databases.postgres.link import PgLink
from hookline.databases.postgres.looks import StatementTexts
from hookline.databases.postgres.server import PgNames, PgServer
from hookline.databases.postgres.sql_files import statement, statement_names
from hookline.databases.statement_growth import StatementCounters, StatementGrowth, StatementKey, StatementsInfo, StatementTable
from hookline.sql.sql_text import statement_hash

TEXTS_EVERY_S = 10.0
"""The server reads its whole file of texts for one: so often at most, and only for statements that are told by name."""
MAX_TEXTS_ASKED = 500
_KEY = len(StatementKey._fields)
"""Columns that tell statements apart come first in rows, those of the counters after them."""


@dataclass(frozen=True, slots=True)
class StatementReading:
    """What one reading gave."""

    growths: list[StatementGrowth]
    evictions: int
    interval_s: float
    is_first: bool


@dataclass(slots=True)
class StatementReader:
    """Reads the statements of one server; keeps what was read before over lost connections."""

    texts: StatementTexts
    table: StatementTable = field(default_factory=StatementTable)
    _read_s: float = 0.0
    _texts_s: float = -1e9
    _own: frozenset[str] = frozenset()

    async def read(self, link: PgLink, server: PgServer, names: PgNames, schema: str) -> StatementReading:
        """Read once. Raises what the link raises."""
        now_s = time.monotonic()
        version = server.version
        (row,) = await link.ask_again(statement("statement_info", version, schema))
        info = StatementsInfo(row[0] or 0.0, row[1] or 0)
        seen = await link.ask_again(statement("statement_calls", version, schema))
        calls = {row[:_KEY]: row[_KEY] for row in seen}
        changed = self.table.changed(calls)
        rows: dict[StatementKey, StatementCounters] = {}
        if changed:
            ids = as_array({query_id for _, _, query_id, _ in changed})
            for row in await link.ask(statement("statement_rows", version, schema), {"ids": ids}, binary=True):
                if row[:_KEY] in changed:
                    rows[StatementKey._make(row[:_KEY])] = StatementCounters._make(row[_KEY:])
        is_first, evictions = self.table.is_empty, self.table.evictions_since(info)
        growths = self.table.step(calls, rows, info)
        await self._read_texts(link, version, schema, growths, now_s)
        interval_s, self._read_s = now_s - self._read_s if self._read_s else 0.0, now_s
        await names.refresh(link)
        role = server.role_id
        others = [each for each in growths if each.key.user_id != role or not self._is_own(each)]
        return StatementReading(others, evictions, interval_s, is_first)

    async def _read_texts(self, link: PgLink, version: int, schema: str, growths: list[StatementGrowth], now_s: float) -> None:
        for growth in nlargest(MAX_TOP, growths, key=lambda each: each.exec_ms):
            self.texts.want(growth.key.query_id)
        if self.texts.wanted and now_s - self._texts_s >= TEXTS_EVERY_S:
            self._texts_s = now_s
            asked = sorted(self.texts.wanted)[:MAX_TEXTS_ASKED]
            for query_id, text in await link.ask(statement("statement_texts", version, schema), {"ids": as_array(asked)}):
                self.texts.learn(query_id, text or "")
            self.texts.wanted.difference_update(asked)

    def named(self, growth: StatementGrowth, names: PgNames) -> NamedGrowth:
        """Return a growth with the names behind its numbers."""
        return NamedGrowth(growth, names.database(growth.key.database_id), names.role(growth.key.user_id), self.texts.of(growth.key.query_id))

    def _is_own(self, growth: StatementGrowth) -> bool:
        """Whether a statement of the agent's role is its own, where the role's setting does not keep them out."""
        if not self._own:
            self._own = frozenset(statement_hash(statement(name, version)) for name in statement_names() for version in (13, 14, 16, 17))
        text = self.texts.of(growth.key.query_id)
        return text is not None and text.hash in self._own


def as_array(ids: Iterable[int]) -> str:
    """Return numbers as PostgreSQL reads an array: as one text, which costs a tenth of telling each."""
    return "{" + ",".join(map(str, ids)) + "}"
