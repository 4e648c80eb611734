"""The dashboard Sessions: what was done in sessions, and what came of it?"""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import AGENT, FAILURE, GOOD, PLAIN, PROMPT, UNKNOWN, WAITING, YOU
from hookline_dashboards.build.panel_kinds import NO_SESSIONS, Shown, figure, heading, lanes, rows, series, shares
from hookline_dashboards.build.panel_links import IN_SESSION

PAGE: Final = "sessions"
FRAME: Final = PageFrame(
    PAGE,
    "Hookline Sessions",
    "Which sessions were there, how did they go, how did they end, and what came of them?",
    ("person", "project", "agent", "model"),
    since="now-7d",
    refresh="1m",
)


def sessions_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(
        FRAME,
        [
            figure(
                PAGE,
                Shown(
                    1,
                    "totals",
                    "Sessions, prompts, calls and cost",
                    "Of the sessions that were heard of in the range.",
                    unit="short",
                    width=24,
                    height=4,
                    empty=NO_SESSIONS,
                    columns={
                        "sessions_in_all": {"displayName": "sessions"},
                        "open": {"displayName": "still open"},
                        "prompts_in_all": {"displayName": "prompts"},
                        "calls_in_all": {"displayName": "tool calls"},
                        "cost": {"unit": "currencyUSD", "decimals": 2},
                    },
                    colours={"sessions_in_all": PLAIN, "open": AGENT, "prompts_in_all": YOU, "calls_in_all": PLAIN, "cost": UNKNOWN},
                ),
            ),
            lanes(
                PAGE,
                Shown(
                    2,
                    "states",
                    "What went on in the newest sessions",
                    "An agent at work, a person, or waiting: a lane for each of twenty sessions.",
                    unit="string",
                    width=24,
                    height=10,
                    empty=NO_SESSIONS,
                    words={
                        "agent": ("agent at work", AGENT),
                        "you": ("you", YOU),
                        "waits for you": ("waits for you", WAITING),
                        "waits for a prompt": ("waits for a prompt", PROMPT),
                    },
                ),
            ),
            rows(
                PAGE,
                Shown(
                    3,
                    "list",
                    "Sessions",
                    "The newest first. Known says how the end is known: observed, derived or inferred. Lines are the agent's own count.",
                    unit="short",
                    width=24,
                    height=11,
                    empty=NO_SESSIONS,
                    columns={
                        "session": {"links": [IN_SESSION]},
                        "place": {"displayName": "project"},
                        "on_branch": {"displayName": "branch"},
                        "who": {"displayName": "person"},
                        "began": {"unit": "dateTimeAsIso"},
                        "lasted": {"unit": "dtdurations"},
                        "asked": {"displayName": "prompts"},
                        "called": {"displayName": "tool calls"},
                        "cost": {"unit": "currencyUSD", "decimals": 2},
                        "lines_added": {"displayName": "lines added"},
                        "lines_removed": {"displayName": "lines removed"},
                        "with_model": {"displayName": "model"},
                    },
                ),
                sort="began",
            ),
            heading(4, "How they went"),
            series(
                PAGE,
                Shown(5, "running", "Sessions with an agent at work", "In each interval, by project.", unit="none", empty=NO_SESSIONS, interval="5m"),
                bars=True,
                stacked=True,
                calcs=("max",),
            ),
            shares(
                PAGE,
                Shown(
                    6,
                    "ends",
                    "How sessions ended",
                    "Those whose process was gone ended without a word; of those of which nothing more was heard, a rule decided it.",
                    width=6,
                    empty=NO_SESSIONS,
                ),
            ),
            shares(
                PAGE,
                Shown(
                    7,
                    "outcomes",
                    "What came of prompts",
                    "The outcome of each turn.",
                    width=6,
                    empty=NO_SESSIONS,
                    colours={"success": GOOD, "failure": FAILURE, "interrupted": WAITING, "unknown": UNKNOWN},
                ),
            ),
            heading(8, "What came of them"),
            rows(
                PAGE,
                Shown(
                    9,
                    "files",
                    "Files",
                    "Calls that read, edited or wrote files and succeeded, by the file's extension.",
                    unit="short",
                    empty="No file was touched in this range",
                    columns={"in_sessions": {"displayName": "sessions"}},
                ),
                sort="edited",
            ),
            rows(
                PAGE,
                Shown(
                    10,
                    "commits",
                    "Commits, and what one costs",
                    "A commit is a revision that a branch came to between two prompts; its cost is the project's over all of them.",
                    unit="short",
                    empty=NO_SESSIONS,
                    columns={
                        "place": {"displayName": "project"},
                        "asked": {"displayName": "prompts"},
                        "cost": {"unit": "currencyUSD", "decimals": 2},
                        "cost a commit": {"unit": "currencyUSD", "decimals": 2},
                    },
                ),
                sort="commits",
            ),
        ],
    )
