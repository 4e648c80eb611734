"""Corrections by hand: what measured work comes to with them, and that nothing measured is changed by them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.errors import Rejected
from hookline_collector.corrections.corrected_work import CorrectedWork, WorkPiece, corrected
from hookline_collector.corrections.correction import Correction, checked
from support.agent_records import S
from support.soaking import examples

H = 3_600 * S
PROJECTS = ("shop", "api", "docs")


def said(kind: str, start_h: float, end_h: float, project: str = "", from_project: str = "", made: int = 1, user: str = "ana") -> Correction:
    """Return a correction with a name of its own."""
    return checked(Correction("", kind, user, round(start_h * H), round(end_h * H), project, from_project, "ana", "", made))


def piece(project: str, start_h: float, end_h: float, of: int = 0, user: str = "ana") -> WorkPiece:
    """Return a measured stretch."""
    return WorkPiece(user, project, round(start_h * H), round(end_h * H), of)


MEASURED = CorrectedWork(
    by_project=(piece("shop", 8, 10, 0), piece("api", 9, 11, 1), piece("shop", 13, 14, 2)),
    overall=(piece("", 8, 11, 0), piece("", 13, 14, 1)),
)


def hours(pieces: tuple[WorkPiece, ...], project: str | None = None) -> float:
    """Return how long pieces are in all."""
    return sum(each.length_ns for each in pieces if project is None or each.project == project) / H


def test_a_block_that_belongs_to_another_project_is_counted_there_and_the_day_stays_as_long() -> None:
    """Of the hour from nine, shop's and api's, each one's goes to docs: side by side it is one hour of docs."""
    found = corrected(MEASURED, [said("project", 9, 10, "docs")])
    assert {project: hours(found.by_project, project) for project in PROJECTS} == {"shop": 2, "api": 1, "docs": 1}
    assert hours(found.overall) == hours(MEASURED.overall) == 4


def test_a_correction_of_one_project_leaves_what_ran_beside_it() -> None:
    """Only shop's hour is api's, which had that hour already."""
    found = corrected(MEASURED, [said("project", 8, 10, "api", "shop")])
    assert {project: hours(found.by_project, project) for project in PROJECTS} == {"shop": 1, "api": 3, "docs": 0}


def test_no_work_takes_time_away_and_of_one_project_only_what_no_other_worked_in() -> None:
    """A walk from nine to ten; and the same said of shop alone, while api went on."""
    whole = corrected(MEASURED, [said("no_work", 9, 10)])
    assert (hours(whole.overall), hours(whole.by_project)) == (3, 3)
    of_shop = corrected(MEASURED, [said("no_work", 8, 10, from_project="shop")])
    assert (hours(of_shop.overall), hours(of_shop.by_project, "shop"), hours(of_shop.by_project, "api")) == (3, 1, 2)


def test_what_is_added_counts_once_where_there_was_work_already() -> None:
    """A meeting from ten to twelve for shop; api worked until eleven, so the day is an hour longer."""
    found = corrected(MEASURED, [said("add", 10, 12, "shop")])
    assert (hours(found.overall), hours(found.by_project, "shop"), hours(found.by_project, "api")) == (5, 5, 2)
    added = [each for each in found.by_project if each.of is None]
    assert [each.correction_ids for each in added] == [(said("add", 10, 12, "shop").correction_id,)]


def test_of_two_words_about_the_same_time_the_later_one_is_right() -> None:
    """Whatever the order in which they are read."""
    first, second = said("no_work", 8, 9, made=1), said("add", 8, 9, "docs", made=2)
    for order in ([first, second], [second, first]):
        found = corrected(MEASURED, order)
        assert (hours(found.by_project, "shop"), hours(found.by_project, "docs"), hours(found.overall)) == (2, 1, 4)
    assert hours(corrected(MEASURED, [replace(first, created_ns=3), second]).overall) == 3


