"""Percentiles of durations that were counted in buckets."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(counts: Sequence[int], bounds: Sequence[float], share: float) -> float | None:
    """Return within how long so large a share was done, evenly spread within its bucket; None where nothing was counted.

    `counts` has one more than `bounds`: what took longer than the last of them counts as that.
    """
    total = sum(counts)
    if not total or not bounds:
        return None
    wanted, before, low = share * total, 0, 0.0
    for count, bound in zip(counts, bounds, strict=False):
        if count and before + count >= wanted:
            return low + (bound - low) * (wanted - before) / count
        before, low = before + count, bound
    return bounds[-1]
