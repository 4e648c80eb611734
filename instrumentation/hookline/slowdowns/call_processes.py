"""What a statement's intervals are like when nothing happens: which of a family of processes foretold them best, as far back as a day.

An interval's deviation from the mean before it is held to be a state that comes back by itself, more or less slowly, and noise that is gone in the
next (an ARMA(1,1) process); what the one before does not explain has normal tails or heavy ones (Student's t of four degrees). Each process of the
family is followed at once: it foretells each interval from those before, learns the scale of what it left unexplained, and is weighed by how well it
did. Of a statement that is hardly known many are as likely, and a rise that a slow one explains is no change then; of one known long, few.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

KEEPS = 1 - 1 / 2_880
"""So much of what was learned counts still an interval later: a day."""
LEAST_RATE, FIRST_WEIGHT = 1 / 1_500, 6
"""Of the scale: how fast it follows at least, and so many intervals its first guess counts as."""
LEAST_SCALE = 1e-4
"""Of logarithms, squared: a hundredth; what deviates by less is taken to deviate by this."""
LEAST_LIKELY = 7.0
"""Of logarithms of likelihoods: what is less likely than the likeliest by more is not asked."""
NORMAL, HEAVY = 100.0, 4.0
PLAIN = (0.0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.87, 0.92, 0.95, 0.975)
"""How much of the state is left an interval later, where there is no noise beside it."""
NOISY, NOISES = (0.8, 0.9, 0.95, 0.98), (0.35, 0.6, 0.8)
"""The same where there is some, and by which share of it the moving average takes back: the more, the larger the noise is."""
FAMILY = tuple(
    (keeps, takes_back, degrees)
    for degrees in (HEAVY, NORMAL)
    for keeps, takes_back in (*((each, 0.0) for each in PLAIN), *((each, share * each) for each in NOISY for share in NOISES))
)


@dataclass(slots=True)
class CallProcess:
    """One process: a deviation is `keeps` of the one before, less `takes_back` of what was left of that, and what is left now, a t-distribution of
    `degrees` and of a squared scale. `fit` is the logarithm of how likely the past is by it."""

    keeps: float
    takes_back: float
    degrees: float
    scale: float
    left: float
    fit: float = 0.0
    _even: float = field(init=False)

    def __post_init__(self) -> None:
        """Work out what makes the density's whole one."""
        half = self.degrees / 2
        self._even = math.lgamma(half + 0.5) - math.lgamma(half) - 0.5 * math.log(self.degrees * math.pi)

    def learn(self, deviation: float, before: float, rate: float) -> None:
        """Take a deviation and the one before it; the scale moves by `rate`."""
        left = deviation - self.keeps * before + self.takes_back * self.left
        degrees, scale, square = self.degrees, self.scale, left * left
        self.left = left
        self.fit = KEEPS * self.fit + self._even - 0.5 * (math.log(scale) + (degrees + 1) * math.log1p(square / (scale * degrees)))
        self.scale = max(LEAST_SCALE, scale + rate * ((degrees + 1) * square / (degrees + square / scale) - scale))

    def lefts(self, deviations: Collection[float], before: float) -> Iterator[float]:
        """Yield what it leaves unexplained of deviations that came after what was learned."""
        left = self.left
        for deviation in deviations:
            left = deviation - self.keeps * before + self.takes_back * left
            before = deviation
            yield left

    def fit_of(self, lefts: Collection[float]) -> float:
        """Return the logarithm of how likely these are as well as the past."""
        spread = self.degrees * self.scale
        far = math.fsum(math.log1p(left * left / spread) for left in lefts)
        return self.fit + len(lefts) * (self._even - 0.5 * math.log(self.scale)) - (self.degrees + 1) / 2 * far


@dataclass(slots=True)
class CallProcesses:
    """All of the family, of one statement. `before` is the newest deviation that was learned."""

    before: float = 0.0
    _all: list[CallProcess] = field(default_factory=list)
    _learned: int = 0

    def learn(self, log: float, past: Collection[float]) -> None:
        """Take the logarithm of an interval's mean that is known to be of no change, and the ones before it."""
        middle = sum(past) / len(past)
        if not self._all:
            self._begin(past, middle)
        deviation = log - middle
        self._learned += 1
        rate = max(LEAST_RATE, 1 / (self._learned + FIRST_WEIGHT))
        for each in self._all:
            each.learn(deviation, self.before, rate)
        self.before = deviation

    def _begin(self, past: Collection[float], middle: float) -> None:
        power = max(LEAST_SCALE, sum((each - middle) ** 2 for each in past) / (len(past) - 1))
        *_, newest = past
        self.before = newest - middle
        for keeps, takes_back, degrees in FAMILY:
            scale = power * (1 - 0.9 * keeps**2) * (0.6 if degrees == HEAVY else 1.0)
            self._all.append(CallProcess(keeps, takes_back, degrees, scale, self.before / 2))

    def likely(self) -> list[CallProcess]:
        """Return those by which the past is about as likely as by the likeliest."""
        least = max(each.fit for each in self._all) - LEAST_LIKELY
        return [each for each in self._all if each.fit >= least]
