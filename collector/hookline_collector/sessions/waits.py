"""Who waits for a person: open waits, found from the facts. A wait is open until

- its own end is told, or its answer by its id;
- its call ran, ended, or was denied. Where no record says which call it is for, it is the latest call of the same agent and tool that was asked
  for before it and had not been let run;
- its agent ended a batch, or asked the model again, after it began: then all its calls are over;
- its agent is over: the turn for the conversation's own waits, the subagent for a subagent's;
- the session's process ended or began anew.

The client's notices say that somebody waits but not who: one is open until anything is done after it, and says nothing where a wait that was told of
explains it. A call whose run is nothing but a person's answer waits from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from hookline.contract.evidence import EvidenceRank
from hookline_collector.sessions.background_work import is_subagent_over
from hookline_collector.sessions.evidence import NO_END, KnownEnd
from hookline_collector.sessions.facts import ASKS_PERSON, Facts
from hookline_collector.sessions.spans import KnownWait, Span
from hookline_collector.sessions.turns import SLACK_NS

NOTICE_SLACK_NS = 2_000_000_000  # a notice may come a little after its wait was answered
KnownMoment = tuple[EvidenceRank, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who waits for a person, for what and since when; `ended_ns` is 0 while it waits. No agent is the conversation itself."""

    UNTOLD: ClassVar = ("ended_ns",)

    waiting_for: str
    started_ns: int
    tool: str = ""
    call_id: str = ""
    agent_id: str = ""
    agent_name: str = ""
    ended_ns: int = 0


def waits_of(facts: Facts, turn: Span, over_ns: int) -> list[Asked]:
    """Return the waits of the turn and of subagents, open or over, the earliest first. `over_ns` is when the turn was over, 0 while it is not."""
    told = list(_reported(facts, turn, over_ns)) if facts.waits else []
    found = [*told, *_questions(facts, turn, over_ns, {asked.call_id for asked in told}), *_noticed(facts, told)]
    return sorted(found, key=lambda asked: (asked.started_ns, asked.agent_id, asked.tool, asked.call_id))


def _reported(facts: Facts, turn: Span, over_ns: int) -> Iterator[Asked]:
    waits = {key: wait for key, wait in facts.waits.items() if wait.started_ns >= (facts.fresh_ns if wait.agent_id else turn.started_ns)}
    calls = _calls_of(facts, waits)
    for key, wait in waits.items():
        ended_ns = _ended_ns(facts, wait, calls[key], turn, over_ns)
        agent_name = facts.subagents.get(wait.agent_id, Span()).label or wait.agent_name if wait.agent_id else ""
        call_id = min(calls[key], default="")
        yield Asked(wait.reason or "permission", wait.started_ns, wait.tool, call_id, wait.agent_id, agent_name, ended_ns)


def _ended_ns(facts: Facts, wait: KnownWait, call_ids: Iterable[str], turn: Span, over_ns: int) -> int:
    """Return when a wait was over, from the best evidence, of several the earliest; 0 while it is open."""
    begun_ns = wait.started_ns
    known = [(wait.end.evidence, wait.end.time_ns), *((end.evidence, end.time_ns) for end in _answers(facts, wait))]
    known += _by_calls(facts, call_ids, begun_ns)
    known += [
        (EvidenceRank.DERIVED, at_ns) for at_ns in (facts.batches.get(wait.agent_id, 0), facts.asked_ns.get(wait.agent_id, 0)) if at_ns > begun_ns
    ]
    if wait.reason == "answer" and not call_ids:
        known.append((EvidenceRank.DERIVED, facts.answer_notice_ns))
    if found := [pair for pair in known if pair[1] >= begun_ns]:
        best = max(evidence for evidence, _ in found)
        return min(at_ns for evidence, at_ns in found if evidence == best)
    return _over_with_agent_ns(facts, wait.agent_id, begun_ns, turn, over_ns)


