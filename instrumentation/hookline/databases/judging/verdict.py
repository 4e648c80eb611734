"""All judges' findings as one judgement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hookline.contract.databases import VerdictClass
from hookline.databases.judging.fact_board import FactBoard
from hookline.databases.judging.findings import Excluded, Finding, Judgement
from hookline.databases.judging.look_window import LookWindow
from hookline.databases.judging.standing_judges import (
    judge_connections,
    judge_indexes,
    judge_spilling,
    judge_transaction_ids,
    judge_vacuum,
    oldest_pin,
)
from hookline.databases.judging.waiting_judges import (
    judge_clients,
    judge_commits,
    judge_cores,
    judge_files,
    judge_latches,
    judge_locks,
    judge_standbys,
)

Judge = Callable[[LookWindow, FactBoard], Finding | Excluded]
JUDGES: Final[tuple[Judge, ...]] = (
    judge_locks,
    judge_indexes,
    judge_spilling,
    judge_cores,
    judge_files,
    judge_commits,
    judge_latches,
    judge_clients,
    judge_standbys,
    judge_connections,
    judge_vacuum,
    judge_transaction_ids,
)
EXPLAINED: Final = 0.5
"""A finding is explained by another when that one's statements carry this share of it."""
SUSPICIOUS: Final = 1.5
"""Sessions on average from which on figures are read sooner."""


def judged(window: LookWindow, facts: FactBoard) -> Judgement:
    """Return what looks and figures say."""
    if not window.is_enough:
        why = "no look at the sessions came through" if not window.looks else f"only {len(window.looks)} looks in {window.seconds:.1f} s"
        return Judgement((), {}, window.load, window.since_ns, window.until_ns, 0, why)
    said = [judge(window, facts) for judge in JUDGES]
    found = [each for each in said if isinstance(each, Finding)]
    excluded = {each.kind: each.why for each in said if isinstance(each, Excluded)}
    kept: list[Finding] = []
    for finding in found:
        by = next((other for other in found if other is not finding and finding.kind in other.explains and _explains(other, finding)), None)
        if by is None:
            kept.append(finding)
        else:
            excluded[finding.kind] = f"it comes from {NAMES[by.kind]}: {finding.text}"
    suspects = frozenset({"instance", "relations"}) if window.load >= SUSPICIOUS else frozenset({"relations"} if oldest_pin(window) else ())
    return Judgement(tuple(kept), excluded, window.load, window.since_ns, window.until_ns, round(window.samples), suspects=suspects)


def _explains(other: Finding, finding: Finding) -> bool:
    """Whether a finding is about the sessions of another: its statements are the other's, or it is about no statements at all."""
    if not finding.statements:
        return True
    own = {each.hash for each in other.statements}
    return sum(each.share for each in finding.statements if each.hash in own) >= EXPLAINED


NAMES: Final = {
    VerdictClass.CPU: "too few cores",
    VerdictClass.IO: "slow reads",
    VerdictClass.WAL: "slow commits",
    VerdictClass.LOCK: "waiting for locks",
    VerdictClass.LATCH: "contention within the server",
    VerdictClass.MEMORY: "too little memory for a statement",
    VerdictClass.CONNECTIONS: "too many connections",
    VerdictClass.VACUUM: "vacuum that does not keep up",
    VerdictClass.XID: "transaction ids running out",
    VerdictClass.MISSING_INDEX: "a missing index",
    VerdictClass.REPLICATION: "replication",
    VerdictClass.CLIENT: "a slow client",
    VerdictClass.HEALTHY: "nothing",
    VerdictClass.UNCLEAR: "cannot tell",
}
"""How people call them."""
