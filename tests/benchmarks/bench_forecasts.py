"""Forecasts: how often the 80 % interval holds the truth, how often nothing is said, whether limits are crossed when that was said, what one costs.

python tests/benchmarks/bench_forecasts.py [--lots N]

By kinds of made series that were not used to choose the method, by those that were (other lots), and by public series.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.forecast_series import CHOSEN_BY
from alerts.shown_series import FURTHER, REFERENCE, ShownDraw
from benchmarks.figures import tell
from benchmarks.public_series import PublicSeries, public_series
from benchmarks.sureness import of_share
from hookline_collector.alerts.forecast import CrossingForecast, forecast

LENGTH, NEAR, FAR = 60, 12, 30
"""Sixty points are what rules keep; a fifth of them ahead is how the reference measured, half of them the furthest that anything is said."""
LOTS, WINDOWS = 200, 12
S = 10**9
KINDS: dict[str, dict[str, ShownDraw]] = {"the reference's kinds": REFERENCE, "further kinds": FURTHER, "kinds that chose the method": CHOSEN_BY}
PUBLIC = "public series"
LEAST, MOST = 75, 90
"""What is meant by honest, in percent."""
KindAsked = tuple[str, str, int]
"""The group of a kind, its name, and how many series."""


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """Of how many series the interval held the truth; of how many nothing was said; of how many limits it was true when they would be crossed."""

    kind: str
    steps: int
    asked: int
    said: int
    held: int
    limits: int
    right: int

    @property
    def held_percent(self) -> float:
        """Of those of which something was said."""
        return 100 * self.held / self.said if self.said else 0.0

    @property
    def sure(self) -> tuple[float, float]:
        """Between which shares the true one lies, 19 times of 20."""
        return of_share(self.held, self.said)

    @property
    def silent_percent(self) -> float:
        """Of all."""
        return 100 * (self.asked - self.said) / self.asked

    @property
    def right_percent(self) -> float:
        """Of the limits."""
        return 100 * self.right / self.limits if self.limits else 0.0


KindPair = tuple[ForecastScore, ForecastScore]


def scored(kind: str, steps: int, series: Iterable[Sequence[float]]) -> ForecastScore:
    """Return what forecasts of series are worth; each has LENGTH points and the truth of `steps` more."""
    asked = said = held = limits = right = 0
    for at, values in enumerate(series):
        asked += 1
        ahead = values[LENGTH : LENGTH + steps]
        limit = _limit(random.Random(f"{kind} {at}"), values[LENGTH - 1], ahead)
        found = forecast([(second * S, value) for second, value in enumerate(values[:LENGTH])], steps * S, limit)
        if found is not None:
            said, held = said + 1, held + (found.low <= ahead[-1] <= found.high)
            if limit != found.now:
                limits, right = limits + 1, right + is_right(found, limit, ahead)
    return ForecastScore(kind, steps, asked, said, held, limits, right)


def _limit(dice: random.Random, now: float, ahead: Sequence[float]) -> float:
    """Return a limit on the side to which the series goes furthest: one that it reaches, or one that it nearly reaches."""
    far = max(ahead, key=lambda value: abs(value - now))
    return now + (far - now) * dice.uniform(0.3, 1.4)


def is_right(found: CrossingForecast, limit: float, ahead: Sequence[float]) -> bool:
    """Whether the first crossing lies between the earliest and the latest that were said; points stand for what was since the one before."""
    beyond = (each >= limit for each in ahead) if found.now < limit else (each <= limit for each in ahead)
    first = next((step for step, is_it in enumerate(beyond, 1) if is_it), None)
    if first is None:
        return found.latest_s is None
    return found.earliest_s is not None and found.earliest_s <= first and (found.latest_s is None or first - 1 < found.latest_s)


def drawn(kind: str, draw: ShownDraw, steps: int, lots: int) -> Iterator[Sequence[float]]:
    """Yield series of a kind; the lots differ from those that chose the method."""
    return (draw(random.Random(f"shown a fifth time, {kind} {lot}"), LENGTH + steps) for lot in range(lots))


def windows(series: Sequence[PublicSeries], steps: int) -> Iterator[Sequence[float]]:
    """Yield pieces of public series, at most WINDOWS of each, whose truths do not overlap."""
    for each in series:
        last = len(each.values) - LENGTH - steps
        count = max(1, min(WINDOWS, last // steps + 1))
        yield from (each.values[start : start + LENGTH + steps] for start in (round(last * at / max(1, count - 1)) for at in range(count)))


def scores(
    lots: int = LOTS, run: Callable[[Callable[[KindAsked], KindPair], Iterable[KindAsked]], Iterable[KindPair]] = map
) -> dict[str, list[KindPair]]:
    """Return what forecasts are worth near and far, by group of kinds and by kind; `run` is a map, of a pool perhaps."""
    public = public_series()
    asked = [(title, kind, lots) for title, kinds in KINDS.items() for kind in kinds]
    asked += [(PUBLIC, kind, lots) for kind in dict.fromkeys(each.kind for each in public)]
    groups: dict[str, list[KindPair]] = {title: [] for title in (*KINDS, PUBLIC)}
    for (title, _, _), pair in zip(asked, run(of_kind, asked), strict=True):
        groups[title].append(pair)
    return groups


def of_kind(asked: KindAsked) -> KindPair:
    """Return what forecasts of one kind are worth near and far."""
    title, kind, lots = asked
    if title == PUBLIC:
        public = [each for each in public_series() if each.kind == kind]
        return scored(kind, NEAR, windows(public, NEAR)), scored(kind, FAR, windows(public, FAR))
    draw = KINDS[title][kind]
    return scored(kind, NEAR, drawn(kind, draw, NEAR, lots)), scored(kind, FAR, drawn(kind, draw, FAR, lots))


def table(groups: dict[str, list[KindPair]]) -> list[str]:
    """Return the table of the documentation."""
    lines = [
        f"| kind of series | interval holds, {NEAR} steps ahead | {FAR} steps ahead | nothing said | limit crossed when said |",
        "|---|---|---|---|---|",
    ]
    for title, pairs in groups.items():
        lines.append(f"| **{title}** | | | | |")
        lines += [_line(near, far) for near, far in pairs]
        if not pairs:
            lines.append("| the packages that carry them could not be fetched | | | | |")
    return [*lines, "", *_outside(score for pairs in groups.values() for pair in pairs for score in pair)]


def _line(near: ForecastScore, far: ForecastScore) -> str:
    held = " | ".join(f"{each.held_percent:.0f} % ({each.sure[0]:.0f} to {each.sure[1]:.0f})" for each in (near, far))
    others = f"{near.silent_percent:.0f} / {far.silent_percent:.0f} % | {near.right_percent:.0f} / {far.right_percent:.0f} %"
    return f"| {near.kind} ({near.asked}) | {held} | {others} |"


def _outside(scores_: Iterable[ForecastScore]) -> list[str]:
    """Return in words which kinds do not hold between LEAST and MOST, and which of them surely do not."""
    all_of_them = list(scores_)
    outside = [each for each in all_of_them if not LEAST <= each.held_percent <= MOST]
    surely = [each for each in outside if each.sure[1] < LEAST or each.sure[0] > MOST]
    told = (
        f"In brackets: between which shares the true one lies, 19 times of 20. {len(outside)} of {len(all_of_them)} lie outside {LEAST} to {MOST} %"
    )
    return [f"{told}: {_names(outside)}. So far that chance is no explanation: {_names(surely)}."]


def _names(scores_: Sequence[ForecastScore]) -> str:
    return ", ".join(f"{each.kind} {each.steps} steps ahead ({each.held_percent:.0f} %)" for each in scores_) or "none"


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=LOTS, help="series of each kind")
    groups, honest = scores(parser.parse_args().lots), f"{LEAST}-{MOST} is honest"
    print("\n".join(table(groups)))
    for title, pairs in groups.items():
        for at, name in enumerate(("near", "far")):
            shares = [pair[at].held_percent for pair in pairs]
            if shares:
                tell(f"forecast: the 80 % interval holds, {title}, {name}: least of a kind", min(shares), "%", "size", "more", honest)
                tell(f"forecast: the 80 % interval holds, {title}, {name}: most of a kind", max(shares), "%", "size", "less", honest)
    tell("forecast: a series of 60 points", 1_000 * cost_s(), "ms", "processor")
    tell("forecast: a series of 60 points and when it crosses a limit", 1_000 * cost_s(limit=1e3), "ms", "processor")


def cost_s(limit: float | None = None) -> float:
    """Return the processor time of one forecast."""
    points = [[(at * S, value) for at, value in enumerate(draw(random.Random(kind), LENGTH))] for kind, draw in (REFERENCE | FURTHER).items()]
    began = time.process_time()
    for _ in range(4):
        for each in points:
            forecast(each, NEAR * S, limit)
    return (time.process_time() - began) / len(points) / 4


if __name__ == "__main__":
    main()
