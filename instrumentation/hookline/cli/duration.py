"""Durations and moments as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def moment(text: str | None) -> datetime | None:
    """Read an ISO 8601 time; None for nothing."""
    return datetime.fromisoformat(text) if text else None


def since(text: str | None, now: datetime | None = None) -> str:
    """Return how long ago a moment is; nothing for nothing."""
    at = moment(text)
    return duration(((now or datetime.now(UTC)) - at).total_seconds()) if at else ""


def clock(text: str | None) -> str:
    """Return a moment in local time, to the second; nothing for nothing."""
    at = moment(text)
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else ""


def duration(seconds: float) -> str:
    """Return a duration with two units at most: 0.42 s, 12 s, 3 m 20 s, 2 h 5 m, 1 d 4 h."""
    if seconds < 10:
        return f"{max(0.0, seconds):.2f} s"
    if seconds < MINUTE_S:
        return f"{seconds:.0f} s"
    for unit, size, smaller, part in (("d", DAY_S, "h", HOUR_S), ("h", HOUR_S, "m", MINUTE_S), ("m", MINUTE_S, "s", 1)):
        if seconds >= size:
            rest = int(seconds % size // part)
            return f"{int(seconds // size)} {unit} {rest} {smaller}" if rest else f"{int(seconds // size)} {unit}"
    return ""
