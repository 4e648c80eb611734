"""The values that a dashboard's filters have: those that stand in the same rows are asked for in one statement, and all statements at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Final

from hookline_collector.panels.dashboard_files import DashboardVariable
from hookline_collector.panels.panel_asking import Ask
from hookline_collector.panels.panel_macros import PanelRange, expand

MOST_TOLD: Final = 1_000
"""A filter tells so many, the first by name."""
_OF_A_COLUMN: Final = re.compile(
    r"(?:--[^\n]*\n)*SELECT DISTINCT toString\((?P<column>\w+)\) AS (?P<name>\w+)\nFROM (?P<rows>[^\n]+)\nWHERE (?P=column) != ''\nORDER BY (?P=name)"
)
"""A statement that asks for one column of some rows, as those of people, projects and agents do."""


async def ask_values(ask: Ask, variables: Sequence[DashboardVariable], asked: PanelRange) -> dict[str, list[str]]:
    """Return the values of each filter in the range by its name, sorted; none of one that is typed."""
    together: dict[str, dict[str, str]] = {}
    alone = []
    for each in variables:
        found = _OF_A_COLUMN.fullmatch(each.sql)
        if found:
            together.setdefault(found["rows"], {})[each.name] = found["column"]
        elif each.sql:
            alone.append(each)
    statements = (*(_columns(ask, rows, columns, asked) for rows, columns in together.items()), *(_alone(ask, each, asked) for each in alone))
    told = {name: values for answer in await asyncio.gather(*statements) for name, values in answer.items()}
    return {each.name: told.get(each.name, []) for each in variables}


async def _columns(ask: Ask, rows: str, columns: Mapping[str, str], asked: PanelRange) -> dict[str, list[str]]:
    """Return the values of filters that are columns of the same rows. What few of millions of rows have is found sooner than made a text for each."""
    if len(columns) == 1:
        [(name, column)] = columns.items()
        alone = f"SELECT toString({column}) AS value FROM {rows} GROUP BY {column} ORDER BY value LIMIT {MOST_TOLD + 1}"  # noqa: S608 - what a built dashboard says
        bound = expand(alone, asked, {})
        return {name: [value for [value] in await ask(bound.sql, bound.parameters) if value][:MOST_TOLD]}
    lists = ", ".join(_list_of(column) for column in columns.values())
    bound = expand(f"SELECT {lists} FROM {rows}", asked, {})  # noqa: S608
    [found] = await ask(bound.sql, bound.parameters)
    return dict(zip(columns, found, strict=True))


def _list_of(column: str) -> str:
    return f"arraySlice(arraySort(arrayFilter(value -> value != '', arrayMap(value -> toString(value), groupUniqArray({column})))), 1, {MOST_TOLD})"


async def _alone(ask: Ask, variable: DashboardVariable, asked: PanelRange) -> dict[str, list[str]]:
    """Return the values of a filter that has rows of its own."""
    bound = expand(variable.sql, asked, {})
    found = [str(row[0]) for row in await ask(bound.sql, bound.parameters) if row[0] not in (None, "")]
    return {variable.name: found[:MOST_TOLD]}
