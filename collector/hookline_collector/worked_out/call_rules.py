"""Which calls were there, and how long did each run and wait? Pure; the rules stand in docs/work-time.md.

As the view `told_tool_calls` says it in SQL: each fact from the best evidence for it, what is no evidence from the best source that knows it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from hookline.contract.tool_kinds import ToolKind, kind_by_name
from hookline_collector.worked_out.sleeping import Spell, slept_ns
from hookline_collector.worked_out.told_facts import (
    GLOBAL_ID_LENGTH,
    HOOK,
    NATIVE,
    NEVER_NS,
    OBSERVED,
    TRANSCRIPT,
    CallFact,
    StretchFact,
    of_best,
)

EVIDENCE = ("", "inferred", "derived", "observed")
TELLERS = ("", "rule", "process", "transcript", "native", "hook")
TurnEnds = Mapping[tuple[str, str], tuple[int, int]]
CallRow = dict[str, Any]


def calls_of(facts: Iterable[CallFact], ends: TurnEnds, sleeps: Mapping[str, Sequence[Spell]]) -> list[CallRow]:
    """Return a row a call, with the session that it belongs to: a call with an id of its own belongs to one, also where a fork repeats it."""
    told: defaultdict[tuple[str, str], list[CallFact]] = defaultdict(list)
    for fact in facts:
        told["" if len(fact.call_id) >= GLOBAL_ID_LENGTH else fact.session_id, fact.call_id].append(fact)
    return with_sharing([_call(each, ends, sleeps) for each in told.values() if any(fact.end_evidence for fact in each)])


def with_sharing(rows: Iterable[CallRow]) -> list[CallRow]:
    """Return the rows, each with whether another call of its session was under way meanwhile: the agent's counters do not say whose a process was.

    A call that runs a subagent is no other one: it is under way as long as the subagent's calls are.
    """
    by_session: defaultdict[str, list[CallRow]] = defaultdict(list)
    for row in rows:
        by_session[row["session_id"]].append(row)
    return [{**row, "process_cpu_shared": shared} for found in by_session.values() for row, shared in _sharing(found)]


def _sharing(rows: list[CallRow]) -> Iterator[tuple[CallRow, int]]:
    rows = sorted(rows, key=lambda row: (row["requested_ns"], row["call_id"]))
    ends = accumulate((_end_of(row) for row in rows), max, initial=0)
    others = list(accumulate((_request_of(row) for row in reversed(rows)), min, initial=NEVER_NS))
    for number, (row, end_before) in enumerate(zip(rows, ends, strict=False)):
        request_after = others[len(rows) - number - 1]
        is_shared = row["process_cpu_s"] is not None and (end_before > row["requested_ns"] or request_after < row["ended_ns"])
        yield row, int(is_shared)


def _end_of(row: CallRow) -> int:
    return 0 if row["tool_kind"] == ToolKind.AGENT else int(row["ended_ns"])


def _request_of(row: CallRow) -> int:
    return NEVER_NS if row["tool_kind"] == ToolKind.AGENT else int(row["requested_ns"])


def turn_ends(stretches: Iterable[StretchFact]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return how well the end of each turn is known, and when it was: what nobody observed does not outlast it."""
    links: defaultdict[tuple[str, str, str], str] = defaultdict(str)
    turns = [fact for fact in stretches if fact.kind == "turn"]
    for fact in turns:
        of_turn = (fact.session_id, fact.told_prompt, fact.id)
        links[of_turn] = max(links[of_turn], fact.linked_prompt)
    best: dict[tuple[str, str], tuple[int, int, int]] = {}
    for fact in turns:
        key = fact.session_id, fact.told_prompt or links[fact.session_id, fact.told_prompt, fact.id]
        best[key] = max(best.get(key, (0, 0, 0)), (fact.end_evidence, fact.end_teller, fact.end_ns))
    return {key: (evidence, ended) for key, (evidence, _, ended) in best.items()}


