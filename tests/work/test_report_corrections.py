"""Reports with corrections by hand: both figures side by side, in every format, and the measured ones again once all are withdrawn."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module

import pytest

from hookline.errors import Rejected
from hookline_collector.corrections.correction import Correction
from hookline_collector.corrections.correction_book import CorrectionBook
from hookline_collector.store import Store
from hookline_collector.work import GROUPINGS, ReportRequest, WorkReport, render, report, today_summary
from hookline_collector.work.statements import Query
from support.agent_records import T0, S, send, turn
from support.answered import answered
from support.stores import emptied

DAY = "2026-09-21..2026-09-21"  # of T0, 14:13:20 UTC
NOW = T0 + 3_600 * S
SHOWN = ("project",)
"""Groupings of each sort: by what was worked on, by time, by what counts calls or requests."""


@pytest.fixture(scope="module")
def store() -> Store:
    """Give a store where ana worked 600 s for shop and, ten minutes later, 300 s for blog."""
    opened = emptied()
    send(opened, [turn(0, 600, "a1", "p1"), turn(1200, 1500, "a2", "p2", hookline__project__name="blog")])
    return opened


@pytest.fixture
def book(store: Store) -> Iterator[CorrectionBook]:
    """Give a book whose corrections are torn out afterwards."""
    yield CorrectionBook(store)
    store.command("TRUNCATE TABLE corrections_state")


def no_work(start_s: float, end_s: float) -> Correction:
    """Ana did not work in this time."""
    return Correction("", "no_work", "ana", T0 + round(start_s * S), T0 + round(end_s * S), "", "", "ana", "a walk", NOW)


def moved(start_s: float, end_s: float, project: str) -> Correction:
    """Ana's work in this time was another project's."""
    return replace(no_work(start_s, end_s), correction_kind="project", project=project, comment="the other customer")


def added(start_s: float, end_s: float, project: str) -> Correction:
    """Ana worked in this time, and nothing saw it."""
    return replace(no_work(start_s, end_s), correction_kind="add", project=project, comment="a meeting")


@cache
def answers(store: Store) -> Query:
    """Return what answers questions to the store, to which nothing is added but corrections."""
    return answered(store, NOW)


def asked(store: Store, **how: object) -> WorkReport:
    """Ask for the day's report."""
    return report(answers(store), replace(ReportRequest(period=DAY), **how), NOW)  # type: ignore[arg-type]


def figures(found: WorkReport) -> dict[str, tuple[float | None, float | None]]:
    """Return measured and corrected time by key, the total's under ''."""
    return {"": (found.totals.worked_s, found.totals.corrected_s), **{row.key: (row.worked_s, row.corrected_s) for row in found.rows}}


def test_measured_and_corrected_time_stand_side_by_side(store: Store, book: CorrectionBook) -> None:
    """By hand: 100 s of shop's 600 were a walk, 200 s were blog's; a meeting of 300 s for plan was seen by nothing."""
    assert figures(asked(store)) == {"": (900, 900), "shop": (600, 600), "blog": (300, 300)}
    for n, each in enumerate((no_work(0, 100), moved(100, 300, "blog"), added(2000, 2300, "plan"))):
        book.add(replace(each, created_ns=NOW + n))
    found = asked(store)
    assert figures(found) == {"": (900, 1100), "shop": (600, 300), "blog": (300, 500), "plan": (0, 300)}
    assert [block.duration_s for block in found.blocks] == [600, 300]
    assert [(block.projects, block.duration_s, len(block.correction_ids)) for block in found.corrected_blocks] == [
        (("blog",), 200, 2),
        (("shop",), 300, 2),
        (("blog",), 300, 0),
        (("plan",), 300, 1),
    ]
    assert figures(asked(store, most_blocks=1)) == figures(found)
    for most in (1, 2, 3):
        first = asked(store, most_blocks=most)
        assert (first.blocks, first.corrected_blocks) == (found.blocks[:most], found.corrected_blocks[:most])
        assert first.has_more_blocks
    assert not asked(store, most_blocks=4).has_more_blocks
    assert figures(asked(store, by="day")) == {"": (900, 1100), "2026-09-21": (900, 1100)}
    assert figures(asked(store, project="blog"))[""] == (300, 500)
    assert figures(asked(store, by="user", user="ana"))["ana"] == (900, 1100)
    assert [(row.worked_s, row.corrected_s) for row in asked(store, by="session").rows] == [(None, None), (None, None)]


