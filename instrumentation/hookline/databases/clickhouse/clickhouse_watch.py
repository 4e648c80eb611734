"""One ClickHouse server's task: looks at what runs, figures, parts, and queries that ended. What cannot be read is named, and asked again later."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hookline.databases.clickhouse.clickhouse_rows import SQL, NewErrorReader, PartsReader, ProcessReader, figures, statement_events
from hookline.databases.clickhouse.http_link import ClickHouseLink
from hookline.databases.database_points import DatabasePoint, ReadingPoints
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.statement_growth import CounterTable
from hookline.databases.troubles import LinkLost, NotNow, NotVisible
from hookline.databases.work_table import AGAIN, MISSING_AGAIN_S, DueWork, LookPace, WorkTable
from hookline.settings.database_settings import DatabasesSettings
from hookline.system.log import LOG

if TYPE_CHECKING:
    from hookline.databases.targets import DatabaseTarget

FIGURES = ("counters", "levels", "memory_limit", "part_limits", "parts", "detached", "merges", "mutations", "replicas", "errors")
LOG_LAG_S = 10
"""The server writes its log of queries some seconds late."""


@dataclass(slots=True)
class ClickHouseWatch:
    """Watches one server until it is cancelled."""

    watch: DatabaseWatch
    target: DatabaseTarget
    settings: DatabasesSettings
    _counters: CounterTable = field(default_factory=CounterTable)
    _missing: dict[str, str] = field(default_factory=dict)
    _ask_again_s: dict[str, float] = field(default_factory=dict)
    _processes: ProcessReader = field(default_factory=ProcessReader)
    _parts: PartsReader = field(init=False)
    _errors: NewErrorReader = field(init=False)
    _figures_ns: int = field(default_factory=time.time_ns)
    _log_read: int = field(default_factory=lambda: int(time.time()) - LOG_LAG_S)
    _version: str = ""

    def __post_init__(self) -> None:
        """Make what keeps what was read before."""
        self._parts = PartsReader(self.watch.where, self.settings.relations_s)
        self._errors = NewErrorReader(self.watch.where)

    async def run(self) -> None:
        """Look and work until cancelled."""
        links = ClickHouseLink(self.target.url, self.target.password), ClickHouseLink(self.target.url, self.target.password)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._kept_up(lambda: self._look_on(links[0]), self.watch.blind))
                group.create_task(self._kept_up(lambda: self._work_on(links[1]), self._work_lost))
                group.create_task(self._flush_while_blind())
        finally:
            for link in links:
                link.close()

    async def _kept_up(self, use: Callable[[], Awaitable[None]], lost: Callable[[str], None]) -> None:
        failures = 0
        while True:
            began_s = time.monotonic()
            try:
                await use()
            except (LinkLost, NotVisible, NotNow) as why:
                lost(str(why))
            except Exception as why:  # a defect of ours must not end the watching of a database for good
                LOG.exception("watching %s failed; it goes on after a pause", self.watch.where.name)
                lost(f"a defect of the agent: {type(why).__name__}: {why}")
            failures = 1 if time.monotonic() - began_s > AGAIN.longest_s else failures + 1
            await asyncio.sleep(AGAIN.pause(failures, chance=random.random()))  # noqa: S311 - spreads load, hides nothing

    def _work_lost(self, why: str) -> None:
        self._missing["figures"] = why

    async def _look_on(self, link: ClickHouseLink) -> None:
        ((self._version, _),) = await link.ask(SQL["version"])
        pace = LookPace(self.settings.look_s, self.settings.busy_look_s, self.target.settings.cores or 8)
        wanted_s = self.settings.look_s
        last_s = time.monotonic() - wanted_s
        while True:
            began_s, at_ns = time.monotonic(), time.time_ns()
            rows = await link.ask(SQL["processes"])
            look = self._processes.look(rows, at_ns, min(began_s - last_s, 2 * wanted_s), time.monotonic() - began_s)
            self.watch.lost += max(0, round((began_s - last_s) / wanted_s) - 1)
            last_s = began_s
            self.watch.sees(self._missing, version=self._version, cores=self.target.settings.cores)
            self.watch.took(look)
            wanted_s = pace.after(look, began_s)
            await asyncio.sleep(max(0.0, began_s + wanted_s - time.monotonic()))

    async def _flush_while_blind(self) -> None:
        while True:
            await asyncio.sleep(self.watch.interval_s)
            if self.watch.state.state == "blind":
                self.watch.flush(time.time_ns())

    async def _work_on(self, link: ClickHouseLink) -> None:
        await link.ask(SQL["version"])
        self._missing.pop("figures", None)
        do = {
            "instance": (self.settings.interval_s, lambda: self._read_figures(link)),
            "statements": (self.settings.statements_s, lambda: self._read_log(link)),
            "relations": (self.settings.relations_s, lambda: self._read_parts(link)),
        }
        table = WorkTable([DueWork(name, every_s) for name, (every_s, _) in do.items() if every_s > 0])
        while True:
            work, due_s = table.next()
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            now_s = time.monotonic()
            await do[work.name][1]()
            work.done(now_s)

    async def _rows(self, link: ClickHouseLink, name: str, **values: int) -> Sequence[Sequence[Any]] | None:
        """Return rows; None, and named as missing, where they cannot be read. What was refused is asked again in a minute."""
        if time.monotonic() < self._ask_again_s.get(name, 0.0):
            return None
        try:
            rows = await link.ask(SQL[name], values)
        except NotVisible as why:
            self._missing[name] = str(why)
            self._ask_again_s[name] = time.monotonic() + MISSING_AGAIN_S
            return None
        except NotNow:
            return None
        self._missing.pop(name, None)
        return rows

    async def _read_figures(self, link: ClickHouseLink) -> None:
        since_ns, self._figures_ns = self._figures_ns, time.time_ns()
        answers = {name: rows for name in FIGURES if (rows := await self._rows(link, name)) is not None}
        into = ReadingPoints(self._counters)
        figures(answers, into)
        if self.target.settings.cores:
            into.points.append(DatabasePoint("hookline.db.cores", self.target.settings.cores))
        self.watch.out.points(into.points, since_ns)
        if "errors" in answers:
            self.watch.out.events(self._errors.step(answers["errors"], self._figures_ns))

    async def _read_log(self, link: ClickHouseLink) -> None:
        since, until = self._log_read, int(time.time()) - LOG_LAG_S
        if until <= since:
            return
        rows = await self._rows(link, "statements", since=since, until=until)
        if rows is not None:
            self._log_read = until
            self.watch.out.events(statement_events(self.watch.where, rows, until - since, time.time_ns()))

    async def _read_parts(self, link: ClickHouseLink) -> None:
        rows = await self._rows(link, "parts")
        if rows is not None:
            self.watch.out.events(self._parts.step(rows, time.time_ns()))
