"""What a benchmark tells: figures, one line each for people, and one line of JSON each for whoever keeps them.

A figure has the same name in every run, so that runs can be compared; what is promised of it stands in `promises.py` under that name, not
in the benchmark. It says what it counts, because a machine with other work on it falsifies some figures and not others:

    processor  processor time, or work for each second of it
    clock      time that passed, or work for each second of it
    size       bytes, events, wake-ups: nothing that takes time
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

FIGURES_FILE: Final = "HOOKLINE_BENCH_FIGURES"
"""In the environment: the file to which figures are added as JSON."""
Counts = Literal["processor", "clock", "size"]
Better = Literal["less", "more"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, its unit, and words that do not fit into a number."""

    name: str
    value: float
    unit: str
    counts: Counts = "clock"
    better: Better = "less"
    note: str = ""

    @classmethod
    def parse(cls, told: dict[str, Any]) -> Figure:
        """Read what `tell` wrote. Raises ValueError when it is none."""
        try:
            figure = cls(**told)
            value = float(figure.value)
        except TypeError as error:
            raise ValueError(f"not a figure: {told}") from error
        if figure.counts not in get_args(Counts) or figure.better not in get_args(Better):
            raise ValueError(f"not a figure: {told}")
        return cls(figure.name, value, figure.unit, figure.counts, figure.better, figure.note)

    @property
    def text(self) -> str:
        """The number and its unit, with as many digits as mean something."""
        return quantity(self.value, self.unit)


def quantity(value: float, unit: str) -> str:
    """Return a number and its unit as people read them."""
    size = abs(value)
    digits = 0 if size >= 100 or (value == int(value) and size >= 10) else 1 if size >= 10 else 2 if size >= 0.1 or value == 0 else 3
    number = f"{value:,.{digits}f}"
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}".rstrip()


def tell(name: str, value: float, unit: str, counts: Counts = "clock", better: Better = "less", note: str = "") -> Figure:
    """Print a figure, and keep it if somebody asked for that; `better` says which way is better."""
    figure = Figure(name, value, unit, counts, better, note)
    print(f"{name} | {figure.text}{f' ({note})' if note else ''}", flush=True)
    if path := os.environ.get(FIGURES_FILE):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(figure), ensure_ascii=False) + "\n")
    return figure


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def tell_quantiles(name: str, seconds: Sequence[float], shares: Sequence[float] = (0.5, 0.99), counts: Counts = "clock") -> None:
    """Tell quantiles of durations, in milliseconds, each as a figure of its own: `NAME, p50`."""
    for share in shares:
        tell(f"{name}, p{share * 100:g}" if share < 1 else f"{name}, the longest", quantile(seconds, share) * 1000, "ms", counts)
