"""Durations and moments as a person reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hookline.errors import ConfigInvalid

UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def length_s(text: str, key: str) -> float:
    """Return a length of time that was typed, in seconds. Raises ConfigInvalid."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhd]?)", text.strip())
    if found is None:
        raise ConfigInvalid([(key, f"{text!r} is not a length of time; use one such as 10s, 2m or 1h")])
    return float(found[1]) * UNITS[found[2]]


def moment(text: str | None) -> datetime | None:
    """Read an ISO 8601 time; None for nothing."""
    return datetime.fromisoformat(text) if text else None


def since(text: str | None, now: datetime | None = None) -> str:
    """Return how long ago a moment is; nothing for nothing."""
    at = moment(text)
    return short(max(0.0, ((now or datetime.now(UTC)) - at).total_seconds())) if at else ""


def clock(text: str | None) -> str:
    """Return a moment in local time, to the second; nothing for nothing."""
    at = moment(text)
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else ""


def day(at: datetime) -> str:
    """Return a date: 21 Sep 2026."""
    return f"{at.day} {at:%b %Y}"


def brief(text: str | None, now: datetime | None = None) -> str:
    """Return a moment in local time as shortly as it can be told from others: 14:05 today, 21 Sep 14:05, 21 Sep 2025."""
    at = moment(text)
    if not at:
        return ""
    local, today = at.astimezone(), (now or datetime.now(UTC)).astimezone()
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else day(local)


def period(start: str, end: str, timezone: str, now: datetime | None = None) -> str:
    """Return the days of a period, its end not in it, as words: today, 21 Sep 2026; else from and to, with times where it cuts a day."""
    begins, ends = (datetime.fromisoformat(text).astimezone(ZoneInfo(timezone)) for text in (start, end))
    if (begins.hour, begins.minute, ends.hour, ends.minute) != (0, 0, 0, 0):
        return f"{day(begins)} {begins:%H:%M} to {day(ends)} {ends:%H:%M}"
    days = (ends.date() - begins.date()).days
    if days > 1:
        last = ends.date().fromordinal(ends.date().toordinal() - 1)
        return f"{day(begins)} to {last.day} {last:%b %Y}"
    today = (now or datetime.now(UTC)).astimezone(begins.tzinfo).date()
    word = {0: "Today, ", 1: "Yesterday, "}.get((today - begins.date()).days, "")
    return f"{word}{begins:%A} {day(begins)}"


def hours(seconds_: float) -> str:
    """Return a time as hours and minutes, 2:41, as a column of them reads best and as the pages write it; nothing for none, `< 1 m` for a little."""
    if seconds_ <= 0:
        return ""
    minutes = round(seconds_ / 60)
    return f"{minutes // 60}:{minutes % 60:02d}" if seconds_ >= 60 else "< 1 m"


def duration(seconds_: float) -> str:
    """Return a length of time in two units at most: 42 s, 3 m 10 s, 2 h 05 m; a little is not none: < 1 s."""
    if 0 < seconds_ < 0.5:
        return "< 1 s"
    whole = round(seconds_)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} m {whole % 60:02d} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02d} m"


def short(seconds_: float | None) -> str:
    """Return how long a call took: 12 ms, 1.42 s, 3 m 10 s; a dash when nothing ran."""
    if seconds_ is None:
        return "-"
    if seconds_ < 0.9995:
        return f"{seconds_ * 1000:.0f} ms"
    return f"{seconds_:.2f} s" if seconds_ < 60 else duration(seconds_)
