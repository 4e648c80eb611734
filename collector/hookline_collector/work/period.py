"""Periods of a report: named or given, in local time, and their cuts at local midnight.

A day lasts from one local midnight to the next: 23 or 25 hours when the clocks change. A midnight that does not exist is the moment at
which the clocks jump over it. Everything past this module is in Unix nanoseconds.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hookline.errors import Rejected
from hookline.system.clock import NS_PER_S

NAMES = ("today", "yesterday", "week", "last-week", "month", "last-month")
MAX_DAYS = 3_700
_QUARTER_NS = 900 * NS_PER_S  # no zone's clock differs from UTC by less
_LAST_DAYS = re.compile(r"(\d{1,4})d")


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One local day (or hour) within a period, cut to it."""

    name: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_ns` up to and without `end_ns`; `days` cover it exactly."""

    start_ns: int
    end_ns: int
    zone: ZoneInfo
    days: tuple[LocalDay, ...]

    @property
    def edges_ns(self) -> list[int]:
        """The starts of the days and the end of the last."""
        return [day.start_ns for day in self.days] + [self.end_ns]

    @property
    def hours(self) -> tuple[LocalDay, ...]:
        """The local hours that cover the period exactly; one that the clocks show twice has its offset in its name."""
        first = self.start_ns - self.start_ns % _QUARTER_NS
        found: list[LocalDay] = []
        for at_ns in range(first, self.end_ns, _QUARTER_NS):
            start_ns = max(at_ns, self.start_ns)
            name = f"{self.local(start_ns):%Y-%m-%d %H:00%z}"
            if found and found[-1].name == name:
                found[-1] = LocalDay(name, found[-1].start_ns, min(at_ns + _QUARTER_NS, self.end_ns))
            else:
                found.append(LocalDay(name, start_ns, min(at_ns + _QUARTER_NS, self.end_ns)))
        plain = Counter(hour.name[:16] for hour in found)
        return tuple(LocalDay(hour.name if plain[hour.name[:16]] > 1 else hour.name[:16], hour.start_ns, hour.end_ns) for hour in found)

    @property
    def since(self) -> str:
        """The first UTC day that the period touches."""
        return _utc_date(self.start_ns)

    @property
    def until(self) -> str:
        """The last UTC day that the period touches."""
        return _utc_date(self.end_ns - 1)

    def local(self, at_ns: int) -> datetime:
        """Return a moment in the period's zone, to the microsecond."""
        return moment(at_ns).astimezone(self.zone)

    def utc(self, at_ns: int) -> datetime:
        """Return a moment in UTC, to the microsecond."""
        return moment(at_ns)


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raises Rejected on another."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Rejected(f"unknown time zone {name!r}; use an IANA name such as Europe/Berlin or UTC") from error


def period_of(text: str, zone: ZoneInfo, now_ns: int) -> Period:
    """Return the period that `text` names: today, yesterday, week, last-week, month, last-month, 7d (seven days up to today), a date, or FROM..TO.

    FROM and TO are dates (TO's day is in) or moments such as 2026-09-14T09:30 (TO is out); either may be missing before or after `..`: the
    period then begins 30 days before its end, or ends at the end of today. Raises Rejected when it cannot be read.
    """
    try:
        return _period_of(text, zone, moment(now_ns).astimezone(zone).date())
    except OverflowError as error:
        raise Rejected(f"{text!r} is outside the calendar.") from error


def _period_of(text: str, zone: ZoneInfo, today: date) -> Period:
    if text in NAMES:
        return between(*_named(text, today, zone), zone)
    if last_days := _LAST_DAYS.fullmatch(text):
        first_day = today - timedelta(days=max(1, int(last_days[1])) - 1)
        return between(_midnight(first_day, zone), _midnight(today + timedelta(days=1), zone), zone)
    first, dots, last = text.partition("..")
    if not dots:
        return between(*_day(_date(first), zone), zone)
    end_ns = _moment(last, zone, is_end=True) if last else _midnight(today + timedelta(days=1), zone)
    start_ns = _moment(first, zone, is_end=False) if first else end_ns - 30 * 86_400 * NS_PER_S
    return between(start_ns, end_ns, zone)


@lru_cache(4)  # a report is asked for again and again, and two years are cut for longer than an answer that is remembered takes
def between(start_ns: int, end_ns: int, zone: ZoneInfo) -> Period:
    """Return the period between two moments, cut into local days. Raises Rejected when it is empty or longer than ten years."""
    if end_ns <= start_ns:
        raise Rejected("The period is empty: it ends before it starts.")
    if end_ns - start_ns > MAX_DAYS * 86_400 * NS_PER_S:
        raise Rejected("The period is longer than ten years.")
    days = []
    day = moment(start_ns).astimezone(zone).date()
    cursor = start_ns
    while cursor < end_ns:
        next_ns = min(_midnight(day + timedelta(days=1), zone), end_ns)
        if next_ns > cursor:
            days.append(LocalDay(day.isoformat(), cursor, next_ns))
            cursor = next_ns
        day += timedelta(days=1)
    return Period(start_ns, end_ns, zone, tuple(days))


def moment(at_ns: int) -> datetime:
    """Return Unix nanoseconds as a UTC datetime, to the microsecond below."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_ns // 1_000)


def _named(name: str, today: date, zone: ZoneInfo) -> tuple[int, int]:
    if name == "yesterday":
        return _day(today - timedelta(days=1), zone)
    if name == "week":
        monday = today - timedelta(days=today.weekday())
        return _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone)
    if name == "last-week":
        monday = today - timedelta(days=today.weekday() + 7)
        return _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone)
    if name == "month":
        first = today.replace(day=1)
        return _midnight(first, zone), _midnight((first + timedelta(days=32)).replace(day=1), zone)
    if name == "last-month":
        first = today.replace(day=1)
        return _midnight((first - timedelta(days=1)).replace(day=1), zone), _midnight(first, zone)
    return _day(today, zone)


def _day(day: date, zone: ZoneInfo) -> tuple[int, int]:
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Rejected(f"unknown period {text!r}; use {', '.join(NAMES)}, 7d, a date such as 2026-09-14, or FROM..TO") from error


def _moment(text: str, zone: ZoneInfo, *, is_end: bool) -> int:
    if "T" not in text and " " not in text:
        return _midnight(_date(text) + timedelta(days=int(is_end)), zone)
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise Rejected(f"cannot read the time {text!r}; write it as 2026-09-14T09:30") from error
    return _to_ns(given if given.tzinfo else given.replace(tzinfo=zone))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return _to_ns(datetime.combine(day, time.min, zone))


def _to_ns(given: datetime) -> int:
    since_epoch = given.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since_epoch // timedelta(microseconds=1)) * 1_000


def _utc_date(at_ns: int) -> str:
    return moment(at_ns).date().isoformat()
