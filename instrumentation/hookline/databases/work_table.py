"""How often what is done: the pace of looks, and pieces of work that are due now and then. Pure: the clock is given.

Looks are made once a second, and ten times as often while somebody waits for a lock or more sessions are at work than there are cores; it stays so
for a few seconds after. A look that takes long is made rarer, so that looking never takes more than a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hookline.contract.databases import WaitClass
from hookline.databases.samples import SessionsLook
from hookline.system.backoff import Backoff

STAYS_BUSY_S = 5.0
SHARE_OF_TIME = 10.0
NO_HURRY: Mapping[str, float] = MappingProxyType({})
AGAIN = Backoff(first_s=1.0, longest_s=30.0)
"""Pauses before a server that did not answer is asked again."""
MISSING_AGAIN_S = 60.0
"""What was refused for want of a privilege or an extension is tried again so often."""


@dataclass(slots=True)
class LookPace:
    """How long until the next look."""

    calm_s: float
    busy_s: float
    cores: int
    _busy_until_s: float = 0.0

    def after(self, look: SessionsLook, now_s: float) -> float:
        """Return seconds from the beginning of this look to that of the next."""
        if self._calls_for_more(look):
            self._busy_until_s = now_s + STAYS_BUSY_S
        pace_s = self.busy_s if now_s < self._busy_until_s else self.calm_s
        return max(pace_s, SHARE_OF_TIME * look.took_s)

    def is_busy(self, now_s: float) -> bool:
        """Whether looks are made often now."""
        return now_s < self._busy_until_s

    def _calls_for_more(self, look: SessionsLook) -> bool:
        return look.active > max(2, self.cores) or any(session.wait_class is WaitClass.LOCK for session in look.sessions)


@dataclass(slots=True)
class DueWork:
    """A piece of work that is due every `every_s` seconds; `why_not` says what stands in its way."""

    name: str
    every_s: float
    due_s: float = 0.0
    why_not: str = ""
    spares: float = 0.0
    """What takes long comes rarely: so many times as long as it took lies between two; 0 where that does not matter."""
    second_after_s: float = 0.0
    """How soon it is done for the second time; half a period where nothing is said."""
    _done_s: float = 0.0

    def due_with(self, wanted_every_s: float | None) -> float:
        """Return when it is due; sooner where it is wanted so and can be done."""
        if wanted_every_s is None or self.why_not or not self._done_s:
            return self.due_s
        return min(self.due_s, self._done_s + wanted_every_s)

    def done(self, now_s: float, took_s: float = 0.0) -> None:
        """Let it be due again a period later, in step with when it was due."""
        self.why_not = ""
        pause_s = self.every_s / 2 if self._done_s else self.second_after_s or self.every_s / 2
        self._done_s = now_s
        self.due_s = max(self.due_s + self.every_s, now_s + pause_s, now_s + self.spares * took_s)

    def refused(self, why: str, now_s: float) -> None:
        """Try it again in a while."""
        self.why_not = why
        self.due_s = now_s + max(MISSING_AGAIN_S, self.every_s)

    def postponed(self, now_s: float) -> None:
        """Leave it out this time."""
        self.due_s = now_s + self.every_s


@dataclass(slots=True)
class WorkTable:
    """All of them."""

    works: list[DueWork] = field(default_factory=list)

    def next(self, hurry: Mapping[str, float] = NO_HURRY) -> tuple[DueWork, float]:
        """Return what is due first, and when; `hurry` says how often some of it is wanted now."""
        return min(((work, work.due_with(hurry.get(work.name))) for work in self.works), key=lambda each: each[1])

    def missing(self) -> dict[str, str]:
        """Return what cannot be done, and why."""
        return {work.name: work.why_not for work in self.works if work.why_not}
