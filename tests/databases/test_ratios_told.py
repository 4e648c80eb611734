"""Figures that the agent makes of two of a server's, for rules: how far vacuum is behind, errors of a kind that is new, shares of limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.clickhouse.clickhouse_rows import NewErrorReader, figures
from hookline.databases.database_events import DatabaseName
from hookline.databases.database_points import ReadingPoints
from hookline.databases.postgres.link import PgLink
from hookline.databases.postgres.relations import RelationReader
from hookline.databases.statement_growth import CounterTable

DAY_S = 86_400


@dataclass(slots=True)
class TablesLink:
    """Answers with one table of so many dead rows and updates; it has no index."""

    dead: int = 0
    updated: int = 0
    asked: list[str] = field(default_factory=list)

    async def ask(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Sequence[Any]]:
        """Answer."""
        self.asked.append(statement)
        if "pg_stat_user_indexes" in statement:
            return []
        counters = [0, 0, 0, 0, 0, self.updated, 0, 0]
        return [["public", "orders", 7, *counters, 1_000, self.dead, 0, 0, 8_192, 10, 250.0, None, None]]


async def test_a_table_that_vacuum_does_not_come_to_is_told_until_it_was_cleaned() -> None:
    """Below its trigger there is no word of it; a vacuum is told although nobody wrote meanwhile; nothing that stayed is told again."""
    link, reader = TablesLink(dead=100, updated=100), RelationReader(DatabaseName("shop", "postgresql"), 60.0)

    async def due() -> list[object]:
        records = (await reader.read(cast(PgLink, link), 15, "shop", 1)).records
        return [record.attributes.get(names.RELATION_VACUUM_DUE) for record in records]

    assert await due() == [None]
    link.dead, link.updated = 750, 750
    assert await due() == [3.0]
    assert await due() == []
    link.dead = 10
    assert await due() == [0.04]
    link.updated = 760
    assert await due() == [None]


def test_an_error_is_new_when_it_was_not_there_for_a_day() -> None:
    """Also one that came for the first time, and over a restart of the server; not what was there at the first reading."""
    reader, begun = NewErrorReader(DatabaseName("events", "clickhouse")), 1_000_000

    def told(*rows: tuple[str, int, int]) -> list[tuple[object, object]]:
        records = reader.step(rows, 1)
        assert all(record.event_name == DatabaseEvent.NEW_ERROR for record in records)
        return [(record.attributes[names.ERROR_NAME], record.attributes[names.ERROR_COUNT]) for record in records]

    assert told(("OLD", 5, begun - 2 * DAY_S), ("USUAL", 90, begun)) == []
    assert told(("OLD", 7, begun), ("USUAL", 91, begun + 60), ("FIRST", 1, begun + 60)) == [("OLD", 2), ("FIRST", 1)]
    assert told(("OLD", 9, begun + 90), ("USUAL", 91, begun + 60), ("FIRST", 4, begun + 90)) == []
    assert told(("USUAL", 1, begun + 600)) == [], "the server was restarted"
    assert told(("USUAL", 2, begun + 600 + DAY_S)) == [("USUAL", 1)]


def test_levels_are_told_as_shares_of_their_limits() -> None:
    """Where there is a limit."""
    into = ReadingPoints(CounterTable())
    parts = [["shop", "hits", 30, 25, 1, 1]]
    figures(
        {"levels": [["MemoryTracking", 900]], "memory_limit": [["1000"]], "part_limits": [["parts_to_delay_insert", "100"]], "parts": parts}, into
    )
    figures({"levels": [["MemoryTracking", 900]], "memory_limit": [["0"]], "parts": parts}, into)
    told = [(point.name.removeprefix("hookline.db."), point.value) for point in into.points if point.name.endswith("percent")]
    assert told == [("memory.used_percent", 90.0), ("parts.used_percent", 25.0)]
