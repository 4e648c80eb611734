"""Series of a statement's intervals as a database gives them: each depends on the one before, and half a minute is one."""

from __future__ import annotations

import math
import random

from hookline.databases.judging.regressions import StatementInterval

INTERVAL_S = 30
A_DAY = 86_400 // INTERVAL_S


def statement_series(
    chance: random.Random, dependence: float, count: int, *, slower_at: int | None = None, times: float = 1.5
) -> list[StatementInterval]:
    """Return intervals of 100 calls of 10 ms that deviate by 15 %; from `slower_at` on a call takes so many times as long."""
    found, state = [], chance.gauss(0, 1)
    for n in range(count):
        state = dependence * state + math.sqrt(1 - dependence**2) * chance.gauss(0, 1)
        mean_ms = 10 * math.exp(0.15 * state) * (times if slower_at is not None and n >= slower_at else 1.0)
        found.append(StatementInterval(n * INTERVAL_S * 10**9, 100, 100 * mean_ms, 100, 1_000))
    return found
