"""The dashboard Databases: what sessions do against cores, what was found, and what the database did."""

from __future__ import annotations

from typing import Any, Final

from hookline_dashboards.build.page_frame import PageFrame, built
from hookline_dashboards.build.palette import AGENT, FAILURE, GOOD, PLAIN, PROMPT, UNKNOWN, WAITING, YOU
from hookline_dashboards.build.panel_kinds import Shown, heading, lanes, rows, series, steps
from hookline_dashboards.build.panel_links import TO_DATABASE, TO_STATEMENT

PAGE: Final = "databases"
NO_DATABASE: Final = "No database was looked at in this range: hookline databases looks at those of the configuration"
NO_LOCKS: Final = "Nobody waited for a lock in this range"
NO_FORECAST: Final = "No forecast where none is honest: each needs twenty hours of figures without a gap, the last of them from now"
NO_VERDICT: Final = "Nothing was found in this range"
FRAME: Final = PageFrame(
    PAGE,
    "Hookline Databases",
    "What do databases do or wait for, which statements take the time, and what will run out?",
    ("database",),
    since="now-6h",
)
CLASSES: Final = {
    "cpu": GOOD, "io": PLAIN, "temp": YOU, "wal": AGENT, "lock": FAILURE, "lwlock": WAITING, "replication": PROMPT, "cores": "text",
}  # fmt: skip


def databases_page() -> dict[str, Any]:
    """Return the dashboard."""
    return built(FRAME, [*_load(), *_statements(), *_locks(), *_work(), *_room()])


def _load() -> list[Any]:
    return [
        series(
            PAGE,
            Shown(
                1,
                "sessions",
                "Sessions at work, by what they do or wait for",
                "The mean number of sessions at work at once. Above the line of cores somebody waits; which colour grows says for what.",
                unit="none",
                decimals=1,
                width=24,
                height=10,
                empty=NO_DATABASE,
                interval="1m",
                least=0,
                colours=CLASSES,
                columns={"cores": {"custom.fillOpacity": 0, "custom.stacking": {"mode": "none"}, "custom.lineWidth": 2}},
            ),
            stacked=True,
            calcs=("mean", "max"),
        ),
        lanes(
            PAGE,
            Shown(
                2,
                "verdicts",
                "What was the bottleneck",
                "A lane for each database.",
                width=24,
                height=5,
                empty=NO_VERDICT,
                words={name: (name, colour) for name, colour in CLASSES.items() if name != "cores"},
            ),
        ),
        rows(
            PAGE,
            Shown(
                3,
                "found",
                "What was found",
                "Each incident once, with how sure it is and what to do next.",
                width=24,
                height=7,
                empty=NO_VERDICT,
                columns={
                    "started": {"unit": "dateTimeAsIso"},
                    "ended": {"unit": "dateTimeAsIso"},
                    "place": {"displayName": "database", "links": [TO_DATABASE]},
                    "name": {"displayName": "verdict"},
                    "says": {"displayName": "what"},
                    "share": {"unit": "percentunit", "decimals": 0},
                    "certainty": {"unit": "percentunit", "decimals": 0},
                },
            ),
            sort="started",
        ),
    ]


def _statements() -> list[Any]:
    return [
        heading(4, "Statements"),
        series(
            PAGE,
            Shown(
                5,
                "busiest",
                "Sessions by statement",
                "The seven with which sessions were busy most, from samples.",
                unit="none",
                decimals=2,
                width=24,
                empty=NO_DATABASE,
                interval="1m",
                least=0,
            ),
            stacked=True,
            calcs=("mean",),
        ),
        rows(
            PAGE,
            Shown(
                6,
                "statements",
                "Statements that took most time",
                "By PostgreSQL's own counters, in whole hours. Deviation is exact where the agent tells it.",
                unit="s",
                width=24,
                height=11,
                empty=NO_DATABASE,
                columns={
                    "name": {"displayName": "statement"},
                    "place": {"displayName": "database", "links": [TO_DATABASE]},
                    "called": {"displayName": "calls", "unit": "short"},
                    "result": {"displayName": "rows", "unit": "short"},
                    "blocks read": {"unit": "short"},
                    "temp blocks": {"unit": "short"},
                    "statement": {"displayName": "open", "links": [TO_STATEMENT]},
                    "total": {"unit": "dtdurations", "custom.cellOptions": {"type": "gauge", "mode": "basic"}},
                },
            ),
            sort="total",
        ),
    ]


