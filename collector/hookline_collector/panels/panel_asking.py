"""Asking what a panel asks: its statements with macros expanded and values bound, as a person's read-only queries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from hookline.errors import Rejected
from hookline_collector.panels.dashboard_files import BuiltDashboard, DashboardPanel, DashboardVariable
from hookline_collector.panels.panel_answer import target_of
from hookline_collector.panels.panel_macros import Chosen, PanelRange, expand
from hookline_collector.store.rows import Rows

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Rows]]
"""Answers one statement with its parameters."""
MOST_VALUES = 200
"""A filter may have so many values chosen, each of at most `MOST_LETTERS`."""
MOST_LETTERS = 1_000


def chosen_of(dashboard: BuiltDashboard, given: Mapping[str, Sequence[str]], defaults: Mapping[str, str]) -> Chosen:
    """Return the values of a dashboard's variables; what is not given is the default, or all. Raises Rejected for one it does not have."""
    known = {each.name: each for each in dashboard.variables}
    for name, values in given.items():
        if name not in known:
            raise Rejected(f"{dashboard.uid} has no filter {name[:100]!r}; it has {', '.join(known) or 'none'}")
        if len(values) > MOST_VALUES or any(len(value) > MOST_LETTERS for value in values):
            raise Rejected(f"the filter {name} takes at most {MOST_VALUES} values of {MOST_LETTERS} letters")
    return {name: _values(each, given.get(name, ()), defaults) for name, each in known.items()}


def _values(variable: DashboardVariable, given: Sequence[str], defaults: Mapping[str, str]) -> tuple[str, ...]:
    if given:
        return tuple(given)
    default = defaults.get(variable.name, variable.default)
    return (default,) if default else ()


async def ask_panel(ask: Ask, panel: DashboardPanel, asked: PanelRange, chosen: Chosen, limit: int) -> list[dict[str, Any]]:
    """Return the answers to a panel's questions."""
    return [target_of(each, await _ask(ask, each.sql, asked, chosen, limit), limit) for each in panel.statements]


async def ask_rows(ask: Ask, panel: DashboardPanel, asked: PanelRange, chosen: Chosen, limit: int) -> Rows:
    """Return the rows of a panel's first question, as a table."""
    return await _ask(ask, panel.statements[0].sql, asked, chosen, limit)


async def _ask(ask: Ask, sql: str, asked: PanelRange, chosen: Chosen, limit: int) -> Rows:
    bound = expand(sql, asked, chosen)
    rows = await ask(bound.sql, bound.parameters)
    return rows if len(rows) <= limit else Rows(rows.columns, rows.types, rows.rows[:limit], truncated=True)
