"""Who was active when? Pure; the rules stand in docs/work-time.md, in SQL in the view `activity_parts_at`.

`parts_of` yields stretches of four kinds: agents work, a person works (at least), something waits for a person, a person may have worked (at most).
What a running turn adds until now is a part with `goes_on`, which whoever reads it ends (`ends_at`).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from hookline.system.clock import NS_PER_DAY
from hookline_collector.worked_out.sleeping import END_OF_TIME, Spell, awake_of
from hookline_collector.worked_out.told_facts import DERIVED, HOOK, OBSERVED, SessionFact, StretchFact, rank_of
from hookline_collector.worked_out.turn_rules import PromptKey, best_end, goes_on, prompt_of

AGENT, HUMAN, WAITING, AT_MOST = 1, 2, 3, 4
TURN, PROMPT, PERMISSION, ANSWER = 1, 2, 3, 4
PATIENCE_NS = 43_200_000_000_000
UNKNOWN_START_NS = 86_400_000_000_000
"""So far before its first prompt a session may have been opened of which nothing says when it was; the beginning of all time would be dear."""
BEFORE_A_PROMPT_NS = 120_000_000_000
BEFORE_AN_ANSWER_NS = 30_000_000_000
SILENCE_NS = 3_600_000_000_000
SAME_WAIT_NS = 2_000_000_000
_WHAT = {"turn": 0, "compaction": 0, "handover": 1, "subagent": 2}
_MAIN_WAIT = 3
_UNANSWERED = ("session_end", "process_gone", "timed_out")
_OBSERVED_RANK = rank_of(OBSERVED, 0, 0)
_DERIVED_RANK = rank_of(DERIVED, 0, 0)
NOWHERE = ("", "", "")


class ActivityPart(NamedTuple):
    """A stretch. `act_ns` is when a person did something at its end; `goes_on` says what ends a running one: see `ends_at`."""

    kind: int
    reason: int
    from_ns: int
    to_ns: int
    agents: int
    act_ns: int
    goes_on: tuple[int, int] | None = None


class PlacedPart(NamedTuple):
    """A part with whose, where and what it belongs to."""

    part: ActivityPart
    user: str
    host: str
    place: tuple[str, str, str]
    session_id: str
    prompt_id: str
    source: int


class Item(NamedTuple):
    """Something within a prompt that is no turn."""

    source: int
    what: int
    key: str
    from_ns: int
    to_ns: int
    rank: int
    reason: int
    is_answered: bool


def ends_at(goes_on: tuple[int, int], from_ns: int, now_ns: int) -> int:
    """Return until when a running turn goes: now, at most to its process's end; not at all where nothing was heard of its session for an hour."""
    heard_ns, sure_end_ns = goes_on
    if sure_end_ns:
        return max(from_ns, min(sure_end_ns, now_ns))
    return max(from_ns, now_ns) if now_ns - heard_ns <= SILENCE_NS else from_ns


def is_settled(goes_on: tuple[int, int], now_ns: int) -> bool:
    """Whether no later moment changes until when a running turn goes, unless something more is told."""
    heard_ns, sure_end_ns = goes_on
    return sure_end_ns <= now_ns if sure_end_ns else now_ns - heard_ns > SILENCE_NS


def parts_of(
    facts: Sequence[StretchFact],
    copied: set[PromptKey],
    sessions: Mapping[str, SessionFact],
    sleeps: Mapping[str, Sequence[Spell]],
    places: Iterable[tuple[str, str, str, str, str, list[int], int]],
) -> Iterator[PlacedPart]:
    """Yield all parts of what counts."""
    told: defaultdict[PromptKey, list[StretchFact]] = defaultdict(list)
    for fact in facts:
        if (fact.session_id, fact.told_prompt) not in copied and (fact.kind == "turn" or not fact.has_begun or _is_first_row(fact)):
            told[fact.session_id, prompt_of(fact)].append(fact)
    moves = _moves(places)
    turns: defaultdict[str, list[_Turn]] = defaultdict(list)
    for (session_id, prompt_id), each in told.items():
        place, user, host = _place_of(each), _named(each, "user", 2), _named(each, "host", 2)
        spells = _spells(sleeps.get(session_id, ()), moves.get((session_id, prompt_id), ()))
        source = max(fact.source for fact in each)
        yield from _placed(_within(each), spells, user, host, place, session_id, prompt_id, source)
        of_turn = [fact for fact in each if fact.kind == "turn"]
        if any(fact.has_begun for fact in of_turn):
            turns[session_id].append(_turn_of(prompt_id, of_turn, spells))
    for session_id, of_session in turns.items():
        for turn, parts in _between(sorted(of_session, key=lambda turn: (turn.from_ns, turn.prompt_id)), sessions.get(session_id)):
            yield from _placed(parts, turn.spells, turn.user, turn.host, turn.place, session_id, turn.prompt_id, turn.source)


