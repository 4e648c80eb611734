"""How an end is known, and which of two tellings of it counts: the better evidence, whichever source it is from.

    observed   somebody saw it: its own end event, the transcript's mark, the client's own record, the exit of the process
    derived    worked out from something that was seen: a batch's end, the turn's end, the last moment at which the process lived
    inferred   a rule from silence, or from the next thing that happened

Of equal evidence hook > native > transcript > process > rule, and of one source the later end. So a copy that corrects a guess may end
earlier. `KnownEnd`s are compared as they stand, and only the greatest is kept: any order and any repetition gives the same.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from hookline.contract import semconv
from hookline_collector.signals.observations import Observation, ObservationKind, Source

_DERIVED_BY = frozenset({"batch", "turn_end", "process_gone"})


class EvidenceRank(IntEnum):
    """How well something is known."""

    UNKNOWN = 0
    INFERRED = 1
    DERIVED = 2
    OBSERVED = 3

    @property
    def word(self) -> str:
        """As the wire and the API name it; empty where nothing is known."""
        return self.name.lower() if self else ""


class EvidenceSource(IntEnum):
    """Who told."""

    RULE = 0
    PROCESS = 1
    TRANSCRIPT = 2
    NATIVE = 3
    HOOK = 4


class KnownEnd(NamedTuple):
    """One telling of an end; the greatest of several is the one to keep."""

    evidence: EvidenceRank = EvidenceRank.UNKNOWN
    teller: EvidenceSource = EvidenceSource.RULE
    time_ns: int = 0
    outcome: str = ""
    error: str = ""


NO_END = KnownEnd()
_WORDS = {evidence.word: evidence for evidence in EvidenceRank if evidence}
_TELLERS = {teller.name.lower(): teller for teller in EvidenceSource}
_OF_SOURCE = {
    Source.HOOK: EvidenceSource.HOOK,
    Source.NATIVE: EvidenceSource.NATIVE,
    Source.HISTORY: EvidenceSource.TRANSCRIPT,
    Source.COLLECTOR: EvidenceSource.RULE,
}
_OF_SEEN = {ObservationKind.BATCH_ENDED: EvidenceRank.DERIVED, ObservationKind.IDLE_NOTICE: EvidenceRank.INFERRED}


def evidence_of(s: Observation) -> EvidenceRank:
    """Return how well the end that a sighting tells of is known."""
    if word := s.attributes.get(semconv.EVIDENCE):
        return _WORDS.get(str(word), EvidenceRank.INFERRED)
    if by := s.attributes.get(semconv.CLOSED_BY):
        return EvidenceRank.DERIVED if by in _DERIVED_BY else EvidenceRank.INFERRED
    if teller_of(s) is EvidenceSource.PROCESS:
        return EvidenceRank.DERIVED
    return _OF_SEEN.get(s.seen, EvidenceRank.OBSERVED)


def teller_of(s: Observation) -> EvidenceSource:
    """Return who tells."""
    word = s.attributes.get(semconv.EVIDENCE_SOURCE) or (s.attributes.get(semconv.SIGNAL_SOURCE) if s.source is Source.HOOK else "")
    return _TELLERS.get(str(word), _OF_SOURCE[s.source])


def end_of(s: Observation) -> KnownEnd:
    """Return the end that a sighting tells of."""
    outcome = s.reason or str(s.attributes.get(semconv.OUTCOME, ""))
    return KnownEnd(evidence_of(s), teller_of(s), s.time_ns, outcome, str(s.attributes.get(semconv.ERROR_TYPE, "")))
