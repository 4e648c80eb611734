"""Times as the API tells them: ISO 8601 in UTC."""

from datetime import UTC, datetime


def to_iso(time_ns: int) -> str:
    """Return Unix nanoseconds as ISO 8601 with milliseconds; nothing for 0."""
    if not time_ns:
        return ""
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
