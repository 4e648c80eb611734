"""The dashboard Alerts: what fires, what fired, and was it told?"""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import FAILURE, GOOD, PLAIN, PROMPT, UNKNOWN, WAITING
from hookline_dashboards.build.panel_kinds import NO_ALERTS, NO_OWN, Shown, figure, heading, lanes, rows, series, severities
from hookline_dashboards.build.panel_links import IN_SESSION

PAGE: Final = "alerts"
FRAME: Final = PageFrame(
    PAGE,
    "Hookline Alerts",
    "What fires now, what fired before, and did it reach anybody?",
    ("rule",),
    since="now-7d",
    refresh="1m",
)


def alerts_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(
        FRAME,
        [
            figure(
                PAGE,
                Shown(
                    1,
                    "totals",
                    "Alerts in this range",
                    "How many began to fire, how many were over, and how long one fired on average.",
                    unit="short",
                    width=8,
                    height=8,
                    empty=NO_ALERTS,
                    columns={"fired_times": {"displayName": "began"}, "fired for, on average": {"unit": "dtdurations"}},
                    colours={"fired_times": FAILURE, "over": GOOD, "fired for, on average": UNKNOWN},
                ),
            ),
            rows(
                PAGE,
                Shown(
                    2,
                    "now",
                    "Firing at the end of the range",
                    "With what was measured, and since when.",
                    unit="short",
                    width=16,
                    height=8,
                    empty="Nothing fires",
                    columns={
                        "name": {"displayName": "alert"},
                        "since": {"unit": "dateTimeAsIso"},
                        "place": {"displayName": "project"},
                        "session": {"links": [IN_SESSION]},
                        "severity": {"mappings": severities(), "custom.cellOptions": {"type": "color-text"}},
                    },
                ),
                sort="since",
            ),
            lanes(
                PAGE,
                Shown(
                    3,
                    "states",
                    "Pending and firing",
                    "A lane for each rule and project.",
                    unit="string",
                    width=24,
                    height=8,
                    empty=NO_ALERTS,
                    words={"firing": ("firing", FAILURE), "pending": ("pending", WAITING)},
                ),
            ),
            heading(4, "What fired before"),
            series(
                PAGE,
                Shown(5, "over_time", "How often rules fired", "In each interval, by rule.", unit="none", empty=NO_ALERTS, interval="5m"),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            rows(
                PAGE,
                Shown(
                    6,
                    "by_rule",
                    "Rules that fired",
                    "How often, and how long in all.",
                    unit="short",
                    empty=NO_ALERTS,
                    columns={
                        "name": {"displayName": "rule"},
                        "of_group": {"displayName": "group"},
                        "fired_for": {"displayName": "fired for", "unit": "dtdurations"},
                        "newest": {"unit": "dateTimeAsIso"},
                    },
                ),
                sort="times",
            ),
            rows(
                PAGE,
                Shown(
                    7,
                    "history",
                    "Every change",
                    "The newest first.",
                    unit="short",
                    width=24,
                    height=10,
                    empty=NO_ALERTS,
                    columns={
                        "at": {"unit": "dateTimeAsIso"},
                        "name": {"displayName": "alert"},
                        "place": {"displayName": "project"},
                        "session": {"links": [IN_SESSION]},
                        "severity": {"mappings": severities(), "custom.cellOptions": {"type": "color-text"}},
                    },
                ),
                sort="at",
            ),
            heading(8, "Do they reach anybody?"),
            series(
                PAGE,
                Shown(
                    9,
                    "deliveries",
                    "Deliveries",
                    "The most in each interval: changes not told yet, messages that wait, targets that failed last. All should come back to 0.",
                    unit="none",
                    empty=NO_OWN,
                    interval="1m",
                    least=0,
                    colours={"not told yet": WAITING, "messages waiting": PROMPT, "targets failing": FAILURE},
                ),
                calcs=("max", "lastNotNull"),
            ),
            series(
                PAGE,
                Shown(
                    10,
                    "rules",
                    "Rules",
                    "In force, and those whose last evaluation failed; and how many alerts fired.",
                    unit="none",
                    empty=NO_OWN,
                    interval="1m",
                    least=0,
                    colours={"in force": PLAIN, "failing": FAILURE, "firing": WAITING},
                ),
                calcs=("max", "lastNotNull"),
            ),
        ],
    )
