"""A calendar and a time sheet say what a report says, whatever is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, report
from hookline_collector.work import timesheet as told
from hookline_collector.work.blocks import Block
from hookline_collector.work.timesheet import drawn, sheet, timesheet
from support.agent_records import T0, S, event, send, turn
from support.answered import answered
from support.stores import emptied

DAY = "2026-09-21..2026-09-22"
MINUTE_NS = 60 * S
SHOP, BLOG = {"hookline__project__name": "shop"}, {"hookline__project__name": "blog"}


@pytest.fixture(scope="module")
def store() -> Store:
    """Give two days of ana, in two projects, and of bo, who works beside her."""
    opened = emptied()
    begins = [event("session.start", -60, "a1"), event("session.start", 7_000, "a2")]
    send(opened, [*begins, turn(0, 600, "a1", "p1", **SHOP), turn(300, 900, "a2", "p2", **BLOG), turn(86_400, 86_460, "a1", "p3", **SHOP)])
    send(opened, [turn(500, 1_500, "b1", "p9", **SHOP)], user="bo", host="tower")
    return opened


NARROWED: list[dict[str, object]] = [{}, {"user": "ana"}, {"project": "shop"}, {"round_s": 900}, {"agent": "claude-code"}]
OF_FACTS = [pytest.param(each, True, marks=pytest.mark.middle) for each in NARROWED]


@pytest.mark.parametrize(("narrow", "of_facts"), [*((each, False) for each in NARROWED), *OF_FACTS])
def test_a_time_sheet_has_the_figures_of_the_report(store: Store, narrow: dict[str, object], of_facts: bool) -> None:
    """Blocks, sums by project and day, and the totals; no corrections, so nothing is corrected."""
    now_ns = T0 + 90_000 * S
    query = store.query if of_facts else answered(store, now_ns)
    request = ReportRequest(DAY, "project", **narrow)  # type: ignore[arg-type]
    found, same = timesheet(query, request, now_ns), report(query, request, now_ns)
    assert [(each.started_ns, each.ended_ns, each.user, each.projects, each.human_s, each.agent_s) for each in found.blocks] == [
        (each.start_ns, each.end_ns, each.user, each.projects, each.human_s, each.agent_s) for each in same.blocks
    ]
    assert found.blocks
    assert {(each.people, each.merged_blocks) for each in found.blocks} == {(1, 1)}
    for name in ("worked_s", "corrected_s", "human_s", "human_at_most_s", "agent_s", "cost_usd"):
        assert getattr(found.totals, name) == pytest.approx(getattr(same.totals, name)), name
    by_project = {row.key: sum(each.duration_s for each in found.rows if each.project == row.key) for row in same.rows}
    assert by_project == {row.key: pytest.approx(row.worked_s) for row in same.rows}
    assert sum(each.rounded_s for each in found.rows) == pytest.approx(sum(request.rounded_s(each.duration_s) for each in same.blocks))
    assert (found.corrected_blocks, found.corrections, found.has_more_blocks) == ((), (), False)


def test_blocks_beyond_what_can_be_drawn_are_left_out_and_it_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand at most."""
    monkeypatch.setattr(told, "MOST_BLOCKS", 2)
    found = timesheet(answered(store, T0 + 90_000 * S), ReportRequest(DAY), T0 + 90_000 * S)
    assert (len(found.blocks), found.has_more_blocks) == (2, True)


def block(user: str, project: str, begin_min: float, end_min: float, day: str = "2026-09-21") -> Block:
    """Return a block with a minute of a person and two of agents."""
    projects = (project,) if project else ()
    return Block(user, day, round(begin_min * MINUTE_NS), round(end_min * MINUTE_NS), 180.0, 60.0, 120.0, 120.0, projects, (), (), (), ())


BLOCKS = [
    block("ana", "shop", 0, 30),
    block("bo", "shop", 10, 20),
    block("bo", "shop", 35, 40),
    block("ana", "shop", 50, 60),
    block("ana", "", 0, 10),
    block("bo", "shop", 62, 70, day="2026-09-22"),
]


def test_more_blocks_than_can_be_drawn_are_one_where_they_lie_on_or_next_to_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """By project and day, up to the idle gap; nothing is lost of lengths and clocks, and sheets are the same."""
    request = ReportRequest(round_s=900)
    assert [each.merged_blocks for each in drawn(BLOCKS, request)] == [1] * 6
    monkeypatch.setattr(told, "MOST_DRAWN", 5)
    found = drawn(BLOCKS, request)
    assert [(each.projects, each.user, each.people, each.merged_blocks, each.duration_s / 60, each.rounded_s / 60) for each in found] == [
        ((), "ana", 1, 1, 10, 15),
        (("shop",), "", 2, 3, 45, 60),
        (("shop",), "ana", 1, 1, 10, 15),
        (("shop",), "bo", 1, 1, 8, 15),
    ]
    assert [(each.started_ns // MINUTE_NS, each.ended_ns // MINUTE_NS, each.human_s, each.agent_s) for each in found[1:3]] == [
        (0, 40, 180, 360),
        (50, 60, 60, 120),
    ]
    assert [(row.day, row.project, row.duration_s / 60, row.rounded_s / 60) for row in sheet(BLOCKS, request)] == [
        ("2026-09-21", "", 10, 15),
        ("2026-09-21", "shop", 55, 75),
        ("2026-09-22", "shop", 8, 15),
    ]


def test_what_a_correction_left_of_clocks_that_nobody_knows_is_unknown_in_what_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """And which corrections there are is told of all."""
    monkeypatch.setattr(told, "MOST_DRAWN", 1)
    piece = replace(BLOCKS[1], human_s=None, agent_s=None, correction_ids=("c",))
    [found] = drawn([BLOCKS[0], piece], ReportRequest())
    assert (found.human_s, found.agent_s, found.correction_ids) == (None, None, ("c",))