def _is_first_row(fact: StretchFact) -> bool:
    """What touches several days has a row on each; the one of its first day holds the best of all."""
    return fact.day == fact.started_ns // NS_PER_DAY


def _named(facts: Iterable[StretchFact], name: str, of_turn: int) -> str:
    """The best source's word; of a source, the turn's own where that is asked for."""
    known = [(fact.source * 2 + (of_turn == 2 and fact.kind == "turn"), getattr(fact, name)) for fact in facts if getattr(fact, name)]
    return str(max(known, default=(0, ""))[1])


def _place_of(facts: Iterable[StretchFact]) -> tuple[str, str, str]:
    place = max((fact.source, fact.place) for fact in facts)[1]
    return place[1], place[2], place[3]


# Within a prompt


def _within(facts: list[StretchFact]) -> list[ActivityPart]:
    best = max(fact.source for fact in facts)
    turns = [fact for fact in facts if fact.kind == "turn"]
    begun = [fact for fact in turns if fact.has_begun]
    turn_from = min(((fact.earliness, fact.started_ns) for fact in begun), default=(0, 0))[1]
    turn_rank, turn_to = max(((fact.rank, fact.end_ns) for fact in turns), default=(0, 0))
    if turns and turn_rank < _DERIVED_RANK:
        turn_to = max(turn_to, *(fact.seen_ns for fact in turns))
    has_turn = turn_to > turn_from > 0
    items = _items(facts, best, (turn_to, turn_rank) if has_turn else None)
    if not has_turn and not items:
        return []
    is_script = any(fact.is_script for fact in facts)
    return [*_slices(items, (turn_from, turn_to) if has_turn else None), *_waits(items, is_script)]


def _items(facts: list[StretchFact], best: int, turn: tuple[int, int] | None) -> list[Item]:
    """What its best source tells, each end by the best evidence; and the waits that only another saw."""
    apart = [fact for fact in facts if fact.kind != "turn"]
    whole = [_item(fact) for fact in apart if fact.has_begun and fact.end_ns >= fact.started_ns]
    own = [item for item in whole if item.source == best]
    others = [item for item in whole if item.source != best] + [_item(fact) for fact in apart if not fact.has_begun]
    weakest = min((fact.rank for fact in apart if fact.has_begun), default=0)
    if not (weakest >= _OBSERVED_RANK or (not others and (turn is None or weakest >= turn[1]))):
        corrected = [_corrected(item, others, turn) for item in own]
    else:
        corrected = own
    if best != HOOK:
        return corrected
    return corrected + [other for other in others if _is_new_wait(other, own)]


def _item(fact: StretchFact) -> Item:
    return Item(
        fact.source,
        _WHAT.get(fact.kind, _MAIN_WAIT if not fact.agent_id else _MAIN_WAIT + 1),
        fact.call_id or (fact.agent_id if fact.kind == "subagent" else ""),
        fact.started_ns if fact.has_begun else 0,
        fact.end_ns,
        fact.rank,
        ANSWER if fact.reason == "answer" else PERMISSION,
        fact.closed_by not in _UNANSWERED,
    )


def _corrected(item: Item, others: Iterable[Item], turn: tuple[int, int] | None) -> Item:
    rank, to_ns, is_answered = max(
        (each.rank, each.to_ns, each.is_answered) for each in (item, *(other for other in others if _knows_better(other, item)))
    )
    if turn and item.what in (1, _MAIN_WAIT) and rank < turn[1] and turn[1] >= _OBSERVED_RANK and to_ns > turn[0]:
        to_ns = max(item.from_ns, turn[0])
    return item._replace(to_ns=to_ns, rank=rank, is_answered=is_answered if rank > item.rank else item.is_answered)


def _knows_better(other: Item, item: Item) -> bool:
    if other.rank <= item.rank or other.to_ns < item.from_ns:
        return False
    are_waits = item.what >= _MAIN_WAIT, other.what >= _MAIN_WAIT
    if item.key and other.key:
        return item.key == other.key and are_waits[0] == are_waits[1]
    return all(are_waits) and 0 < other.from_ns <= item.to_ns + SAME_WAIT_NS


