"""The dashboard Services: rate, errors and duration, what was slow, and what the processes take."""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import AGENT, FAILURE, PLAIN, UNKNOWN, WAITING, YOU
from hookline_dashboards.build.panel_kinds import Shown, figure, fixed, heading, rows, series, steps
from hookline_dashboards.build.panel_links import IN_TRACE, TO_REQUEST, TO_SERVICE, TO_STATEMENT

PAGE: Final = "services"
NO_SERVICE: Final = "No service told anything in this range: a Python service tells with one line, hookline.instrument(app)"
NO_SLOW: Final = "No request was kept in this range: none was slow or failed"
FRAME: Final = PageFrame(
    PAGE, "Hookline Services", "How many requests do services answer, how long do they take, and what is slow?", ("service",), since="now-6h"
)


def services_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(FRAME, [*_requests(), *_slow(), *_runtime()])


def _requests() -> list[Any]:
    failed = {"unit": "percentunit", "decimals": 2, "thresholds": steps((None, UNKNOWN), (0.01, WAITING), (0.05, FAILURE))}
    return [
        figure(
            PAGE,
            Shown(
                1,
                "totals",
                "Requests, failures, duration",
                "By the services' own counts of every request. Kept are those of which the whole tree was sent: slow, failed, or picked by chance.",
                width=24,
                height=4,
                empty=NO_SERVICE,
                columns={"failed share": {**failed, "color": fixed(FAILURE)}, "mean": {"unit": "s"}},
                colours={"requests": PLAIN, "mean": AGENT, "kept": WAITING},
            ),
        ),
        series(PAGE, Shown(2, "rate", "Requests a second", "By service.", unit="none", empty=NO_SERVICE, interval="1m", least=0), stacked=True),
        series(
            PAGE,
            Shown(
                3,
                "errors",
                "Share that failed",
                "By the service's own fault: an exception or a status of 500 and more.",
                unit="percentunit",
                empty=NO_SERVICE,
                interval="1m",
                least=0,
                steps=((None, PLAIN), (0.05, FAILURE)),
            ),
        ),
        series(
            PAGE,
            Shown(
                4,
                "durations",
                "How long requests take",
                "Half, 95 % and 99 % of the requests of an interval are answered within, from buckets.",
                unit="s",
                empty=NO_SERVICE,
                interval="1m",
                width=24,
                colours={"p50": AGENT, "p95": YOU, "p99": FAILURE},
            ),
            log=True,
            calcs=("mean", "max"),
        ),
        rows(
            PAGE,
            Shown(
                5,
                "routes",
                "Routes",
                "By the time that they took in all.",
                unit="s",
                width=24,
                height=9,
                empty=NO_SERVICE,
                columns={
                    "name": {"displayName": "route"},
                    "place": {"displayName": "service", "links": [TO_SERVICE]},
                    "requests": {"unit": "short"},
                    "failed": {**failed, "custom.cellOptions": {"type": "color-text"}},
                    "total": {"unit": "dtdurations", "custom.cellOptions": {"type": "gauge", "mode": "basic"}},
                },
            ),
            sort="total",
        ),
    ]


def _slow() -> list[Any]:
    return [
        heading(6, "What was slow"),
        rows(
            PAGE,
            Shown(
                7,
                "slow",
                "Slow and failed requests",
                "Each with its calls to databases, their file and line: open one by its name.",
                unit="s",
                width=24,
                height=10,
                empty=NO_SLOW,
                columns={
                    "started": {"unit": "dateTimeAsIso"},
                    "place": {"displayName": "service"},
                    "name": {"displayName": "request"},
                    "db calls": {"unit": "short"},
                    "repeated": {"unit": "short"},
                    "request": {"displayName": "open", "links": [TO_REQUEST]},
                    "trace": {"links": [IN_TRACE]},
                },
            ),
            sort="took",
        ),
        rows(
            PAGE,
            Shown(
                14,
                "slower",
                "Routes that became slower",
                "More than chance explains, and for good: what grew, and which release, setting, plan or statement changed at that time.",
                unit="s",
                width=24,
                height=6,
                empty="No route became slower in this range",
                columns={
                    "started": {"unit": "dateTimeAsIso", "displayName": "found"},
                    "place": {"displayName": "service", "links": [TO_SERVICE]},
                    "name": {"displayName": "route"},
                    "times": {"unit": "short"},
                },
            ),
            sort="started",
        ),
        rows(
            PAGE,
            Shown(
                8,
                "statements",
                "Statements that services call",
                "As the services timed them, network included. A statement has the same name in its database.",
                unit="s",
                width=24,
                height=8,
                empty=NO_SERVICE,
                columns={
                    "name": {"displayName": "statement"},
                    "place": {"displayName": "service"},
                    "calls": {"unit": "short"},
                    "statement": {"displayName": "in databases", "links": [TO_STATEMENT]},
                    "total": {"unit": "dtdurations", "custom.cellOptions": {"type": "gauge", "mode": "basic"}},
                },
            ),
            sort="total",
        ),
    ]


def _runtime() -> list[Any]:
    return [
        heading(9, "Processes"),
        series(
            PAGE,
            Shown(
                10,
                "cores",
                "Processor cores used",
                "By service; 2 is two cores all the time.",
                unit="none",
                decimals=2,
                empty=NO_SERVICE,
                interval="1m",
                least=0,
            ),
        ),
        series(
            PAGE,
            Shown(11, "memory", "Memory held", "The most of an interval, of one process.", unit="bytes", empty=NO_SERVICE, interval="1m", least=0),
        ),
        series(
            PAGE,
            Shown(
                12,
                "loop",
                "Event loop held up",
                "The longest of an interval: all other requests of the process waited so long.",
                unit="s",
                empty=NO_SERVICE,
                interval="1m",
                least=0,
                steps=((None, PLAIN), (0.1, FAILURE)),
            ),
        ),
        series(
            PAGE, Shown(13, "descriptors", "Open descriptors", "The most of an interval, of one process.", empty=NO_SERVICE, interval="1m", least=0)
        ),
    ]
