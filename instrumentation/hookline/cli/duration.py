"""Durations and moments as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime


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


def duration(seconds_: float) -> str:
    """Return a length of time in two units at most: 42 s, 3 m 10 s, 2 h 05 m."""
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
