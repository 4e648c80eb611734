"""Which prompts were there, and how did each one's turn go? Pure; the rules stand in docs/work-time.md, in SQL in the view `told_turns`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from hookline_collector.worked_out.call_rules import EVIDENCE, TELLERS
from hookline_collector.worked_out.told_facts import DERIVED, GLOBAL_ID_LENGTH, HOOK, NATIVE, OBSERVED, TRANSCRIPT, SessionFact, StretchFact, of_best

SOURCES = {HOOK: "hook", NATIVE: "native", TRANSCRIPT: "transcript"}
TurnRow = dict[str, Any]
PromptKey = tuple[str, str]


def prompt_of(fact: StretchFact) -> str:
    """Return the prompt that something belongs to; a turn of the agent's own whose prompt nobody named is one by itself."""
    return fact.told_prompt or fact.linked_prompt or (f"span:{fact.id}" if fact.kind == "turn" else "")


def counted(stretches: Iterable[StretchFact]) -> list[StretchFact]:
    """Return what counts: no commands of the client, and what the agent's own telemetry cannot name only where no hook saw the session."""
    found = list(stretches)
    hooked = {fact.session_id for fact in found if fact.source == HOOK and fact.kind == "turn"}
    return [
        fact
        for fact in found
        if fact.ended_ns > 0
        and fact.reason != "command"
        and (fact.source != NATIVE or fact.told_prompt or fact.linked_prompt or fact.session_id not in hooked)
    ]


def copied_prompts(stretches: Iterable[StretchFact], sessions: Mapping[str, SessionFact]) -> set[PromptKey]:
    """Return which prompts a session only repeats: one belongs to the session that was there when it was written, else to the first by name."""
    began: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for fact in stretches:
        if fact.source == TRANSCRIPT and fact.kind == "turn" and len(fact.told_prompt) >= GLOBAL_ID_LENGTH:
            of_prompt = began[fact.told_prompt]
            of_prompt[fact.session_id] = min(of_prompt.get(fact.session_id, fact.started_ns), fact.started_ns)
    copied = set()
    for prompt_id, of_session in began.items():
        if len(of_session) > 1:
            owner = min((_claim(sessions.get(session_id), at), session_id) for session_id, at in of_session.items())[1]
            copied |= {(session_id, prompt_id) for session_id in of_session if session_id != owner}
    return copied


def _claim(session: SessionFact | None, began_ns: int) -> int:
    first_start = min(session.starts, default=0) if session else 0
    return 1 if first_start == 0 else 0 if first_start <= began_ns else 2


def turns_of(facts: Iterable[StretchFact], copied: set[PromptKey]) -> list[TurnRow]:
    """Return a row a prompt, of what counts."""
    told: defaultdict[PromptKey, list[StretchFact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "turn":
            key = fact.session_id, prompt_of(fact)
            if key not in copied:
                told[key].append(fact)
    return [_turn(session_id, prompt_id, each) for (session_id, prompt_id), each in told.items() if any(fact.has_begun for fact in each)]


def _turn(session_id: str, prompt_id: str, facts: list[StretchFact]) -> TurnRow:
    ranks = [fact.rank for fact in facts]
    by_source = [(fact.source << 60) + (fact.rank >> 4) for fact in facts]
    best = best_end(facts)
    source = max(fact.source for fact in facts)
    place = max(facts, key=lambda fact: (fact.source, fact.place)).place
    started = min((fact.earliness, fact.started_ns) for fact in facts if fact.has_begun)[1]
    is_open = goes_on(facts)
    said = [(fact.rank, fact.outcome) for fact in facts if fact.outcome not in ("", "unknown")]
    if said and not (is_open and best.end_evidence > 0):
        outcome = max(said)[1]
    else:
        outcome = "running" if is_open else "success" if source == NATIVE else "unknown"
    reasons = {fact.reason for fact in facts}
    return {
        "session_id": session_id,
        "prompt_id": prompt_id,
        "agent": of_best(facts, ranks, "agent"),
        "user": of_best(facts, by_source, "user"),
        "host": of_best(facts, by_source, "host"),
        "project": place[1],
        "branch": place[2],
        "revision": place[3],
        "model": of_best(facts, ranks, "model"),
        "started_ns": started,
        "ended_ns": max(best.end_ns, max(fact.seen_ns for fact in facts) if best.end_evidence < DERIVED or is_open else best.end_ns, started),
        "is_open": int(is_open),
        "outcome": outcome,
        "closed_by": best.closed_by,
        "error_type": of_best(facts, ranks, "error_type"),
        "prompt_length": max(((fact.rank, fact.prompt_length) for fact in facts if fact.prompt_length > 0), default=(0, 0))[1],
        "source_name": SOURCES.get(source, ""),
        "from_hook": int(any(fact.source == HOOK for fact in facts)),
        "from_native": int(any(fact.source == NATIVE for fact in facts)),
        "from_transcript": int(any(fact.source == TRANSCRIPT for fact in facts)),
        "evidence": "" if is_open else EVIDENCE[best.end_evidence],
        "evidence_source": "" if is_open else TELLERS[best.end_teller],
        "prompt_source": next((reason for reason in ("task_notification", "queued") if reason in reasons), "user"),
        "is_script": max(fact.is_script for fact in facts),
        "absorbed_prompts": len({one for fact in facts for one in fact.absorbed}),
    }


def best_end(facts: Iterable[StretchFact]) -> StretchFact:
    """Return who knows the end best."""
    return max(facts, key=lambda fact: (fact.rank, fact.end_is_span, fact.closed_by))


def goes_on(facts: list[StretchFact]) -> bool:
    """Whether a turn that hooks saw has no end yet, or went on after what was taken for it."""
    if max(fact.source for fact in facts) != HOOK:
        return False
    best, of_hook = best_end(facts), [fact for fact in facts if fact.source == HOOK]
    if best.end_evidence < OBSERVED and max(fact.end_evidence for fact in of_hook) == 0:
        return True
    return best.end_evidence > 0 and best.end_teller != 4 and best.end_is_span == 0 and max(fact.seen_ns for fact in of_hook) > best.end_ns
