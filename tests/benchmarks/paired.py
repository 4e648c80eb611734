"""The middle of differences between pairs of runs, and between what it lies.

Whether a difference lies above the true median is a coin's toss, so the count of those that do is binomial, and a pair of differences in order
holds the median as often as that says (the interval that belongs to the sign test). That asks nothing of how the differences are spread.

Differences of two things that vary alike are as often above as below what one is more than the other, and as far. Then all pairs of them have
a say by their mean, a run that went astray hardly any, and fewer runs say more (the Hodges-Lehmann estimate, the interval that belongs to
the signed-rank test).
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


def shift_of(differences: Sequence[float], certainty: float = 0.95) -> Between:
    """Return by how much one is more than the other, with the interval; of too few for that certainty the whole range."""
    count = len(differences)
    means = sorted((differences[one] + differences[other]) / 2 for one in range(count) for other in range(one, count))
    ways = [1]  # how many sets of the ranks up to a number have each sum
    for rank in range(1, count + 1):
        ways = [before + more for before, more in zip([*ways, *[0] * rank], [*[0] * rank, *ways], strict=True)]
    outside, at = ways[0], 0
    while at + 1 < len(means) // 2 and 2 * (outside + ways[at + 1]) <= (1 - certainty) * 2**count:
        at += 1
        outside += ways[at]
    return Between(means[at], statistics.median(means), means[-1 - at])