def _call(facts: list[CallFact], ends: TurnEnds, all_sleeps: Mapping[str, Sequence[Spell]]) -> CallRow:
    standings = [fact.standing for fact in facts]
    session_id = min((3 - fact.source, fact.session_id) for fact in facts)[1]
    best = max(facts, key=lambda fact: (fact.rank, fact.closed_by))
    prompt_id, sleeps = of_best(facts, standings, "prompt_id"), all_sleeps.get(session_id, ())
    requested = max(((f.standing, f.requested_ns) for f in facts if f.requested_ns < NEVER_NS), default=(0, 0))[1]
    starts = ((f.standing, f.requested_ns if f.started_ns > f.ended_ns else f.started_ns) for f in facts if _tells_start(f))
    started = max(starts, default=(0, 0))[1]
    background = max(fact.background for fact in facts)
    evidence, turn_ended = ends.get((session_id, prompt_id), (0, 0))
    ended = best.end_ns
    if evidence > best.end_evidence and not background and ended > turn_ended:
        ended = max(turn_ended, requested)
    asleep = slept_ns(sleeps, started, ended)
    span_s = max(0, ended - started) / 1e9 - asleep / 1e9
    tool = of_best(facts, standings, "tool")
    outcome, run_ms = _outcome(facts), max(((f.rank, f.run_ms) for f in facts if f.run_ms >= 0), default=(0, -1.0))[1]
    place = max(facts, key=lambda fact: (fact.source, fact.place)).place
    decision_source = max(fact.decision_source for fact in facts)
    native_ms = max((fact.run_ms for fact in facts if fact.source == NATIVE), default=0.0)
    return {
        "session_id": session_id,
        "call_id": facts[0].call_id,
        "tool": tool,
        "tool_kind": of_best(facts, standings, "tool_kind") or str(kind_by_name(tool)),
        "prompt_id": prompt_id,
        **{name: of_best(facts, standings, name) for name in ("agent", "user", "host", "agent_id", "mcp_server", "file_extension", "decision")},
        "project": place[1],
        "branch": place[2],
        "revision": place[3],
        "background": background,
        "requested_ns": requested,
        "started_ns": min(started, ended),
        "ended_ns": ended,
        "run_s": _run_s(outcome, run_ms, span_s, is_cut=asleep > 0),
        "wait_s": _wait_s(facts, sleeps, decision_source),
        "native_run_s": max(0.0, native_ms) / 1e3,
        "outcome": outcome,
        "error_type": max(((f.standing, f.error_type) for f in facts if f.error_type), default=(0, ""))[1],
        "closed_by": best.closed_by,
        "input_bytes": max(((f.standing, f.input_bytes) for f in facts if f.input_bytes >= 0), default=(0, 0))[1],
        "output_bytes": max(((f.standing, f.output_bytes) for f in facts if f.output_bytes >= 0), default=(0, 0))[1],
        "decision_source": decision_source,
        "evidence": EVIDENCE[best.end_evidence],
        "evidence_source": TELLERS[best.end_teller],
        "from_hook": int(any(fact.source == HOOK for fact in facts)),
        "from_native": int(any(fact.source == NATIVE for fact in facts)),
        "from_transcript": int(any(fact.source == TRANSCRIPT for fact in facts)),
        "process_cpu_s": _seconds(max(fact.process_cpu_ms for fact in facts)),
    }


def _tells_start(fact: CallFact) -> bool:
    return fact.ended_ns > 0 and min(fact.started_ns, fact.requested_ns) < NEVER_NS


def _seconds(milliseconds: int) -> float | None:
    return None if milliseconds < 0 else milliseconds / 1e3


def _run_s(outcome: str, run_ms: float, span_s: float, *, is_cut: bool) -> float:
    if outcome == "denied":
        return 0.0
    if run_ms < 0:
        return max(0.0, span_s)
    return min(run_ms / 1e3, max(0.0, span_s)) if is_cut else run_ms / 1e3


def _outcome(facts: list[CallFact]) -> str:
    """The best word; but who observed that a person stopped or denied the call knows more than who saw it fail."""
    told = max(facts, key=lambda fact: (fact.is_known, fact.word, fact.outcome))
    stops = [fact for fact in facts if fact.said_evidence == OBSERVED and fact.outcome in ("interrupted", "denied")]
    stopped = max(stops, key=lambda fact: (fact.word, fact.outcome), default=None)
    said = stopped if told.outcome == "failure" and stopped is not None and stopped.is_known else told
    return said.outcome if said.is_known else "unknown"


def _wait_s(facts: list[CallFact], sleeps: Sequence[Spell], decision_source: str) -> float:
    """How long a person let it wait: each wait from its best source, to the decision where the wait's own end is a guess."""
    told = sorted({(fact.source, *wait) for fact in facts for wait in fact.wait_ends})
    own = [wait for wait in told if wait[0] == told[-1][0]]
    if not own:
        whole_ms = max((fact.whole_ms for fact in facts if fact.source == NATIVE), default=0.0)
        native_ms = whole_ms - max(0.0, max((fact.run_ms for fact in facts if fact.source == NATIVE), default=0.0))
        return max(0.0, native_ms) / 1e3 if decision_source.startswith("user") else 0.0
    decided = max(fact.decided for fact in facts)
    waited = 0
    for n, (_, begun, evidence, _, ended) in enumerate(own):
        is_last = n == len(own) - 1
        if not is_last and own[n + 1][1] == begun:
            continue
        is_guess = evidence < OBSERVED and is_last and decided[0] > evidence and decided[2] > begun
        until = decided[2] if is_guess else ended
        waited += max(0, until - begun - slept_ns(sleeps, begun, until))
    return waited / 1e9
