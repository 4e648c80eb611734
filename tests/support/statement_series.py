"""Series of a statement's intervals as a database gives them: each depends on the one before, and half a minute is one."""

from __future__ import annotations

import math
import random

from hookline.slowdowns.call_history import CallInterval

INTERVAL_S = 30
A_DAY = 86_400 // INTERVAL_S


def statement_series(
    chance: random.Random, dependence: float, count: int, *, slower_at: int | None = None, times: float = 1.5, kind: str = "first order"
) -> list[CallInterval]:
    """Return intervals of 100 calls of 10 ms that deviate by 15 %; from `slower_at` on a call takes so many times as long.

    `kind`: "first order"; "outliers", whose steps have a t-distribution of four degrees; "mixed", half of whose deviation is slow (0.95); or
    "by day", which is slower in one half of the day and faster in the other, by 15 % at most.
    """
    found, state, slow, shift = [], chance.gauss(0, 1), chance.gauss(0, 1), chance.random()
    for n in range(count):
        outlying = math.sqrt(chance.gammavariate(2, 1.0)) if kind == "outliers" else 1.0
        state = dependence * state + math.sqrt(1 - dependence**2) * chance.gauss(0, 1) / outlying
        slow = 0.95 * slow + math.sqrt(1 - 0.95**2) * chance.gauss(0, 1) if kind == "mixed" else 0.0
        deviation = (state + slow) / math.sqrt(2) if kind == "mixed" else state
        deviation += math.sin(2 * math.pi * (n / A_DAY + shift)) if kind == "by day" else 0.0
        mean_ms = 10 * math.exp(0.15 * deviation) * (times if slower_at is not None and n >= slower_at else 1.0)
        found.append(CallInterval(n * INTERVAL_S * 10**9, 100, 100 * mean_ms, 1.0, (100, 1_000)))
    return found
