"""Periods and their local days."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hookline.errors import Rejected
from hookline_collector.work.period import between, period_of, zone_named

BERLIN = ZoneInfo("Europe/Berlin")
H = 3_600_000_000_000


def ns(text: str) -> int:
    """Nanoseconds of an ISO moment with an offset."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000_000


NOW = ns("2026-09-16T23:30:00+02:00")  # a Wednesday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-09-16T00:00:00+02:00", "2026-09-17T00:00:00+02:00"),
        ("yesterday", "2026-09-15T00:00:00+02:00", "2026-09-16T00:00:00+02:00"),
        ("week", "2026-09-14T00:00:00+02:00", "2026-09-21T00:00:00+02:00"),
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


def test_a_period_names_the_utc_days_that_it_touches() -> None:
    """A Berlin day begins on the UTC day before."""
    period = period_of("2026-09-16", BERLIN, NOW)
    assert (period.since, period.until) == ("2026-09-15", "2026-09-16")


def test_days_in_part_are_cut_to_the_period() -> None:
    """A period from evening to morning is two pieces."""
    period = between(ns("2026-09-01T20:00:00+02:00"), ns("2026-09-02T08:00:00+02:00"), BERLIN)
    assert [(day.name, (day.end_ns - day.start_ns) / H) for day in period.days] == [("2026-09-01", 4), ("2026-09-02", 8)]


@pytest.mark.parametrize(
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