def _answers(facts: Facts, wait: KnownWait) -> list[KnownEnd]:
    return [facts.answers.get(wait_id, NO_END) for wait_id in wait.ids]


def _by_calls(facts: Facts, call_ids: Iterable[str], begun_ns: int) -> list[KnownMoment]:
    """Return when all calls that a wait may be for had gone on; nothing while one of them has not."""
    found: list[KnownMoment] = []
    for call_id in call_ids:
        call = facts.calls.get(call_id, Span())
        ways = [(call.end.evidence, call.end.time_ns), (EvidenceRank.OBSERVED, call.again_ns)]
        known = [(evidence, at_ns) for evidence, at_ns in ways if at_ns >= begun_ns]
        if not known:
            return []
        best = max(evidence for evidence, _ in known)
        found.append((best, min(at_ns for evidence, at_ns in known if evidence == best)))
    return [(min(evidence for evidence, _ in found), max(at_ns for _, at_ns in found))] if found else []


def _over_with_agent_ns(facts: Facts, agent_id: str, begun_ns: int, turn: Span, over_ns: int) -> int:
    if begun_ns < facts.fresh_ns:
        return facts.fresh_ns
    if agent_id:
        return max(begun_ns, facts.last_ns) if is_subagent_over(facts, agent_id, begun_ns) else 0
    if begun_ns < turn.started_ns:
        return turn.started_ns
    return over_ns if over_ns >= begun_ns - SLACK_NS else 0


def _calls_of(facts: Facts, waits: dict[str, KnownWait]) -> dict[str, set[str]]:
    """Return by wait the calls that it is for: those named, else the one found."""
    found = {key: set(wait.call_ids) for key, wait in waits.items()}
    taken = {call_id for call_ids in found.values() for call_id in call_ids}
    unnamed = sorted((wait.started_ns, key) for key, wait in waits.items() if not wait.call_ids and wait.tool and wait.is_open)
    for _, key in unnamed:
        if call_id := _call_for(facts, waits[key], taken):
            found[key] = {call_id}
            taken.add(call_id)
    return found


def _call_for(facts: Facts, wait: KnownWait, taken: set[str]) -> str:
    alike = [
        (call.started_ns, call_id, call)
        for call_id, call in facts.calls.items()
        if call_id not in taken and call.label == wait.tool and call.agent_id == wait.agent_id and call.started_ns
    ]
    begun_ns = wait.started_ns
    before = [each for each in alike if each[0] <= begun_ns + SLACK_NS and not _had_gone_on(each[2], begun_ns)]
    later = [each for each in alike if each[0] > begun_ns + SLACK_NS and each[2].again_ns]
    if before:
        return max(before)[1]
    return min(later)[1] if later else ""


def _had_gone_on(call: Span, at_ns: int) -> bool:
    return 0 < call.again_ns < at_ns or (not call.is_open and call.end.time_ns < at_ns)


def _questions(facts: Facts, turn: Span, over_ns: int, asked: set[str]) -> Iterator[Asked]:
    """Yield the calls that wait for an answer although no record says so."""
    for call_id, call in facts.calls.items():
        if call.label not in ASKS_PERSON or call_id in asked or not call.started_ns:
            continue
        wait = KnownWait(call.started_ns, "answer", call.label, call.agent_id)
        name = facts.subagents.get(call.agent_id, Span()).label
        yield Asked("answer", call.started_ns, call.label, call_id, call.agent_id, name, _ended_ns(facts, wait, {call_id}, turn, over_ns))


def _noticed(facts: Facts, told: list[Asked]) -> Iterator[Asked]:
    for reason, at_ns in facts.notices.items():
        if any(asked.started_ns <= at_ns and (not asked.ended_ns or at_ns <= asked.ended_ns + NOTICE_SLACK_NS) for asked in told):
            continue
        over_ns = max(facts.active_ns, facts.fresh_ns, facts.answer_notice_ns if reason == "answer" else 0)
        yield Asked(reason, at_ns, ended_ns=over_ns if over_ns > at_ns else 0)