def test_another_person_is_left_alone() -> None:
    """A correction is about one person's time."""
    assert corrected(MEASURED, [said("no_work", 1, 24, user="bo")]) == MEASURED


@st.composite
def works(draw: st.DrawFn) -> CorrectedWork:
    """Measured work: stretches of projects with pauses, and of everything their union."""
    by_project: list[WorkPiece] = []
    for user in ("ana", "bo"):
        for project in PROJECTS:
            at = 0
            for _ in range(draw(st.integers(0, 3))):
                at += draw(st.integers(1, 5))
                length = draw(st.integers(1, 5))
                by_project.append(WorkPiece(user, project, at * H, (at + length) * H, len(by_project)))
                at += length
    overall: list[WorkPiece] = []
    for each in sorted(by_project, key=lambda each: (each.user, each.start_ns)):
        if overall and overall[-1].user == each.user and each.start_ns <= overall[-1].end_ns:
            overall[-1] = replace(overall[-1], end_ns=max(overall[-1].end_ns, each.end_ns))
        else:
            overall.append(WorkPiece(each.user, "", each.start_ns, each.end_ns, len(overall)))
    in_order = sorted(by_project, key=lambda each: (each.start_ns, each.end_ns, each.user, each.project))
    return CorrectedWork(tuple(in_order), tuple(sorted(overall, key=lambda each: (each.start_ns, each.end_ns, each.user))))


@st.composite
def words(draw: st.DrawFn) -> Correction:
    """Any correction that can be."""
    kind, start = draw(st.sampled_from(("project", "no_work", "add"))), draw(st.integers(1, 20))
    project = "" if kind == "no_work" else draw(st.sampled_from(PROJECTS))
    from_project = "" if kind == "add" else draw(st.sampled_from(("", *PROJECTS)))
    return said(kind, start, start + draw(st.integers(1, 9)), project, from_project, draw(st.integers(1, 9)), draw(st.sampled_from(("ana", "bo"))))


@settings(max_examples=examples(60), deadline=None)
@given(works(), st.lists(words(), max_size=5))
def test_withdrawing_every_correction_gives_what_was_measured_and_nothing_overlaps_on_the_way(
    measured: CorrectedWork, corrections: list[Correction]
) -> None:
    """Whatever was said: pieces of a person and a project add up, the whole is what its projects cover."""
    found = corrected(measured, corrections)
    for pieces in (found.by_project, found.overall):
        for one, other in combinations(pieces, 2):
            assert (one.user, one.project) != (other.user, other.project) or one.end_ns <= other.start_ns or other.end_ns <= one.start_ns
    covered = {(each.user, hour) for each in found.by_project for hour in range(each.start_ns // H, each.end_ns // H)}
    assert {(each.user, hour) for each in found.overall for hour in range(each.start_ns // H, each.end_ns // H)} == covered
    if not [each for each in corrections if each.correction_kind != "project"]:
        assert hours(found.overall) == hours(measured.overall)
    assert corrected(measured, []) == measured


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (Correction("a b", "no_work", "ana", 1, 2, "", "", "", "", 1), "correction_id"),
        (Correction("", "holiday", "ana", 1, 2, "", "", "", "", 1), "correction_kind"),
        (Correction("", "no_work", "ana", 2, 2, "", "", "", "", 1), "an end after it"),
        (Correction("", "no_work", "ana", 1, 40 * 24 * H, "", "", "", "", 1), "31 days"),
        (Correction("", "project", "ana", 1, 2, "", "", "", "", 1), "project says where"),
        (Correction("", "no_work", "ana", 1, 2, "shop", "", "", "", 1), "project says where"),
        (Correction("", "add", "ana", 1, 2, "shop", "api", "", "", 1), "leave from_project out"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_say(wrong: Correction, why: str) -> None:
    """In words for whoever said it."""
    with pytest.raises(Rejected, match=why):
        checked(wrong)
