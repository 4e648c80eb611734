"""How well something is known, and who showed it: `hookline.evidence` and `hookline.evidence.source` (docs/spans.md).

    observed   somebody saw it: its own end event, the transcript's mark, the client's own record, the exit of the process
    derived    worked out from something that was seen: a batch's end, the turn's end, the last moment at which the process lived
    inferred   a rule from silence, or from the next thing that happened

Of two that tell of one end the better evidence counts; of equal evidence hook > native > transcript > process > rule; then the later.
"""

from enum import IntEnum, StrEnum
from typing import Final


class EvidenceRank(IntEnum):
    """How well something is known: the larger counts."""

    UNKNOWN = 0
    INFERRED = 1
    DERIVED = 2
    OBSERVED = 3

    @property
    def word(self) -> str:
        """As the wire and the API name it; empty where nothing is known."""
        return self.name.lower() if self else ""


class EvidenceSource(IntEnum):
    """Who showed it: the larger counts. The tables keep one more than this; their 0 is nobody."""

    RULE = 0
    PROCESS = 1
    TRANSCRIPT = 2
    NATIVE = 3
    HOOK = 4

    @property
    def word(self) -> str:
        """As the wire names it."""
        return self.name.lower()


class SignalSource(StrEnum):
    """Where a record of ours comes from: `hookline.source`."""

    HOOK = "hook"
    TRANSCRIPT = "transcript"
    PROCESS = "process"
    STATUSLINE = "statusline"
    RELAY = "relay"
    COLLECTOR = "collector"


RANKS: Final = {rank.word: rank for rank in EvidenceRank if rank}
SOURCES: Final = {source.word: source for source in EvidenceSource}
DERIVED_CLOSINGS: Final = frozenset({"batch", "turn_end", "process_gone"})  # `hookline.closed_by` of ends that are derived, not inferred
