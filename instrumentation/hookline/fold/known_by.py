"""How the end of a span is known, and who showed it: `observed`, `derived` or `inferred` (docs/spans.md).

The words and their order are the contract's. Of two reports of one end the better evidence counts; of equal evidence the later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hookline.agent_event import HOOK, PROCESS, RELAY, STATUSLINE, TRANSCRIPT, AgentEvent
from hookline.contract.evidence import RANKS, EvidenceRank, EvidenceSource

OBSERVED: Final = EvidenceRank.OBSERVED.word
DERIVED: Final = EvidenceRank.DERIVED.word
INFERRED: Final = EvidenceRank.INFERRED.word
RULE: Final = EvidenceSource.RULE.word
_DERIVING: Final = {"batch": HOOK, "turn_end": HOOK, "call_end": HOOK, "interrupted": TRANSCRIPT, "process_gone": PROCESS}


@dataclass(frozen=True, slots=True)
class KnownBy:
    """What an end rests on, and who showed it."""

    kind: str = OBSERVED
    source: str = HOOK

    @property
    def rank(self) -> int:
        """Its weight: the larger counts."""
        return RANKS[self.kind]


def by_event(event: AgentEvent) -> KnownBy:
    """Return the evidence that a unit's own end event is."""
    return KnownBy(OBSERVED, HOOK if event.source in (STATUSLINE, RELAY) else event.source)


def by_rule(rule: str, is_seen: bool = False, source: str = "") -> KnownBy:
    """Return the evidence that a closing rule rests on; `is_seen`: what brought it about was the end itself; `source`: who showed it, if known."""
    if is_seen:
        return KnownBy(OBSERVED, source or _DERIVING.get(rule, RULE))
    return KnownBy(DERIVED, source or _DERIVING[rule]) if rule in _DERIVING else KnownBy(INFERRED, PROCESS if rule == "quiet" else RULE)
