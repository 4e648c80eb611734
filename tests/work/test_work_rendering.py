"""A report as text for other programs."""

import csv
import io
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from hookline.contract.told_records import told
from hookline.errors import Rejected
from hookline_collector.api.reports import answer_of
from hookline_collector.work.blocks import Block
from hookline_collector.work.calendar import calendar, escape, fold
from hookline_collector.work.period import between
from hookline_collector.work.rendering import COLUMNS, FORMATS, SHEET, duration, render
from hookline_collector.work.report import WorkReport, WorkTotals
from hookline_collector.work.request import ReportRequest

T = 1_790_002_800_000_000_000  # 2026-09-21T15:00:00Z
H = 3_600_000_000_000
BLOCK = Block("ana", "2026-09-21", T, T + H, 3500, 600, 3200, 3000, ("shop",), ("fix/a b",), ("s1",), ("p1", "p2"), ("a" * 40,))
FIGURES = WorkTotals("shop", human_s=600, agent_s=3200, agent_once_s=1600, wall_s=3500, prompts=2, requests=3, input_tokens=5, cost_usd=1.5)
REPORT = WorkReport(
    ReportRequest(timezone="Europe/Berlin"), between(T - H, T + 2 * H, ZoneInfo("Europe/Berlin")), FIGURES, (FIGURES,), (), (), (BLOCK,)
)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_writes_a_report_with_and_without_rows(form: str) -> None:
    """An empty report is no error."""
    assert render(REPORT, form)
    empty = replace(REPORT, totals=WorkTotals(), rows=(), blocks=())
    assert isinstance(render(empty, form), str)


def test_another_format_is_rejected_with_those_that_exist() -> None:
    """What to give instead."""
    with pytest.raises(Rejected, match="timewarrior"):
        render(REPORT, "xlsx")


def test_json_and_csv_hold_the_same_row() -> None:
    """With the same columns."""
    (row,) = told(answer_of(REPORT, is_fresh=True))["rows"]
    (line,) = csv.DictReader(io.StringIO(render(REPORT, "csv")))
    assert tuple(row) == tuple(line) == COLUMNS
    assert (float(line["agent_s"]), row["parallelism"], line["cost_usd"]) == (3200, 2.0, "1.5")


def test_a_cost_that_nobody_knows_is_no_zero() -> None:
    """Empty in CSV, null in JSON, a question mark for a person; in part known has a plus."""
    unknown = replace(FIGURES, cost_usd=None, requests_without_cost=3)
    report = replace(REPORT, totals=replace(FIGURES, requests_without_cost=1), rows=(unknown,))
    assert told(answer_of(report, is_fresh=True))["rows"][0]["cost_usd"] is None
    assert next(csv.DictReader(io.StringIO(render(report, "csv"))))["cost_usd"] == ""
    lines = render(report, "table").splitlines()
    assert lines[1].endswith("?")
    assert lines[2].endswith("$1.50+")


def test_the_sheet_names_what_is_behind_a_block() -> None:
    """Sessions, prompts and commits, in local time."""
    (line,) = csv.DictReader(io.StringIO(render(REPORT, "sheet")))
    assert tuple(line) == SHEET
    assert (line["started"], line["prompt_ids"], line["revisions"]) == ("2026-09-21T17:00:00+02:00", "p1 p2", "a" * 40)


def test_timewarrior_gets_utc_intervals_with_quoted_tags() -> None:
    """As `timew import` reads them."""
    assert render(REPORT, "timewarrior") == 'inc 20260921T150000Z - 20260921T160000Z # shop "fix/a b"\n'


def test_a_calendar_is_the_same_for_the_same_blocks_and_keeps_its_uids() -> None:
    """A block that grew replaces itself in the reader's calendar."""
    text = calendar(REPORT)
    assert text == calendar(REPORT)
    grown = calendar(replace(REPORT, blocks=(replace(BLOCK, end_ns=T + 2 * H),)))
    uid = [line for line in text.splitlines() if line.startswith("UID")]
    assert uid == [line for line in grown.splitlines() if line.startswith("UID")]
    assert "DTSTART:20260921T150000Z\r\nDTEND:20260921T160000Z\r\n" in text


def test_calendar_lines_are_folded_at_75_octets_and_unfold_to_what_they_were() -> None:
    """Also with characters of several octets, never cut within one."""
    line = "DESCRIPTION:" + "Zeit für Tests 😀" * 20
    folded = fold(line)
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "").rstrip("\r\n") == line


def test_calendar_text_is_escaped() -> None:
    """A branch name may hold anything."""
    assert escape("a;b,c\\d\ne\x00\x07") == "a\\;b\\,c\\\\d\\ne"


def test_durations_read_as_hours_minutes_seconds() -> None:
    """More than a day stays hours."""
    assert [duration(s) for s in (0, 7.4, 3599.6, 97_200)] == ["0:00:00", "0:00:07", "1:00:00", "27:00:00"]
