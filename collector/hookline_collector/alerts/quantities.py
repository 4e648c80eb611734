"""Durations and quantities as people write them in rules: `1h30m`, `500ms`, `80%`, `2GiB`; durations as Prometheus reads and writes them."""

from __future__ import annotations

import math
import re

NS = {
    "y": 365 * 86_400_000_000_000,
    "w": 7 * 86_400_000_000_000,
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
}
DURATION = re.compile("".join(rf"(?:(?P<{unit}>\d+){unit})?" for unit in NS))
_SIZE = re.compile(r"([0-9.]+)\s*(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)")
_BYTES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
MAX_NS = 10 * NS["y"]


def duration_ns(text: str) -> int:
    """Return the nanoseconds of a duration in Prometheus' form. Raises ValueError."""
    if text == "0":
        return 0
    found = DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"not a duration: {text[:50]!r} (write 30s, 5m, 1h30m, 2d)")
    total = sum(int(count[:20]) * NS[unit] for unit, count in found.groupdict().items() if count)
    if total > MAX_NS:
        raise ValueError("longer than ten years")
    return total


def duration_text(ns: int) -> str:
    """Return nanoseconds as a duration in Prometheus' form, to the millisecond."""
    parts, rest = [], ns
    for unit, size in NS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def quantity(text: str) -> float:
    """Return a number, a duration in seconds, a size in bytes or a percentage as it stands. Raises ValueError."""
    if size := _SIZE.fullmatch(text):
        return float(size[1]) * _BYTES[size[2]]
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        try:
            return duration_ns(text) / NS["s"]
        except ValueError:
            raise ValueError(f"not a number: {text[:50]!r} (write 5, 80%, 2GiB or 10m)") from None
    if not math.isfinite(number):
        raise ValueError("not a number that anything can be compared with")
    return number
