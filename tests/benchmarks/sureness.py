"""How sure a share or a count is that was found by drawing: 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

SURE = 1.96


def of_share(held: int, tried: int) -> tuple[float, float]:
    """Return between which shares the true one lies, as percentages (Wilson's interval); all of them where nothing was tried."""
    if not tried:
        return 0.0, 100.0
    share, square = held / tried, SURE**2 / tried
    middle, reach = share + square / 2, SURE * math.sqrt(share * (1 - share) / tried + square / tried / 4)
    return 100 * (middle - reach) / (1 + square), 100 * (middle + reach) / (1 + square)


def of_count(count: int) -> tuple[float, float]:
    """Return between which means the true one of a Poisson count lies (exact, by halving)."""
    low = _mean_where(lambda mean: 1 - _at_most(count - 1, mean), 0.025) if count else 0.0
    return low, _mean_where(lambda mean: 1 - _at_most(count, mean), 0.975)


def _at_most(count: int, mean: float) -> float:
    return math.fsum(math.exp(each * math.log(mean) - mean - math.lgamma(each + 1)) for each in range(count + 1))


def _mean_where(rising: Callable[[float], float], aim: float) -> float:
    low, high = 1e-9, 1e5
    for _ in range(100):
        mean = (low + high) / 2
        low, high = (mean, high) if rising(mean) < aim else (low, mean)
    return high
