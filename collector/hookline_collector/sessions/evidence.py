"""How an end is known, and which of two tellings of it counts: the better evidence, whichever source it is from.

The words and their order are the contract's (hookline.contract.evidence); of one source the later end counts. So a copy that corrects a guess may end
earlier. `KnownEnd`s are compared as they stand, and only the greatest is kept: any order and any repetition gives the same.
"""

from __future__ import annotations

from typing import NamedTuple

from hookline.contract import semconv
from hookline.contract.evidence import DERIVED_CLOSINGS, RANKS, SOURCES, EvidenceRank, EvidenceSource
from hookline.contract.scopes import Source
from hookline_collector.signals.observations import Observation, ObservationKind


class KnownEnd(NamedTuple):
    """One telling of an end; the greatest of several is the one to keep."""

    evidence: EvidenceRank = EvidenceRank.UNKNOWN
    teller: EvidenceSource = EvidenceSource.RULE
    time_ns: int = 0
    outcome: str = ""
    error: str = ""


NO_END = KnownEnd()
_OF_SOURCE = {
    Source.HOOK: EvidenceSource.HOOK,
    Source.NATIVE: EvidenceSource.NATIVE,
    Source.HISTORY: EvidenceSource.TRANSCRIPT,
    Source.COLLECTOR: EvidenceSource.RULE,
}
_OF_SEEN = {ObservationKind.BATCH_ENDED: EvidenceRank.DERIVED, ObservationKind.IDLE_NOTICE: EvidenceRank.INFERRED}


def evidence_of(s: Observation) -> EvidenceRank:
    """Return how well the end that an observation tells of is known."""
    if word := s.attributes.get(semconv.EVIDENCE):
        return RANKS.get(str(word), EvidenceRank.INFERRED)
    if by := s.attributes.get(semconv.CLOSED_BY):
        return EvidenceRank.DERIVED if by in DERIVED_CLOSINGS else EvidenceRank.INFERRED
    if teller_of(s) is EvidenceSource.PROCESS:
        return EvidenceRank.DERIVED
    return _OF_SEEN.get(s.seen, EvidenceRank.OBSERVED)


def teller_of(s: Observation) -> EvidenceSource:
    """Return who tells."""
    word = s.attributes.get(semconv.EVIDENCE_SOURCE) or (s.attributes.get(semconv.SIGNAL_SOURCE) if s.source is Source.HOOK else "")
    return SOURCES.get(str(word), _OF_SOURCE[s.source])


def end_of(s: Observation) -> KnownEnd:
    """Return the end that an observation tells of."""
    outcome = s.reason or str(s.attributes.get(semconv.OUTCOME, ""))
    return KnownEnd(evidence_of(s), teller_of(s), s.time_ns, outcome, str(s.attributes.get(semconv.ERROR_TYPE, "")))