def _locks() -> list[Any]:
    return [
        heading(7, "Locks and connections"),
        series(
            PAGE, Shown(8, "blocked", "Sessions that wait for a lock", "At most at one look, by database.", empty=NO_LOCKS, interval="1m", least=0)
        ),
        series(
            PAGE,
            Shown(
                9,
                "connections",
                "Connections in use",
                "Of those that ordinary users can have.",
                unit="percent",
                empty=NO_DATABASE,
                interval="1m",
                least=0,
                most=100,
                steps=((None, PLAIN), (80, WAITING), (95, FAILURE)),
            ),
        ),
        rows(
            PAGE,
            Shown(
                10,
                "blockers",
                "Who held others up",
                "The root of each queue: what it did, how many waited at most, and the longest wait.",
                unit="short",
                width=24,
                height=6,
                empty=NO_LOCKS,
                columns={
                    "started": {"unit": "dateTimeAsIso"},
                    "place": {"displayName": "database", "links": [TO_DATABASE]},
                    "process": {"unit": "none"},
                    "longest wait": {"unit": "s"},
                    "who": {"displayName": "application"},
                    "name": {"displayName": "statement"},
                },
            ),
            sort="longest wait",
        ),
        series(
            PAGE,
            Shown(
                11,
                "transaction",
                "Oldest transaction",
                "While it is open, vacuum keeps what it could still see.",
                unit="s",
                empty=NO_DATABASE,
                interval="1m",
                least=0,
            ),
        ),
        series(
            PAGE,
            Shown(
                12,
                "transactions",
                "Transactions a second",
                "Of all chosen databases.",
                unit="none",
                decimals=1,
                empty=NO_DATABASE,
                interval="1m",
                least=0,
                colours={"committed": AGENT, "rolled back": FAILURE},
            ),
        ),
    ]


def _work() -> list[Any]:
    return [
        heading(13, "Reading and writing"),
        series(
            PAGE,
            Shown(
                14,
                "reads",
                "Blocks a second",
                "Found in the buffers, or read from outside them.",
                unit="short",
                empty=NO_DATABASE,
                interval="1m",
                least=0,
                colours={"found": AGENT, "read": WAITING},
            ),
        ),
        series(PAGE, Shown(15, "wal", "Write-ahead log", "Written in a second, by database.", unit="Bps", empty=NO_DATABASE, interval="1m", least=0)),
        series(
            PAGE,
            Shown(
                16,
                "temporary",
                "Temporary files",
                "What lay in them at most: sorts and hashes that memory was too small for.",
                unit="bytes",
                empty=NO_DATABASE,
                interval="1m",
                least=0,
            ),
        ),
        rows(
            PAGE,
            Shown(
                17,
                "changes",
                "What changed",
                "Settings, plans, and statements that became slower.",
                height=8,
                empty="Nothing changed in this range",
                columns={"started": {"unit": "dateTimeAsIso"}, "place": {"displayName": "database"}, "name": {"displayName": "what"}},
            ),
            sort="started",
        ),
    ]


def _room() -> list[Any]:
    return [
        heading(18, "Vacuum, replication, room"),
        rows(
            PAGE,
            Shown(
                24,
                "forecasts",
                "When something runs out",
                "Four times of five the limit is first reached between earliest and latest; an empty moment is later than was looked ahead. "
                "Worked out every ten minutes, by the hours of the last week.",
                unit="none",
                width=24,
                height=7,
                empty=NO_FORECAST,
                columns={
                    "place": {"displayName": "database", "links": [TO_DATABASE]},
                    "name": {"displayName": "what"},
                    **{moment: {"unit": "dateTimeAsIso"} for moment in ("earliest", "expected", "latest", "told")},
                    "looked ahead": {"unit": "dtdurations"},
                },
            ),
        ),
        rows(
            PAGE,
            Shown(
                19,
                "vacuum",
                "Tables",
                "Due is dead rows over those at which autovacuum begins: above 2 it does not keep up.",
                unit="short",
                width=24,
                height=9,
                empty=NO_DATABASE,
                columns={
                    "name": {"displayName": "table"},
                    "place": {"displayName": "database", "links": [TO_DATABASE]},
                    "size": {"unit": "bytes"},
                    "due": {
                        "unit": "percentunit",
                        "decimals": 0,
                        "thresholds": steps((None, UNKNOWN), (1, WAITING), (2, FAILURE)),
                        "custom.cellOptions": {"type": "color-text"},
                    },
                },
            ),
            sort="due",
        ),
        series(
            PAGE,
            Shown(
                20,
                "standby",
                "Standbys have yet to replay",
                "By standby.",
                unit="bytes",
                empty="No standby told anything in this range",
                interval="1m",
                least=0,
            ),
        ),
        series(
            PAGE,
            Shown(
                21,
                "slots",
                "Log that slots keep",
                "A slot that nobody reads keeps ever more, until the disk is full.",
                unit="bytes",
                empty="No replication slot in this range",
                interval="1m",
                least=0,
            ),
        ),
        series(
            PAGE,
            Shown(
                22,
                "xid",
                "Oldest transaction id",
                "At two billion the server stops; vacuum freezes what is old.",
                unit="short",
                empty=NO_DATABASE,
                interval="5m",
                least=0,
            ),
        ),
        series(
            PAGE,
            Shown(
                23,
                "disk",
                "Room on the disk",
                "Of the database's data, where the agent runs on its machine.",
                unit="bytes",
                empty="No agent on the machine of a database told anything in this range",
                interval="5m",
                least=0,
            ),
        ),
    ]
