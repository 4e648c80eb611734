"""The turn under way, and when it was over. A turn is over when

- its own end is known, by whoever shows it best: a hook, the transcript's mark, the client's own interaction, a rule;
- a person stopped it, whatever turn the mark names;
- the client said that it is idle, or the session's process ended or began anew;
- a later turn began.

A call that the turn asked for after such an end shows that it goes on (a hook may hold the client's end up); an end that was only inferred is
belied by whatever is seen of the turn after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from hookline.contract.evidence import EvidenceRank, EvidenceSource
from hookline_collector.sessions.evidence import NO_END, KnownEnd
from hookline_collector.sessions.facts import Facts
from hookline_collector.sessions.spans import Span

SLACK_NS = 50_000_000  # hooks of one moment overtake each other
NO_TURN = Span()


def current_turn(facts: Facts) -> tuple[str, Span]:
    """Return the id of the latest turn and the turn; one without a beginning where there is none."""
    if not facts.turns:
        return "", NO_TURN
    key = max(facts.turns, key=lambda k: (facts.turns[k].started_ns, k))
    turn = facts.turns[key]
    return (key, turn) if turn.started_ns else ("", NO_TURN)


def end_of_turn(facts: Facts, turn: Span) -> KnownEnd:
    """Return how and when a turn was over; NO_END while it goes on as far as anybody told."""
    if not turn.started_ns:
        return KnownEnd(EvidenceRank.INFERRED, EvidenceSource.RULE, facts.last_ns)
    return max((*_reported(facts, turn), *_followed(facts, turn)), default=NO_END)


def is_reported_over(facts: Facts, turn: Span) -> bool:
    """Whether somebody saw or closed the turn's own end, so that nobody need close it."""
    return any(_reported(facts, turn))


def _reported(facts: Facts, turn: Span) -> Iterator[KnownEnd]:
    since_ns = max(turn.started_ns, turn.again_ns - SLACK_NS)
    is_belied = turn.end.evidence is EvidenceRank.INFERRED and turn.seen_ns > turn.end.time_ns + SLACK_NS
    if turn.end.time_ns >= since_ns and not is_belied:
        yield turn.end
    for told in facts.interactions.values():
        if told.started_ns <= turn.started_ns <= told.end.time_ns and told.end.time_ns >= since_ns:
            yield told.end
    if facts.interrupted_ns >= since_ns:
        yield KnownEnd(EvidenceRank.OBSERVED, EvidenceSource.TRANSCRIPT, facts.interrupted_ns, "interrupted")


def _followed(facts: Facts, turn: Span) -> Iterator[KnownEnd]:
    since_ns = max(turn.started_ns, turn.again_ns - SLACK_NS)
    if facts.idle_notice_ns > since_ns:
        yield KnownEnd(EvidenceRank.INFERRED, EvidenceSource.RULE, max(facts.fresh_ns, min(facts.active_ns, facts.idle_notice_ns)))
    if facts.fresh_ns > since_ns:
        yield KnownEnd(EvidenceRank.DERIVED, EvidenceSource.PROCESS, max(facts.fresh_ns, facts.active_ns))
