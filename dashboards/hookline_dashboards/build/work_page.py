"""The dashboard Work time: how long did people and agents work, and on what?"""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import AGENT, FAILURE, PLAIN, PROMPT, UNKNOWN, WAITING, YOU
from hookline_dashboards.build.panel_kinds import NO_WORK, Shown, figure, heading, lanes, rows, series

PAGE: Final = "work"
FRAME: Final = PageFrame(
    PAGE,
    "Hookline Work time",
    "How long did you and the agents work, on what, and who waited for whom?",
    ("person", "project", "agent"),
    since="now-7d",
    refresh="5m",
    has_days=True,
)


def work_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(
        FRAME,
        [
            figure(
                PAGE,
                Shown(
                    1,
                    "totals",
                    "Worked in all",
                    "You, at least, is what is hard to doubt; agents are added up; by the clock counts once what runs side by side.",
                    unit="h",
                    decimals=1,
                    width=24,
                    height=4,
                    empty=NO_WORK,
                    columns={"agents at once": {"unit": "none", "decimals": 2}},
                    colours={
                        "you, at least": YOU,
                        "agents": AGENT,
                        "by the clock": PLAIN,
                        "agents waited for you": WAITING,
                        "agents at once": UNKNOWN,
                    },
                ),
            ),
            series(
                PAGE,
                Shown(
                    2,
                    "clocks",
                    "Three clocks, day by day",
                    "For a person and by the clock, what runs side by side counts once; agents are added up.",
                    unit="h",
                    decimals=1,
                    empty=NO_WORK,
                    interval="1d",
                    colours={"you, at least": YOU, "agents": AGENT, "by the clock": PLAIN},
                ),
                bars=True,
                calcs=("sum", "mean"),
            ),
            series(
                PAGE,
                Shown(
                    3,
                    "projects_over_time",
                    "Projects, day by day",
                    "By the clock, within a project.",
                    unit="h",
                    decimals=1,
                    empty=NO_WORK,
                    interval="1d",
                ),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            lanes(
                PAGE,
                Shown(
                    4,
                    "timeline",
                    "Blocks of work",
                    "A lane for each person, coloured by what was worked on. A gap of five minutes ends a block.",
                    unit="string",
                    width=24,
                    height=6,
                    empty=NO_WORK,
                ),
            ),
            heading(5, "On what, and who"),
            rows(
                PAGE,
                Shown(
                    6,
                    "by_project",
                    "Projects",
                    "Waited is what agents waited for a permission or an answer.",
                    unit="h",
                    decimals=2,
                    empty=NO_WORK,
                    columns={"name": {"displayName": "project"}, "by the clock": {"custom.cellOptions": {"type": "gauge", "mode": "basic"}}},
                ),
                sort="by the clock",
            ),
            rows(
                PAGE,
                Shown(
                    7,
                    "by_branch",
                    "Branches",
                    "By the clock, within a branch.",
                    unit="h",
                    decimals=2,
                    empty=NO_WORK,
                    columns={"place": {"displayName": "project"}, "name": {"displayName": "branch"}},
                ),
                sort="by the clock",
            ),
            rows(
                PAGE,
                Shown(
                    8,
                    "by_person",
                    "People",
                    "Each with their agents. Not a score: what runs longer is not more.",
                    unit="h",
                    decimals=2,
                    width=10,
                    height=7,
                    empty=NO_WORK,
                    columns={"who": {"displayName": "person"}, "at least": {"displayName": "you, at least"}, "days": {"unit": "none", "decimals": 0}},
                ),
                sort="by the clock",
            ),
            rows(
                PAGE,
                Shown(
                    9,
                    "weeks",
                    "Week against week",
                    "Named by their Monday; more than before compares by the clock.",
                    unit="h",
                    decimals=1,
                    width=14,
                    height=7,
                    empty=NO_WORK,
                    columns={"week": {"unit": "string"}, "days": {"unit": "none", "decimals": 0}},
                ),
                sort="week",
            ),
            heading(10, "Waiting, parallelism, interruptions"),
            series(
                PAGE,
                Shown(
                    11,
                    "waiting",
                    "What agents waited for",
                    "Hours of waiting on each day, added up over sessions.",
                    unit="h",
                    decimals=1,
                    empty="No agent waited for anybody in this range",
                    interval="1d",
                    colours={"a permission": WAITING, "an answer": FAILURE, "a prompt": PROMPT},
                ),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            series(
                PAGE,
                Shown(
                    12,
                    "at_once",
                    "Agents at once",
                    "The most that worked side by side in an interval, subagents included.",
                    unit="none",
                    decimals=0,
                    empty=NO_WORK,
                    interval="5m",
                    least=0,
                    colours={"agents": AGENT},
                ),
                calcs=("max",),
            ),
            series(
                PAGE,
                Shown(
                    13,
                    "interruptions",
                    "Turns that were stopped or failed",
                    "On each day; stopped by a person, failed by an error, and all others.",
                    unit="none",
                    width=24,
                    height=7,
                    empty="Nobody asked an agent for anything in this range",
                    interval="1d",
                    colours={"interrupted": WAITING, "failed": FAILURE, "others": UNKNOWN},
                ),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            rows(
                PAGE,
                Shown(
                    14,
                    "blocks",
                    "Blocks",
                    "The newest first.",
                    unit="dtdurations",
                    width=24,
                    height=9,
                    empty=NO_WORK,
                    columns={
                        "started": {"unit": "dateTimeAsIso"},
                        "ended": {"unit": "dateTimeAsIso"},
                        "who": {"displayName": "person"},
                        "on_what": {"displayName": "projects"},
                        "sessions_in_it": {"unit": "none", "displayName": "sessions"},
                    },
                ),
                sort="started",
            ),
        ],
    )
