"""The dashboard Latency: where does the time of calls and requests go?"""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import AGENT, FAILURE, PLAIN, PROMPT, UNKNOWN, WAITING, YOU
from hookline_dashboards.build.panel_kinds import NO_CALLS, NO_NATIVE, Shown, bars, figure, fixed, heading, heat, rows, series, steps
from hookline_dashboards.build.panel_links import IN_SESSION, IN_TRACE

PAGE: Final = "latency"
FRAME: Final = PageFrame(
    PAGE,
    "Hookline Latency",
    "How long do tools, models, permissions and hooks take, and what is slow?",
    ("person", "project", "agent", "tool", "model"),
    since="now-24h",
    refresh="1m",
)


def latency_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(
        FRAME,
        [
            figure(
                PAGE,
                Shown(
                    1,
                    "totals",
                    "Calls, how long they took, and how long they waited",
                    "Half of the calls that ran are done within the median. What somebody stopped or denied did not fail.",
                    unit="s",
                    width=24,
                    height=4,
                    empty=NO_CALLS,
                    columns={
                        "calls": {"unit": "short"},
                        "failed": {"unit": "percentunit", "decimals": 1, "color": fixed(FAILURE)},
                        "waited for you": {"unit": "dtdurations", "color": fixed(WAITING)},
                    },
                    colours={"calls": PLAIN, "median": AGENT, "95 % within": AGENT},
                ),
            ),
            heading(2, "Tools"),
            series(
                PAGE,
                Shown(
                    3,
                    "tools",
                    "How long tool calls take",
                    "Half, 95 % and 99 % of the calls of an interval are done within. The run alone, without permissions; denied calls never ran.",
                    unit="s",
                    empty=NO_CALLS,
                    interval="1m",
                    colours={"p50": AGENT, "p95": YOU, "p99": FAILURE},
                ),
                log=True,
                calcs=("mean", "max"),
            ),
            heat(
                PAGE,
                Shown(
                    4,
                    "heat",
                    "How many calls took how long",
                    "A row for each upper bound in seconds; the uppermost: longer than ten minutes. Denied calls never ran.",
                    empty=NO_CALLS,
                    interval="5m",
                ),
                y_unit="s",
                value="calls",
            ),
            rows(
                PAGE,
                Shown(
                    5,
                    "by_tool",
                    "Tools",
                    "By the time that they took in all. Waited is the time for a permission. Denied calls never ran: no time is theirs.",
                    unit="s",
                    width=16,
                    height=9,
                    empty=NO_CALLS,
                    columns={
                        "name": {"displayName": "tool"},
                        "calls": {"unit": "short"},
                        "denied": {"unit": "short"},
                        "failed": {
                            "unit": "percentunit",
                            "decimals": 1,
                            "thresholds": steps((None, UNKNOWN), (0.1, WAITING), (0.3, FAILURE)),
                            "custom.cellOptions": {"type": "color-text"},
                        },
                        "total": {"unit": "dtdurations", "custom.cellOptions": {"type": "gauge", "mode": "basic"}},
                        "waited": {"unit": "dtdurations"},
                    },
                ),
                sort="total",
            ),
            bars(
                PAGE,
                Shown(
                    6,
                    "by_project",
                    "Where calls take long",
                    "95 % of a project's calls that ran are done within.",
                    unit="s",
                    width=8,
                    height=9,
                    empty=NO_CALLS,
                    colours={"p95": AGENT},
                ),
            ),
            rows(
                PAGE,
                Shown(
                    7,
                    "slowest",
                    "Slowest calls",
                    "The fifty that ran longest, each with its session and its trace.",
                    unit="s",
                    width=24,
                    height=9,
                    empty=NO_CALLS,
                    columns={
                        "started": {"unit": "dateTimeAsIso"},
                        "name": {"displayName": "tool"},
                        "result": {"displayName": "outcome"},
                        "place": {"displayName": "project"},
                        "who": {"displayName": "person"},
                        "session": {"links": [IN_SESSION]},
                        "trace": {"links": [IN_TRACE]},
                    },
                ),
                sort="took",
            ),
            rows(
                PAGE,
                Shown(
                    17,
                    "by_kind",
                    "The same kind of work, by agent",
                    "Tools keep the names that their agents give them; the kind compares agents. Denied calls never ran: no time is theirs.",
                    unit="s",
                    width=24,
                    height=8,
                    empty=NO_CALLS,
                    columns={
                        "kind": {"displayName": "what the tools do"},
                        "who": {"displayName": "agent"},
                        "calls": {"unit": "short"},
                        "failed": {
                            "unit": "percentunit",
                            "decimals": 1,
                            "thresholds": steps((None, UNKNOWN), (0.1, WAITING), (0.3, FAILURE)),
                            "custom.cellOptions": {"type": "color-text"},
                        },
                        "total": {"unit": "dtdurations"},
                        "waited": {"unit": "dtdurations"},
                    },
                ),
                sort="kind",
            ),
            heading(8, "Models"),
            series(
                PAGE,
                Shown(
                    9,
                    "model_requests",
                    "How long models take to answer",
                    "95 % of the requests of an interval are answered within, by model. Told by the agent's own telemetry.",
                    unit="s",
                    empty=NO_NATIVE,
                    interval="1m",
                ),
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    10,
                    "first_token",
                    "Time to the first token",
                    "Half and 95 % of the requests of an interval, by model. Told by the agent's own traces.",
                    unit="s",
                    empty=NO_NATIVE,
                    interval="1m",
                ),
                calcs=("mean", "max"),
            ),
            rows(
                PAGE,
                Shown(
                    11,
                    "by_model",
                    "Models",
                    "Requests whose duration the agent told, and how many tokens they wrote in a second.",
                    unit="s",
                    height=7,
                    empty=NO_NATIVE,
                    columns={"name": {"displayName": "model"}, "requests": {"unit": "short"}, "tokens a second": {"unit": "short"}},
                ),
                sort="requests",
            ),
            rows(
                PAGE,
                Shown(
                    12,
                    "by_version",
                    "Versions of the agent",
                    "Whether a version made requests or calls slower, as the agent's own traces tell.",
                    unit="s",
                    height=7,
                    empty=NO_NATIVE,
                    columns={
                        "of_version": {"displayName": "version"},
                        "of_what": {"displayName": "what"},
                        "times": {"unit": "short"},
                    },
                ),
                sort="version",
            ),
            heading(13, "Permissions and hooks"),
            series(
                PAGE,
                Shown(
                    14,
                    "waits",
                    "How long calls wait for a permission",
                    "Half and 95 % of the waits of an interval, and how many there were.",
                    unit="s",
                    empty="No call waited for a permission in this range",
                    interval="5m",
                    steps=((None, PLAIN), (60, WAITING)),
                    colours={"p50": PROMPT, "p95": WAITING, "waits": UNKNOWN},
                    columns={"waits": {"unit": "short", "custom.axisPlacement": "right", "custom.drawStyle": "bars"}},
                ),
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    15,
                    "hooks",
                    "How long an agent waits for hooks",
                    "The mean of an interval: Hookline's own hook, and all hooks of an event together, as the agent's own telemetry tells.",
                    unit="s",
                    empty="No hook ran in this range",
                    interval="1m",
                    steps=((None, PLAIN), (0.1, WAITING)),
                    colours={"Hookline's own": AGENT, "all hooks of an event": UNKNOWN},
                ),
                calcs=("mean", "max"),
            ),
            rows(
                PAGE,
                Shown(
                    16,
                    "hook_cost",
                    "What hooks cost, by event",
                    "All hooks that are installed for an event, Hookline's and others', as the agent tells in its own telemetry.",
                    unit="s",
                    width=24,
                    height=7,
                    empty=NO_NATIVE,
                    columns={
                        "times": {"unit": "short"},
                        "at_once": {"unit": "none", "displayName": "most hooks at once"},
                        "total": {"unit": "dtdurations"},
                    },
                ),
                sort="total",
            ),
        ],
    )
