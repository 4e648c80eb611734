"""The middle of differences between pairs of runs, and between what it lies: no word of how the differences are spread.

Whether a difference lies above the true median is a coin's toss, so the count of those that do is binomial, and a pair of differences in order
holds the median as often as that says (the interval that belongs to the sign test).
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True, slots=True)
class Between:
    """A median, and the interval that holds the true one with at least the certainty that was asked for."""

    low: float
    middle: float
    high: float


def middle_of(differences: Sequence[float], certainty: float = 0.95) -> Between:
    """Return the median of some differences with its interval; of too few for that certainty the whole range."""
    found, count = sorted(differences), len(differences)
    outside, rank = 2 / 2**count, 0
    while rank + 1 < count // 2 and outside + 2 * comb(count, rank + 1) / 2**count <= 1 - certainty:
        rank += 1
        outside += 2 * comb(count, rank) / 2**count
    return Between(found[rank], statistics.median(found), found[-1 - rank])
