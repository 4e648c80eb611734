"""The dashboard Resources: what do agents take of the machine and of the account?"""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import AGENT, FAILURE, GOOD, PLAIN, PROMPT, UNKNOWN, WAITING, YOU
from hookline_dashboards.build.panel_kinds import NO_COMMANDS, NO_LIMITS, NO_REQUESTS, NO_SAMPLES, Shown, figure, heading, rows, series, shares, steps
from hookline_dashboards.build.panel_links import IN_SESSION

PAGE: Final = "resources"
OF_COMMANDS: Final = (
    "Of the agent's processes that ended during a call, exactly, by the kernel's counters at its start and end: its commands, and what else ended "
    "meanwhile, such as hooks. What goes on in the background is not in it. Calls side by side share what is told."
)
FRAME: Final = PageFrame(
    PAGE,
    "Hookline Resources",
    "What do agents and their commands take: processor, memory, disk, tokens, money, and how far are the limits?",
    ("person", "project", "agent", "tool", "model"),
    since="now-24h",
    refresh="1m",
)


def resources_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(
        FRAME,
        [
            figure(
                PAGE,
                Shown(
                    1,
                    "totals",
                    "Requests, tokens, cost and cache",
                    "Sums over the range. From cache is the share of what went in that came from the cache.",
                    unit="short",
                    width=24,
                    height=4,
                    empty=NO_REQUESTS,
                    columns={"cost": {"unit": "currencyUSD", "decimals": 2}, "from cache": {"unit": "percentunit", "decimals": 1}},
                    colours={"tokens": PLAIN, "cost": YOU, "requests": UNKNOWN, "from cache": GOOD},
                ),
            ),
            heading(2, "Limits of the account"),
            rows(
                PAGE,
                Shown(
                    3,
                    "windows",
                    "Windows of the limits",
                    "Used against time passed: projected is where it leads by the end of the window if it goes on like this. From the status line.",
                    unit="percent",
                    width=16,
                    height=8,
                    empty=NO_LIMITS,
                    columns={
                        "began": {"unit": "dateTimeAsIso"},
                        "resets": {"unit": "dateTimeAsIso"},
                        "used": {
                            "decimals": 0,
                            "min": 0,
                            "max": 100,
                            "custom.cellOptions": {"type": "gauge", "mode": "basic"},
                            "thresholds": steps((None, GOOD), (75, WAITING), (95, FAILURE)),
                        },
                        "passed": {"decimals": 0},
                        "projected": {
                            "decimals": 0,
                            "thresholds": steps((None, GOOD), (90, WAITING), (100, FAILURE)),
                            "custom.cellOptions": {"type": "color-text"},
                        },
                    },
                ),
                sort="resets",
            ),
            series(
                PAGE,
                Shown(
                    4,
                    "limits",
                    "How far the limits are used up",
                    "As the status line told: of the five hours and of the seven days.",
                    unit="percent",
                    width=8,
                    empty=NO_LIMITS,
                    interval="1m",
                    least=0,
                    most=100,
                    steps=((None, PLAIN), (80, WAITING), (95, FAILURE)),
                ),
                spans=True,
                calcs=("lastNotNull", "max"),
            ),
            heading(5, "Tokens and money"),
            series(
                PAGE,
                Shown(
                    6,
                    "tokens",
                    "Tokens used",
                    "In each interval, by kind.",
                    empty=NO_REQUESTS,
                    interval="5m",
                    colours={"input": PLAIN, "output": AGENT, "written to cache": PROMPT, "read from cache": UNKNOWN},
                ),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            series(
                PAGE,
                Shown(
                    7,
                    "cost",
                    "Cost by model",
                    "In each interval, without requests whose cost nobody knows.",
                    unit="currencyUSD",
                    empty=NO_REQUESTS,
                    interval="5m",
                    decimals=2,
                ),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            shares(
                PAGE,
                Shown(
                    8,
                    "cost_by_project",
                    "Cost by project",
                    "Of the range, without requests whose cost nobody knows.",
                    unit="currencyUSD",
                    width=9,
                    empty=NO_REQUESTS,
                    decimals=2,
                ),
            ),
            rows(
                PAGE,
                Shown(
                    9,
                    "heaviest",
                    "Heaviest sessions",
                    "By the processor time of their agent and of all that it started.",
                    unit="bytes",
                    width=15,
                    empty=NO_SAMPLES,
                    columns={
                        "session": {"links": [IN_SESSION]},
                        "place": {"displayName": "project"},
                        "processor": {"unit": "dtdurations", "custom.cellOptions": {"type": "gauge", "mode": "basic"}},
                    },
                ),
                sort="processor",
            ),
            heading(18, "What commands cost"),
            rows(
                PAGE,
                Shown(
                    19,
                    "commands_by_kind",
                    "Processor time of commands, by kind",
                    f"{OF_COMMANDS} Cores are processor time by the time that the calls ran.",
                    unit="dtdurations",
                    width=24,
                    height=6,
                    empty=NO_COMMANDS,
                    columns={
                        "name": {"displayName": "tool"},
                        "calls": {"unit": "short"},
                        "processor": {"custom.cellOptions": {"type": "gauge", "mode": "basic"}},
                        "cores": {"unit": "none", "decimals": 2},
                        "shared": {"unit": "percentunit", "displayName": "ran beside others"},
                    },
                ),
                sort="processor",
            ),
            rows(
                PAGE,
                Shown(
                    20,
                    "commands",
                    "Heaviest commands",
                    f"{OF_COMMANDS} Memory, reading and writing are samples of all of the session's processes in the minutes of the call, "
                    "over long ranges in its hours.",
                    unit="bytes",
                    width=24,
                    empty=NO_COMMANDS,
                    columns={
                        "began": {"unit": "dateTimeAsIso"},
                        "name": {"displayName": "tool"},
                        "processor": {"unit": "dtdurations", "custom.cellOptions": {"type": "gauge", "mode": "basic"}},
                        "whose": {"displayName": "processor time is"},
                        "ran": {"unit": "dtdurations"},
                        "most memory": {"displayName": "most memory meanwhile"},
                        "place": {"displayName": "project"},
                        "by_agent": {"displayName": "agent"},
                        "session": {"links": [IN_SESSION]},
                    },
                ),
                sort="processor",
            ),
            heading(10, "Agents and what they started"),
            series(
                PAGE,
                Shown(
                    11,
                    "processor",
                    "Processor cores used",
                    "Of the agents' process trees, by project: 2 is two cores all the time.",
                    unit="none",
                    decimals=2,
                    empty=NO_SAMPLES,
                    interval="1m",
                    least=0,
                ),
                stacked=True,
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    12,
                    "memory",
                    "Memory held",
                    "Of the agents' process trees, by project: the most of an interval.",
                    unit="bytes",
                    empty=NO_SAMPLES,
                    interval="1m",
                    least=0,
                ),
                stacked=True,
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    13,
                    "disk",
                    "Read from and written to disks",
                    "Of the agents' process trees, in a second.",
                    unit="Bps",
                    empty=NO_SAMPLES,
                    interval="1m",
                    least=0,
                    colours={"read": PLAIN, "written": WAITING},
                ),
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    14,
                    "threads",
                    "Threads",
                    "Of the agents' process trees.",
                    unit="none",
                    empty=NO_SAMPLES,
                    interval="1m",
                    least=0,
                    colours={"threads": AGENT},
                ),
                calcs=("mean", "max"),
            ),
            heading(15, "The machine"),
            series(
                PAGE,
                Shown(
                    16,
                    "machine",
                    "Processor and memory in use",
                    "Of the whole machine, whoever uses it.",
                    unit="percentunit",
                    empty=NO_SAMPLES,
                    interval="1m",
                    least=0,
                    most=1,
                    steps=((None, PLAIN), (0.9, WAITING)),
                ),
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    17,
                    "pressure",
                    "Pressure",
                    "The share of the time in which something had to wait for processor, memory or disk (Linux).",
                    unit="percentunit",
                    empty="The machine told of no pressure in this range: only Linux does",
                    interval="1m",
                    least=0,
                    steps=((None, PLAIN), (0.5, WAITING)),
                ),
                calcs=("mean", "max"),
            ),
        ],
    )
