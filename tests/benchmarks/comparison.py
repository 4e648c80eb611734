"""A run beside what is promised and beside a run before it: pure, from figures to rows and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure
from benchmarks.kept_runs import Part, Run
from benchmarks.promises import Promise

WORSE_BY = 0.20
GRAIN = {"ms": 0.3, "s": 0.05, "% of a core": 0.1, "MB": 2.0, "/s": 0.2}
"""Differences up to this are none, whatever share they are: a clock ticks no finer, or two runs differ by as much."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is worse than it was."""

    figure: Figure
    was: Figure
    can_be_judged: bool

    @property
    def text(self) -> str:
        """In words."""
        share = f"{growth(self.figure, self.was) * 100:.0f} % worse" if self.was.value else "worse"
        busy = "" if self.can_be_judged else "; other work was on the machine, so this says little"
        return f"{self.figure.name}: {self.figure.text}, was {self.was.text}: {share}{busy}"


def growth(now: Figure, was: Figure) -> float:
    """Return by which share a figure is worse: of twice the time 1.0, of half the throughput also 1.0; below 0 it is better."""
    larger, smaller = (now.value, was.value) if now.better == "less" else (was.value, now.value)
    if larger == smaller:
        return 0.0
    return larger / smaller - 1 if smaller > 0 else float("inf")


def is_worse(now: Figure, was: Figure) -> bool:
    """Whether a figure is worse by more than a fifth, and by more than figures of its kind differ anyway."""
    return now.unit == was.unit and growth(now, was) > WORSE_BY and abs(now.value - was.value) > GRAIN.get(now.unit, 0.0)


def worse(run: Run, base: Run) -> Iterator[Change]:
    """Yield what is worse than in the other run; it can be judged only when other work left the figure alone both times."""
    before = base.figures
    for name, (part, figure) in run.figures.items():
        if name in before and is_worse(figure, before[name][1]):
            was_quiet = before[name][0].is_quiet_for(figure.counts)
            yield Change(figure, before[name][1], was_quiet and part.is_quiet_for(figure.counts))


def rows(part: Part, promises: Sequence[Promise], base: Run | None) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, target, measured and what was measured before, of every figure and of every promise of this part without one."""
    promised = {each.name: each for each in promises}
    before = base.figures if base else {}
    for figure in part.figures:
        promise = promised.pop(figure.name, None)
        missed = " MISSED" if promise and not promise.is_kept_by(figure) else ""
        note = f" ({figure.note})" if figure.note else ""
        was = f"was {before[figure.name][1].text}" if figure.name in before else ""
        yield figure.name, promise.target if promise else "", f"{figure.text}{note}{missed}", was
    for promise in promised.values():
        if promise.part == part.name:
            yield promise.name, promise.target, "not measured", ""


def verdict(run: Run, promises: Sequence[Promise]) -> Iterator[str]:
    """Yield how many promises are kept, and each one that is missed."""
    measured = run.figures
    judged = [(promise, measured[promise.name][1]) for promise in promises if promise.name in measured]
    missed = [(promise, figure) for promise, figure in judged if not promise.is_kept_by(figure)]
    yield f"{len(judged) - len(missed)} promises kept, {len(missed)} missed, {len(promises) - len(judged)} not measured"
    for promise, figure in missed:
        busy = "" if measured[promise.name][0].is_quiet_for(figure.counts) else "; other work was on the machine"
        yield f"missed: {promise.name}: {figure.text}, promised {promise.target}{busy}"


def markdown(run: Run, promises: Sequence[Promise]) -> Iterator[str]:
    """Yield the promises as the lines of a table for `docs/benchmarks.md`; what is missed is bold."""
    measured = run.figures
    yield "| promise | target | measured |"
    yield "|---|---|---|"
    for promise in promises:
        if promise.name not in measured:
            yield f"| {promise.name} | {promise.target} | not measured |"
            continue
        part, figure = measured[promise.name]
        text = figure.text if promise.is_kept_by(figure) else f"**{figure.text}**"
        yield f"| {promise.name} | {promise.target} | {text}{'' if part.is_quiet_for(figure.counts) else ' (beside other work)'} |"
