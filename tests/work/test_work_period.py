"""Periods and their local days."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hookline.errors import Rejected
from hookline_collector.work.period import MAX_DAYS, between, period_of, zone_named
from support.cases import with_each

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
H = 3_600_000_000_000


def ns(text: str) -> int:
    """Nanoseconds of an ISO moment with an offset."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000_000


NOW = ns("2026-09-16T23:30:00+02:00")  # a Wednesday


@with_each(
    "text, start, end",
    [
        ("today", "2026-09-16T00:00:00+02:00", "2026-09-17T00:00:00+02:00"),
        ("yesterday", "2026-09-15T00:00:00+02:00", "2026-09-16T00:00:00+02:00"),
        ("week", "2026-09-14T00:00:00+02:00", "2026-09-21T00:00:00+02:00"),
        ("last-week", "2026-09-07T00:00:00+02:00", "2026-09-14T00:00:00+02:00"),
        ("last-month", "2026-08-01T00:00:00+02:00", "2026-09-01T00:00:00+02:00"),
        ("7d", "2026-09-10T00:00:00+02:00", "2026-09-17T00:00:00+02:00"),
        ("month", "2026-09-01T00:00:00+02:00", "2026-10-01T00:00:00+02:00"),
        ("2026-02-28", "2026-02-28T00:00:00+01:00", "2026-03-01T00:00:00+01:00"),
        ("2026-09-01..2026-09-02", "2026-09-01T00:00:00+02:00", "2026-09-03T00:00:00+02:00"),
        ("2026-09-01T09:30..2026-09-01T10:00", "2026-09-01T09:30:00+02:00", "2026-09-01T10:00:00+02:00"),
        ("2026-09-01T09:30Z..2026-09-01T10:00Z", "2026-09-01T09:30:00+00:00", "2026-09-01T10:00:00+00:00"),
        ("2026-09-10..", "2026-09-10T00:00:00+02:00", "2026-09-17T00:00:00+02:00"),
        ("..2026-09-16", "2026-08-18T00:00:00+02:00", "2026-09-17T00:00:00+02:00"),
    ],
)
def test_a_period_is_read_as_a_person_means_it(text: str, start: str, end: str) -> None:
    """Dates are whole local days, moments are as they stand."""
    period = period_of(text, BERLIN, NOW)
    assert (period.start_ns, period.end_ns) == (ns(start), ns(end))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_has_as_many_hours_as_the_clocks_show(day: str, hours: int) -> None:
    """Daylight saving makes a short and a long one."""
    period = period_of(day, BERLIN, NOW)
    assert period.end_ns - period.start_ns == hours * H
    assert [(d.start_ns, d.end_ns) for d in period.days] == [(period.start_ns, period.end_ns)]


def test_a_midnight_that_does_not_exist_is_where_the_clocks_jump() -> None:
    """In Cairo the clocks jump at midnight: the day begins at one o'clock and is 23 hours long."""
    period = period_of("2026-04-23..2026-04-25", ZoneInfo("Africa/Cairo"), NOW)
    assert [round((day.end_ns - day.start_ns) / H) for day in period.days] == [24, 23, 24]
    assert all(a.end_ns == b.start_ns for a, b in zip(period.days, period.days[1:], strict=False))


def test_a_day_that_the_calendar_left_out_is_no_day() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    period = period_of("2011-12-29..2011-12-31", ZoneInfo("Pacific/Apia"), NOW)
    assert [(day.name, (day.end_ns - day.start_ns) / H) for day in period.days] == [("2011-12-29", 24), ("2011-12-31", 24)]


def test_ten_years_are_a_period_and_a_moment_more_is_none() -> None:
    """To the nanosecond."""
    longest = MAX_DAYS * 24 * H
    assert between(0, longest, UTC_ZONE).end_ns == longest
    with pytest.raises(Rejected, match="ten years"):
        between(0, longest + 1, UTC_ZONE)


def test_the_edges_are_those_of_the_days() -> None:
    """Where each begins, and where the last ends."""
    period = period_of("2026-09-14..2026-09-16", BERLIN, NOW)
    assert period.edges_ns == [ns(f"2026-09-{day}T00:00:00+02:00") for day in (14, 15, 16, 17)]


def test_an_hour_that_the_clocks_show_twice_says_which_it_is() -> None:
    """Every other one is named as the clocks show it; each is an hour long."""
    hours = period_of("2026-10-25", BERLIN, NOW).hours
    assert len(hours) == 25
    assert [hour.name for hour in hours[1:5]] == ["2026-10-25 01:00", "2026-10-25 02:00+0200", "2026-10-25 02:00+0100", "2026-10-25 03:00"]
    assert {hour.end_ns - hour.start_ns for hour in hours} == {H}


def test_hours_in_part_are_cut_to_the_period() -> None:
    """Also where the clocks stand a quarter of an hour beside the others', and where they jump by half an hour."""
    period = between(ns("2026-09-01T10:10:00+05:45"), ns("2026-09-01T12:05:00+05:45"), ZoneInfo("Asia/Kathmandu"))
    assert [(hour.name[-5:], (hour.end_ns - hour.start_ns) // (H // 60)) for hour in period.hours] == [("10:00", 50), ("11:00", 60), ("12:00", 5)]
    assert (period.hours[0].start_ns, period.hours[-1].end_ns) == (period.start_ns, period.end_ns)
    jump = period_of("2026-04-05", ZoneInfo("Australia/Lord_Howe"), NOW).hours
    assert [(hour.name[11:], (hour.end_ns - hour.start_ns) * 2 / H) for hour in jump[:3]] == [("00:00", 2), ("01:00+1100", 2), ("01:00+1030", 1)]


def test_a_period_names_the_utc_days_that_it_touches() -> None:
    """A Berlin day begins on the UTC day before."""
    period = period_of("2026-09-16", BERLIN, NOW)
    assert (period.since, period.until) == ("2026-09-15", "2026-09-16")
    assert [between(H, 24 * H + more, UTC_ZONE).until for more in (0, 1)] == ["1970-01-01", "1970-01-02"]


def test_days_in_part_are_cut_to_the_period() -> None:
    """A period from evening to morning is two pieces."""
    period = between(ns("2026-09-01T20:00:00+02:00"), ns("2026-09-02T08:00:00+02:00"), BERLIN)
    assert [(day.name, (day.end_ns - day.start_ns) / H) for day in period.days] == [("2026-09-01", 4), ("2026-09-02", 8)]


@with_each(
    "text",
    [
        "",
        "tomorow",
        "2026-13-01",
        "2026-09-02..2026-09-01",
        "2026-09-01T10:00..2026-09-01T10:00",
        "0001-01-01..",
        "9999-12-31",
        "2026-09-01T99:00..",
        "1990-01-01..2026-01-01",
    ],
)
def test_what_is_no_period_is_rejected_with_what_to_give_instead(text: str) -> None:
    """Bad input gets a message, never a trace."""
    with pytest.raises(Rejected):
        period_of(text, BERLIN, NOW)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../etc/passwd", "", "/etc/localtime"])
def test_what_is_no_time_zone_is_rejected(name: str) -> None:
    """Only IANA names."""
    with pytest.raises(Rejected, match="IANA"):
        zone_named(name)


def test_now_is_local_to_the_zone_asked_for() -> None:
    """At half past eleven in Berlin it is tomorrow in Tokyo."""
    assert period_of("today", ZoneInfo("Asia/Tokyo"), NOW).days[0].name == "2026-09-17"
    assert datetime.fromtimestamp(NOW / 1e9, UTC).date().isoformat() == "2026-09-16"
