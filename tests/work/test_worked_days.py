"""Whole days worked out on paper to the second: the working stands in each docstring, the store must arrive at the same figures.

Times are seconds after 2026-09-21T06:00:00Z, 08:00 in Berlin, unless said otherwise. H is a person's time at least (up to 120 s before a prompt, the
last 30 s before an answer), M at most (up to the idle gap of 300 s before either), A what agents worked, added up, W the union of H and A.
"""

from typing import Any

import pytest

from hookline.records import LogRecord, SpanRecord
from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, WorkReport, report
from support.agent_records import T0, S, call, event, send, subagent, turn, wait
from support.answered import answered
from support.stores import derived_store as store

__all__ = ["store"]

MORNING = -29_600.0  # 06:00:00Z after T0, 14:13:20Z of that day
SHOP: dict[str, Any] = {"hookline__project__name": "shop", "vcs__ref__head__name": "main", "vcs__ref__head__revision": "a" * 40}
BLOG: dict[str, Any] = {"hookline__project__name": "blog", "vcs__ref__head__name": "draft", "vcs__ref__head__revision": "b" * 40}
TREE: dict[str, Any] = {"hookline__project__name": "shop", "vcs__ref__head__name": "fix", "vcs__ref__head__revision": "c" * 40}
MARK: dict[str, Any] = {"hookline__source": "transcript"}
Record = SpanRecord | LogRecord


def at(seconds: float) -> float:
    """Return a moment of the day as the records count: seconds after T0."""
    return MORNING + seconds


def asked(store: Store, user: str, period: str = "2026-09-21", by: str = "project", **more: int) -> WorkReport:
    """Ask for a person's report in Berlin."""
    request = ReportRequest(period, by, more.get("idle_s", 300), "Europe/Berlin", user, "", more.get("round_s", 0))
    return report(answered(store, T0 + 80_000 * S), request, T0 + 80_000 * S)


def clocks(found: WorkReport) -> tuple[float, float, float, float]:
    """Return H, M, A and W."""
    total = found.totals
    return tuple(round(value, 3) for value in (total.human_s, total.human_at_most_s, total.agent_s, total.wall_s))  # type: ignore[return-value]


def blocks(found: WorkReport) -> list[tuple[float, float]]:
    """Return each block's start and length in seconds of the day."""
    return [(round((block.start_ns - T0) / S - MORNING, 3), round(block.duration_s, 3)) for block in found.blocks]


def test_a_day_with_esc_no_lunch_and_a_closed_lid(store: Store) -> None:
    """One session, opened at 0.

    p1 60-660, in it a permission asked at 100 and granted at 140.
    p2 800-826, stopped with Esc (the rule had guessed 800.4).
    p3 900-960, a permission asked at 910, No at 930: the wait is 20 s and the call never ran.
    Lunch.
    p4 7200-7800; the lid is closed from 7300 to 7700.
    The session ends at 7900.

    H: before p1 min(120, 60) = 60; the grant's last 30 of 40; before p2 min(120, 800-660=140) = 120; before p3 900-826 = 74; the No's 20 s;
       before p4 120. Sum 60 + 30 + 120 + 74 + 20 + 120 = 424.
    M: 60; the grant whole 40; 140; 74; 20; before p4 min(300, ...) = 300. Sum 634.
    A: p1 600 - 40 = 560; p2 26; p3 60 - 20 = 40; p4 600 - 400 = 200. Sum 826.
    W: H and A never overlap here: 424 + 826 = 1250.
    Blocks (gap 300): 0 to 960: 660 to 680 is a gap of 20, the wait's first 10 s are one too. Then 7080 to 7300, and, 400 s later, 7700 to 7800.
    Permissions waited for: 40 + 20 = 60. Denials 1, interrupted prompts 1.
    """
    guess: dict[str, Any] = {"hookline__closed_by": "next_prompt", "hookline__outcome": "interrupted"}
    day: list[Record] = [
        event("session.start", at(0), "d1"),
        turn(at(60), at(660), "d1", "d1-p1", **SHOP),
        wait("d1-c1", at(100), at(140), session="d1", prompt="d1-p1", **SHOP),
        call("d1-c1", at(140), at(150), session="d1", prompt="d1-p1", **SHOP),
        turn(at(800), at(800.4), "d1", "d1-p2", **SHOP, **guess),
        event("hookline.turn_interrupted", at(826), "d1", "d1-p2", **SHOP, **MARK),
        turn(at(900), at(960), "d1", "d1-p3", **SHOP),
        wait("d1-c2", at(910), at(934), session="d1", prompt="d1-p3", **SHOP, **guess),
        call("d1-c2", at(910), at(934), session="d1", prompt="d1-p3", **SHOP, **guess),
        event("hookline.permission_denied", at(930), "d1", "d1-p3", gen_ai__tool__call__id="d1-c2", **SHOP, **MARK),
        turn(at(7_200), at(7_800), "d1", "d1-p4", **SHOP),
        event("hookline.suspended", at(7_700), "d1", duration_ms=400_000.0),
        event("session.end", at(7_900), "d1"),
    ]
    send(store, day, user="dora")
    found = asked(store, "dora")
    assert clocks(found) == (424, 634, 826, 1250)
    assert blocks(found) == [(0, 960), (7_080, 220), (7_700, 100)]
    total = found.totals
    assert (total.permission_wait_s, total.denials, total.interrupted_prompts, total.tool_calls) == (60, 1, 1, 2)
    rounded = asked(store, "dora", round_s=900)
    assert [rounded.request.rounded_s(block.duration_s) for block in rounded.blocks] == [1_800, 900, 900]


