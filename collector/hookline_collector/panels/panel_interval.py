"""How long an interval of a panel is, chosen as Grafana does: the range over the points that the panel has room for, made a round number."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

_ROUND_S: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000)


def round_interval(range_ms: int, points: int, least_ms: int = 1000) -> int:
    """Return the shortest round interval, in milliseconds, with which a range has at most so many points; never one below `least_ms`."""
    fair_s = max(range_ms, 1) / 1000 / max(points, 1)
    place = min(bisect_left(_ROUND_S, fair_s), len(_ROUND_S) - 1)
    return max(_ROUND_S[place] * 1000, least_ms)
