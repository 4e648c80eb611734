"""What a judge says of one kind of bottleneck: that it is there, with evidence, or that it is not, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hookline.contract.databases import VerdictClass
from hookline.databases.judging.look_window import Carrier

CulpritKind = Literal["statement", "pid", "relation", "application", "slot", "server"]


@dataclass(frozen=True, slots=True)
class Culprit:
    """Who makes it: a statement's hash, a backend's pid, a table, an application, a slot; with what people call it."""

    kind: CulpritKind
    name: str
    shown: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A bottleneck that is there. `share` is of the load, with its ends; both are 0 where it is about no load. `explains` are other classes whose
    finding would be about the same sessions. `is_early`: who makes it may show a little later."""

    kind: VerdictClass
    text: str
    next_step: str
    certainty: float
    culprit: Culprit | None = None
    share: float = 0.0
    low: float = 0.0
    high: float = 0.0
    statements: tuple[Carrier, ...] = ()
    explains: frozenset[VerdictClass] = frozenset()
    is_early: bool = False


@dataclass(frozen=True, slots=True)
class Excluded:
    """One that is not there, and why."""

    kind: VerdictClass
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was judged at one moment. `unclear` says why nothing could be said, where that is so."""

    findings: tuple[Finding, ...]
    excluded: Mapping[VerdictClass, str]
    load: float
    since_ns: int
    until_ns: int
    samples: int
    unclear: str = ""
    suspects: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_healthy(self) -> bool:
        """Whether everything was looked at and nothing was found."""
        return not self.findings and not self.unclear


def statement_culprit(carriers: list[Carrier], least: float) -> Culprit | None:
    """Return the statement that carries most, where it carries enough."""
    if not carriers or carriers[0].share < least:
        return None
    return Culprit("statement", carriers[0].hash, carriers[0].summary)