def _is_new_wait(other: Item, own: Iterable[Item]) -> bool:
    if other.what < _MAIN_WAIT or not 0 < other.from_ns < other.to_ns:
        return False
    return not any(
        item.what >= _MAIN_WAIT and ((item.key == other.key != "") or (item.from_ns < other.to_ns and item.to_ns > other.from_ns)) for item in own
    )


def _slices(items: Iterable[Item], turn: tuple[int, int] | None) -> Iterator[ActivityPart]:
    """How many agents work: the main one while its turn runs and it has not handed over, each subagent, less those that wait."""
    edges = [(turn[0], 0), (turn[1], 8)] if turn else []
    for item in items:
        edges += [(item.from_ns, item.what), (item.to_ns, item.what + 8)]
    counts, agents, changes = [0] * 5, 0, []
    for at_ns, code in sorted(edges):
        counts[code & 7] += -1 if code & 8 else 1
        main = counts[0] > 0
        now = max(0, max(int(main), counts[2] + (main and counts[1] == 0)) - (counts[_MAIN_WAIT] > 0) - counts[4])
        if now != agents:
            changes.append((at_ns, now))
            agents = now
    for (from_ns, n), (to_ns, _) in pairwise(changes):
        yield ActivityPart(AGENT, TURN, from_ns, to_ns, n, 0)


def _waits(items: Iterable[Item], is_script: bool) -> Iterator[ActivityPart]:
    for item in items:
        if item.what >= _MAIN_WAIT:
            is_answered = item.is_answered and not is_script
            looked_ns = max(item.from_ns, item.to_ns - BEFORE_AN_ANSWER_NS) if is_answered else item.to_ns
            yield ActivityPart(WAITING, item.reason, item.from_ns, looked_ns, 1, 0)
            yield ActivityPart(HUMAN, item.reason, looked_ns, item.to_ns, 1, item.to_ns)
            yield ActivityPart(AT_MOST, item.reason, item.from_ns if is_answered else item.to_ns, item.to_ns, 1, item.to_ns)


# Between turns


class _Turn(NamedTuple):
    prompt_id: str
    from_ns: int
    to_ns: int
    is_open: bool
    asks: int
    is_its_own: bool
    is_queued: bool
    is_script: bool
    user: str
    host: str
    place: tuple[str, str, str]
    source: int
    spells: "Spells"


def _turn_of(prompt_id: str, facts: list[StretchFact], spells: "Spells") -> _Turn:
    best, is_open = best_end(facts), goes_on(facts)
    from_ns = min((fact.earliness, fact.started_ns) for fact in facts if fact.has_begun)[1]
    seen_ns, asks = max((fact.seen_ns, fact.asks) for fact in facts)
    to_ns = max(from_ns, best.end_ns, seen_ns if best.end_evidence < DERIVED or is_open else 0)
    reasons = {fact.reason for fact in facts}
    return _Turn(
        prompt_id,
        from_ns,
        to_ns,
        is_open,
        asks,
        "task_notification" in reasons,
        "queued" in reasons,
        any(fact.is_script for fact in facts),
        _named(facts, "user", 0),
        _named(facts, "host", 0),
        _place_of(facts),
        max(fact.source for fact in facts),
        spells,
    )


def _between(turns: list[_Turn], session: SessionFact | None) -> Iterator[tuple[_Turn, list[ActivityPart]]]:
    ends = sorted(end[0] for end in session.ends) if session else []
    sure_ends = sorted(end[0] for end in session.ends if end[1] != "timed_out") if session else []
    previous_end = 0
    last = max((n for n, turn in enumerate(turns) if not (turn.is_queued and turn.is_open)), default=-1)
    for n, turn in enumerate(turns):
        yield turn, _around(turn, previous_end, session, ends, sure_ends, is_last=n >= last)
        previous_end = max(previous_end, turn.to_ns)