@pytest.mark.long
def test_a_day_on_two_machines_with_parallel_worktrees(store: Store) -> None:
    """Two worktrees of shop on a laptop, blog on a tower whose clock is 2 s ahead.

    Laptop: session e1 on main from 0: p1 30-630. Session e2 on fix from 40: p2 100-400, with a subagent in the background 300-500.
    Tower: session e3 on blog from 640: p3 700-1000 (told as 702-1002, opened at 642).

    H main 30 (0-30); H fix 60 (40-100); H blog 60 (642-702). No two overlap: 150. M the same, as nobody waited longer: 150.
    A main 600; fix 300 + 200 (the subagent, beside the turn to 400 and after it to 500) = 500; blog 300. Sum 1400.
    W: 0-630 (main with what lies within it, fix's subagent to 500 too), 642-1002: 630 + 360 = 990.
    One block by day: 0 to 1002 (a gap of 12 s). By project: shop 0-630, blog 642-1002.
    """
    send(store, [
        event("session.start", at(0), "e1"), turn(at(30), at(630), "e1", "e1-p1", **SHOP),
        event("session.start", at(40), "e2"), turn(at(100), at(400), "e2", "e2-p2", **TREE),
        subagent("e2-bg", at(300), at(500), "e2", "e2-p2", **TREE),
    ], user="eve")  # fmt: skip
    send(store, [event("session.start", at(642), "e3"), turn(at(702), at(1_002), "e3", "e3-p3", **BLOG)], user="eve", host="tower")
    found = asked(store, "eve")
    assert clocks(found) == (150, 150, 1_400, 990)
    assert {row.key: (row.human_s, row.agent_s, row.wall_s) for row in found.rows} == {"shop": (90, 1_100, 630), "blog": (60, 300, 360)}
    assert {row.key: row.agent_s for row in asked(store, "eve", by="branch").rows} == {"shop main": 600, "shop fix": 500, "blog draft": 300}
    assert sorted(blocks(found)) == [(0, 630), (642, 360)]
    assert blocks(asked(store, "eve", by="day")) == [(0, 1_002)]


def test_the_night_on_which_the_clocks_go_back(store: Store) -> None:
    """25 October 2026 in Berlin: 02:00 to 03:00 comes twice, the day has 25 hours.

    One turn from 00:30Z (02:30 summer time) to 01:45Z (02:45 winter time): 75 minutes though the clock shows 15; opened a minute before.
    H 60, A 4500, W 4560. By hour: the first 02h has 30 min and the minute before, the second 45.
    Midnight: another turn from 22:50Z to 23:20Z, 23:50 to 00:20: 10 minutes of the 25th and 20 of the 26th, opened at 22:50Z.
    """
    begin = (1_792_888_200_000_000_000 - T0) / S  # 2026-10-25T00:30:00Z
    late = begin + 80_400  # 22:50:00Z
    send(store, [event("session.start", begin - 60, "f1"), turn(begin, begin + 4_500, "f1", "f1-p1", **SHOP)],
         user="fay")  # fmt: skip
    send(
        store,
        [event("session.start", late, "f2"), turn(late, late + 1_800, "f2", "f2-p1", **SHOP), event("session.end", late + 1_800, "f2")],
        user="fay",
    )
    days = asked(store, "fay", "2026-10-25..2026-10-26", by="day")
    assert [(row.key, row.human_s, row.agent_s, row.wall_s) for row in days.rows] == [
        ("2026-10-25", 60, 5_100, 5_160),
        ("2026-10-26", 0, 1_200, 1_200),
    ]
    (day,) = asked(store, "fay", "2026-10-25").period.days
    assert (day.end_ns - day.start_ns) / S == 25 * 3_600
    hours = asked(store, "fay", "2026-10-25", by="hour")
    assert [(row.key, row.agent_s) for row in hours.rows] == [
        ("2026-10-25 02:00+0100", 2_700), ("2026-10-25 02:00+0200", 1_800), ("2026-10-25 23:00", 600)]  # fmt: skip
    assert [(block.day, block.duration_s) for block in days.blocks] == [("2026-10-25", 4_560), ("2026-10-25", 600), ("2026-10-26", 1_200)]


@pytest.mark.long
def test_a_day_of_reading(store: Store) -> None:
    """At a desk for 40 minutes: opened at 0, p1 60-120, ten minutes of reading, p2 720-780, ten minutes, p3 1380-1440, then 16 minutes and closed.

    H: 60 + 120 + 120 = 300. M: 60 + 300 + 300 = 660, with a gap of 15 minutes 60 + 600 + 600 = 1260. A 180. W 480.
    Blocks: 0-120, 600-780, 1260-1440 (the gaps between are 480 s); with a gap of 15 minutes one of 1440.
    """
    send(store, [event("session.start", at(0), "g1"), *(turn(at(60 + n * 660), at(120 + n * 660), "g1", f"g1-p{n}", **SHOP) for n in range(3)),
                 event("session.end", at(2_400), "g1")], user="gus")  # fmt: skip
    assert clocks(asked(store, "gus")) == (300, 660, 180, 480)
    assert blocks(asked(store, "gus")) == [(0, 120), (600, 180), (1_260, 180)]
    assert clocks(asked(store, "gus", idle_s=900)) == (300, 1_260, 180, 480)
    assert blocks(asked(store, "gus", idle_s=900)) == [(0, 1_440)]
