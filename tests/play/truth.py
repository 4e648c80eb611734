"""What is true, what is shown, and whether they agree.

A figure of time is right within `LIMIT_S`, and good within `AIM_S`; everything else is right or wrong. Where client and machine
themselves were late by more than `AIM_S`, between a key and the client's own note of it and in starting programs such as hooks, that much is allowed
beside the limit, and the verdict says so. What the live view shows must be there within `LIVE_S` of the moment at which it became true.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from play.told import Told

AIM_S, LIMIT_S, LIVE_S = 0.3, 1.0, 2.0
Value = float | int | str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that is true at the scene's end, and where Hookline tells it. A float is seconds; what is not must be equal."""

    what: str
    true: Value
    read: Callable[[Told], Any]
    mode: str = ""  # the only mode in which it is asked; both when empty


@dataclass(frozen=True, slots=True)
class Sight:
    """What the live view showed at a moment of the scene, and how long after that moment it did."""

    what: str
    mode: str
    true: str
    shown: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    scene: str
    mode: str
    what: str
    true: str
    shown: str
    difference: str
    verdict: str
    is_timed: bool = False  # how long something took, or how late it was told, which a busy machine stretches

    @property
    def is_right(self) -> bool:
        """Whether what is shown is true."""
        return self.verdict in ("ok", "good", "late")


def judge(scene: str, figure: Figure, told: Told, lag_s: float = 0.0) -> Row:
    """Compare a figure with what is told; what cannot be read at all is wrong and says why."""
    try:
        shown: Value = figure.read(told)
    except (LookupError, TypeError, ValueError, subprocess.TimeoutExpired) as why:
        return Row(scene, told.mode, figure.what, text_of(figure.true), f"({type(why).__name__}: {why})", "", "WRONG")
    if isinstance(figure.true, float) and isinstance(shown, int | float):
        off = shown - figure.true
        verdict = "good" if abs(off) <= AIM_S else "ok" if abs(off) <= LIMIT_S else "WRONG"
        if verdict == "WRONG" and is_excused(abs(off), LIMIT_S, lag_s):
            verdict = "late"
        return Row(scene, told.mode, figure.what, text_of(figure.true), text_of(float(shown)), f"{off:+.2f}", verdict, is_timed=True)
    verdict = "good" if shown == figure.true else "WRONG"
    return Row(scene, told.mode, figure.what, text_of(figure.true), text_of(shown), "", verdict)


def judge_sight(scene: str, sight: Sight, lag_s: float = 0.0) -> Row:
    """Judge what the live view showed."""
    is_same = sight.shown == sight.true
    verdict = ("good" if sight.after_s <= 1.0 else "ok" if sight.after_s <= LIVE_S else "WRONG") if is_same else "WRONG"
    if is_same and verdict == "WRONG" and is_excused(sight.after_s, LIVE_S, lag_s):
        verdict = "late"
    return Row(scene, sight.mode, f"live {sight.what}", sight.true, sight.shown, f"{sight.after_s:+.2f}" if is_same else "never", verdict, is_same)


def is_excused(off_s: float, limit_s: float, lag_s: float) -> bool:
    """Whether something is off by no more than the machine makes it."""
    return lag_s > AIM_S and off_s <= limit_s + lag_s


def text_of(value: Value) -> str:
    """Return a value as it stands in the table."""
    if isinstance(value, float):
        return f"{value:.2f} s"
    return "-" if value is None else str(value)
