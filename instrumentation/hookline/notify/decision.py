"""Which waits are due for a notice. Pure: waits, what was sent, and the time are arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hookline.fold import OpenWait
from hookline.settings.schema import NotifySettings
from hookline.system.clock import NS_PER_S


@dataclass(frozen=True, slots=True)
class Due:
    """What to do now: waits that need a notice, notices (by the wait's id) that are over, and when to look again (Unix ns; None: after news)."""

    fresh: tuple[OpenWait, ...] = ()
    over: tuple[str, ...] = ()
    next_ns: int | None = None


def due(waits: Iterable[OpenWait], sent: Collection[str], now_ns: int, rules: NotifySettings) -> Due:
    """Decide from all current waits and the ids of those that already have a notice."""
    after_ns = round(rules.after_s * NS_PER_S)
    wanted = [wait for wait in waits if wait.reason in rules.about]
    untold = [wait for wait in wanted if wait.id not in sent]
    going_on = {wait.id for wait in wanted}
    return Due(
        tuple(wait for wait in untold if now_ns - wait.since_ns >= after_ns),
        tuple(known for known in sent if known not in going_on),
        min((wait.since_ns + after_ns for wait in untold if now_ns - wait.since_ns < after_ns), default=None),
    )
