"""Judgements over time: an incident begins when the same was found for a moment, is told again now and then, and ends when it was gone for a while.

One incident a class, whoever the culprit is meanwhile: a hot row's queue has another root every second. That nothing is found, or that nothing can be
told, is said once, when it becomes so, and ends when something else is so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Literal

from hookline.contract.databases import VerdictClass
from hookline.databases.judging.findings import Finding, Judgement

BEGINS_AFTER_S = 1.5
BEGINS_LATER_S = 4.5
"""Of what may come from something that figures show which are read meanwhile, or whose culprit may show meanwhile."""
MAY_BE_EXPLAINED = frozenset({VerdictClass.CPU, VerdictClass.IO, VerdictClass.LATCH})
ENDS_AFTER_S = 10.0
UPDATES_EVERY_S = 10.0
UNCLEAR_AFTER_S = 15.0
NS_PER_S = 1_000_000_000
Phase = Literal["start", "update", "end"]


@dataclass(frozen=True, slots=True)
class Incident:
    """What is told: a finding of a time, with what was excluded meanwhile."""

    id: str
    phase: Phase
    finding: Finding
    excluded: Mapping[VerdictClass, str]
    since_ns: int
    until_ns: int
    samples: int


@dataclass(slots=True)
class _Open:
    incident: Incident
    found_ns: int
    seen_ns: int
    told_ns: int = 0


@dataclass(slots=True)
class IncidentBook:
    """The incidents of one database. `step` takes every judgement in its order."""

    name: str
    _open: dict[VerdictClass, _Open] = field(default_factory=dict)
    _state: str = ""
    _told: Incident | None = None
    _state_ns: int = 0
    _unclear_ns: int = 0

    def step(self, judgement: Judgement, now_ns: int) -> list[Incident]:
        """Return what is to be told."""
        told: list[Incident] = []
        for finding in judgement.findings:
            told += self._found(finding, judgement, now_ns)
        for kind, each in list(self._open.items()):
            if kind not in {finding.kind for finding in judgement.findings}:
                told += self._missed(kind, each, judgement, now_ns)
        return [*told, *self._standing(judgement, now_ns)]

    @property
    def is_open(self) -> bool:
        """Whether an incident is under way."""
        return any(each.told_ns for each in self._open.values())

    def _found(self, finding: Finding, judgement: Judgement, now_ns: int) -> list[Incident]:
        known = self._open.get(finding.kind)
        if known is None:
            begun = Incident(
                self._id(finding.kind, judgement.since_ns), "start", finding, judgement.excluded, judgement.since_ns, now_ns, judgement.samples
            )
            self._open[finding.kind] = _Open(begun, now_ns, now_ns)
            return []
        known.seen_ns = now_ns
        first = known.incident
        phase: Phase = "update" if known.told_ns else "start"
        known.incident = Incident(first.id, phase, finding, judgement.excluded, first.since_ns, now_ns, first.samples + judgement.samples)
        begins_s = BEGINS_LATER_S if finding.is_early or finding.kind in MAY_BE_EXPLAINED else BEGINS_AFTER_S
        is_due = now_ns - known.told_ns >= UPDATES_EVERY_S * NS_PER_S if known.told_ns else now_ns - known.found_ns >= begins_s * NS_PER_S
        if not is_due:
            return []
        known.told_ns = now_ns
        return [known.incident]

    def _missed(self, kind: VerdictClass, known: _Open, judgement: Judgement, now_ns: int) -> list[Incident]:
        if judgement.unclear:
            return []
        if not known.told_ns:
            del self._open[kind]
            return []
        if now_ns - known.seen_ns < ENDS_AFTER_S * NS_PER_S:
            return []
        del self._open[kind]
        last = known.incident
        return [Incident(last.id, "end", last.finding, last.excluded, last.since_ns, known.seen_ns, last.samples)]

    def _standing(self, judgement: Judgement, now_ns: int) -> list[Incident]:
        """Say that nothing is found, or that nothing can be said, where that is new."""
        if judgement.unclear:
            self._unclear_ns = self._unclear_ns or now_ns
            state = "unclear" if now_ns - self._unclear_ns >= UNCLEAR_AFTER_S * NS_PER_S else self._state
        else:
            self._unclear_ns = 0
            state = "found" if self._open else "healthy"
        if state == self._state or (state == "found" and not self.is_open):
            return []
        self._state = state
        ended = [replace(self._told, phase="end", until_ns=now_ns)] if self._told else []
        self._told = None
        if state not in {"healthy", "unclear"}:
            return ended
        kind = VerdictClass.HEALTHY if state == "healthy" else VerdictClass.UNCLEAR
        text = (
            f"Nothing holds it up: {judgement.load:.1f} sessions at work on average." if state == "healthy" else f"Cannot tell: {judgement.unclear}."
        )
        step = "" if state == "healthy" else "hookline db check says what is visible."
        finding = Finding(kind, text, step, 0.9 if state == "healthy" else 1.0)
        self._told = Incident(self._id(kind, now_ns), "start", finding, judgement.excluded, judgement.since_ns or now_ns, now_ns, judgement.samples)
        return [*ended, self._told]

    def _id(self, kind: VerdictClass, since_ns: int) -> str:
        return sha256(f"{self.name}\0{kind}\0{since_ns}".encode()).hexdigest()[:16]
