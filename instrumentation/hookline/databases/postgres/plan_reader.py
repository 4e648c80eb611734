"""Asks a server for plans, through the functions that `hookline db setup --plans` makes; see `plan_setup` for what keeps that safe.

Each database is asked over a connection of its own, which is closed after the round. Each question is a transaction that is rolled back: what the
planning of a text may have set does not reach the next one.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from hookline.databases.database_events import NamedGrowth
from hookline.databases.plan_book import PlanBook
from hookline.databases.postgres.link import LinkLimits, PgLink
from hookline.databases.postgres.sql_files import statement
from hookline.databases.statement_growth import StatementGrowth, StatementKey
from hookline.databases.troubles import LinkLost, NotNow, NotVisible
from hookline.records import LogRecord
from hookline.sql.sql_plan import StatementPlan, read_plan
from hookline.system.log import LOG

PLANS = LinkLimits(statement_ms=1_000, lock_ms=100, plans_like_others=True)
AUTHORS_AGAIN_S = 60.0
NOBODY = "no role's statements may be explained: hookline db setup --plans ROLE prints the SQL"
_ASK = "SELECT hookline.plan(%(author)s::oid, %(query)s)"
_AuthoredText = tuple[int, int, int]
"""Author, database and number of a statement."""


class NoPlan(Exception):
    """A statement cannot be explained; says why."""


@dataclass(slots=True)
class PlanReader:
    """The plans of one server's statements. `open` opens a database with `PLANS`, or returns None where that is not possible."""

    book: PlanBook
    open: Callable[[str], Awaitable[PgLink | None]]
    authors: dict[int, frozenset[int]] = field(default_factory=dict)
    """Whose statements may be explained, by database."""
    _looked_s: dict[int, float] = field(default_factory=dict)
    _grown: dict[StatementKey, StatementGrowth] = field(default_factory=dict)

    @property
    def is_allowed(self) -> bool:
        """Whether there is anybody whose statements may be explained."""
        return any(self.authors.values())

    def heard(self, growths: list[StatementGrowth]) -> None:
        """Take note of statements that were called."""
        if not any(self.authors.values()):
            return
        self.book.heard(growths, self.authors)
        latest = self._grown | {growth.key: growth for growth in growths}
        self._grown = {key: growth for key, growth in latest.items() if key in self.book}

    async def round(
        self, link: PgLink, version: int, schema: str, databases: Mapping[int, str], named: Callable[[StatementGrowth], NamedGrowth]
    ) -> list[LogRecord]:
        """Ask for the plans that are due, in `databases`; return what is told of them. `link` and `schema` are for the texts."""
        now_s = time.monotonic()
        due: defaultdict[int, list[StatementKey]] = defaultdict(list)
        for key in self.book.due(now_s):
            due[key.database_id].append(key)
        ids = sorted({key.query_id for keys in due.values() for key in keys})
        texts: dict[_AuthoredText, str] = {}
        if ids:
            rows = await link.ask(statement("plan_texts", version, schema), {"ids": ids})
            texts = {(user, database, query): text or "" for user, database, query, text in rows}
        told: list[LogRecord] = []
        for number, name in databases.items():
            if due.get(number) or now_s - self._looked_s.get(number, float("-inf")) >= AUTHORS_AGAIN_S:
                self._looked_s[number] = now_s
                told += await self._database(number, name, due.get(number, []), texts, named)
        return told

    async def _database(
        self,
        number: int,
        name: str,
        keys: list[StatementKey],
        texts: Mapping[_AuthoredText, str],
        named: Callable[[StatementGrowth], NamedGrowth],
    ) -> list[LogRecord]:
        told: list[LogRecord] = []
        link = await self.open(name)
        if link is None:
            return told
        try:
            self.authors[number] = frozenset(author for (author,) in await link.ask(statement("plan_authors", 13)))
            for key in keys:
                text = texts.get((key.user_id, key.database_id, key.query_id), "")
                if key.user_id in self.authors[number]:
                    told += await self._one(link, key, text, named)
        except (LinkLost, NotNow, NotVisible) as why:
            LOG.info("plans in %s of %s were not read: %s", name, self.book.where.name, why)
        finally:
            await link.close()
        return told

    async def _one(self, link: PgLink, key: StatementKey, text: str, named: Callable[[StatementGrowth], NamedGrowth]) -> list[LogRecord]:
        try:
            plan = await explained(link, key.user_id, text)
        except NotNow:
            return []  # one of its tables is locked: in the next round
        except NoPlan as why:
            LOG.debug("statement %s of %s has no plan: %s", key.query_id, self.book.where.name, why)
            self.book.refused(key, time.monotonic())
            return []
        return self.book.saw(key, plan, named(self._grown[key]), time.monotonic(), time.time_ns())


async def explained(link: PgLink, author: int, text: str) -> StatementPlan:
    """Return the plan of a statement as its author would get it. Raises NoPlan, NotNow or LinkLost."""
    await link.ask("BEGIN READ ONLY", None)
    try:
        ((found,),) = await link.ask(_ASK, {"author": author, "query": text})
    except NotVisible as why:
        raise NoPlan(str(why)) from None
    finally:
        await link.ask("ROLLBACK", None)
    plan = read_plan(found) if found else None
    if plan is None or not plan.text:
        raise NoPlan("the helper explains no such text")
    return plan
