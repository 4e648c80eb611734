"""Every panel follows every filter of its dashboard, or stands here with the reason why it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import variables_of
from support.cases import with_each

NO_MODEL: Final = "a call is no model's"
NO_TOOL: Final = "a request to a model is no tool's"
HOOKS: Final = "hooks run at every event: prompts, starts and ends of sessions too"
LIMITS: Final = "a limit is an account's, whoever uses it up, with whatever agent"
MACHINE: Final = "a machine is everybody's that work on it"
PROCESS: Final = "processes are a session's, which may ask several models"
RULES: Final = "it tells of all rules together"
LEFT_OUT: Final[Mapping[str, Mapping[int, Mapping[str, str]]]] = {
    "hookline-latency": {
        **{number: {"model": NO_MODEL} for number in (1, 3, 4, 5, 6, 7, 14, 17)},
        **{number: {"tool": NO_TOOL} for number in (9, 10, 11)},
        **{number: {"tool": HOOKS, "model": HOOKS} for number in (15, 16)},
    },
    "hookline-resources": {
        **{number: dict.fromkeys(("person", "project", "agent", "model"), LIMITS) for number in (3, 4)},
        **{number: {"model": PROCESS} for number in (9, 11, 12, 13, 14)},
        **{number: {"model": NO_MODEL} for number in (19, 20)},
        **{number: dict.fromkeys(("person", "project", "agent", "model"), MACHINE) for number in (16, 17)},
    },
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