def _around(
    turn: _Turn, previous_end: int, session: SessionFact | None, ends: list[int], sure_ends: list[int], *, is_last: bool
) -> list[ActivityPart]:
    """The person's time before a turn, the waiting before that, and what comes after the turn."""
    is_nobodys = turn.is_its_own or turn.is_script
    since_end = _latest(ends, turn.from_ns)
    back_from = min(
        turn.from_ns,
        max(
            previous_end or (session.started_ns if session else 0),
            _latest(session.starts if session else (), turn.from_ns),
            since_end if previous_end and since_end >= previous_end else 0,
        ),
    )
    back_from = back_from or turn.from_ns - UNKNOWN_START_NS
    human_from = turn.from_ns if is_nobodys else max(turn.from_ns - BEFORE_A_PROMPT_NS, back_from)
    waited_to = min(human_from, previous_end + PATIENCE_NS, _first(ends, previous_end) or human_from)
    parts = [
        ActivityPart(HUMAN, PROMPT, human_from, turn.from_ns, 1, turn.from_ns),
        ActivityPart(AT_MOST, PROMPT, turn.from_ns if is_nobodys else back_from, turn.from_ns, 1, turn.from_ns),
        ActivityPart(WAITING, PROMPT, previous_end if previous_end and not turn.is_script else waited_to, waited_to, 1, 0),
    ]
    heard_ns = session.last_ns if session else 0
    if turn.is_open and is_last and not (turn.is_queued and previous_end):
        kind, reason = (WAITING, turn.asks) if turn.asks else (AGENT, TURN)
        parts.append(ActivityPart(kind, reason, turn.to_ns, END_OF_TIME, 1, 0, (heard_ns, _first(sure_ends, turn.to_ns))))
    if is_last and not turn.is_open and not turn.is_script:
        last_known = _first(ends, turn.to_ns) or heard_ns
        parts.append(ActivityPart(WAITING, PROMPT, turn.to_ns, min(last_known, turn.to_ns + PATIENCE_NS), 1, 0))
    return parts


def _first(moments: Sequence[int], since_ns: int) -> int:
    n = bisect_left(moments, since_ns)
    return moments[n] if n < len(moments) else 0


def _latest(moments: Sequence[int], until_ns: int) -> int:
    n = bisect_right(moments, until_ns)
    return moments[n - 1] if n else 0


# Cutting by sleep and by place


Spells = Sequence[tuple[int, int, tuple[str, str, str] | None]]


def _moves(places: Iterable[tuple[str, str, str, str, str, list[int], int]]) -> dict[PromptKey, Spells]:
    """Return for each prompt that was seen in several places from when to when it was in which."""
    sightings: defaultdict[PromptKey, list[tuple[int, tuple[str, str, str]]]] = defaultdict(list)
    for session_id, prompt_id, project, branch, revision, times, _ in places:
        sightings[session_id, prompt_id] += [(at, (project, branch, revision)) for at in times]
    return {key: _stays(sorted(seen)) for key, seen in sightings.items() if len({place for _, place in seen}) > 1}


def _stays(seen: list[tuple[int, tuple[str, str, str]]]) -> list[tuple[int, int, tuple[str, str, str]]]:
    changes: list[tuple[int, tuple[str, str, str]]] = []
    for at_ns, place in seen:
        if place != (changes[-1][1] if changes else NOWHERE):
            changes.append((at_ns, place))
    nexts = [at_ns for at_ns, _ in changes[1:]] + [END_OF_TIME]
    return [(at_ns if n else 0, until, place) for n, ((at_ns, place), until) in enumerate(zip(changes, nexts, strict=True))]


def _spells(sleeps: Sequence[Spell], moves: Spells) -> Spells:
    """Return the stretches that parts are cut into; none where they stay whole."""
    if not sleeps and not moves:
        return ()
    stays = moves or [(0, END_OF_TIME, None)]
    return [(max(stay[0], begun), min(stay[1], ended), stay[2]) for stay in stays for begun, ended in awake_of(sleeps)]


def _placed(
    parts: Iterable[ActivityPart], spells: Spells, user: str, host: str, place: tuple[str, str, str], session_id: str, prompt_id: str, source: int
) -> Iterator[PlacedPart]:
    for part in parts:
        if part.to_ns <= part.from_ns or part.agents <= 0:
            continue
        if not spells:
            yield PlacedPart(part, user, host, place, session_id, prompt_id, source)
            continue
        for begun, ended, there in spells:
            from_ns, to_ns = max(part.from_ns, begun), min(part.to_ns, ended)
            if to_ns > from_ns:
                cut = part._replace(from_ns=from_ns, to_ns=to_ns)
                yield PlacedPart(cut, user, host, there or place, session_id, prompt_id, source)