def test_time_in_more_blocks_than_are_corrected_is_not_told(store: Store, book: CorrectionBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a report tells all of them or the first; its blocks are as measured."""
    book.add(no_work(0, 100))
    measured = asked(store).blocks
    for module in ("report", "worked_time"):
        monkeypatch.setattr(import_module(f"hookline_collector.work.{module}"), "MAX_BLOCKS", 1)
    for most in (1, 2):
        found = asked(store, most_blocks=most)
        assert figures(found) == {"": (None, None), "shop": (None, None), "blog": (None, None)}
        assert (found.blocks, found.corrected_blocks, found.corrections) == (measured[:most], (), ())


@pytest.mark.parametrize("by", [by if by in SHOWN else pytest.param(by, marks=pytest.mark.long) for by in GROUPINGS])
def test_withdrawing_all_corrections_gives_the_measured_report_again(store: Store, book: CorrectionBook, by: str) -> None:
    """Byte for byte, in every grouping; and what was measured never changed in between."""
    before = asked(store, by=by)
    said = [book.add(each) for each in (moved(0, 600, "plan"), no_work(1200, 1500), added(2000, 2300, "plan"))]
    between = asked(store, by=by)
    assert between.blocks == before.blocks
    assert between.totals.worked_s == before.totals.worked_s
    assert [replace(row, corrected_s=None) for row in between.rows if row.wall_s] == [
        replace(row, corrected_s=None) for row in before.rows if row.wall_s
    ]
    for each in said:
        book.withdraw(each.correction_id, NOW + S)
    assert asked(store, by=by) == before


def test_sheets_and_calendars_have_the_corrected_blocks_and_say_so(store: Store, book: CorrectionBook) -> None:
    """Unless they are asked for what was measured."""
    book.add(no_work(0, 100))
    found = asked(store)
    rows = list(csv.DictReader(io.StringIO(render(found, "sheet"))))
    shown = [(float(row["duration_s"]), row["wall_s"] and float(row["wall_s"]), bool(row["correction_ids"])) for row in rows]
    assert shown == [(500, "", True), (300, 300, False)]
    assert render(found, "ics").count("corrected by hand") == 1
    assert render(found, "timewarrior").splitlines()[0].endswith("shop corrected")
    assert "corrected by hand" in render(found, "table")
    assert "500" in render(found, "csv")
    measured = asked(store, as_measured=True)
    assert [row["duration_s"] for row in csv.DictReader(io.StringIO(render(measured, "sheet")))] == ["600.0", "300.0"]


def test_saying_it_twice_is_saying_it_once_and_after_withdrawing_it_counts_again(store: Store, book: CorrectionBook) -> None:
    """A name under which something else was said is refused."""
    first = book.add(no_work(0, 100))
    assert book.add(replace(no_work(0, 100), created_ns=NOW + 5)) == first
    assert figures(asked(store))[""] == (900, 800)
    withdrawn = book.withdraw(first.correction_id, NOW + 10)
    assert withdrawn is not None
    assert book.withdraw(first.correction_id, NOW + 20) == withdrawn
    assert figures(asked(store))[""] == (900, 900)
    book.add(replace(no_work(0, 100), created_ns=NOW + 30))
    assert figures(asked(store))[""] == (900, 800)
    with pytest.raises(Rejected, match="something else"):
        book.add(replace(no_work(0, 200), correction_id=first.correction_id))
    assert book.withdraw("nothing", NOW) is None


def test_the_day_so_far_has_both_figures_as_well(store: Store, book: CorrectionBook) -> None:
    """Today's page shows what a report shows."""
    book.add(no_work(0, 100))
    totals = today_summary(answers(store), NOW).totals
    assert (totals.worked_s, totals.corrected_s) == (900, 800)
