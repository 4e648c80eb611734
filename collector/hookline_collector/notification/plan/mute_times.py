"""Named times of the week, month and year, as Alertmanager has them: `time_intervals`, to mute a route or to let it speak only then."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hookline.system.clock import NS_PER_S

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MuteTime:
    """One stretch: what is empty holds always. Minutes of the day end before their end, all other ranges with it; Sunday is 0."""

    minutes: tuple[Range, ...] = ()
    weekdays: tuple[Range, ...] = ()
    days_of_month: tuple[Range, ...] = ()
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    location: str = "UTC"

    def contains(self, now_ns: int) -> bool:
        """Whether a moment lies in it."""
        at = datetime.fromtimestamp(now_ns / NS_PER_S, UTC).astimezone(ZoneInfo(self.location))
        minute = at.hour * 60 + at.minute
        return (
            (not self.minutes or any(start <= minute < end for start, end in self.minutes))
            and _holds(self.weekdays, at.isoweekday() % 7)
            and (not self.days_of_month or any(_has_day(found, at) for found in self.days_of_month))
            and _holds(self.months, at.month)
            and _holds(self.years, at.year)
        )


@dataclass(frozen=True, slots=True)
class NamedTimes:
    """Stretches under one name: a moment lies in it when it lies in one of them."""

    name: str
    stretches: tuple[MuteTime, ...]

    def contains(self, now_ns: int) -> bool:
        """Whether a moment lies in it."""
        return any(stretch.contains(now_ns) for stretch in self.stretches)


def _holds(ranges: tuple[Range, ...], value: int) -> bool:
    return not ranges or any(start <= value <= end for start, end in ranges)


def _has_day(found: Range, at: datetime) -> bool:
    """Whether a day lies between two that may be counted from the month's end: -1 is its last."""
    length = calendar.monthrange(at.year, at.month)[1]
    start, end = (length + 1 + day if day < 0 else day for day in found)
    return start <= length and max(start, 1) <= at.day <= min(end, length)


def parse_clock(text: str) -> int:
    """Return the minute of the day of HH:MM, up to 24:00. Raises ValueError."""
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(hours) == len(minutes) == 2):
        raise ValueError(f"{text!r} is no time of day; write it as 08:00")
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > 24 * 60:
        raise ValueError(f"{text!r} is no time of day")
    return minute


def parse_range(text: str, names: tuple[str, ...], first: int, least: int, most: int) -> Range:
    """Return `monday:friday`, `1:5` or a single one. Names count from `first`; numbers go from `least` to `most`. Raises ValueError."""
    start, colon, end = text.strip().lower().partition(":")
    found = (_number(start, names, first), _number(end if colon else start, names, first))
    if not all(least <= each <= most and (each or least >= 0) for each in found):
        raise ValueError(f"{text!r} lies outside {least} to {most}")
    if found[0] > found[1] and (found[0] < 0) is (found[1] < 0):
        raise ValueError(f"{text!r} ends before it begins")
    return found


def _number(text: str, names: tuple[str, ...], first: int) -> int:
    if text in names:
        return names.index(text) + first
    if text.lstrip("-").isdecimal() and text.count("-") <= 1:
        return int(text)
    raise ValueError(f"{text!r} is not understood")
