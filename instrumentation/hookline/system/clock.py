"""Moments: Unix nanoseconds inside, ISO 8601 in UTC outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

NS_PER_S: Final = 1_000_000_000
NS_PER_DAY: Final = 86_400 * NS_PER_S


def iso(time_ns: int) -> str:
    """Return a moment as ISO 8601, UTC, to the millisecond; empty for 0, which is no moment."""
    if not time_ns:
        return ""
    return datetime.fromtimestamp(time_ns / NS_PER_S, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> int | None:
    """Return the Unix nanoseconds of an ISO 8601 moment, UTC where it names no zone; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(at.replace(microsecond=0).timestamp()) * NS_PER_S + at.microsecond * 1_000
