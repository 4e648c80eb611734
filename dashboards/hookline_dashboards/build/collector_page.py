"""The dashboard Collector: does everything that is sent arrive, and what does that cost?"""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import AGENT, FAILURE, GOOD, PLAIN, UNKNOWN, WAITING, YOU
from hookline_dashboards.build.panel_kinds import NO_OWN, Shown, bars, figure, heading, lanes, rows, series, shares, steps, words

PAGE: Final = "collector"
FRAME: Final = PageFrame(
    PAGE,
    "Hookline Collector",
    "Does everything that is sent arrive and get stored, how long does it take, and what does the collector itself use?",
    (),
    since="now-6h",
    refresh="30s",
)
SIGNALS: Final = {"traces": AGENT, "logs": YOU, "metrics": PLAIN}
HOW: Final = """**received = stored + rejected + known already + quarantined + waiting**, at any \
time, for each signal. Items are spans, log records and data points.

What a relay sends again after a crash is *known already* and counts once. *Rejected* is what no store can read. *Waiting* is safe in the journal."""


def collector_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(
        FRAME,
        [
            figure(
                PAGE,
                Shown(
                    1,
                    "totals",
                    "Items received, stored and lost",
                    "Sums over the range. Lost is what was rejected for good or had to leave the "
                    "quarantine; requests that were told to come again are not.",
                    width=10,
                    height=6,
                    empty=NO_OWN,
                    colours={"received": PLAIN, "stored": GOOD, "sent again": UNKNOWN},
                    columns={"lost": {"thresholds": steps((None, GOOD), (1, FAILURE)), "color": {"mode": "thresholds"}}},
                ),
            ),
            lanes(
                PAGE,
                Shown(
                    2,
                    "available",
                    "Did the store take what it was given?",
                    "While it is away, everything waits in the journal.",
                    unit="none",
                    width=8,
                    height=6,
                    empty=NO_OWN,
                    words={"available": ("available", GOOD), "away": ("away", FAILURE)},
                ),
            ),
            shares(
                PAGE,
                Shown(
                    3,
                    "by_signal",
                    "Items by signal",
                    "Spans, log records and data points that came in the range.",
                    width=6,
                    height=6,
                    empty=NO_OWN,
                    colours=SIGNALS,
                ),
            ),
            heading(4, "What comes and what becomes of it"),
            series(
                PAGE,
                Shown(
                    5,
                    "received",
                    "Items received",
                    "In each interval, by signal.",
                    empty=NO_OWN,
                    interval="1m",
                    colours=SIGNALS,
                ),
                bars=True,
                stacked=True,
                calcs=("sum", "max"),
            ),
            series(
                PAGE,
                Shown(
                    6,
                    "fate",
                    "Items that were not simply stored",
                    "Rejected for good, known already (sent again after a crash), or set aside. "
                    "Zero is what one wants to see of the first and the last.",
                    empty=NO_OWN,
                    interval="1m",
                    colours={"rejected": FAILURE, "known already": UNKNOWN, "quarantined": WAITING},
                ),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            rows(
                PAGE,
                Shown(
                    7,
                    "sums",
                    "Does it add up?",
                    "Counted since the collector's start, as it said last. Missing must be 0.",
                    unit="none",
                    width=15,
                    height=6,
                    empty=NO_OWN,
                    columns={
                        "missing": {
                            "thresholds": steps((None, FAILURE), (0, GOOD), (1, FAILURE)),
                            "custom.cellOptions": {"type": "color-text"},
                        }
                    },
                ),
            ),
            bars(
                PAGE,
                Shown(
                    8,
                    "refused",
                    "Why requests were refused",
                    "Again: told to come back later, because there was no room or too much at once. Never: what cannot be read.",
                    width=9,
                    height=6,
                    empty="No request was refused in this range",
                    colours={"requests": WAITING},
                ),
            ),
            words(9, "How to read the sums", "What must add up.", HOW, height=4),
            heading(10, "The journal and the store"),
            series(
                PAGE,
                Shown(
                    11,
                    "waiting",
                    "Items that wait to be stored",
                    "The most in each interval. They are safe on the disk; growing for minutes means that the store does not keep up.",
                    empty=NO_OWN,
                    interval="1m",
                    colours=SIGNALS,
                ),
                stacked=True,
                calcs=("max", "lastNotNull"),
            ),
            series(
                PAGE,
                Shown(
                    12,
                    "journal",
                    "Journal on disk",
                    "The most in each interval, stored segments included that the store's disk does not have yet.",
                    unit="bytes",
                    empty=NO_OWN,
                    interval="1m",
                    colours=SIGNALS,
                ),
                stacked=True,
                calcs=("max", "lastNotNull"),
            ),
            series(
                PAGE,
                Shown(
                    13,
                    "own_time",
                    "How long its own steps take",
                    "The slowest in each interval: an insert into the store, a sync of the journal (a request waits for it), a sync of the store.",
                    unit="s",
                    empty=NO_OWN,
                    interval="1m",
                    steps=((None, PLAIN), (1, WAITING)),
                    colours={"insert": AGENT, "journal sync": YOU, "store sync": PLAIN},
                ),
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    14,
                    "inserts",
                    "Inserts answered and refused",
                    "In each interval. A refused insert is tried again with the same token, so nothing is stored twice.",
                    empty=NO_OWN,
                    interval="1m",
                    colours={"answered": GOOD, "refused": FAILURE},
                ),
                bars=True,
                stacked=True,
                calcs=("sum",),
            ),
            series(
                PAGE,
                Shown(
                    15,
                    "parts",
                    "Parts and merges",
                    "Parts of all tables, and merges that ran when the collector looked. Many parts that do not fall make questions slow.",
                    unit="none",
                    empty=NO_OWN,
                    interval="1m",
                    colours={"parts": PLAIN, "merges": WAITING},
                    columns={"merges": {"custom.axisPlacement": "right"}},
                ),
                calcs=("lastNotNull", "max"),
            ),
            series(
                PAGE,
                Shown(
                    16,
                    "disk",
                    "Database and free disk",
                    "The database's size on its disk, and what is free on the disk of the data folder.",
                    unit="bytes",
                    empty=NO_OWN,
                    interval="1m",
                    least=0,
                    colours={"database": AGENT, "free": UNKNOWN},
                ),
                calcs=("lastNotNull",),
            ),
            heading(17, "The collector itself"),
            series(
                PAGE,
                Shown(
                    18,
                    "processor",
                    "Processor used",
                    "Cores of the collector's process, its database included: 0.1 is a tenth of a core.",
                    unit="none",
                    decimals=3,
                    empty=NO_OWN,
                    interval="1m",
                    least=0,
                    colours={"cores": AGENT},
                ),
                calcs=("mean", "max"),
            ),
            series(
                PAGE,
                Shown(
                    19,
                    "memory",
                    "Memory held",
                    "Resident memory of the collector's process, its database included.",
                    unit="bytes",
                    empty=NO_OWN,
                    interval="1m",
                    least=0,
                    colours={"resident": AGENT},
                ),
                calcs=("mean", "max"),
            ),
        ],
    )
