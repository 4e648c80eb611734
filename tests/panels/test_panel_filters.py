"""Every panel follows every filter of its dashboard, or stands here with the reason why it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import pytest

from hookline_collector.panels import filter_values
from hookline_collector.panels.dashboard_files import DashboardVariable, built_dashboards
from hookline_collector.panels.filter_values import ask_values
from hookline_collector.panels.panel_macros import PanelRange, variables_of
from hookline_collector.store import Rows
from support.cases import with_each
from support.stores import emptied

NO_MODEL: Final = "a call is no model's"
NO_TOOL: Final = "a request to a model is no tool's"
HOOKS: Final = "hooks run at every event: prompts, starts and ends of sessions too"
LIMITS: Final = "a limit is an account's, whoever uses it up, with whatever agent"
MACHINE: Final = "a machine is everybody's that work on it"
PROCESS: Final = "processes are a session's, which may ask several models and runs many tools"
OUTCOME: Final = "what came of a prompt, a file or a commit is told by no model, and stretches of work by sessions"
RULES: Final = "it tells of all rules together"
LEFT_OUT: Final[Mapping[str, Mapping[int, Mapping[str, str]]]] = {
    "hookline-latency": {
        **{number: {"model": NO_MODEL} for number in (1, 3, 4, 5, 6, 7, 14, 17)},
        **{number: {"tool": NO_TOOL} for number in (9, 10, 11)},
        **{number: {"tool": HOOKS, "model": HOOKS} for number in (15, 16)},
    },
    "hookline-resources": {
        **{number: {"tool": NO_TOOL} for number in (1, 6, 7, 8)},
        **{number: dict.fromkeys(("person", "project", "agent", "tool", "model"), LIMITS) for number in (3, 4)},
        **{number: {"tool": PROCESS, "model": PROCESS} for number in (9, 11, 12, 13, 14)},
        **{number: {"model": NO_MODEL} for number in (19, 20)},
        **{number: dict.fromkeys(("person", "project", "agent", "tool", "model"), MACHINE) for number in (16, 17)},
    },
    "hookline-sessions": {number: {"model": OUTCOME} for number in (5, 7, 9, 10)},
    "hookline-alerts": {number: {"rule": RULES} for number in (9, 10)},
}
PANELS = [(uid, number) for uid, page in built_dashboards().items() for number in page.panels]


def filters_of(uid: str) -> set[str]:
    return {each.name for each in built_dashboards()[uid].variables if each.sql}


@with_each("uid", built_dashboards())
def test_a_panel_follows_every_filter_or_says_why_not(uid: str) -> None:
    """In each of its statements; a reason for one that it does follow is none."""
    for number, panel in built_dashboards()[uid].panels.items():
        left_out = set(LEFT_OUT.get(uid, {}).get(number, {}))
        for each in panel.statements:
            assert variables_of(each.sql) & filters_of(uid) == filters_of(uid) - left_out, panel.title


def test_reasons_are_given_for_panels_that_are_there() -> None:
    """And for nothing else."""
    assert {(uid, number) for uid, of_page in LEFT_OUT.items() for number in of_page} <= set(PANELS)


@pytest.mark.parametrize("names", [("model",), ("model", "tool")])
def test_a_filter_has_no_value_for_what_is_empty_and_no_more_than_are_told(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, where the engine answers a row a value, and beside others in the same rows, where it answers lists."""
    monkeypatch.setattr(filter_values, "MOST_TOLD", 2)
    rows = "(SELECT arrayJoin(['b', '', 'c', 'a', 'b']) AS model, model AS tool)"
    sql = "SELECT DISTINCT toString({0}) AS {0}_of\nFROM " + rows + "\nWHERE {0} != ''\nORDER BY {0}_of"
    variables = [DashboardVariable(name, name, sql.format(name), is_multi=True, has_all=True) for name in names]
    store = emptied()

    async def ask(text: str, parameters: Mapping[str, Any]) -> Rows:
        return store.query(text, parameters)

    assert asyncio.run(ask_values(ask, variables, PanelRange(0, 1, 1))) == {name: ["a", "b"] for name in names}
